//! A Qlik server as a whole: `Host.cfg`, the certificate stores, the services' own copies of certificates, and what was
//! exported, held against each other. What each holds by itself is for the other families.
//!
//! A rule that explains what other rules say of a part tells so (`Told`), and that is not said again.

mod cfg;
mod folders;
mod local;
mod names;
mod roots;
mod scene;

pub(in super::super) use local::WRITE_ANEW;
pub(in super::super) use scene::Scene;

use super::super::diagnosis::Diagnosed;
use super::super::finding::Rule;
use std::collections::HashSet;

pub const RULES: &[&[&Rule]] = &[cfg::RULES, names::RULES, roots::RULES, local::RULES, folders::RULES];

/// What need not be said any more.
#[derive(Debug, Default)]
pub(in super::super) struct Told {
    /// Numbers of bundles: their findings all have one cause, which was found.
    pub(in super::super) bundles: HashSet<usize>,
    /// Numbers of bundles whose dates were told.
    pub(in super::super) dates_of: HashSet<usize>,
    /// Why the leaves in the store are not signed by the root there.
    pub(in super::super) leaves_in_store: bool,
}

type Judge = fn(&Scene<'_>, &mut Vec<Diagnosed>, &mut Told);

/// In the order in which one tells what the next would see.
pub(in super::super) const ALL: &[Judge] = &[cfg::judge, names::judge, roots::judge, local::judge, folders::judge];
