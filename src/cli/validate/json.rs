//! A report as JSON. Fields are only ever added to; `schema` is raised when one changes its meaning.

use super::super::reach::compare::Comparison;
use super::super::reach::connection::ConnectionFacts;
use super::super::words::rfc3339;
use super::port::Port;
use super::stores::{self, JsonSnapshot};
use crate::pki::finding::Finding;
use crate::pki::report::{Answer, Report, StartUpAction, Verdict};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct JsonAnswer<'a> {
    schema: u32,
    /// Of all reports together: `sound`, `faulty` or `unjudged`.
    verdict: &'static str,
    reports: Vec<JsonReport<'a>>,
}

#[derive(Debug, Serialize)]
pub(in super::super) struct JsonReport<'a> {
    /// The folder or files as given.
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<&'a str>,
    /// For which moment it was judged, RFC 3339 in UTC.
    at: String,
    verdict: &'static str,
    /// The heaviest first.
    findings: Vec<JsonFinding<'a>>,
    chains: Vec<JsonChain<'a>>,
    consumers: Vec<JsonConsumer<'a>>,
    start_up: Vec<JsonStartUp<'a>>,
    files: Vec<&'a str>,
    /// Of a snapshot only: whose stores, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<JsonSnapshot<'a>>,
    /// Of a port only.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<&'a ConnectionFacts>,
    /// With `--bundle` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<&'a Comparison>,
}

#[derive(Debug, Serialize)]
pub(in super::super) struct JsonFinding<'a> {
    rule: &'static str,
    /// `error`, `unjudged`, `warning` or `note`.
    severity: &'static str,
    /// The faulty one first.
    files: &'a [String],
    sentence: &'a str,
    fix: &'a str,
}

#[derive(Debug, Serialize)]
struct JsonChain<'a> {
    anchored: bool,
    /// The leaf first.
    links: Vec<JsonLink<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonLink<'a> {
    title: &'a str,
    sha256: &'a str,
    files: &'a [String],
}

#[derive(Debug, Default, Serialize)]
pub(in super::super) struct JsonConsumer<'a> {
    name: &'static str,
    /// `accepts`, `accepts_but`, `refuses`, `nothing_for_it` or `unjudged`.
    answer: &'static str,
    /// The text that its user would see.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    way_out: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct JsonStartUp<'a> {
    role: &'static str,
    /// `keep`, `create`, `delete_and_create` or `stop`.
    action: &'static str,
    why: &'a str,
}

/// The last report is the port's, where there is one.
pub(super) fn answer<'a>(reports: &'a [Report], port: Option<&'a Port>, strict: bool) -> JsonAnswer<'a> {
    let of = |at: usize| port.filter(|_| at + 1 == reports.len());
    JsonAnswer {
        schema: 1,
        verdict: word(super::overall(reports, strict)),
        reports: reports.iter().enumerate().map(|(at, one)| report(one, of(at), strict)).collect(),
    }
}

pub(in super::super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sound => "sound",
        Verdict::Faulty => "faulty",
        Verdict::Unjudged => "unjudged",
    }
}

pub(in super::super) fn report<'a>(report: &'a Report, port: Option<&'a Port>, strict: bool) -> JsonReport<'a> {
    let chains = report.chains.iter().map(|chain| JsonChain {
        anchored: chain.anchored,
        links: chain
            .links
            .iter()
            .map(|link| JsonLink { title: &link.title, sha256: &link.sha256, files: &link.files })
            .collect(),
    });
    let start_up = report.start_up.iter().map(|verdict| JsonStartUp {
        role: verdict.role,
        action: match verdict.action {
            StartUpAction::Keep => "keep",
            StartUpAction::Create => "create",
            StartUpAction::DeleteAndCreate => "delete_and_create",
            StartUpAction::Stop => "stop",
            StartUpAction::Unknown => "unknown",
        },
        why: &verdict.why,
    });
    JsonReport {
        subject: &report.subject,
        machine: report.machine.as_deref(),
        at: rfc3339(report.at),
        verdict: word(report.verdict(strict)),
        findings: report.findings.iter().map(finding).collect(),
        chains: chains.collect(),
        consumers: report.consumers.iter().map(|one| consumer(one.name, &one.answer)).collect(),
        start_up: start_up.collect(),
        files: report.files.iter().map(|file| file.path.as_str()).collect(),
        snapshot: stores::json(report),
        connection: port.map(|port| &port.connection),
        compared: port.and_then(|port| port.compared.as_ref()),
    }
}

pub(in super::super) fn finding(finding: &Finding) -> JsonFinding<'_> {
    JsonFinding {
        rule: finding.rule.id,
        severity: finding.severity.word(),
        files: &finding.files,
        sentence: &finding.sentence,
        fix: &finding.fix,
    }
}

pub(in super::super) fn consumer<'a>(name: &'static str, answer: &'a Answer) -> JsonConsumer<'a> {
    let plain = |word| JsonConsumer { name, answer: word, ..JsonConsumer::default() };
    match answer {
        Answer::Accepts => plain("accepts"),
        Answer::AcceptsBut(what) => JsonConsumer { why: Some(what), ..plain("accepts_but") },
        Answer::NothingForIt(what) => JsonConsumer { why: Some(what), ..plain("nothing_for_it") },
        Answer::Unjudged(why) => JsonConsumer { why: Some(why), ..plain("unjudged") },
        Answer::Refuses { error, why, way_out } => {
            JsonConsumer { error: Some(error), why: Some(why), way_out: Some(way_out), ..plain("refuses") }
        }
    }
}
