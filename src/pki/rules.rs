//! What can be wrong, one file a family. A rule is a `Rule` in a list and the code beside it that finds it.
//!
//! Rules judge what was read and ask the world nothing: the time is an argument. One defect gives one error, at its
//! cause; a rule whose ground is already faulty stays silent.

pub mod chain;
pub mod connection;
pub mod files;
pub mod form;
pub mod host;
pub mod identity;
pub mod keys;
pub mod leftovers;
pub mod pairs;
pub mod pfx;
pub mod site;
pub mod slots;
pub mod stores;
pub mod usage;
pub mod validity;

use super::finding::{Finding, Rule};
use super::inventory::FileContent;
use super::overview::Overview;
use super::path::{PeerName, Purpose};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use time::OffsetDateTime;

/// Every rule there is, by family, in the order of the documentation.
pub const FAMILIES: &[(&str, &[&[&Rule]])] = &[
    ("files", &[slots::RULES, files::RULES, form::RULES, pairs::RULES, keys::RULES, pfx::RULES, leftovers::RULES]),
    ("chain", &[chain::RULES]),
    ("usage", &[usage::RULES]),
    ("identity", &[identity::RULES]),
    ("validity", &[validity::RULES]),
    ("site", &[site::RULES]),
    ("connection", &[connection::RULES]),
    ("stores", stores::RULES),
    ("host", host::RULES),
];

pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|(_, lists)| lists.iter().copied().flatten().copied())
}

/// What a person asks about the files.
#[derive(Debug, Clone)]
pub struct Given {
    pub at: OffsetDateTime,
    /// Whose bundle it should be: the machine name as Qlik knows it.
    pub machine: Option<String>,
    /// By which name or address callers reach it.
    pub name: Option<PeerName>,
    /// For what a certificate must serve; `None` takes it from the certificate's role.
    pub purpose: Option<Purpose>,
    /// How many days before its end a certificate is called expiring.
    pub warn_days: u32,
    /// The last component of the folder's path, when a folder was given.
    pub folder: Option<String>,
    /// A root was given beside the files.
    pub with_root: bool,
    /// The public keys of roots in the other folders of this run.
    pub roots_elsewhere: Vec<Vec<u8>>,
    /// The stores are a Qlik server's, by what lies beside them.
    pub server: Option<QlikServer>,
}

/// What is known of a Qlik server beside its stores.
#[derive(Debug, Clone, Default)]
pub struct QlikServer {
    /// As its `Host.cfg` names it.
    pub host: Option<String>,
}

pub fn is_whole_bundle(overview: &Overview<'_>, given: &Given) -> bool {
    let filled = overview.filled().count();
    filled > 2 || filled > 0 && given.folder.is_some()
}

/// What is being judged, and what was found so far.
#[derive(Debug)]
pub struct Case<'a> {
    pub overview: &'a Overview<'a>,
    pub given: &'a Given,
    /// Files that nobody reads: looked at for keys only.
    pub leftovers: &'a [FileContent],
    pub findings: Vec<Finding>,
    /// Indexes of files whose fault is already said: rules about what is in them stay silent.
    settled: HashSet<usize>,
    said: Said,
}

/// Where findings are among those of a case, by what they say: a folder may have ten thousand.
#[derive(Debug, Default)]
struct Said {
    /// So many findings are in here.
    known: usize,
    by_hash: HashMap<u64, Vec<usize>>,
}

impl Said {
    fn hash(finding: &Finding) -> u64 {
        let mut hasher = DefaultHasher::new();
        (finding.rule.id, &finding.files).hash(&mut hasher);
        // Of this rule the same files are enough (`Case::report_once`).
        if finding.rule.id != usage::WRONG_PURPOSE.id {
            finding.sentence.hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl<'a> Case<'a> {
    pub fn new(overview: &'a Overview<'a>, leftovers: &'a [FileContent], given: &'a Given) -> Self {
        Self { overview, given, leftovers, findings: Vec::new(), settled: HashSet::new(), said: Said::default() }
    }

    /// Reports, without settling the files.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Reports what is not among the findings yet. What an authority does not allow is one fault, whoever it is asked
    /// for. Findings may only have been added since the last call.
    pub fn report_once(&mut self, finding: Finding) {
        for (at, known) in self.findings.iter().enumerate().skip(self.said.known) {
            self.said.by_hash.entry(Said::hash(known)).or_default().push(at);
        }
        self.said.known = self.findings.len();
        let alike = self.said.by_hash.get(&Said::hash(&finding)).map_or(&[][..], Vec::as_slice);
        let same = |other: &Finding| {
            other == &finding
                || other.rule == &usage::WRONG_PURPOSE && other.rule == finding.rule && other.files == finding.files
        };
        if !alike.iter().filter_map(|at| self.findings.get(*at)).any(same) {
            self.findings.push(finding);
        }
    }

    /// Reports the fault that explains whatever else is odd about these files.
    pub fn settle(&mut self, files: &[&FileContent], finding: Finding) {
        for file in files {
            if let Some(place) = self.place(file) {
                self.settled.insert(place);
            }
        }
        self.findings.push(finding);
    }

    pub fn is_settled(&self, file: &FileContent) -> bool {
        self.place(file).is_some_and(|place| self.settled.contains(&place))
    }

    fn place(&self, file: &FileContent) -> Option<usize> {
        self.overview.files.element_offset(file)
    }

    /// Whether what was given is meant to be a whole bundle: a folder, or more of its files than somebody names one by
    /// one.
    pub fn is_whole_bundle(&self) -> bool {
        is_whole_bundle(self.overview, self.given)
    }
}

/// The rules of the files, in the order in which one settles what the next would see.
pub const OF_FILES: &[fn(&mut Case<'_>)] = &[
    keys::root_key,
    files::judge,
    slots::roles,
    slots::missing,
    pfx::judge,
    pairs::judge,
    keys::privacy,
    identity::judge,
    site::judge,
    validity::judge,
    leftovers::judge,
];
