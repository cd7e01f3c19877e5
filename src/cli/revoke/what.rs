//! Which certificates a person means: a serial number, a thumbprint, a machine, a file or a folder.
//!
//! Revoking is for good, so nothing is guessed: what may be read in two ways is refused, and so is what means several
//! certificates, unless the person said that several are meant.

use super::super::error::problem;
use super::super::reading::read_paths;
use super::super::words::{day, list};
use super::RoleWord;
use crate::host::files;
use crate::host::ledger::{Entry, Ledger};
use crate::pki::certificate::Certificate;
use crate::pki::inventory::{FileContent, Form, KeyState, PfxState, What as Content};
use crate::pki::name::{MachineName, Underscore};
use crate::pki::secret::Password;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use time::{OffsetDateTime, UtcOffset};

/// So many of several are named.
const NAMED: usize = 6;
/// Hexadecimal digits of a SHA-256 thumbprint.
const THUMBPRINT: usize = 64;

/// Where the certificates are looked up, and which of several count.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) ledger: &'a Ledger,
    /// Thumbprint of the present root.
    pub(super) root: &'a str,
    pub(super) role: Option<RoleWord>,
    pub(super) all: bool,
    pub(super) now: OffsetDateTime,
    pub(super) offset: UtcOffset,
}

/// What was typed, and what lies there if it may be a path. Files are read before the home is taken: a pipe may take its
/// time.
#[derive(Debug)]
pub(super) struct Typed<'a> {
    path: &'a Path,
    /// What may be a number or a name.
    text: Option<&'a str>,
    contents: Option<Vec<FileContent>>,
}

impl<'a> Typed<'a> {
    pub(super) fn may_be_a_file(what: &OsStr) -> bool {
        is_surely_a_path(Path::new(what)) || files::exists(Path::new(what))
    }

    pub(super) fn read(what: &'a OsStr, passwords: &[Password]) -> Self {
        let path = Path::new(what);
        let text = what.to_str().filter(|_| !is_surely_a_path(path));
        let contents = Self::may_be_a_file(what).then(|| read_paths(&[PathBuf::from(path)], false, passwords));
        Self { path, text, contents }
    }
}

/// One way to read what was typed.
struct Reading {
    /// `a serial number`, `a machine` …
    kind: &'static str,
    entries: Vec<Entry>,
}

impl Search<'_> {
    /// The certificates that are meant by `typed`, those that are revoked already among them.
    pub(super) fn find(&self, typed: &Typed<'_>) -> anyhow::Result<Vec<Entry>> {
        let shown = typed.path.display().to_string();
        let mut readings = Vec::new();
        if let Some(text) = typed.text {
            readings.extend(self.by_number(text)?);
            readings.extend(self.by_machine(text)?);
        }
        if let Some(contents) = &typed.contents {
            readings.push(Reading { kind: "a file or folder here", entries: self.in_files(&shown, contents)? });
        }
        let mut readings = readings.into_iter();
        let Some(first) = readings.next() else { return Err(unknown(&shown)) };
        let meant: BTreeSet<i64> = first.entries.iter().map(|entry| entry.id).collect();
        for other in readings {
            if other.entries.iter().map(|entry| entry.id).collect::<BTreeSet<_>>() != meant {
                return Err(problem(
                    format!("`{shown}` is {} and also {}, which mean different certificates", first.kind, other.kind),
                    "write `./NAME` for a file or folder, `--machine NAME` for a machine, or give serial numbers",
                ));
            }
        }
        self.narrow(&shown, first.entries)
    }

    /// The certificates of a machine, whatever else has this name.
    pub(super) fn find_machine(&self, name: &str) -> anyhow::Result<Vec<Entry>> {
        match self.by_machine(name)? {
            Some(reading) => self.narrow(name, reading.entries),
            None => Err(unknown(name)),
        }
    }

    fn by_number(&self, text: &str) -> anyhow::Result<Option<Reading>> {
        let Some(digits) = hexadecimal(text) else { return Ok(None) };
        let (kind, entries) = if digits.len() == THUMBPRINT {
            ("a thumbprint", self.ledger.by_thumbprint(&digits)?.into_iter().collect())
        } else {
            ("a serial number", self.ledger.by_serial(&digits)?)
        };
        Ok((!entries.is_empty()).then_some(Reading { kind, entries }))
    }

    /// Of the present root's alone, where it signed any: the name lives on when a root is replaced.
    fn by_machine(&self, text: &str) -> anyhow::Result<Option<Reading>> {
        let Ok(name) = MachineName::parse(text, Underscore::Allowed) else { return Ok(None) };
        let mut entries = self.ledger.by_machine(name.as_str())?;
        if entries.iter().any(|entry| entry.root == self.root) {
            entries.retain(|entry| entry.root == self.root);
        }
        Ok((!entries.is_empty()).then_some(Reading { kind: "a machine", entries }))
    }

    fn in_files(&self, shown: &str, contents: &[FileContent]) -> anyhow::Result<Vec<Entry>> {
        let all: Vec<&Certificate> = contents.iter().flat_map(FileContent::certificates).collect();
        // A bundle has its root beside it.
        let leaves: Vec<&Certificate> =
            all.iter().copied().filter(|certificate| !certificate.is_self_issued()).collect();
        let meant = if leaves.is_empty() { &all } else { &leaves };
        if meant.is_empty() {
            if let [FileContent { form: Form::Unreadable(why), .. }] = contents {
                return Err(problem(format!("cannot read `{shown}`: {why}"), "check the spelling of the path"));
            }
            return Err(match contents.iter().find(|file| is_locked(file)) {
                Some(file) => problem(
                    format!("`{}` cannot be opened to see its certificate", file.path),
                    "give its password with `--password-file FILE`, or the serial number of its certificate",
                ),
                None => problem(
                    format!("`{shown}` holds no certificate"),
                    "give the certificate's file, its serial number, or the name of its machine",
                ),
            });
        }
        let mut entries: Vec<Entry> = Vec::new();
        for certificate in meant {
            let entry = self.ledger.by_thumbprint(&certificate.sha256())?.ok_or_else(|| {
                problem(
                    format!("`{}` in `{shown}` was not issued from this home", certificate.title()),
                    "who issued it can revoke it; name another home with `--home DIR`",
                )
            })?;
            if entries.iter().all(|known| known.id != entry.id) {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// One certificate, or several that were asked for.
    fn narrow(&self, shown: &str, mut entries: Vec<Entry>) -> anyhow::Result<Vec<Entry>> {
        if entries.iter().all(|entry| entry.role == "root") {
            return Err(problem(
                format!("`{shown}` is the root: no list that it signs itself can revoke it"),
                "replace it with `qcert recreate`",
            ));
        }
        entries.retain(|entry| entry.role != "root");
        if entries.iter().any(|entry| entry.root != self.root) {
            return Err(problem(
                format!("`{shown}` was issued under a root that was replaced"),
                "there is nothing to revoke: take the old root out of every store, and nobody accepts it",
            ));
        }
        if let Some(role) = self.role {
            entries.retain(|entry| entry.role == role.word());
            if entries.is_empty() {
                return Err(problem(
                    format!("`{shown}` has no {} certificate", role.word()),
                    "leave `--role` out to see what it has",
                ));
            }
        }
        if entries.len() > 1 {
            // Of several, what nobody accepts any more is not meant.
            let live = |entry: &Entry| entry.revoked_at.is_some() || entry.not_after >= self.now;
            if entries.iter().any(live) {
                entries.retain(live);
            }
        }
        // One that is revoked already counts too: a script that is run again must not revoke what came after it.
        if entries.len() > 1 && !self.all && entries.iter().any(|entry| entry.revoked_at.is_none()) {
            return Err(self.several(shown, &entries));
        }
        Ok(entries)
    }

    fn several(&self, shown: &str, entries: &[Entry]) -> anyhow::Error {
        let mut named: Vec<String> = entries.iter().take(NAMED).map(|entry| self.name(entry)).collect();
        if entries.len() > NAMED {
            named.push(format!("{} more", entries.len() - NAMED));
        }
        problem(
            format!("`{shown}` means {} certificates: {}", entries.len(), list(&named)),
            if self.role.is_some() {
                "say `--all` for all of them, or give a serial number"
            } else {
                "say `--all` for all of them, `--role server` or `--role client`, or give a serial number"
            },
        )
    }

    fn name(&self, entry: &Entry) -> String {
        let state = match entry {
            Entry { revoked_at: Some(_), .. } => ", revoked",
            Entry { superseded_at: Some(_), .. } => ", superseded",
            _ => "",
        };
        format!("{} {} of {}{state}", entry.role, entry.serial, day(entry.issued_at, self.offset))
    }
}

fn unknown(shown: &str) -> anyhow::Error {
    problem(
        format!("`{shown}` is no serial number, thumbprint or machine in the ledger, and no file here"),
        "give a serial number in hexadecimal, a SHA-256 thumbprint, a machine's name, or a certificate's file",
    )
}

/// A path that no serial number and no name can be.
fn is_surely_a_path(path: &Path) -> bool {
    path.components().count() > 1
        || path.has_root()
        || path.to_str().is_none_or(|text| text.starts_with('.') || text == "-")
}

/// Hexadecimal as programs show it: with colons, spaces, `0x`, zeros before it. As the ledger has it: whole octets in
/// lower case, without a sign octet.
fn hexadecimal(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|character| !matches!(character, ':' | ' ')).collect();
    let digits = digits.to_ascii_lowercase();
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    if digits.len() == THUMBPRINT {
        return Some(digits.to_owned());
    }
    let significant = digits.trim_start_matches('0');
    let zero = if significant.len() % 2 == 1 || significant.is_empty() { "0" } else { "" };
    Some(format!("{zero}{significant}"))
}

fn is_locked(file: &FileContent) -> bool {
    file.objects.iter().any(|object| match &object.what {
        Content::Pfx(pfx) => matches!(pfx.state, PfxState::PasswordNeeded | PfxState::WrongPassword),
        Content::Key(key) => matches!(key.state, KeyState::PasswordNeeded),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_programs_show_them() {
        let serial = Some("8f01a0".to_owned());
        for text in ["8f01a0", "8F:01:A0", "00:8f:01:a0", "0x8F01A0", "8f 01 a0"] {
            assert_eq!(hexadecimal(text), serial, "{text}");
        }
        assert_eq!(hexadecimal("f01"), Some("0f01".to_owned()));
        assert_eq!(hexadecimal("0"), Some("0".to_owned()));
        let thumbprint = "00".repeat(32);
        assert_eq!(hexadecimal(&thumbprint), Some(thumbprint));
        for text in ["", "0x", "host.domain", "8f-01", "８f"] {
            assert_eq!(hexadecimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_path_is_told_from_a_name() {
        for path in ["./host", "a/b", "/tmp", "..", ".hidden", "-"] {
            assert!(is_surely_a_path(Path::new(path)), "{path}");
        }
        for name in ["host.domain", "8f01", "client.pem"] {
            assert!(!is_surely_a_path(Path::new(name)), "{name}");
        }
    }
}
