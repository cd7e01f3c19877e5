//! The diagnosis as JSON. Fields are only ever added to; `schema` is raised when one changes its meaning.

use super::super::validate::json::{self, JsonFinding, JsonReport};
use super::super::words::rfc3339;
use super::logs::Logs;
use super::sources::{Server, Source};
use crate::pki::diagnosis::{Diagnosed, HostCfg, HostCfgContent};
use crate::pki::report::Verdict;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct JsonAnswer<'a> {
    schema: u32,
    /// `sound`, `faulty` or `unjudged`.
    verdict: &'static str,
    /// The folder.
    subject: &'a str,
    /// For which moment it was judged, RFC 3339 in UTC.
    at: String,
    /// What Host.cfg holds; null where it was not looked at, or is not there.
    host_name: Option<JsonHostName<'a>>,
    sources: Vec<JsonSource<'a>>,
    /// Of all parts together, the heaviest first: each fault once, at its cause.
    findings: Vec<JsonDiagnosed<'a>>,
    /// Of each part by itself, as `validate` has them: the stores' first.
    reports: Vec<JsonReport<'a>>,
    /// Null where they were not looked at.
    logs: Option<&'a Logs>,
}

#[derive(Debug, Serialize)]
struct JsonHostName<'a> {
    path: &'a str,
    /// Null where none can be read.
    name: Option<&'a str>,
    /// How it is written otherwise than by Qlik.
    oddities: &'a [String],
    /// Why no name can be read.
    problem: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct JsonSource<'a> {
    /// `stores`, `local`, `exported`, `host_cfg` or `logs`.
    what: &'static str,
    path: Option<&'a str>,
    /// Without it the verdict is not `sound`.
    needed: bool,
    looked_at: bool,
    why_not: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct JsonDiagnosed<'a> {
    #[serde(flatten)]
    finding: JsonFinding<'a>,
    /// Why it matters and how it comes about.
    cause: &'static str,
    /// The parts that it was found in; none where it is about the server.
    of: &'a [String],
}

pub(super) fn answer<'a>(server: &'a Server, found: &'a [Diagnosed], verdict: Verdict, strict: bool) -> JsonAnswer<'a> {
    JsonAnswer {
        schema: 1,
        verdict: json::word(verdict),
        subject: &server.subject,
        at: rfc3339(server.at),
        host_name: server.host_cfg.as_ref().and_then(host_name),
        sources: server.sources.iter().map(source).collect(),
        findings: found
            .iter()
            .map(|one| JsonDiagnosed {
                finding: json::finding(&one.finding),
                cause: one.finding.rule.cause,
                of: &one.of,
            })
            .collect(),
        reports: server.reports().map(|report| json::report(report, None, strict)).collect(),
        logs: server.logs.as_ref(),
    }
}

fn host_name(cfg: &HostCfg) -> Option<JsonHostName<'_>> {
    let HostCfg { path, content } = cfg;
    match content {
        HostCfgContent::Missing => None,
        HostCfgContent::Name(host) => {
            Some(JsonHostName { path, name: Some(&host.name), oddities: &host.oddities, problem: None })
        }
        HostCfgContent::Damaged(why) => Some(JsonHostName { path, name: None, oddities: &[], problem: Some(why) }),
    }
}

fn source(source: &Source) -> JsonSource<'_> {
    let Source { what, path, why_not, needed, .. } = source;
    JsonSource {
        what,
        path: path.as_deref(),
        needed: *needed,
        looked_at: why_not.is_none(),
        why_not: why_not.as_deref(),
    }
}
