//! The certificates as a tree: each under the one that signed it. Links that do not hold are drawn, and said so.
//!
//! Flat and without recursion: a chain may be as long as the files allow.

use super::certificate::{role, state};
use super::facts::Context;
use super::kinship::Issuer;
use serde::Serialize;

/// One line of the tree.
#[derive(Debug, Serialize)]
pub(super) struct Branch<'a> {
    /// 0 at the top; the one above with a smaller depth is the issuer.
    pub(super) depth: usize,
    /// The common name, or the whole subject; of `absent` the issuer's name that certificates below give.
    pub(super) title: String,
    /// `root` (signed by itself), `signed` (verified), `broken`, `unchecked`, `missing` (its issuer is not among the
    /// files), `loop` (its issuer stands below it), or `absent` for the place of a missing issuer.
    pub(super) link: &'static str,
    /// Of `broken` and `unchecked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<&'a str>,
    /// As of the certificate: `valid`, `expired` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<&'static str>,
    pub(super) files: &'a [&'a str],
    /// The last below its issuer.
    #[serde(skip)]
    pub(super) last: bool,
}

/// Deeper branches are drawn at this depth: nobody's chain is so long, and a hostile one is not to fill the memory.
pub(super) const DEEPEST: usize = 32;

pub(super) fn grow(context: Context<'_>) -> Vec<Branch<'_>> {
    let members = &context.kinship.members;
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); members.len()];
    let mut tops = Vec::new();
    let mut orphans: Vec<(&[u8], Vec<usize>)> = Vec::new();
    let mut by_name = std::collections::HashMap::new();
    for (place, member) in members.iter().enumerate() {
        match &member.issuer {
            Issuer::Signed { by, .. } | Issuer::Broken { by, .. } if *by != place => below[*by].push(place),
            Issuer::Missing => {
                let name = member.certificate.issuer();
                let at = *by_name.entry(name).or_insert_with(|| {
                    orphans.push((name, Vec::new()));
                    orphans.len() - 1
                });
                orphans[at].1.push(place);
            }
            _ => tops.push(place),
        }
    }
    let mut growing = Growing { context, below, seen: vec![false; members.len()], branches: Vec::new() };
    for top in tops {
        growing.add(top, 0);
    }
    for (_, below) in orphans {
        growing.branches.extend(below.first().map(|first| absent(context, *first)));
        let last = below.last().copied();
        for place in below {
            growing.add_one(place, 1, Some(place) == last);
        }
    }
    for place in 0..members.len() {
        // What is left stands in a loop.
        growing.add(place, 0);
    }
    growing.branches
}

fn absent(context: Context<'_>, one_below: usize) -> Branch<'_> {
    let name = context.kinship.members[one_below].certificate.issuer_name();
    let title = name.common_name().map_or_else(|| name.text(), str::to_owned);
    Branch { depth: 0, title, link: "absent", why: None, role: None, sha256: None, state: None, files: &[], last: true }
}

struct Growing<'a> {
    context: Context<'a>,
    below: Vec<Vec<usize>>,
    seen: Vec<bool>,
    branches: Vec<Branch<'a>>,
}

impl Growing<'_> {
    fn add(&mut self, place: usize, depth: usize) {
        self.add_one(place, depth, true);
    }

    /// A certificate and all below it, unless it stands in the tree already.
    fn add_one(&mut self, place: usize, depth: usize, last: bool) {
        let mut waiting = vec![(place, depth, last)];
        while let Some((place, depth, last)) = waiting.pop() {
            if std::mem::replace(&mut self.seen[place], true) {
                continue;
            }
            self.branches.push(branch(self.context, place, depth, last));
            let below = std::mem::take(&mut self.below[place]);
            let depth = (depth + 1).min(DEEPEST);
            let end = below.iter().rposition(|place| !self.seen[*place]);
            waiting.extend(below.iter().enumerate().rev().map(|(at, place)| (*place, depth, Some(at) == end)));
        }
    }
}

fn branch(context: Context<'_>, place: usize, depth: usize, last: bool) -> Branch<'_> {
    let member = &context.kinship.members[place];
    let (link, why) = match &member.issuer {
        Issuer::Itself => ("root", None),
        Issuer::Signed { by, .. } | Issuer::Broken { by, .. } if depth == 0 && *by != place => ("loop", None),
        Issuer::Signed { .. } => ("signed", None),
        Issuer::Missing => ("missing", None),
        Issuer::Broken { why, .. } => (if why.is_open() { "unchecked" } else { "broken" }, Some(why.text())),
    };
    Branch {
        depth,
        title: member.certificate.title(),
        link,
        why,
        role: role(member.certificate, &member.issuer).map(|(role, _)| role.word()),
        sha256: Some(&member.sha256),
        state: Some(state(member.certificate, context.at)),
        files: &member.files,
        last,
    }
}
