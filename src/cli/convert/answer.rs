//! What was made of what, as text and as JSON, also when the answer is no. The JSON's fields are only ever added to.

use super::super::Clock;
use super::super::error::problem;
use super::super::output::{Output, escape};
use super::super::words::{count, day, rfc3339};
use super::place::Place;
use crate::pki::bundle::Privacy;
use crate::pki::certificate::Certificate;
use crate::pki::conversion::{Conversion, Held, NewFile, Wish};
use crate::pki::finding::Finding;
use crate::pki::pfx::PfxEncryption;
use crate::pki::profile::Role;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Answer<'a> {
    subject: String,
    conversion: &'a Conversion<'a>,
    wish: &'a Wish<'a>,
    place: &'a Place,
}

#[derive(Debug, Serialize)]
struct JsonAnswer<'a> {
    schema: u32,
    /// `converted`, `replaced` or `refused`.
    state: &'static str,
    /// `pem`, `der` or `pfx`.
    to: String,
    /// The new folder or file.
    out: String,
    files: Vec<JsonFile<'a>>,
    /// What is not in the new files, and what else is to be known.
    remarks: Vec<&'a str>,
    /// What `qcert validate` calls an error in them.
    faults: Vec<JsonFault<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonFile<'a> {
    name: &'a str,
    /// For the eyes of its owner alone.
    private: bool,
    /// Under the password.
    encrypted: bool,
    holds: Vec<JsonHeld<'a>>,
    /// Further bags of a PFX.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also_holds: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct JsonHeld<'a> {
    /// `certificate` or `private key`.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    from: &'a str,
}

#[derive(Debug, Serialize)]
struct JsonFault<'a> {
    rule: &'static str,
    sentence: &'a str,
    fix: &'a str,
}

impl<'a> Answer<'a> {
    pub(super) fn new(paths: &[PathBuf], conversion: &'a Conversion<'a>, wish: &'a Wish<'a>, place: &'a Place) -> Self {
        let shown = |path: &PathBuf| match path.as_path() {
            path if path == Path::new("-") => "standard input".to_owned(),
            path => path.display().to_string(),
        };
        let subject = paths.iter().map(shown).collect::<Vec<_>>().join(" ");
        Self { subject, conversion, wish, place }
    }

    /// Nothing was written, and why.
    pub(super) fn refuse(&self, faults: &[Finding], output: &Output) -> anyhow::Result<()> {
        for fault in faults {
            Output::say_failure(&problem(format!("{} ({})", fault.sentence, fault.rule.id), &*fault.fix));
        }
        Output::say_failure(&problem(
            format!("`{}` was not written: {} in it", self.place.shown(), count(faults.len(), "fault")),
            "`qcert explain RULE` tells more; `--despite-faults` writes it all the same",
        ));
        output.answer_json(&self.json("refused", faults))
    }

    /// What a person has to know beside.
    pub(super) fn say_remarks(&self, faults: &[Finding], output: &Output) {
        for fault in faults {
            output.warn(&format!("{} ({})", fault.sentence, fault.rule.id));
        }
        for double in &self.conversion.doubles {
            output.warn(double);
        }
        for remark in &self.conversion.remarks {
            output.note(remark);
        }
    }

    pub(super) fn give(&self, replaced: bool, faults: &[Finding], output: &Output, clock: Clock) -> anyhow::Result<()> {
        output.answer(&self.text(clock))?;
        output.answer_json(&self.json(if replaced { "replaced" } else { "converted" }, faults))
    }

    fn text(&self, clock: Clock) -> String {
        let (form, out) = (self.wish.target.word(), escape(&self.place.shown()));
        let mut text = format!("{}: converted to {form} in {out}", escape(&self.subject));
        let widest = self.conversion.files.iter().map(|file| file.name.chars().count()).max().unwrap_or_default();
        let alone = self.sources() < 2;
        for file in &self.conversion.files {
            let mut parts: Vec<_> = file.holds().map(|held| self.about(&held, file, alone, clock)).collect();
            parts.extend(file.also_holds().map(str::to_owned));
            if file.is_pfx() {
                parts.push(self.protection().to_owned());
            }
            // Writing to a String cannot fail.
            _ = write!(text, "\n  {:widest$}  {}", escape(&file.name), escape(&parts.join(", ")));
        }
        text
    }

    fn sources(&self) -> usize {
        let mut sources: Vec<_> = self.conversion.files.iter().flat_map(NewFile::holds).map(|held| held.from).collect();
        sources.sort_unstable();
        sources.dedup();
        sources.len()
    }

    fn about(&self, held: &Held<'_>, file: &NewFile<'_>, alone: bool, clock: Clock) -> String {
        // What keeps its name came from there.
        let from = if alone || held.from == file.name { String::new() } else { format!(" from {}", held.from) };
        let role = held.role.map(|role| format!("{} ", role.word())).unwrap_or_default();
        match held.certificate {
            Some(certificate) => {
                let until = day(certificate.not_after(), clock.offset);
                format!("{role}certificate {}{from}, valid until {until}", certificate.title())
            }
            None if file.is_pfx() => format!("private key{from}"),
            None if self.wish.password.is_some() => format!("{role}private key{from}, encrypted"),
            None => format!("{role}private key{from}, open"),
        }
    }

    fn protection(&self) -> &'static str {
        match (self.wish.pfx, self.wish.password.is_some()) {
            (PfxEncryption::Modern, true) => "AES-256 with password",
            (PfxEncryption::Modern, false) => "AES-256 without password",
            (PfxEncryption::Legacy, true) => "3DES with password",
            (PfxEncryption::Legacy, false) => "3DES without password",
        }
    }

    fn json(&self, state: &'static str, faults: &'a [Finding]) -> JsonAnswer<'a> {
        let Conversion { files, remarks, doubles } = self.conversion;
        let fault = |fault: &'a Finding| JsonFault { rule: fault.rule.id, sentence: &fault.sentence, fix: &fault.fix };
        JsonAnswer {
            schema: 1,
            state,
            to: self.wish.target.word().to_lowercase(),
            out: self.place.shown(),
            files: files.iter().map(|file| self.json_file(file)).collect(),
            remarks: doubles.iter().chain(remarks).map(String::as_str).collect(),
            faults: faults.iter().map(fault).collect(),
        }
    }

    fn json_file(&self, file: &'a NewFile<'a>) -> JsonFile<'a> {
        let private = file.privacy == Privacy::Private;
        let held = |held: Held<'a>| JsonHeld {
            kind: if held.certificate.is_some() { "certificate" } else { "private key" },
            role: held.role.map(Role::word),
            subject: held.certificate.map(Certificate::subject_text),
            not_after: held.certificate.map(|certificate| rfc3339(certificate.not_after())),
            sha256: held.certificate.map(Certificate::sha256),
            from: held.from,
        };
        JsonFile {
            name: &file.name,
            private,
            encrypted: private && self.wish.password.is_some(),
            holds: file.holds().map(held).collect(),
            also_holds: file.also_holds().collect(),
        }
    }
}
