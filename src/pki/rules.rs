//! What can be wrong, one file a family. A rule is a `Rule` in the family's list and the code beside it that finds it.
//!
//! Rules judge what was read and ask the world nothing: the time is an argument. One defect gives one error, at its
//! cause; a rule whose ground is already faulty stays silent.

pub mod chain;
pub mod identity;
pub mod usage;
pub mod validity;

use super::finding::Rule;

/// Every rule there is, by family, in the order of the documentation.
pub static FAMILIES: &[(&str, &[&Rule])] =
    &[("chain", chain::RULES), ("usage", usage::RULES), ("validity", validity::RULES), ("identity", identity::RULES)];

pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|(_, rules)| rules.iter().copied())
}
