//! The answer as JSON. Fields are only ever added to; `schema` is raised when one changes its meaning.

use super::super::qrs::Qrs;
use super::super::reach::Trouble;
use super::super::reach::compare::Comparison;
use super::super::validate::json::{JsonConsumer, JsonFinding, consumer, finding, word as verdict_word};
use super::super::words::rfc3339;
use super::Answer;
use super::calls::{Called, Outcome};
use super::hints::names_ours;
use super::text::name_text;
use super::verdict::Verdict;
use crate::host::tls::{Proof, alert_name};
use crate::pki::certificate::Certificate;
use serde::Serialize;

/// Of the issuers that a stranger names.
const MOST_ISSUERS: usize = 256;

#[derive(Debug, Serialize)]
pub(super) struct JsonAnswer<'a> {
    schema: u32,
    /// `works`, `fails` or `unknown`.
    verdict: &'static str,
    /// The reason that weighs most, for a person.
    because: &'a str,
    hint: Option<&'a str>,
    /// As it goes over the wire.
    host: &'a str,
    port: u16,
    service: Option<&'static str>,
    /// The address that answered, with its port.
    peer: Option<&'a str>,
    /// The moment for which it was judged, RFC 3339 in UTC.
    at: String,
    trouble: Option<JsonTrouble<'a>>,
    bundle: JsonBundle<'a>,
    calls: Vec<JsonCall<'a>>,
    served: Option<JsonServed<'a>>,
    /// With the bundle's own server certificate.
    compared: Option<&'a Comparison>,
    consumers: Vec<JsonConsumer<'a>>,
    hints: &'a [String],
    /// With `--qrs` only.
    qrs: Option<&'a Qrs>,
}

#[derive(Debug, Serialize)]
struct JsonTrouble<'a> {
    kind: &'static str,
    what: &'a str,
    hint: &'a str,
}

#[derive(Debug, Serialize)]
struct JsonBundle<'a> {
    folder: &'a str,
    /// What is shown to the service; absent when there is nothing to show.
    certificate: Option<JsonCertificate>,
    file: Option<&'static str>,
    /// Of root and client, errors and what could not be judged.
    findings: Vec<JsonFinding<'a>>,
    /// Whether its issuer is among those that the service names; null where it names none.
    issuer_named: Option<bool>,
}

#[derive(Debug, Serialize)]
struct JsonCall<'a> {
    version: String,
    with_certificate: bool,
    /// `taken`, `refused`, `not_asked`, `unknown` or `failed`. Of a caller without one `taken` is: let in.
    outcome: &'static str,
    suite: Option<&'a str>,
    asked: bool,
    issuers: Vec<String>,
    shown: bool,
    why: Option<&'a str>,
    alert: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonServed<'a> {
    /// As shown, the leaf first.
    certificates: Vec<JsonCertificate>,
    proved: bool,
    /// `sound`, `faulty` or `unjudged`.
    verdict: &'static str,
    findings: Vec<JsonFinding<'a>>,
    /// Not every call was shown the same certificate.
    varies: bool,
}

#[derive(Debug, Serialize)]
struct JsonCertificate {
    subject: String,
    issuer: String,
    sha256: String,
    not_before: String,
    not_after: String,
}

pub(super) fn answer(answer: &Answer) -> JsonAnswer<'_> {
    let Answer { target, service, at, bundle, calls, served, judged, hints, qrs, .. } = answer;
    let own = bundle.own.as_ref().ok();
    JsonAnswer {
        schema: 1,
        verdict: match judged.verdict {
            Verdict::Works => "works",
            Verdict::Fails => "fails",
            Verdict::Unknown => "unknown",
        },
        because: &judged.because,
        hint: judged.hint.as_deref(),
        host: target.address.host(),
        port: target.port,
        service: *service,
        peer: calls.peer.as_deref(),
        at: rfc3339(*at),
        trouble: trouble(answer),
        bundle: JsonBundle {
            folder: &bundle.report.subject,
            certificate: own.and_then(|own| own.chain.first()).map(certificate),
            file: own.map(|own| own.file),
            findings: bundle.findings().map(finding).collect(),
            issuer_named: names_ours(bundle, calls),
        },
        calls: calls.rows.iter().map(call).collect(),
        served: served.as_ref().map(|served| JsonServed {
            certificates: served.certificates().map(certificate).collect(),
            proved: calls.proof == Proof::Given,
            verdict: verdict_word(served.verdict),
            findings: served.findings.iter().map(finding).collect(),
            varies: calls.varies(),
        }),
        compared: served.as_ref().map(|served| &served.compared),
        consumers: served
            .iter()
            .flat_map(|served| &served.consumers)
            .map(|one| consumer(one.name, &one.answer))
            .collect(),
        hints,
        qrs: qrs.as_ref(),
    }
}

/// Of the connection, else of the bundle.
fn trouble(answer: &Answer) -> Option<JsonTrouble<'_>> {
    let of_calls = answer.calls.trouble.as_ref();
    let of_calls = of_calls.map(|Trouble { kind, what, hint }| JsonTrouble { kind, what, hint });
    of_calls.or_else(|| {
        let unusable = answer.bundle.own.as_ref().err()?;
        Some(JsonTrouble { kind: "bundle", what: &unusable.what, hint: &unusable.hint })
    })
}

fn call(row: &Called) -> JsonCall<'_> {
    let issuers = row.asked.iter().flat_map(|asked| &asked.issuers).take(MOST_ISSUERS);
    JsonCall {
        version: row.version.to_string(),
        with_certificate: row.with,
        outcome: match row.outcome {
            Outcome::Taken => "taken",
            Outcome::Refused => "refused",
            Outcome::NotAsked => "not_asked",
            Outcome::Unknown => "unknown",
            Outcome::Failed => "failed",
        },
        suite: row.suite.as_deref(),
        asked: row.asked.is_some(),
        issuers: issuers.map(|name| name_text(name)).collect(),
        shown: row.shown,
        why: row.why.as_deref(),
        alert: row.alert.map(alert_name),
    }
}

fn certificate(certificate: &Certificate) -> JsonCertificate {
    JsonCertificate {
        subject: certificate.subject_text(),
        issuer: certificate.issuer_name().text(),
        sha256: certificate.sha256(),
        not_before: rfc3339(certificate.not_before()),
        not_after: rfc3339(certificate.not_after()),
    }
}
