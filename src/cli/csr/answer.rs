//! What was requested, as text for a person and as JSON for a program. The JSON's fields are only ever added to.

use super::super::Exit;
use super::super::error::Explained;
use super::super::output::{Output, escape};
use super::Requests;
use crate::pki::request::Request;
use crate::pki::waiting::{file_names, request_file};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Debug, Serialize)]
pub(super) struct MachineReport {
    machine: String,
    /// `requested`, `replaced`, `kept` or `failed`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    requests: Vec<RequestReport>,
    files: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Explained>,
    #[serde(skip)]
    failure: Option<anyhow::Error>,
}

#[derive(Debug, Serialize)]
struct RequestReport {
    role: &'static str,
    file: &'static str,
    subject: String,
    /// The alternative names that are asked for; an address stands here as well.
    names: Vec<String>,
    key: String,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: u32,
    machines: &'a [MachineReport],
}

impl MachineReport {
    pub(super) fn made(machine: &str, state: &'static str, folder: &Path, requests: &Requests) -> Self {
        let one = |(role, request): &(crate::pki::profile::Role, Request)| RequestReport {
            role: role.word(),
            file: request_file(*role),
            subject: request.subject.clone(),
            names: request.dns_names.clone(),
            key: request.public_key.text(),
        };
        Self {
            machine: machine.to_owned(),
            state,
            folder: Some(folder.display().to_string()),
            requests: requests.iter().map(one).collect(),
            files: file_names(),
            error: None,
            failure: None,
        }
    }

    pub(super) fn failed(machine: &str, failure: anyhow::Error) -> Self {
        Self {
            machine: machine.to_owned(),
            state: "failed",
            folder: None,
            requests: Vec::new(),
            files: Vec::new(),
            error: Some(Explained::new(&failure)),
            failure: Some(failure),
        }
    }

    fn text(&self) -> String {
        let folder = escape(self.folder.as_deref().unwrap_or_default());
        let mut text = format!("{}: {} in {folder}", self.machine, self.state);
        for RequestReport { role, file, subject, names, key } in &self.requests {
            let names = if names.is_empty() { String::new() } else { format!(" for {}", escape(&names.join(", "))) };
            // Writing to a String cannot fail.
            _ = write!(text, "\n  {role:6}  {file}: {}{names}, {key}", escape(subject));
        }
        text
    }
}

/// Says what was made, where, and what to do next.
pub(super) fn give(reports: &[MachineReport], output: &Output) -> anyhow::Result<Exit> {
    let failures: Vec<_> = reports.iter().filter_map(|report| report.failure.as_ref()).collect();
    for failure in &failures {
        Output::say_failure(failure);
    }
    let made = reports.len() - failures.len();
    let exit = Exit::of_machines(made, failures.len());
    output.answer_json(&Answer { schema: 1, machines: reports })?;
    for report in reports.iter().filter(|report| report.failure.is_none()) {
        output.answer(&report.text())?;
    }
    if !failures.is_empty() && reports.len() > 1 {
        output.answer(&format!("{made} of {} machines done, {} failed", reports.len(), failures.len()))?;
    }
    if made > 0 {
        output.answer(
            "next: send the `.csr` files to the CA, keep the folders (the keys are nowhere else), and make the bundles \
             of its answer with `qcert assemble FOLDER --from FILES`",
        )?;
        output.note(
            "the CA has to take subject and names from the request; some leave out Qlik's marker \
             (1.3.6.1.5.5.7.13.3), with which TLS has nothing to do, but by which scripts find a site's certificates",
        );
    }
    Ok(exit)
}
