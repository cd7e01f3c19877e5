//! What a command made, as text for a person and as JSON for a program. The JSON's fields are only ever added to.

use super::error::Explained;
use super::output::escape;
use super::site::Site;
use super::words::{day, rfc3339};
use crate::host::home::Home;
use crate::pki::certificate::Certificate;
use crate::pki::judge::Leaves;
use crate::pki::profile::Role;
use crate::pki::sealed;
use serde::{Serialize, Serializer};
use std::fmt::Write as _;
use std::path::Path;
use time::{OffsetDateTime, UtcOffset};

/// Raised when a field changes its meaning; additions leave it.
const SCHEMA: u32 = 1;

/// A certificate in an answer: everything a person compares.
#[derive(Debug, Serialize)]
pub(super) struct CertificateReport {
    role: &'static str,
    subject: String,
    serial: String,
    not_before: String,
    not_after: String,
    sha256: String,
    sha1: String,
    #[serde(skip)]
    end: OffsetDateTime,
}

#[derive(Debug, Serialize)]
pub(super) struct RootReport {
    #[serde(flatten)]
    certificate: CertificateReport,
    home: String,
    /// `kept`, `made` or `taken over`.
    state: &'static str,
    key_encrypted: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct MachineReport {
    machine: String,
    /// `exported`, `signed`, `replaced`, `renewed`, `kept`, `due` or `failed`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    certificates: Vec<CertificateReport>,
    files: Vec<&'static str>,
    /// The certificates end when the root does: they would be worth nothing without it.
    pub(super) ends_with_root: bool,
    /// `new` or `same`, where certificates were there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) keys: Option<&'static str>,
    /// What these certificates took the place of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) replaces: Vec<Replaced>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_message")]
    error: Option<anyhow::Error>,
}

/// A certificate that another one took the place of.
#[derive(Debug, Serialize)]
pub(super) struct Replaced {
    role: String,
    serial: String,
    not_after: String,
    #[serde(skip)]
    end: OffsetDateTime,
}

impl Replaced {
    pub(super) fn new(role: &str, serial: &str, end: OffsetDateTime) -> Self {
        Self { role: role.to_owned(), serial: serial.to_owned(), not_after: rfc3339(end), end }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    schema: u32,
    root: &'a RootReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    machines: Option<Vec<MachineReport>>,
}

impl CertificateReport {
    pub(super) fn new(role: Role, certificate: &Certificate) -> Self {
        Self {
            role: role.word(),
            subject: certificate.subject_text(),
            serial: certificate.serial_text(),
            not_before: rfc3339(certificate.not_before()),
            not_after: rfc3339(certificate.not_after()),
            sha256: certificate.sha256(),
            sha1: certificate.sha1(),
            end: certificate.not_after(),
        }
    }

    /// Two lines, aligned with those of other roles.
    fn thumbprints(&self, text: &mut String) {
        // Writing to a String cannot fail.
        _ = writeln!(text, "  {:6}  SHA-256  {}", self.role, self.sha256);
        _ = writeln!(text, "          SHA-1    {}", self.sha1);
    }
}

impl RootReport {
    pub(super) fn new(site: &Site, state: &'static str) -> Self {
        Self {
            certificate: CertificateReport::new(Role::Root, site.authority.certificate()),
            home: site.home.folder().display().to_string(),
            state,
            key_encrypted: site.key_is_encrypted,
        }
    }

    /// The root as it lies in the home, without opening its key.
    pub(super) fn seen(root: &Certificate, home: &Home) -> Self {
        Self {
            certificate: CertificateReport::new(Role::Root, root),
            home: home.folder().display().to_string(),
            state: "kept",
            key_encrypted: home.peek_key().is_some_and(|key| sealed::is_encrypted(&key)),
        }
    }

    /// What was made, where, until when.
    pub(super) fn text(&self, offset: UtcOffset) -> String {
        let mut text = String::new();
        let (subject, end) = (escape(&self.certificate.subject), day(self.certificate.end, offset));
        _ = writeln!(text, "root {subject}: {}, valid until {end}", self.state);
        _ = writeln!(text, "  home    {}", escape(&self.home));
        self.certificate.thumbprints(&mut text);
        text.truncate(text.trim_end().len());
        text
    }
}

impl MachineReport {
    fn empty(machine: &str, state: &'static str, folder: Option<&Path>) -> Self {
        Self {
            machine: machine.to_owned(),
            state,
            folder: folder.map(|folder| folder.display().to_string()),
            reason: None,
            certificates: Vec::new(),
            files: Vec::new(),
            ends_with_root: false,
            keys: None,
            replaces: Vec::new(),
            error: None,
        }
    }

    pub(super) fn made(
        machine: &str,
        state: &'static str,
        folder: &Path,
        leaves: &Leaves,
        files: Vec<&'static str>,
    ) -> Self {
        let certificates = leaves.iter().map(|(role, leaf)| CertificateReport::new(*role, leaf)).collect();
        Self { certificates, files, ..Self::empty(machine, state, Some(folder)) }
    }

    pub(super) fn failed(machine: &str, error: anyhow::Error) -> Self {
        Self { error: Some(error), ..Self::empty(machine, "failed", None) }
    }

    /// What a run would make anew.
    pub(super) fn due(machine: &str, folder: &Path, end: Option<OffsetDateTime>, offset: UtcOffset) -> Self {
        let reason = end.map(|end| format!("it ends on {}", day(end, offset)));
        Self { reason, ..Self::empty(machine, "due", Some(folder)) }
    }

    /// A bundle that ends with its root, so that a new one would end at the same moment.
    pub(super) fn outlasted(machine: &str, folder: &Path, end: OffsetDateTime, offset: UtcOffset) -> Self {
        let reason = Some(format!("the root itself ends on {}, and nothing lasts longer", day(end, offset)));
        Self { reason, ends_with_root: true, ..Self::empty(machine, "kept", Some(folder)) }
    }

    pub(super) fn is_outlasted(&self) -> bool {
        self.state == "kept" && self.ends_with_root
    }

    pub(super) fn is_renewed(&self) -> bool {
        !self.replaces.is_empty()
    }

    pub(super) fn machine(&self) -> &str {
        &self.machine
    }

    pub(super) fn folder(&self) -> &str {
        self.folder.as_deref().unwrap_or_default()
    }

    pub(super) fn error(&self) -> Option<&anyhow::Error> {
        self.error.as_ref()
    }

    pub(super) fn text(&self, offset: UtcOffset) -> String {
        let mut text = String::new();
        let folder = escape(self.folder.as_deref().unwrap_or_default());
        _ = write!(text, "{}: {} in {folder}", self.machine, self.state);
        if let Some(end) = self.certificates.iter().map(|certificate| certificate.end).min() {
            _ = write!(text, ", valid until {}", day(end, offset));
        }
        if self.ends_with_root && !self.certificates.is_empty() {
            text.push_str(", when the root ends");
        }
        if let Some(end) = self.replaces.iter().map(|replaced| replaced.end).min() {
            _ = write!(text, " (was {})", day(end, offset));
        }
        if let Some(keys) = self.keys {
            _ = write!(text, ", {keys} keys");
        }
        text.push('\n');
        if let Some(reason) = &self.reason {
            _ = writeln!(text, "  because {}", escape(reason));
        }
        for certificate in &self.certificates {
            certificate.thumbprints(&mut text);
        }
        text.truncate(text.trim_end().len());
        text
    }
}

#[expect(clippy::ref_option, reason = "the form that serde calls")]
fn as_message<S: Serializer>(error: &Option<anyhow::Error>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_ref().map(Explained::new).serialize(serializer)
}

impl<'a> Answer<'a> {
    pub(super) fn new(root: &'a RootReport, machines: Option<Vec<MachineReport>>) -> Self {
        Self { schema: SCHEMA, root, machines }
    }
}
