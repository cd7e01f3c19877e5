//! Path validation to RFC 5280 section 6, as a diagnosis: every candidate path is tried within a bound, every fault of
//! the best one is kept, and the root is judged too.
//!
//! Sentences call certificates by the labels the caller gives. Files and folders are not known here. Certificate
//! policies (RFC 5280 4.2.1.4, .5, .11, .14) are understood, not processed: nobody here asks for one. Revocation is not
//! looked at.

mod cause;
mod constraints;
mod links;
mod names;
mod own;
mod search;

use super::certificate::Certificate;
use super::finding::{Finding, Severity};
use super::rules::{chain, usage};
use super::signature::SignatureError;
use own::Place;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use time::OffsetDateTime;

/// What a leaf is asked. When it is asked is the pool's.
#[derive(Debug, Clone)]
pub struct Question {
    pub purpose: Purpose,
    /// The name that a caller would use, as an A-label (`xn--…`) where it is international; `None` matches no name.
    pub name: Option<PeerName>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Server,
    Client,
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerName {
    Dns(String),
    Ip(IpAddr),
}

/// A certificate and how people know it.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    pub certificate: &'a Certificate,
    /// For sentences: `` `server.pem` ``, `` `server.pfx` and `server.pem` ``.
    pub label: String,
    /// The paths it was found in.
    pub files: Vec<String>,
}

/// What was found about one leaf.
#[derive(Debug)]
pub struct Judgement {
    /// The issuers of the best path, from the leaf's own up to the anchor: numbers for `Pool::candidate`. Empty when the
    /// leaf is itself an anchor, or nothing signed it. Without an anchor: as far as signatures lead.
    pub path: Vec<usize>,
    /// The path ends in an anchor and every signature in it was checked.
    pub anchored: bool,
    /// Of the leaf first, then upwards. The own faults of a certificate are the same in every judgement.
    pub findings: Vec<Finding>,
}

/// Roughly how many microseconds of signature checks one leaf may take, and all together beyond their first few.
const LEAF_BUDGET: u64 = 400_000;
const SHARED_BUDGET: u64 = 600_000;
const FREE: u64 = 500;

/// The certificates that may stand above a leaf, each judged once. Many leaves may be judged at the same time.
#[derive(Debug)]
pub struct Pool<'a> {
    at: OffsetDateTime,
    /// The anchors first.
    nodes: Vec<Node<'a>>,
    anchors: usize,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    by_der: HashMap<&'a [u8], usize>,
    by_key_id: HashMap<&'a [u8], usize>,
    signatures: Mutex<HashMap<(usize, usize), Result<(), SignatureError>>>,
    shared_budget: AtomicU64,
}

#[derive(Debug)]
struct Node<'a> {
    candidate: Candidate<'a>,
    issuer: Vec<u8>,
    /// Names lead from here to an anchor.
    leads_up: bool,
    own: OnceLock<Vec<Finding>>,
}

impl<'a> Pool<'a> {
    /// `anchors` are trusted as they are, self-signed or not; `others` may stand between. The same certificate twice
    /// counts once, as an anchor if it is one.
    pub fn new(anchors: Vec<Candidate<'a>>, others: Vec<Candidate<'a>>, at: OffsetDateTime) -> Self {
        let mut pool = Self {
            at,
            nodes: Vec::new(),
            anchors: anchors.len(),
            by_subject: HashMap::new(),
            by_der: HashMap::new(),
            by_key_id: HashMap::new(),
            signatures: Mutex::new(HashMap::new()),
            shared_budget: AtomicU64::new(SHARED_BUDGET),
        };
        for candidate in anchors.into_iter().chain(others) {
            let number = pool.nodes.len();
            let der = candidate.certificate.der();
            if !pool.by_der.contains_key(der) {
                pool.by_der.insert(der, number);
                let subject = names::key(candidate.certificate.subject_name());
                pool.by_subject.entry(subject).or_default().push(number);
                if let Some(id) = candidate.certificate.subject_key_id() {
                    pool.by_key_id.entry(id).or_insert(number);
                }
            }
            let issuer = names::key(candidate.certificate.issuer_name());
            let leads_up = number < pool.anchors;
            pool.nodes.push(Node { candidate, issuer, leads_up, own: OnceLock::new() });
        }
        pool.follow_names();
        pool
    }

    /// Marks what names lead from to an anchor: nothing else needs to be searched.
    fn follow_names(&mut self) {
        let mut below: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for (number, node) in self.nodes.iter().enumerate().skip(self.anchors) {
            below.entry(&node.issuer).or_default().push(number);
        }
        let mut reached: Vec<bool> = self.nodes.iter().map(|node| node.leads_up).collect();
        let mut open: Vec<usize> = (0..self.anchors).collect();
        while let Some(number) = open.pop() {
            let subject = names::key(self.nodes[number].candidate.certificate.subject_name());
            // Taken out: the second certificate of this name has nothing to add.
            for lower in below.remove(&subject[..]).unwrap_or_default() {
                reached[lower] = true;
                open.push(lower);
            }
        }
        for (node, reached) in self.nodes.iter_mut().zip(reached) {
            node.leads_up = reached;
        }
    }

    /// The anchors first, then the others, in the order they were given.
    pub fn candidate(&self, number: usize) -> Option<&Candidate<'a>> {
        self.nodes.get(number).map(|node| &node.candidate)
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn is_anchor(&self, number: usize) -> bool {
        number < self.anchors
    }

    /// A root by itself: what is wrong with it as the top of any chain.
    pub fn judge_anchor(&self, number: usize) -> Judgement {
        let anchored = self.is_anchor(number);
        let findings = if anchored { self.own(number).to_vec() } else { Vec::new() };
        Judgement { path: Vec::new(), anchored, findings }
    }

    pub fn judge(&self, leaf: &Candidate<'_>, question: &Question) -> Judgement {
        self.judged(leaf, question, true)
    }

    /// A certificate above no leaf. Why it leads to no anchor is not looked for: of thousands that would take too long,
    /// and it hurts nobody.
    pub fn judge_spare(&self, spare: &Candidate<'_>) -> Judgement {
        self.judged(spare, &Question { purpose: Purpose::Any, name: None }, false)
    }

    fn judged(&self, leaf: &Candidate<'_>, question: &Question, why: bool) -> Judgement {
        let trusted = self.by_der.get(leaf.certificate.der()).is_some_and(|number| self.is_anchor(*number));
        let place = if trusted { Place::TrustedLeaf } else { Place::Leaf };
        let mut findings = own::faults(leaf, place, self.at, self.affords_self_check(leaf.certificate));
        findings.extend(links::leaf(leaf, question, trusted));
        let mut path = Vec::new();
        let mut anchored = trusted;
        if !trusted {
            let outcome = search::run(self, leaf, question, why);
            findings.extend(outcome.findings);
            (path, anchored) = (outcome.path, outcome.anchored);
        }
        drop_consequences(&mut findings);
        Judgement { path, anchored, findings }
    }

    fn own(&self, number: usize) -> &[Finding] {
        let Some(node) = self.nodes.get(number) else { return &[] };
        let place = if self.is_anchor(number) { Place::Anchor } else { Place::Intermediate };
        node.own.get_or_init(|| {
            own::faults(&node.candidate, place, self.at, self.affords_self_check(node.candidate.certificate))
        })
    }

    /// Whether the signature of a root on itself may still be checked: nobody has thousands of large ones.
    fn affords_self_check(&self, certificate: &Certificate) -> bool {
        let cost = certificate.signature_algorithm().cost(certificate.public_key());
        // Nothing of it is free beyond the small ones.
        let mut spent = FREE;
        !certificate.is_self_issued() || cost < FREE / 4 || self.pay(&mut spent, cost)
    }

    fn of_key_id(&self, id: &[u8]) -> Option<usize> {
        self.by_key_id.get(id).copied()
    }

    /// Those whose subject is this issuer, after normalisation.
    fn named(&self, issuer: &[u8]) -> &[usize] {
        self.by_subject.get(issuer).map_or(&[], Vec::as_slice)
    }

    fn known_signature(&self, child: usize, issuer: usize) -> Option<Result<(), SignatureError>> {
        self.signatures.lock().unwrap_or_else(PoisonError::into_inner).get(&(child, issuer)).cloned()
    }

    fn keep_signature(&self, child: usize, issuer: usize, outcome: Result<(), SignatureError>) {
        self.signatures.lock().unwrap_or_else(PoisonError::into_inner).insert((child, issuer), outcome);
    }

    /// Whether so much may still be spent by a leaf that has spent `spent`.
    fn pay(&self, spent: &mut u64, cost: u64) -> bool {
        *spent = spent.saturating_add(cost);
        if *spent > LEAF_BUDGET {
            return false;
        }
        let taken = |left: u64| left.checked_sub(cost);
        *spent <= FREE || self.shared_budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }

    /// Whether the signature of one of these on `child` could still be paid for.
    fn has_left_for(&self, child: &Certificate, issuers: &[usize]) -> bool {
        let first = issuers.first().and_then(|issuer| self.nodes.get(*issuer));
        let cost = first.map_or(0, |first| {
            let key = first.candidate.certificate.public_key();
            child.signature_algorithm().cost(key)
        });
        self.shared_budget.load(Ordering::Relaxed) >= cost
    }
}

/// What is to be replaced anyway need not be written better.
fn drop_consequences(findings: &mut Vec<Finding>) {
    let said = |rule| findings.iter().any(|finding: &Finding| finding.rule == rule);
    let (self_signed, no_tls) = (said(&chain::SELF_SIGNED), said(&usage::KEY_USAGE));
    findings.retain(|finding| {
        let light = finding.severity < Severity::Unjudged;
        let of_form = finding.rule.id.starts_with("chain/") || finding.rule == &usage::CA_AS_LEAF;
        !(self_signed && light && of_form || no_tls && finding.rule == &chain::PROFILE)
    });
}

fn weigh(findings: &[Finding]) -> (usize, usize) {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    (count(Severity::Error), count(Severity::Warning))
}
