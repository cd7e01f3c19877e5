//! A report as text for a person: the verdict first, then what to mend, then what follows for each program.

use super::super::output::{escape, paint};
use super::{programs, stores};
use crate::pki::finding::{Finding, Severity};
use crate::pki::report::{Chain, Link, Report, StartUpAction, StartUpVerdict, Verdict};
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;

pub(super) fn text(report: &Report, strict: bool) -> String {
    let mut text = String::new();
    headline(&mut text, report, strict);
    stores::text(&mut text, report);
    chains(&mut text, &report.chains);
    for finding in &report.findings {
        about(&mut text, finding);
    }
    programs::table(&mut text, &report.consumers);
    next_start(&mut text, report);
    text.truncate(text.trim_end().len());
    text
}

/// After several folders: what to look at.
pub(super) fn closing(reports: &[Report], strict: bool) -> String {
    let of = |verdict| reports.iter().filter(move |report| report.verdict(strict) == verdict);
    let mut text = format!("{} judged: {} sound", reports.len(), of(Verdict::Sound).count());
    for (verdict, word) in [(Verdict::Faulty, "faulty"), (Verdict::Unjudged, "not judged")] {
        let names: Vec<_> = of(verdict).map(|report| report.subject.as_str()).collect();
        if !names.is_empty() {
            _ = write!(text, ", {} {word}: {}", names.len(), escape(&names.join(", ")));
        }
    }
    text
}

fn headline(text: &mut String, report: &Report, strict: bool) {
    let (word, style) = match report.verdict(strict) {
        Verdict::Sound => ("sound", AnsiColor::Green.on_default().bold()),
        Verdict::Faulty => ("faulty", AnsiColor::Red.on_default().bold()),
        Verdict::Unjudged => ("not judged", AnsiColor::Magenta.on_default().bold()),
    };
    let counts: Vec<_> = [Severity::Error, Severity::Unjudged, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(|severity| counted(&report.findings, severity))
        .collect();
    let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    let machine = report.machine.as_deref().filter(|machine| !report.subject.contains(machine));
    let machine = machine.map(|machine| format!(" for {}", escape(machine))).unwrap_or_default();
    // Writing to a String cannot fail.
    _ = writeln!(text, "{}{machine}: {}{counts}", escape(&report.subject), paint(style, word));
}

/// More are counted.
const MOST_CHAINS: usize = 8;

/// What the verdict rests on.
pub(in super::super) fn chains(text: &mut String, chains: &[Chain]) {
    if chains.len() > MOST_CHAINS {
        let anchored = chains.iter().filter(|chain| chain.anchored).count();
        _ = writeln!(text, "  {} chains, {anchored} of them up to a root", chains.len());
        return;
    }
    for chain in chains {
        // Several in one file are told apart by their names.
        let crowded =
            |link: &Link| chain.links.iter().filter(|other| other.files.first() == link.files.first()).count() > 1;
        let name = |link: &Link| if crowded(link) { link.title.clone() } else { called(link) };
        let links: Vec<_> = chain.links.iter().map(|link| escape(&name(link))).collect();
        let end = match (chain.anchored, links.len()) {
            (true, 1) => ", trusted as root",
            (true, _) => ", its root",
            (false, _) => ": no root above it",
        };
        _ = writeln!(text, "  {}{end}", links.join(", signed by "));
    }
}

fn called(link: &Link) -> String {
    let file = link.files.first().and_then(|path| path.rsplit(['/', '\\']).next());
    file.map_or_else(|| link.title.clone(), str::to_owned)
}

fn counted(findings: &[Finding], severity: Severity) -> Option<String> {
    let count = findings.iter().filter(|finding| finding.severity == severity).count();
    let word = match (severity, count) {
        (_, 0) => return None,
        (Severity::Unjudged, _) => "not judged".to_owned(),
        (_, 1) => severity.word().to_owned(),
        _ => format!("{}s", severity.word()),
    };
    Some(format!("{count} {word}"))
}

pub(in super::super) fn about(text: &mut String, finding: &Finding) {
    let style = style(finding.severity);
    let word = format!("{:8}", finding.severity.word());
    _ = writeln!(text, "\n{} {}", paint(style, &word), escape(&finding.sentence));
    if finding.severity != Severity::Note {
        _ = writeln!(text, "         fix: {}", escape(&finding.fix));
    }
    _ = writeln!(text, "         {}", paint(AnsiColor::BrightBlack.on_default(), finding.rule.id));
}

pub(in super::super) fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Unjudged => AnsiColor::Magenta.on_default().bold(),
        Severity::Note => AnsiColor::Cyan.on_default(),
    }
}

pub(in super::super) fn next_start(text: &mut String, report: &Report) {
    if report.start_up.is_empty() {
        return;
    }
    let given = if stores::of(report).is_some() { "with these stores" } else { "if these were in the stores," };
    _ = writeln!(text, "\n{given} the Repository Service would at its next start");
    for StartUpVerdict { role, action, why } in &report.start_up {
        let (word, style) = match action {
            StartUpAction::Keep => ("keep", AnsiColor::Green.on_default()),
            StartUpAction::Create => ("create", AnsiColor::Yellow.on_default()),
            StartUpAction::DeleteAndCreate => ("replace", AnsiColor::Yellow.on_default().bold()),
            StartUpAction::Stop => ("stop at", AnsiColor::Red.on_default().bold()),
            StartUpAction::Unknown => ("unknown", AnsiColor::Magenta.on_default()),
        };
        let word = format!("{word:8}");
        _ = writeln!(text, "  {} {role:7} {}", paint(style, &word), escape(why));
    }
}
