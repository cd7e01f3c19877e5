//! Known texts in what somebody typed or in a log. Excerpts are the log's, and escaped.

use super::Exit;
use super::answer::{About, Answer, Found};
use crate::cli::layout::Page;
use crate::cli::output::{Output, escape};
use crate::host::stream::{self, Reading};
use crate::pki::knowledge::scan::{Scan, Scanner, Sighting};
use crate::pki::knowledge::{self, Precision};
use crate::pki::rules;
use anyhow::Context as _;
use std::path::Path;

/// `None` if no known text is in it.
pub(super) fn explain_if_known(text: &str, output: &Output) -> anyhow::Result<Option<Exit>> {
    let scan = scan(text);
    if scan.found.is_empty() { Ok(None) } else { show(&scan, Reading::Whole, output).map(Some) }
}

pub(super) fn explain_text(text: &str, output: &Output) -> anyhow::Result<Exit> {
    show(&scan(text), Reading::Whole, output)
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
    show(&scanner.finish(), reading, output)
}

fn show(scan: &Scan, reading: Reading, output: &Output) -> anyhow::Result<Exit> {
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
        let text = sighting.text;
        page.gap();
        let usual = text.texts.first().copied().unwrap_or_default().replace('*', "…");
        page.wrapped("", &format!("{usual} ({})", text.program));
        let seen = seen(sighting, lines);
        let excerpt = escape(&sighting.excerpt);
        let may_be = if text.precision == Precision::General { "said for many reasons; among them: " } else { "" };
        let cause = format!("{may_be}{}", text.cause);
        let rules = rules_of(sighting).join(", ");
        let mut pairs = vec![("seen", seen.as_str()), ("as", excerpt.as_str()), ("cause", cause.as_str())];
        pairs.extend([("fix", text.fix), ("command", text.command)]);
        if !rules.is_empty() {
            pairs.push(("rule", rules.as_str()));
        }
        page.pairs(&pairs);
    }
    page.finish()
}

fn seen(sighting: &Sighting, lines: u64) -> String {
    match (lines, sighting.lines) {
        (1, _) => "in this line".to_owned(),
        (_, 1) => format!("in line {}", sighting.first_line),
        (_, count) => format!("in {count} lines, first in line {}", sighting.first_line),
    }
}

fn lines_in(lines: u64) -> String {
    match lines {
        0 => "it: it is empty".to_owned(),
        1 => "this line".to_owned(),
        count => format!("these {count} lines"),
    }
}

/// Rules that there are; the catalogue of texts may name one that another release has.
fn rules_of(sighting: &Sighting) -> Vec<&'static str> {
    let there = |id: &&'static str| rules::all().any(|rule| rule.id == *id);
    sighting.text.rules.iter().copied().filter(there).collect()
}

fn json(sighting: &Sighting) -> Found<'_> {
    let text = sighting.text;
    Found {
        name: text.name,
        program: text.program,
        text: text.texts.first().copied().unwrap_or_default(),
        lines: sighting.lines,
        first_line: sighting.first_line,
        excerpt: &sighting.excerpt,
        exact: text.precision == Precision::Exact,
        cause: text.cause,
        fix: text.fix,
        command: text.command,
        rules: rules_of(sighting),
        source: text.source,
    }
}
