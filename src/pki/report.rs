//! `Report`: what was looked at, what was found, and what follows for each program. `verdict()` alone decides the exit.

use super::certificate::Certificate;
use super::finding::{Finding, Severity};
use super::inventory::FileContent;
use time::OffsetDateTime;

#[derive(Debug)]
pub struct Report {
    /// The folder or the files, as they were given.
    pub subject: String,
    pub at: OffsetDateTime,
    /// Whose bundle it is, as far as that is known.
    pub machine: Option<String>,
    pub files: Vec<FileContent>,
    /// Certificates that stand in a chain but came from beside the files, with the path they were given by.
    pub beside: Vec<(String, Certificate)>,
    pub chains: Vec<Chain>,
    /// The heaviest first.
    pub findings: Vec<Finding>,
    pub consumers: Vec<ConsumerVerdict>,
    pub start_up: Vec<StartUpVerdict>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No error, and nothing that could not be looked at. There may be warnings.
    Sound,
    Faulty,
    /// No error was found, but not all could be judged, or there was nothing to judge.
    Unjudged,
}

/// From a certificate up to its root, as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The leaf first.
    pub links: Vec<Link>,
    /// It ends in a certificate that was taken as root.
    pub anchored: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The SHA-256 thumbprint, by which the certificate is found in `Report::files`.
    pub sha256: String,
    /// Its common name or subject; not escaped.
    pub title: String,
    /// The paths it was found in; none when it was given as `--root` or `--intermediate` from elsewhere.
    pub files: Vec<String>,
}

/// What one program makes of the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerVerdict {
    /// `Node.js`, `Python 3.13 and later`, `Repository Service` …
    pub name: &'static str,
    pub answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Accepts,
    /// It works, with what the user should know.
    AcceptsBut(String),
    Refuses {
        /// The text its user would see, word for word.
        error: String,
        why: String,
        way_out: String,
    },
    /// The bundle lacks what it takes, such as a PFX.
    NothingForIt(String),
    /// It could not be told, and why.
    Unjudged(String),
}

/// What the Repository Service would do with one kind of certificate at its next start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartUpVerdict {
    /// `root`, `server` or `client`.
    pub role: &'static str,
    pub action: StartUpAction,
    /// Why, in a sentence.
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartUpAction {
    Keep,
    Create,
    DeleteAndCreate,
    /// A fatal error is logged and the service shuts down.
    Stop,
    /// It hangs on what could not be looked at.
    Unknown,
}

impl Report {
    /// `strict` counts warnings as faults.
    pub fn verdict(&self, strict: bool) -> Verdict {
        let heaviest = self.findings.iter().map(|finding| finding.severity).max();
        match heaviest {
            Some(Severity::Error) => Verdict::Faulty,
            Some(Severity::Warning) if strict => Verdict::Faulty,
            Some(Severity::Unjudged) => {
                let warned = self.findings.iter().any(|finding| finding.severity == Severity::Warning);
                if strict && warned { Verdict::Faulty } else { Verdict::Unjudged }
            }
            _ if self.chains.is_empty() => Verdict::Unjudged,
            _ => Verdict::Sound,
        }
    }
}
