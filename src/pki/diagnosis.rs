//! `Diagnosis`: what is wrong with one Qlik server, out of what its parts show: certificate stores, `Host.cfg`, the
//! services' own copies, the exported bundles. Each fault once, at its cause.
//!
//! The parts were judged one by one (`examine`); here they are held against each other by the rules of the family `host`,
//! and what several say is joined. Nothing is read, and no report is changed.

mod join;

use super::finding::{Finding, Severity};
use super::inventory::HostName;
use super::report::Report;
use super::rules::host;
use time::OffsetDateTime;

/// What was looked at.
#[derive(Debug)]
pub struct Seen<'a> {
    pub at: OffsetDateTime,
    /// How many days before its end a certificate is called expiring.
    pub warn_days: u32,
    pub host_cfg: Option<&'a HostCfg>,
    pub stores: Option<&'a Report>,
    /// They were read on this machine just now, and not out of a snapshot that may be another machine's.
    pub stores_are_here: bool,
    /// The services' own copies and what was exported.
    pub bundles: &'a [Bundle],
    /// Where the services' own copies should be and are not.
    pub without_local: Option<&'a str>,
    /// Folders for exports that hold nothing of a bundle.
    pub empty: &'a [String],
    /// Old copies of the services' folder, by name. They were not judged.
    pub leftovers: &'a [String],
}

/// `Host.cfg`, as far as it could be looked at.
#[derive(Debug)]
pub struct HostCfg {
    pub path: String,
    pub content: HostCfgContent,
}

#[derive(Debug)]
pub enum HostCfgContent {
    Name(HostName),
    /// It is there, and holds no host name; why.
    Damaged(String),
    /// It is not there.
    Missing,
}

#[derive(Debug)]
pub struct Bundle {
    /// The folder's own name.
    pub name: String,
    pub kind: BundleKind,
    pub report: Report,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BundleKind {
    /// `.Local Certificates`.
    Local,
    /// A folder of `Exported Certificates`.
    Exported,
}

/// Something that is wrong with the server.
#[derive(Debug)]
pub struct Diagnosed {
    pub finding: Finding,
    /// The parts that it was found in, by name; none where it is about the server as a whole.
    pub of: Vec<String>,
}

impl Diagnosed {
    pub fn new(finding: Finding) -> Self {
        Self { finding, of: Vec::new() }
    }
}

/// As sentences and lists call the stores.
pub const STORES: &str = "certificate stores";

/// The heaviest first; of one weight the server's own before the bundles'.
pub fn diagnose(seen: &Seen<'_>) -> Vec<Diagnosed> {
    let scene = host::Scene::new(seen);
    let mut told = host::Told::default();
    let mut own = Vec::new();
    for rule in host::ALL {
        rule(&scene, &mut own, &mut told);
    }
    let mut all = join::all(seen, &scene, own, &told);
    all.sort_by_key(|diagnosed| std::cmp::Reverse(diagnosed.finding.severity));
    all
}

/// How many there are of a weight.
pub fn count(all: &[Diagnosed], severity: Severity) -> usize {
    all.iter().filter(|diagnosed| diagnosed.finding.severity == severity).count()
}
