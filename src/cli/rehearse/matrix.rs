//! Every machine calls every other, and itself: which pairs there are, and what came of them, causes once.

use super::super::parallel;
use super::cast::{Actor, forms};
use super::play::{Outcome, Side, play};
use super::story::meeting;
use crate::host::tls::Version;
use crate::pki::profile::Role;
use crate::pki::rehearsal::judge::Aspect;
use crate::pki::rehearsal::machine::Form;
use std::collections::{BTreeSet, HashMap};

/// With so many machines every pair is played; with more each is played with the central node, itself and its next.
const MOST_FOR_ALL_PAIRS: usize = 50;
/// With so many machines each pair is played with every version of TLS; with more with the latest.
const MOST_FOR_ALL_VERSIONS: usize = 20;

#[derive(Debug)]
pub(super) struct Matrix {
    /// In the order of the machines. `None`: it could not be played.
    pub(super) pairs: Vec<Pair>,
    pub(super) versions: Vec<Version>,
    /// Not every pair was played.
    pub(super) some: bool,
}

#[derive(Debug)]
pub(super) struct Pair {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) outcome: Option<Outcome>,
    /// So many handshakes.
    pub(super) made: usize,
}

impl Pair {
    pub(super) fn passed(&self) -> bool {
        self.outcome == Some(Outcome::Taken)
    }
}

pub(super) fn play_all(actors: &[Actor], progress: bool) -> Matrix {
    let count = actors.len();
    let (all, latest) = (Version::ALL.to_vec(), vec![Version::Tls13]);
    let versions = if count <= MOST_FOR_ALL_VERSIONS { all } else { latest };
    let some = count > MOST_FOR_ALL_PAIRS;
    let rows: Vec<usize> = if count > 1 { (0..count).collect() } else { Vec::new() };
    let rows = parallel::each(rows, progress, |from| -> Vec<Pair> {
        let to: BTreeSet<usize> = match from {
            0 => (0..count).collect(),
            _ if some => BTreeSet::from([0, from, (from + 1) % count]),
            _ => (0..count).collect(),
        };
        to.into_iter().map(|to| pair(actors, from, to, &versions)).collect()
    });
    Matrix { pairs: rows.into_iter().flatten().collect(), versions, some }
}

/// The first that is not taken, else that.
fn pair(actors: &[Actor], from: usize, to: usize, versions: &[Version]) -> Pair {
    let mut pair = Pair { from, to, outcome: None, made: 0 };
    let (Some(from), Some(to)) = (actors.get(from), actors.get(to)) else { return pair };
    let Some(forms) = forms(from, to).first().copied() else { return pair };
    for version in versions {
        let outcome = meeting(from, to, *version, forms).map_or_else(Outcome::NotShown, |meeting| play(&meeting));
        pair.made += 1;
        let taken = outcome == Outcome::Taken;
        pair.outcome = Some(outcome);
        if !taken {
            break;
        }
    }
    pair
}

/// Why pairs fail, and which.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) why: String,
    pub(super) pairs: Vec<(usize, usize)>,
}

/// What is one cause.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Sites,
    /// The certificate of one machine, whoever looks at it.
    Certificate(usize, Role, Aspect),
    Words(String),
}

pub(super) fn troubles(actors: &[Actor], matrix: &Matrix) -> Vec<Trouble> {
    let mut troubles: Vec<Trouble> = Vec::new();
    let mut known: HashMap<Key, usize> = HashMap::new();
    let roots: Vec<BTreeSet<String>> = actors.iter().map(roots).collect();
    for pair in matrix.pairs.iter().filter(|pair| !pair.passed()) {
        let Some(outcome) = &pair.outcome else { continue };
        let strangers = roots.get(pair.from).zip(roots.get(pair.to)).is_some_and(|(one, other)| one.is_disjoint(other));
        let (key, why) = match outcome {
            Outcome::Refused(_, faults) if strangers && faults.iter().any(|fault| fault.aspect == Aspect::Root) => {
                (Key::Sites, sites(actors, &roots))
            }
            Outcome::Refused(by, faults) => {
                let (machine, role) = match by {
                    Side::Caller => (pair.to, Role::Server),
                    Side::Callee => (pair.from, Role::Client),
                };
                let Some(fault) = faults.first() else { continue };
                (Key::Certificate(machine, role, fault.aspect), fault.sentence.clone())
            }
            Outcome::NotShown(why) | Outcome::Broken(why) => (Key::Words(why.clone()), why.clone()),
            Outcome::NoCertificate => (Key::Words(String::new()), "the caller has shown no certificate".to_owned()),
            Outcome::Taken => continue,
        };
        let at = *known.entry(key).or_insert(troubles.len());
        match troubles.get_mut(at) {
            Some(trouble) => trouble.pairs.push((pair.from, pair.to)),
            None => troubles.push(Trouble { why, pairs: vec![(pair.from, pair.to)] }),
        }
    }
    troubles
}

fn roots(actor: &Actor) -> BTreeSet<String> {
    Form::ALL.iter().flat_map(|form| actor.machine.roots_of(*form)).map(|root| root.certificate.sha256()).collect()
}

/// So many machines of one site are named.
const MOST_NAMED: usize = 5;

fn sites(actors: &[Actor], roots: &[BTreeSet<String>]) -> String {
    let mut sites: Vec<(&BTreeSet<String>, Vec<&Actor>)> = Vec::new();
    for (actor, roots) in actors.iter().zip(roots) {
        match sites.iter_mut().find(|(known, _)| *known == roots) {
            Some((_, machines)) => machines.push(actor),
            None => sites.push((roots, vec![actor])),
        }
    }
    let told = sites.iter().map(|(roots, machines)| {
        let root = machines.first().and_then(|actor| actor.machine.roots_of(Form::Pem).first());
        let root = root.map_or_else(|| "none".to_owned(), |root| root.certificate.title());
        let start: String = roots.first().map(|hash| hash.chars().take(16).collect()).unwrap_or_default();
        let names: Vec<_> = machines.iter().take(MOST_NAMED).map(|actor| format!("`{}`", actor.shown)).collect();
        let more = machines.len().saturating_sub(MOST_NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("{}{more} by `{root}` (SHA-256 {start}…)", names.join(", "))
    });
    format!("the machines are of different sites: they go by different roots: {}", told.collect::<Vec<_>>().join("; "))
}
