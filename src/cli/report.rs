//! What a command made, as text for a person and as JSON for a program. The JSON's fields are only ever added to.

use super::error::Explained;
use super::output::escape;
use super::site::Site;
use super::words::{day, rfc3339};
use crate::pki::certificate::Certificate;
use crate::pki::judge::Leaves;
use crate::pki::profile::Role;
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
    /// `exported`, `replaced`, `kept` or `failed`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    certificates: Vec<CertificateReport>,
    files: Vec<&'static str>,
    /// The certificates end when the root does: they would be worth nothing without it.
    pub(super) ends_with_root: bool,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_message")]
    error: Option<anyhow::Error>,
}

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    schema: u32,
    root: RootReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    machines: Option<Vec<MachineReport>>,
}

impl CertificateReport {
    fn new(role: Role, certificate: &Certificate) -> Self {
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
    pub(super) fn made(
        machine: &str,
        state: &'static str,
        folder: &Path,
        leaves: &Leaves,
        files: Vec<&'static str>,
    ) -> Self {
        Self {
            machine: machine.to_owned(),
            state,
            folder: Some(folder.display().to_string()),
            reason: None,
            certificates: leaves.iter().map(|(role, leaf)| CertificateReport::new(*role, leaf)).collect(),
            files,
            ends_with_root: false,
            error: None,
        }
    }

    pub(super) fn failed(machine: &str, error: anyhow::Error) -> Self {
        Self {
            machine: machine.to_owned(),
            state: "failed",
            folder: None,
            reason: None,
            certificates: Vec::new(),
            files: Vec::new(),
            ends_with_root: false,
            error: Some(error),
        }
    }

    pub(super) fn error(&self) -> Option<&anyhow::Error> {
        self.error.as_ref()
    }

    pub(super) fn text(&self, offset: UtcOffset) -> String {
        let end = self.certificates.iter().map(|certificate| certificate.end).min();
        let until = end.map(|end| day(end, offset)).unwrap_or_default();
        let mut text = String::new();
        let folder = escape(self.folder.as_deref().unwrap_or_default());
        let why = if self.ends_with_root { ", when the root ends" } else { "" };
        _ = writeln!(text, "{}: {} in {folder}, valid until {until}{why}", self.machine, self.state);
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

impl Answer {
    pub(super) fn new(root: RootReport, machines: Option<Vec<MachineReport>>) -> Self {
        Self { schema: SCHEMA, root, machines }
    }
}
