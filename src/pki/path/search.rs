//! Finds the best path: the fewest errors, then the fewest warnings.
//!
//! Half paths wait in a heap, the lightest first, and a path only gets heavier upwards: the first that reaches an anchor
//! is the best. A signature is checked when its path comes up, not before.

use super::super::certificate::Certificate;
use super::super::finding::Finding;
use super::super::rules::chain;
use super::super::signature::SignatureError;
use super::{Candidate, FREE, Pool, Question, cause, constraints, links, names, weigh};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

pub(super) struct Outcome {
    pub(super) path: Vec<usize>,
    pub(super) anchored: bool,
    pub(super) findings: Vec<Finding>,
}

/// Errors, warnings.
type Weight = (usize, usize);

/// More half paths than any real set of certificates has.
const STEPS: usize = 20_000;
const DEPTH: usize = 64;
/// So many signatures of one leaf may be free.
const FREE_TRIES: usize = 8;
/// Where more are of one name, only those are free that the key identifier points to.
const CROWD: usize = 64;
/// From here on dead ends are looked for before going on.
const PATIENCE: usize = 256;

/// `why`: whether the cause is wanted where there is no path.
pub(super) fn run(pool: &Pool<'_>, leaf: &Candidate<'_>, question: &Question, why: bool) -> Outcome {
    let mut search = Search::new(pool, leaf, question);
    if let Some(best) = search.best() {
        let cut = search.cut.then(|| too_many(leaf));
        let mut outcome = search.outcome(best);
        // Of several ways a sound one will do; of a faulty one nobody knows whether it is the best.
        if weigh(&outcome.findings).0 > 0 {
            outcome.findings.extend(cut);
        }
        return outcome;
    }
    if search.cut {
        return Outcome { path: Vec::new(), anchored: false, findings: vec![too_many(leaf)] };
    }
    if !why {
        return Outcome { path: Vec::new(), anchored: false, findings: Vec::new() };
    }
    cause::outcome(&mut search)
}

pub(super) fn too_many(leaf: &Candidate<'_>) -> Finding {
    let sentence = format!("{} could belong to so many chains that not all of them were tried", leaf.label);
    Finding::new(&chain::TOO_MANY_PATHS, leaf.files.clone(), sentence)
}

/// A half path: its top and the half path below it.
struct Step {
    node: usize,
    below: Option<usize>,
    depth: usize,
    weight: Weight,
    /// Of this node over what is below it; known once its signature was checked.
    faults: Option<Vec<Finding>>,
}

pub(super) struct Search<'s, 'a> {
    pub(super) pool: &'s Pool<'a>,
    pub(super) leaf: &'s Candidate<'s>,
    pub(super) leaf_issuer: Vec<u8>,
    question: &'s Question,
    steps: Vec<Step>,
    /// By weight, length and number.
    open: BinaryHeap<Reverse<(Weight, usize, usize)>>,
    /// Of the leaf, by issuer; the pool keeps the others.
    signatures: HashMap<usize, Result<(), SignatureError>>,
    spent: u64,
    /// Signatures of which nobody knew whether they fit.
    tries: usize,
    /// There is nothing left to pay with.
    broke: bool,
    /// Not everything was tried.
    pub(super) cut: bool,
    alive: Option<HashSet<usize>>,
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(pool: &'s Pool<'a>, leaf: &'s Candidate<'s>, question: &'s Question) -> Self {
        Self {
            pool,
            leaf,
            leaf_issuer: names::key(leaf.certificate.issuer_name()),
            question,
            steps: Vec::new(),
            open: BinaryHeap::new(),
            signatures: HashMap::new(),
            spent: 0,
            tries: 0,
            broke: false,
            cut: false,
            alive: None,
        }
    }

    /// The step that reaches an anchor at the least weight.
    fn best(&mut self) -> Option<usize> {
        self.widen(None);
        let mut taken = 0;
        let mut thinned = false;
        while let Some(Reverse((_, _, number))) = self.open.pop() {
            taken += 1;
            if self.broke && !thinned {
                thinned = true;
                self.keep_what_is_known();
            }
            if taken == PATIENCE && self.only_dead_ends() {
                return None;
            }
            let node = self.steps.get(number)?.node;
            if self.alive.as_ref().is_some_and(|alive| !alive.contains(&node)) {
                continue;
            }
            if taken > STEPS {
                self.cut = true;
                return None;
            }
            if self.steps.get(number)?.faults.is_none() {
                match self.weigh(number) {
                    // Heavier than it seemed: it has to wait for its turn.
                    Some(true) => {
                        let step = self.steps.get(number)?;
                        self.open.push(Reverse((step.weight, step.depth, number)));
                        continue;
                    }
                    Some(false) => {}
                    None => continue,
                }
            }
            if self.pool.is_anchor(node) {
                return Some(number);
            }
            self.widen(Some(number));
        }
        None
    }

    /// Of the half paths that wait, those that cost nothing any more.
    fn keep_what_is_known(&mut self) {
        let Self { pool, steps, signatures, open, .. } = self;
        open.retain(|Reverse((_, _, number))| {
            let Some(step) = steps.get(*number) else { return false };
            let child = step.below.and_then(|below| steps.get(below));
            step.faults.is_some()
                || child.map_or_else(
                    || signatures.contains_key(&step.node),
                    |child| pool.known_signature(child.node, step.node).is_some(),
                )
        });
    }

    /// Puts every possible issuer of the top of a half path on the heap.
    fn widen(&mut self, below: Option<usize>) {
        let top = below.and_then(|number| self.steps.get(number));
        let (child, issuer, depth, weight): (&Certificate, &[u8], usize, Weight) = match top {
            Some(step) => {
                let Some(node) = self.pool.nodes.get(step.node) else { return };
                (node.candidate.certificate, &node.issuer, step.depth + 1, step.weight)
            }
            None => (self.leaf.certificate, &self.leaf_issuer, 1, (0, 0)),
        };
        let mut possible: Vec<usize> = self.pool.named(issuer).to_vec();
        if depth > DEPTH {
            self.cut = self.cut || !possible.is_empty();
            return;
        }
        if possible.len() > CROWD {
            let all = possible.len();
            possible = self.affordable(child, top.map(|step| step.node), possible);
            self.cut = self.cut || possible.len() < all;
        }
        for node in possible {
            let Some(candidate) = self.pool.nodes.get(node).filter(|node| node.leads_up).map(|node| &node.candidate)
            else {
                continue;
            };
            if self.is_in_path(candidate.certificate, below) {
                continue;
            }
            // A key identifier is a hint: it puts one before the other, and proves nothing.
            let strange = usize::from(links::ids_differ(child, candidate.certificate));
            let weight = (weight.0 + strange, weight.1);
            self.open.push(Reverse((weight, depth, self.steps.len())));
            self.steps.push(Step { node, below, depth, weight, faults: None });
        }
    }

    /// Of a crowd of one name: first what the key identifier points to, then the others while there is something to check
    /// their signatures with, else those that were checked before.
    fn affordable(&self, child: &Certificate, node: Option<usize>, possible: Vec<usize>) -> Vec<usize> {
        let agrees =
            |upper: &usize| self.pool.candidate(*upper).is_some_and(|upper| links::ids_agree(child, upper.certificate));
        let (mut first, mut others): (Vec<usize>, Vec<usize>) = possible.into_iter().partition(agrees);
        if !self.pool.has_left_for(child, &others) {
            others.retain(|upper| node.is_some_and(|node| self.pool.known_signature(node, *upper).is_some()));
        }
        first.extend(others);
        first
    }

    /// A path that meets the same name with the same key again has made a circle (RFC 4158 2.4.2).
    fn is_in_path(&self, certificate: &Certificate, mut below: Option<usize>) -> bool {
        if certificate.der() == self.leaf.certificate.der() {
            return true;
        }
        while let Some(step) = below.and_then(|number| self.steps.get(number)) {
            let lower = self.pool.nodes.get(step.node).map(|node| node.candidate.certificate);
            let same = |lower: &Certificate| {
                lower.der() == certificate.der()
                    || (lower.subject() == certificate.subject()
                        && lower.public_key_info() == certificate.public_key_info())
            };
            if lower.is_some_and(same) {
                return true;
            }
            below = step.below;
        }
        false
    }

    /// Checks the signature below a step and what it is as an issuer there. `None`: it is no path. Otherwise whether it
    /// is heavier than was thought.
    fn weigh(&mut self, number: usize) -> Option<bool> {
        let (node, below) = self.steps.get(number).map(|step| (step.node, step.below))?;
        let child = below.and_then(|below| self.steps.get(below)).map(|step| step.node);
        self.signature(child, node)?.ok()?;
        let lower = self.candidates(below);
        let issuer = &self.pool.nodes.get(node)?.candidate;
        if let Some(constraints) = &issuer.certificate.extensions().name_constraints {
            // About twenty comparisons a microsecond.
            let size: usize = lower.iter().map(|lower| constraints::size(constraints, lower.certificate)).sum();
            if !self.pool.pay(&mut self.spent, size as u64 / 20) {
                self.cut = true;
                return None;
            }
        }
        let faults = links::faults(&lower, issuer, self.question);
        let own = weigh(self.pool.own(node));
        let found = weigh(&faults);
        let base = below.and_then(|below| self.steps.get(below)).map_or((0, 0), |step| step.weight);
        let step = self.steps.get_mut(number)?;
        let weight = (base.0 + own.0 + found.0, base.1 + own.1 + found.1);
        let heavier = weight > step.weight;
        step.weight = weight;
        step.faults = Some(faults);
        Some(heavier)
    }

    /// The leaf first, up to and with this step.
    fn candidates(&self, mut top: Option<usize>) -> Vec<&'s Candidate<'s>> {
        let mut path = Vec::new();
        while let Some(step) = top.and_then(|number| self.steps.get(number)) {
            path.extend(self.pool.candidate(step.node));
            top = step.below;
        }
        path.push(self.leaf);
        path.reverse();
        path
    }

    /// `None` when nothing may be spent any more. The child is the leaf when there is none.
    pub(super) fn signature(&mut self, child: Option<usize>, issuer: usize) -> Option<Result<(), SignatureError>> {
        let known = match child {
            Some(child) => self.pool.known_signature(child, issuer),
            None => self.signatures.get(&issuer).cloned(),
        };
        if known.is_some() {
            return known;
        }
        if self.broke {
            return None;
        }
        let lower = match child {
            Some(child) => self.pool.nodes.get(child)?.candidate.certificate,
            None => self.leaf.certificate,
        };
        let upper = self.pool.nodes.get(issuer)?.candidate.certificate;
        let cost = lower.signature_algorithm().cost(upper.public_key());
        self.tries += 1;
        // The first few are no matter; in a crowd of one name they would add up to seconds.
        let name = child.and_then(|child| self.pool.nodes.get(child)).map_or(&self.leaf_issuer, |node| &node.issuer);
        let crowd = || self.pool.named(name).len() > CROWD;
        if self.tries > FREE_TRIES || !links::ids_agree(lower, upper) && crowd() {
            self.spent = self.spent.max(FREE);
        }
        if !self.pool.pay(&mut self.spent, cost) {
            self.cut = true;
            self.broke = true;
            return None;
        }
        let outcome = lower.verify_signed_by(upper);
        match child {
            Some(child) => self.pool.keep_signature(child, issuer, outcome.clone()),
            None => drop(self.signatures.insert(issuer, outcome.clone())),
        }
        Some(outcome)
    }

    /// Follows signatures without looking for the best, so that circles cost nothing. Keeps what leads to an anchor.
    fn only_dead_ends(&mut self) -> bool {
        let edges = self.upwards();
        if self.cut {
            return false;
        }
        let mut alive: HashSet<usize> =
            edges.iter().map(|(_, upper)| *upper).filter(|n| self.pool.is_anchor(*n)).collect();
        loop {
            let more: Vec<usize> = edges
                .iter()
                .filter(|(_, upper)| alive.contains(upper))
                .filter_map(|(lower, _)| *lower)
                .filter(|lower| !alive.contains(lower))
                .collect();
            if more.is_empty() {
                break;
            }
            alive.extend(more);
        }
        let nothing = alive.is_empty();
        self.alive = Some(alive);
        nothing
    }

    /// Every good signature above the leaf, nearest first: who signed whom. The leaf is `None`.
    pub(super) fn upwards(&mut self) -> Vec<(Option<usize>, usize)> {
        let mut edges = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting = std::collections::VecDeque::from([(None, 0)]);
        while let Some((child, depth)) = waiting.pop_front() {
            let issuers = self.issuers(child);
            if depth == DEPTH {
                self.cut = self.cut || !issuers.is_empty();
                continue;
            }
            for issuer in issuers {
                if self.signature(child, issuer).is_some_and(|outcome| outcome.is_ok()) {
                    edges.push((child, issuer));
                    if seen.insert(issuer) && !self.pool.is_anchor(issuer) {
                        waiting.push_back((Some(issuer), depth + 1));
                    }
                }
            }
        }
        edges
    }

    /// Those of the issuer's name, but for the certificate itself.
    pub(super) fn issuers(&self, child: Option<usize>) -> Vec<usize> {
        let name = match child {
            Some(child) => self.pool.nodes.get(child).map_or(&[][..], |node| &node.issuer),
            None => &self.leaf_issuer,
        };
        let leaf = self.leaf.certificate.der();
        let other = |issuer: &usize| {
            Some(*issuer) != child && self.pool.candidate(*issuer).is_some_and(|found| found.certificate.der() != leaf)
        };
        self.pool.named(name).iter().copied().filter(other).collect()
    }

    fn outcome(self, best: usize) -> Outcome {
        let mut path = Vec::new();
        let mut faults = Vec::new();
        let mut top = Some(best);
        while let Some(step) = top.and_then(|number| self.steps.get(number)) {
            path.push(step.node);
            faults.push(step.faults.clone().unwrap_or_default());
            top = step.below;
        }
        path.reverse();
        let above = path.iter().zip(faults.into_iter().rev());
        let findings = above.flat_map(|(node, faults)| [faults, self.pool.own(*node).to_vec()].concat()).collect();
        Outcome { path, anchored: true, findings }
    }
}
