//! Whether a home, or what a backup holds of one, is sound: every certificate of the ledger by its root, every key by its
//! certificate. What could not be checked is counted and said.

use crate::cli::output::{Output, escape};
use crate::cli::parallel;
use crate::cli::site;
use crate::cli::words::count;
use crate::host::ledger::{Issued, Snapshot};
use crate::pki::authority::Credential;
use crate::pki::certificate::Certificate;
use crate::pki::manifest::{KEY, ROOT};
use crate::pki::sealed::{self, SealError};
use crate::pki::secret::{Password, Secret};
use anyhow::Context as _;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many rows are in memory at a time: a piece of work for all cores.
const BATCH: usize = 4096;
/// So many faults are told; the others are counted.
const TOLD: usize = 5;

/// What is known of the root's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum KeyState {
    /// It is open, and the root's.
    Open,
    /// It was opened with its passphrase, and is the root's.
    Opened,
    /// Its passphrase was not given: nobody knows whether it is the root's.
    Unopened,
}

/// Nothing is wrong, as far as this says.
#[derive(Debug)]
pub(in crate::cli) struct Verdict {
    pub(in crate::cli) root: Certificate,
    pub(in crate::cli) key: KeyState,
    /// Roots that were replaced and kept, and how many of their keys could not be opened.
    pub(in crate::cli) previous: usize,
    pub(in crate::cli) previous_unopened: usize,
    pub(in crate::cli) certificates: u64,
    /// Certificates whose root is not there.
    pub(in crate::cli) unchecked: u64,
}

#[derive(Debug)]
pub(in crate::cli) enum Refusal {
    CouldNot(anyhow::Error),
    Unsound(Vec<String>),
}

/// For programs.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Report<'a> {
    root: RootReport,
    key: &'a str,
    previous_roots: usize,
    previous_keys_not_checked: usize,
    certificates: u64,
    certificates_not_checked: u64,
}

#[derive(Debug, Serialize)]
struct RootReport {
    subject: String,
    sha256: String,
    sha1: String,
}

impl<E: Into<anyhow::Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::CouldNot(error.into())
    }
}

pub(in crate::cli) fn check(
    files: &BTreeMap<String, Secret>,
    ledger: &Snapshot,
    passphrase: Option<&Password>,
) -> Result<Verdict, Refusal> {
    let mut faults = Faults::default();
    let mut roots = BTreeMap::new();
    let mut present = None;
    let (mut previous, mut previous_unopened) = (0, 0);
    for (path, bytes) in files.iter().filter(|(path, _)| path.rsplit('/').next() == Some(ROOT)) {
        let Ok(certificate) = site::certificate_of(bytes) else {
            faults.add(format!("`{path}` is no certificate"));
            continue;
        };
        let key = files.get(&path.replace(ROOT, KEY));
        let is_present = path == ROOT;
        let state = match (key.map(|key| open(&certificate, key, passphrase)), is_present) {
            (Some(Ok(state)), _) => Some(state),
            // A replaced root's key may have had another passphrase.
            (Some(Err(KeyFault::Passphrase(_))), false) => Some(KeyState::Unopened),
            (Some(Err(KeyFault::Passphrase(error))), true) => {
                return Err(anyhow::Error::from(error).context("cannot open the root's key").into());
            }
            (Some(Err(KeyFault::Bad(why))), _) => {
                faults.add(format!("`{}` {why}", path.replace(ROOT, KEY)));
                None
            }
            (None, _) => {
                faults.add(format!("`{path}` has no key beside it"));
                None
            }
        };
        if is_present {
            present = state.map(|state| (certificate.clone(), state));
        } else {
            previous += 1;
            previous_unopened += usize::from(state == Some(KeyState::Unopened));
        }
        roots.insert(certificate.sha256(), certificate);
    }
    let current = ledger.current_root()?;
    if let Some((root, _)) = &present
        && current.as_deref() != Some(&root.sha256())
    {
        faults.add("the ledger has another root than `root.pem`".to_owned());
    }
    let (certificates, unchecked) = check_rows(ledger, &roots, &mut faults)?;
    match present {
        Some((root, key)) if faults.count == 0 => {
            Ok(Verdict { root, key, previous, previous_unopened, certificates, unchecked })
        }
        _ => Err(Refusal::Unsound(faults.told())),
    }
}

enum KeyFault {
    Passphrase(SealError),
    Bad(&'static str),
}

fn open(certificate: &Certificate, key: &Secret, passphrase: Option<&Password>) -> Result<KeyState, KeyFault> {
    let encrypted = sealed::is_encrypted(key);
    if encrypted && passphrase.is_none() {
        return Ok(KeyState::Unopened);
    }
    let opened = sealed::unseal(key, passphrase).map_err(|error| match error {
        SealError::WrongPassphrase => KeyFault::Passphrase(error),
        _ => KeyFault::Bad("is no private key that can be used"),
    })?;
    match Credential::new(certificate.clone(), opened) {
        Ok(_) if encrypted => Ok(KeyState::Opened),
        Ok(_) => Ok(KeyState::Open),
        Err(_) => Err(KeyFault::Bad("is not the key of the certificate beside it")),
    }
}

/// How many rows there are, and how many of them name a root that is not there.
fn check_rows(
    ledger: &Snapshot,
    roots: &BTreeMap<String, Certificate>,
    faults: &mut Faults,
) -> anyhow::Result<(u64, u64)> {
    let (mut all, mut unchecked) = (0, 0);
    let mut judge = |rows: &mut Vec<Issued>| {
        all += rows.len() as u64;
        for row in parallel::compute(rows, 64, |row| check_row(row, roots)) {
            match row {
                Row::Sound => {}
                Row::RootIsNotThere => unchecked += 1,
                Row::Bad(why) => faults.add(why),
            }
        }
        rows.clear();
    };
    let mut rows = Vec::new();
    let read = ledger.each(|row| {
        rows.push(row);
        if rows.len() == BATCH {
            judge(&mut rows);
        }
    });
    judge(&mut rows);
    read.context("cannot read the ledger")?;
    anyhow::ensure!(all == ledger.count()?, "the ledger does not give all of its rows");
    Ok((all, unchecked))
}

enum Row {
    Sound,
    RootIsNotThere,
    Bad(String),
}

fn check_row(row: &Issued, roots: &BTreeMap<String, Certificate>) -> Row {
    let bad = |why: &str| {
        let Issued { role, machine, serial, .. } = row;
        Row::Bad(format!("the {} certificate of `{}`, serial {}, {why}", escape(role), escape(machine), escape(serial)))
    };
    let Some(der) = &row.der else { return bad("is lost") };
    let Ok(certificate) = Certificate::parse(der.clone()) else { return bad("is damaged") };
    let fits = certificate.sha256() == row.sha256
        && certificate.serial_text() == row.serial
        && certificate.not_before().unix_timestamp() == row.not_before
        && certificate.not_after().unix_timestamp() == row.not_after;
    if !fits {
        return bad("is not the one that its row tells of");
    }
    match roots.get(&row.root) {
        None => Row::RootIsNotThere,
        Some(root) if certificate.verify_signed_by(root).is_ok() => Row::Sound,
        Some(_) => bad("is not signed by the root that its row names"),
    }
}

#[derive(Default)]
struct Faults {
    first: Vec<String>,
    count: usize,
}

impl Faults {
    fn add(&mut self, fault: String) {
        self.count += 1;
        if self.first.len() < TOLD {
            self.first.push(fault);
        }
    }

    fn told(mut self) -> Vec<String> {
        if self.count > self.first.len() {
            self.first.push(format!("and {} more", self.count - self.first.len()));
        }
        self.first
    }
}

impl KeyState {
    pub(in crate::cli) fn is_encrypted(self) -> bool {
        self != Self::Open
    }
}

impl Verdict {
    /// The lines that both commands have.
    pub(in crate::cli) fn text(&self) -> String {
        let key = match self.key {
            KeyState::Open => "fits the root; it has no passphrase of its own",
            KeyState::Opened => "fits the root; it has a passphrase of its own",
            KeyState::Unopened => "not checked, because its passphrase was not given",
        };
        let mut text = format!("  root          SHA-256  {}\n", self.root.sha256());
        // Writing to a String cannot fail.
        _ = writeln!(text, "                SHA-1    {}", self.root.sha1());
        _ = writeln!(text, "  key           {key}");
        _ = writeln!(text, "  ledger        {}", super::certificates(self));
        if self.previous > 0 {
            _ = writeln!(text, "  replaced      {}", count(i64::try_from(self.previous).unwrap_or(0), "earlier root"));
        }
        text
    }

    pub(in crate::cli) fn say_doubts(&self, output: &Output) {
        if self.unchecked > 0 {
            output.warn(&format!(
                "{} of the ledger could not be checked: their root is not among those that are kept",
                count(i64::try_from(self.unchecked).unwrap_or(i64::MAX), "certificate")
            ));
        }
        if self.previous_unopened > 0 {
            output.note("the keys of earlier roots have passphrases that were not given, and were not checked");
        }
    }

    pub(in crate::cli) fn report(&self) -> Report<'static> {
        let root = RootReport { subject: self.root.subject_text(), sha256: self.root.sha256(), sha1: self.root.sha1() };
        Report {
            root,
            key: match self.key {
                KeyState::Open => "open",
                KeyState::Opened => "encrypted",
                KeyState::Unopened => "encrypted, not checked",
            },
            previous_roots: self.previous,
            previous_keys_not_checked: self.previous_unopened,
            certificates: self.certificates,
            certificates_not_checked: self.unchecked,
        }
    }
}
