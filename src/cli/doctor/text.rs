//! The diagnosis as text for a person: the verdict, what is wrong from the heaviest down with cause and way out, what the
//! Repository Service would do, and what was looked at.

use super::super::output::{escape, paint};
use super::super::validate::{stores, text as of_report};
use super::super::words::{count, rfc3339};
use super::logs::{self, Logs};
use super::sources::{Server, Source};
use crate::pki::diagnosis::{self, Bundle, BundleKind, Diagnosed, HostCfgContent};
use crate::pki::finding::Severity;
use crate::pki::report::{Report, Verdict};
use crate::pki::snapshot::Snapshot;
use anstyle::{AnsiColor, Style};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

/// Findings of one rule with words of their own; more are counted.
const MOST_OF_A_RULE: usize = 5;
/// Names in a row; more are counted.
const MOST_NAMES: usize = 40;

pub(super) fn text(server: &Server, found: &[Diagnosed], verdict: Verdict) -> String {
    let mut text = String::new();
    headline(&mut text, server, found, verdict);
    findings(&mut text, found);
    if let Some(report) = &server.stores {
        of_report::next_start(&mut text, report);
    }
    if let Some(said) = server.logs.as_ref().filter(|logs| logs.why_not().is_none()) {
        text.push('\n');
        logs::text(said, &mut text);
    }
    looked_at(&mut text, server);
    not_looked_at(&mut text, server);
    text.truncate(text.trim_end().len());
    text
}

fn headline(text: &mut String, server: &Server, found: &[Diagnosed], verdict: Verdict) {
    let (word, style) = verdict_word(verdict);
    let counts: Vec<String> = [Severity::Error, Severity::Unjudged, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(|severity| match (severity, diagnosis::count(found, severity)) {
            (_, 0) => None,
            (Severity::Unjudged, number) => Some(format!("{number} not judged")),
            (_, number) => Some(count(number, severity.word())),
        })
        .collect();
    let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    // Writing to a String cannot fail.
    _ = writeln!(text, "{}: {}{counts}", escape(&server.subject), paint(style, word));
}

fn verdict_word(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Sound => ("sound", AnsiColor::Green.on_default().bold()),
        Verdict::Faulty => ("faulty", AnsiColor::Red.on_default().bold()),
        Verdict::Unjudged => ("not judged", AnsiColor::Magenta.on_default().bold()),
    }
}

fn findings(text: &mut String, found: &[Diagnosed]) {
    let mut of_rule: HashMap<&str, usize> = HashMap::new();
    let mut explained = HashSet::new();
    for Diagnosed { finding, of } in found {
        let id = finding.rule.id;
        let number = of_rule.entry(id).or_default();
        *number += 1;
        if *number > MOST_OF_A_RULE {
            continue;
        }
        let word = format!("{:8}", finding.severity.word());
        let style = of_report::style(finding.severity);
        _ = writeln!(text, "\n{} {}", paint(style, &word), escape(&finding.sentence));
        if finding.severity != Severity::Note {
            // Forty findings of one rule have one cause.
            if explained.insert(id) {
                _ = writeln!(text, "         why: {}", escape(finding.rule.cause));
            }
            _ = writeln!(text, "         fix: {}", escape(&finding.fix));
        }
        if !of.is_empty() {
            _ = writeln!(text, "         in:  {}", escape(&names(of)));
        }
        _ = writeln!(text, "         {}", paint(AnsiColor::BrightBlack.on_default(), id));
    }
    rest(text, found, &of_rule);
}

/// What a person would not read to its end.
fn rest(text: &mut String, found: &[Diagnosed], of_rule: &HashMap<&str, usize>) {
    let mut told = HashSet::new();
    for id in found.iter().map(|diagnosed| diagnosed.finding.rule.id) {
        let number = of_rule.get(id).copied().unwrap_or_default();
        if number > MOST_OF_A_RULE && told.insert(id) {
            let others = found.iter().filter(|other| other.finding.rule.id == id).skip(MOST_OF_A_RULE);
            let mut of: Vec<String> = others.flat_map(|other| other.of.iter().cloned()).collect();
            of.dedup();
            let more = number - MOST_OF_A_RULE;
            _ = writeln!(text, "\n{more} more of `{id}`, in {}", escape(&names(&of)));
        }
    }
}

fn names(all: &[String]) -> String {
    let shown: Vec<&str> = all.iter().take(MOST_NAMES).map(String::as_str).collect();
    let more = all.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!(" and {more} others") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

fn row(text: &mut String, label: &str, value: &str) {
    _ = writeln!(text, "  {label:22} {value}");
}

fn looked_at(text: &mut String, server: &Server) {
    text.push_str("\nlooked at\n");
    for source in server.sources.iter().filter(|source| source.why_not.is_none()) {
        let path = source.path.as_deref().map(|path| format!("{}: ", escape(path))).unwrap_or_default();
        row(text, source.called, &format!("{path}{}", what(server, source)));
    }
}

/// What was seen of a part, escaped.
pub(super) fn what(server: &Server, source: &Source) -> String {
    match source.what {
        "stores" => server.stores.as_ref().map(of_stores).unwrap_or_default(),
        "host_cfg" => match server.host_cfg.as_ref().map(|cfg| &cfg.content) {
            Some(HostCfgContent::Name(host)) => format!("names `{}`", escape(&host.name)),
            _ => "holds no host name".to_owned(),
        },
        "local" => bundles(server, BundleKind::Local),
        "exported" => bundles(server, BundleKind::Exported),
        _ => match server.logs.as_ref().map(Logs::findings_count) {
            None | Some(0) => "no known text about certificates".to_owned(),
            Some(number) => format!("{} about certificates", count(number, "known text")),
        },
    }
}

fn of_stores(report: &Report) -> String {
    let word = verdict_word(report.verdict(false)).0;
    match stores::of(report) {
        Some(Snapshot { computer, account, taken_at, .. }) => {
            let computer = if computer.is_empty() { "a computer without a name".to_owned() } else { escape(computer) };
            let account = escape(account);
            format!("{word}; {computer} as {account} saw them at {}", rfc3339(*taken_at))
        }
        None => word.to_owned(),
    }
}

fn bundles(server: &Server, kind: BundleKind) -> String {
    let all: Vec<&Bundle> = server.bundles.iter().filter(|bundle| bundle.kind == kind).collect();
    let of = |verdict| all.iter().filter(move |bundle| bundle.report.verdict(false) == verdict);
    match &all[..] {
        [] => "nothing".to_owned(),
        [one] if kind == BundleKind::Local => verdict_word(one.report.verdict(false)).0.to_owned(),
        _ => {
            let mut told = format!("{}, {} sound", count(all.len(), "bundle"), of(Verdict::Sound).count());
            for verdict in [Verdict::Faulty, Verdict::Unjudged] {
                let names: Vec<String> = of(verdict).map(|bundle| bundle.name.clone()).collect();
                if !names.is_empty() {
                    let word = verdict_word(verdict).0;
                    _ = write!(told, ", {} {word}: {}", names.len(), escape(&self::names(&names)));
                }
            }
            told
        }
    }
}

fn not_looked_at(text: &mut String, server: &Server) {
    let left: Vec<&Source> = server.sources.iter().filter(|source| source.why_not.is_some()).collect();
    if left.is_empty() {
        return;
    }
    text.push_str("\nnot looked at\n");
    for source in left {
        let path = source.path.as_deref().map(|path| format!("{}: ", escape(path))).unwrap_or_default();
        let why = source.why_not.as_deref().unwrap_or_default();
        row(text, source.called, &format!("{path}{}", escape(why)));
    }
}
