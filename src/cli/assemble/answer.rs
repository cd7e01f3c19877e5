//! What was assembled, as text for a person and as JSON for a program, and where it will serve.

use super::super::output::Output;
use super::super::report::MachineReport as Made;
use super::super::{Clock, Exit};
use crate::pki::certificate::Certificate;
use crate::pki::finding::Finding;
use crate::pki::judge::Leaves;
use crate::pki::profile::Role;
use serde::Serialize;
use std::path::Path;

#[derive(Debug, Serialize)]
pub(super) struct MachineReport {
    #[serde(flatten)]
    made: Made,
    /// The subjects of what stands between the certificates and the root.
    intermediates: Vec<String>,
    /// What `validate` finds in the bundle, the heaviest first.
    findings: Vec<JsonFinding>,
    warnings: Vec<String>,
    /// Where it serves and where not, as far as the certificates tell.
    limits: Vec<String>,
}

#[derive(Debug, Serialize)]
struct JsonFinding {
    rule: &'static str,
    severity: &'static str,
    sentence: String,
}

/// More are in the JSON.
pub(super) const MOST_STRAYS: usize = 5;

#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: u32,
    machines: &'a [MachineReport],
    /// What belongs to none of the folders or could not be read, each in a sentence.
    strays: &'a [String],
}

impl MachineReport {
    #[expect(clippy::too_many_arguments, reason = "each is one field of the answer")]
    pub(super) fn made(
        machine: &str,
        state: &'static str,
        folder: &Path,
        certificates: &Leaves,
        between: &[Certificate],
        files: Vec<&'static str>,
        findings: Vec<Finding>,
        warnings: Vec<String>,
    ) -> Self {
        let mut intermediates: Vec<String> = between.iter().map(Certificate::subject_text).collect();
        intermediates.dedup();
        let finding =
            |one: Finding| JsonFinding { rule: one.rule.id, severity: one.severity.word(), sentence: one.sentence };
        Self {
            made: Made::made(machine, state, folder, certificates, files),
            limits: limits(certificates, &intermediates),
            intermediates,
            findings: findings.into_iter().map(finding).collect(),
            warnings,
        }
    }

    pub(super) fn failed(machine: &str, error: anyhow::Error) -> Self {
        Self {
            made: Made::failed(machine, error),
            intermediates: Vec::new(),
            findings: Vec::new(),
            warnings: Vec::new(),
            limits: Vec::new(),
        }
    }
}

/// Qlik's side of it: its services know the certificates of their own site's root.
fn limits(certificates: &Leaves, intermediates: &[String]) -> Vec<String> {
    let mut limits = Vec::new();
    let lacks = |role: &Role| certificates.get(role).is_some_and(|certificate| certificate.marker() != Some(*role));
    if let Some(root) = certificates.get(&Role::Root).filter(|_| lacks(&Role::Root)) {
        limits.push(format!(
            "the root `{}` lacks a Qlik root's marker: a Qlik site lets in clients of its own root only (4242, 4243, \
             4747 and the others), so unless this is the site's root, the bundle serves where both sides are given this \
             root, and as the proxy's own certificate on 443",
            root.title()
        ));
    }
    let leaves: Vec<&str> =
        [Role::Server, Role::Client].iter().filter(|role| lacks(role)).map(|role| role.word()).collect();
    if !leaves.is_empty() {
        limits.push(format!(
            "the {} certificate{} no Qlik marker (1.3.6.1.5.5.7.13.3): TLS works, scripts that look for it in a Windows \
             store do not find it",
            leaves.join(" and the "),
            if leaves.len() == 1 { " has" } else { "s have" }
        ));
    }
    if !intermediates.is_empty() {
        limits.push(format!(
            "{} stand{} between: whoever loads `server.pem`, `client.pem` or the PFX sends it along (nginx, Node.js, \
             Python, Go, .NET, Java); Qlik's own services want what the root itself signed; never put it into Windows' \
             root store, which breaks the authentication of clients there",
            intermediates.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
            if intermediates.len() == 1 { "s" } else { "" }
        ));
    }
    limits
}

/// Says what was made, where, until when, and what to know and to do next.
pub(super) fn give(
    reports: &[MachineReport],
    strays: &[String],
    output: &Output,
    clock: Clock,
) -> anyhow::Result<Exit> {
    let failures: Vec<_> = reports.iter().filter_map(|report| report.made.error()).collect();
    for failure in &failures {
        Output::say_failure(failure);
    }
    let made = reports.len() - failures.len();
    let exit = Exit::of_machines(made, failures.len());
    for warning in each_once(reports.iter().flat_map(|report| &report.warnings)) {
        output.warn(warning);
    }
    output.answer_json(&Answer { schema: 1, machines: reports, strays })?;
    for report in reports.iter().filter(|report| report.made.error().is_none()) {
        output.answer(&report.made.text(clock.offset))?;
    }
    if !failures.is_empty() && reports.len() > 1 {
        output.answer(&format!("{made} of {} machines done, {} failed", reports.len(), failures.len()))?;
    }
    if made == 0 {
        return Ok(exit);
    }
    // Where one failed they are among the causes.
    for stray in strays.iter().filter(|_| failures.is_empty()).take(MOST_STRAYS) {
        output.note(stray);
    }
    for limit in each_once(reports.iter().flat_map(|report| &report.limits)) {
        output.note(limit);
    }
    output.answer("next: copy each folder to its machine; it holds private keys")?;
    Ok(exit)
}

fn each_once<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let mut seen = std::collections::HashSet::new();
    texts.filter(|text| seen.insert(*text)).collect()
}
