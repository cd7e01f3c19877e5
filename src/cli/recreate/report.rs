//! What a recreated root means for everybody who had something of the old one: said machine by machine.

use super::super::output::{Output, escape};
use super::super::renewal::OldBundle;
use super::super::report::{CertificateReport, MachineReport, RootReport};
use super::super::site::Site;
use super::super::words::day;
use super::super::{Clock, Exit};
use crate::pki::certificate::Certificate;
use crate::pki::knowledge::NEW_ROOT_BREAKS;
use crate::pki::profile::Role;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use time::UtcOffset;

/// What was done.
#[derive(Debug)]
pub(super) struct Recreated {
    pub(super) site: Site,
    pub(super) old: Certificate,
    pub(super) kept_in: PathBuf,
    pub(super) backup: PathBuf,
    pub(super) cross: Option<Certificate>,
    pub(super) reports: Vec<MachineReport>,
    /// Bundles whose keys are elsewhere, or that were revoked.
    pub(super) left: Vec<OldBundle>,
}

#[derive(Serialize)]
struct Answer<'a> {
    schema: u32,
    root: RootReport,
    previous: Kept<'a>,
    backup: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cross: Option<Kept<'a>>,
    machines: &'a [MachineReport],
    /// What was not made anew.
    left: Vec<Left<'a>>,
    /// Where this root is a site's own.
    breaks: &'a [&'a str],
}

/// A certificate and the file or folder where it lies.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    certificate: CertificateReport,
    place: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct Left<'a> {
    machine: &'a str,
    place: String,
    /// `revoked` or `key elsewhere`.
    reason: &'static str,
}

impl Recreated {
    pub(super) fn say(&self, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
        for error in self.reports.iter().filter_map(MachineReport::error) {
            Output::say_failure(error);
        }
        let failed = self.reports.iter().filter_map(MachineReport::error).count();
        if output.is_json() {
            output.answer_json(&self.answer())?;
        } else {
            output.answer(&self.text(clock.offset))?;
        }
        if failed > 0 {
            output.note(
                "what failed is still of the old root: mend it and run `qcert renew`, which makes anew what is left",
            );
        }
        Ok(match failed {
            0 => Exit::Done,
            _ => Exit::SomeFailed,
        })
    }

    fn text(&self, offset: UtcOffset) -> String {
        let mut text = RootReport::new(&self.site, "recreated").text(offset);
        let place = |path: &Path| escape(&path.display().to_string());
        // Writing to a String cannot fail.
        _ = writeln!(
            text,
            "\nold root {}, valid until {}: kept in {}",
            escape(&self.old.subject_text()),
            day(self.old.not_after(), offset),
            place(&self.kept_in)
        );
        _ = writeln!(text, "  SHA-256  {}\n  SHA-1    {}", self.old.sha256(), self.old.sha1());
        _ = writeln!(text, "backup of everything before: {}", place(&self.backup));
        if let Some(cross) = &self.cross {
            _ = writeln!(
                text,
                "new root signed by the old one, until {}: {}\n  who still trusts the old root alone follows the new \
                 one with this as an intermediate; on Windows\n  `certutil -addstore CA cross.cer`; never in the root \
                 store, and without Qlik's marker",
                day(cross.not_after(), offset),
                place(&self.kept_in.join("cross.pem")),
            );
        }
        for report in self.reports.iter().filter(|report| report.error().is_none()) {
            _ = writeln!(text, "\n{}", report.text(offset));
        }
        _ = writeln!(text, "\nto be redistributed, for nothing of the old root fits what is of the new one");
        for report in self.reports.iter().filter(|report| report.error().is_none()) {
            _ = writeln!(
                text,
                "  - {}: all of {}, and its services and tools restarted; until then it and whatever has the new root \
                 refuse each other",
                report.machine(),
                escape(report.folder())
            );
        }
        _ = writeln!(text, "  - root.cer or root.pem: to wherever the old root was trusted");
        for bundle in &self.left {
            let (machine, place) = (escape(&bundle.machine), place(&bundle.place));
            _ = if bundle.is_revoked() {
                writeln!(text, "  - {machine}: revoked, so nothing was made anew in {place}")
            } else {
                writeln!(text, "  - {machine}: its key is not here; sign a new request of it (it was put in {place})")
            };
        }
        _ = writeln!(text, "what breaks until then, where this is the root of a Qlik site");
        for line in NEW_ROOT_BREAKS {
            _ = writeln!(text, "  - {line}");
        }
        text.truncate(text.trim_end().len());
        text
    }

    fn answer(&self) -> Answer<'_> {
        let kept = |role, certificate: &Certificate, path: &Path| Kept {
            certificate: CertificateReport::new(role, certificate),
            place: path.display().to_string().into(),
        };
        Answer {
            schema: 1,
            root: RootReport::new(&self.site, "recreated"),
            previous: kept(Role::Root, &self.old, &self.kept_in),
            backup: self.backup.display().to_string(),
            cross: self.cross.as_ref().map(|cross| kept(Role::Root, cross, &self.kept_in.join("cross.pem"))),
            machines: &self.reports,
            left: self
                .left
                .iter()
                .map(|bundle| Left {
                    machine: &bundle.machine,
                    place: bundle.place.display().to_string(),
                    reason: if bundle.is_revoked() { "revoked" } else { "key elsewhere" },
                })
                .collect(),
            breaks: NEW_ROOT_BREAKS,
        }
    }
}
