//! Known texts in what somebody typed or in a log. Excerpts are the log's, escaped, and without the secrets in them.

use super::Exit;
use super::answer::{About, Answer, Found};
use crate::cli::layout::Page;
use crate::cli::output::{Output, escape};
use crate::host::stream::{self, Reading};
use crate::pki::knowledge::scan::{Scan, Scanner, Sighting, Stamp};
use crate::pki::knowledge::{self, KnownText, Precision};
use anyhow::Context as _;
use std::path::Path;

mod masked;

pub(in super::super) use masked::masked;

/// `None` if no known text is in it.
pub(super) fn explain_if_known(text: &str, output: &Output) -> anyhow::Result<Option<Exit>> {
    let scan = scan(text);
    if scan.found.is_empty() { Ok(None) } else { show(scan, Reading::Whole, output).map(Some) }
}

pub(super) fn explain_text(text: &str, output: &Output) -> anyhow::Result<Exit> {
    show(scan(text), Reading::Whole, output)
}

fn scan(text: &str) -> Scan {
    let mut scanner = Scanner::new(knowledge::texts());
    scanner.feed(text.as_bytes());
    scanner.finish()
}

pub(super) fn explain_file(path: &Path, output: &Output) -> anyhow::Result<Exit> {
    let mut scanner = Scanner::new(knowledge::texts());
    let reading = stream::read_in_pieces(path, |piece| scanner.feed(piece));
    let reading = reading.with_context(|| match path.to_str() {
        Some("-") => "cannot read the log from standard input".to_owned(),
        _ => format!("cannot read the log `{}`", path.display()),
    })?;
    show(scanner.finish(), reading, output)
}

fn show(mut scan: Scan, reading: Reading, output: &Output) -> anyhow::Result<Exit> {
    for sighting in &mut scan.found {
        sighting.excerpt = masked(&sighting.excerpt);
    }
    if reading == Reading::CutOff {
        output.warn(&format!("only the first {} GiB were looked through", stream::LIMIT >> 30));
    }
    if output.is_json() {
        output.answer_json(&Answer::new(About::Texts {
            lines_read: scan.lines,
            complete: reading == Reading::Whole,
            known_texts: knowledge::texts().count(),
            found: scan.found.iter().map(json).collect(),
        }))?;
    } else if scan.found.is_empty() {
        output.answer(&nothing(scan.lines))?;
    } else {
        output.answer(&page(&scan.found, scan.lines))?;
    }
    Ok(if scan.found.is_empty() { Exit::No } else { Exit::Done })
}

fn nothing(lines: u64) -> String {
    let mut page = Page::default();
    page.wrapped("", &format!("none of the {} known texts is in {}", knowledge::texts().count(), lines_in(lines)));
    page.gap();
    page.pairs(&[
        ("next", "judge the files themselves: `qcert validate ./host.domain`; see what they are: `qcert inspect ./host.domain`"),
        ("", "in the log, look for the first error before the symptom, and into the other side's log"),
    ]);
    page.finish()
}

fn page(found: &[Sighting], lines: u64) -> String {
    let mut page = Page::default();
    for sighting in found {
        entry(&mut page, sighting.text, &[("seen", seen(sighting, lines))], &sighting.excerpt);
    }
    page.finish()
}

/// Qlik's logs are tables; what is empty between two columns says nothing.
pub(in super::super) fn columns(excerpt: &str) -> String {
    let columns: Vec<&str> = excerpt.split('\t').filter(|column| !column.is_empty()).collect();
    columns.join("  ")
}

/// A known text: where it was seen, what it means, what to do.
pub(in super::super) fn entry(page: &mut Page, known: &KnownText, seen: &[(&str, String)], excerpt: &str) {
    page.gap();
    page.wrapped("", &format!("{} ({})", known.usual(), known.program));
    let excerpt = escape(&columns(excerpt));
    let cause = known.cause_told();
    let rules = known.rules_that_exist().join(", ");
    let mut pairs: Vec<(&str, &str)> = seen.iter().map(|(label, said)| (*label, said.as_str())).collect();
    pairs.extend([("as", excerpt.as_str()), ("cause", cause.as_str()), ("fix", known.fix), ("command", known.command)]);
    if !rules.is_empty() {
        pairs.push(("rule", rules.as_str()));
    }
    page.pairs(&pairs);
}

fn seen(sighting: &Sighting, lines: u64) -> String {
    let at = |time: Option<Stamp>| time.map(|stamp| format!(" ({})", stamp.told())).unwrap_or_default();
    let (first, last) = (at(sighting.first_time), at(sighting.last_time));
    match (lines, sighting.lines) {
        (1, _) => "in this line".to_owned(),
        (_, 1) => format!("in line {}{first}", sighting.first_line),
        (_, count) if last.is_empty() => format!("in {count} lines, first in line {}{first}", sighting.first_line),
        (_, count) => {
            let (one, other) = (sighting.first_line, sighting.last_line);
            format!("in {count} lines, first in line {one}{first}, last in line {other}{last}")
        }
    }
}

fn lines_in(lines: u64) -> String {
    match lines {
        0 => "it: it is empty".to_owned(),
        1 => "this line".to_owned(),
        count => format!("these {count} lines"),
    }
}

fn json(sighting: &Sighting) -> Found<'_> {
    let text = sighting.text;
    Found {
        name: text.name,
        program: text.program,
        text: text.texts.first().copied().unwrap_or_default(),
        lines: sighting.lines,
        first_line: sighting.first_line,
        last_line: sighting.last_line,
        first_time: sighting.first_time.map(Stamp::iso),
        last_time: sighting.last_time.map(Stamp::iso),
        excerpt: &sighting.excerpt,
        exact: text.precision == Precision::Exact,
        cause: text.cause,
        fix: text.fix,
        command: text.command,
        rules: text.rules_that_exist(),
        source: text.source,
    }
}
