//! What was found, and what follows: findings, the programs' answers, the Repository Service's next start.

use super::text::{count, escape, literals, sentence, verbatim};
use crate::pki::finding::{Finding, Severity};
use crate::pki::report::{Answer, ConsumerVerdict, Report, StartUpAction, StartUpVerdict};
use std::collections::HashSet;
use std::fmt::Write as _;

/// `2 errors, 1 warning`; empty when nothing was found.
pub(super) fn counts<'a>(findings: impl IntoIterator<Item = &'a Finding, IntoIter: Clone>) -> String {
    let findings = findings.into_iter();
    let kinds = [
        (Severity::Error, "error", "errors"),
        (Severity::Unjudged, "not judged", "not judged"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Note, "note", "notes"),
    ];
    let mut parts = Vec::new();
    for (severity, one, several) in kinds {
        let found = findings.clone().filter(|finding| finding.severity == severity).count();
        if found > 0 {
            parts.push(count(found, one, several));
        }
    }
    parts.join(", ")
}

pub(super) fn findings(html: &mut String, report: &Report) {
    list(html, report.findings.iter().map(|finding| (finding, &finding.files[..])));
}

/// Each with the places that it is about.
pub(super) fn list<'a>(html: &mut String, found: impl Iterator<Item = (&'a Finding, &'a [String])>) {
    let mut findings: Vec<_> = found.collect();
    if findings.is_empty() {
        html.push_str("<p>Nothing was found</p>\n");
        return;
    }
    findings.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity));
    let mut explained = HashSet::new();
    html.push_str("<ol class=\"findings\">\n");
    for (finding, places) in findings {
        let word = finding.severity.word();
        _ = write!(
            html,
            "<li class=\"finding {word}\"><p class=\"what\"><strong class=\"badge {word}\">{word}</strong> "
        );
        _ = writeln!(html, "{}</p>", sentence(&finding.sentence));
        // Said once: forty findings of one rule have one cause.
        if explained.insert(finding.rule.id) {
            _ = writeln!(html, "<p class=\"cause\">{}</p>", sentence(finding.rule.cause));
        }
        _ = writeln!(html, "<p class=\"fix\"><b>Way out:</b> {}</p>", sentence(&finding.fix));
        _ = write!(html, "<p class=\"where\"><span class=\"rule\">{}</span>", escape(finding.rule.id));
        if !places.is_empty() {
            _ = write!(html, " <span class=\"files\">{}</span>", literals(places.iter().map(String::as_str)));
        }
        html.push_str("</p></li>\n");
    }
    html.push_str("</ol>\n");
}

pub(super) fn consumers(html: &mut String, consumers: &[ConsumerVerdict]) {
    let caption = tally(consumers);
    _ = writeln!(html, "<table class=\"consumers\"><caption>{caption}</caption>");
    html.push_str(
        "<thead><tr><th scope=\"col\">Program</th><th scope=\"col\">Answer</th>\
         <th scope=\"col\">What its user sees, and the way out</th></tr></thead>\n<tbody>\n",
    );
    for consumer in consumers {
        let (class, word) = answer(&consumer.answer);
        _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td><strong class=\"badge {class}\">{word}</strong></td><td>",
            escape(consumer.name)
        );
        match &consumer.answer {
            Answer::Accepts => html.push_str("<span class=\"quiet\">works as it is</span>"),
            Answer::AcceptsBut(why) | Answer::NothingForIt(why) | Answer::Unjudged(why) => {
                html.push_str(&sentence(why));
            }
            Answer::Refuses { error, why, way_out } => {
                if !error.trim().is_empty() {
                    _ = write!(html, "<pre class=\"seen\"><samp>{}</samp></pre>", verbatim(error));
                }
                _ = write!(html, "<p>{}</p><p class=\"fix\"><b>Way out:</b> {}</p>", sentence(why), sentence(way_out));
            }
        }
        html.push_str("</td></tr>\n");
    }
    html.push_str("</tbody></table>\n");
}

fn answer(answer: &Answer) -> (&'static str, &'static str) {
    match answer {
        Answer::Accepts => ("good", "accepts"),
        Answer::AcceptsBut(_) => ("warning", "accepts, but"),
        Answer::Refuses { .. } => ("error", "refuses"),
        Answer::NothingForIt(_) => ("note", "nothing for it"),
        Answer::Unjudged(_) => ("unjudged", "not judged"),
    }
}

fn tally(consumers: &[ConsumerVerdict]) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for consumer in consumers {
        let (_, word) = answer(&consumer.answer);
        match kinds.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => kinds.push((word, 1)),
        }
    }
    let kinds: Vec<String> = kinds.iter().map(|(word, count)| format!("{word}: {count}")).collect();
    kinds.join(" · ")
}

/// `stores` is whether a machine's stores were judged, and not files.
pub(super) fn start_up(html: &mut String, verdicts: &[StartUpVerdict], stores: bool) {
    let given = if stores { "With these stores" } else { "If these were the certificates in the central node's store" };
    _ = write!(
        html,
        "<table class=\"start-up\"><caption>{given}</caption>\n\
         <thead><tr><th scope=\"col\">Certificate</th><th scope=\"col\">It would</th><th scope=\"col\">Because</th></tr>\
         </thead>\n<tbody>\n",
    );
    for verdict in verdicts {
        let (class, word) = match verdict.action {
            StartUpAction::Keep => ("good", "keep it"),
            StartUpAction::Create => ("note", "make a new one"),
            StartUpAction::DeleteAndCreate => ("warning", "delete it, make a new one"),
            StartUpAction::Stop => ("error", "log a fatal error and stop"),
            StartUpAction::Unknown => ("note", "do what is not known"),
        };
        _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td><strong class=\"badge {class}\">{word}</strong></td><td>{}</td></tr>",
            escape(verdict.role),
            sentence(&verdict.why)
        );
    }
    html.push_str("</tbody></table>\n");
}
