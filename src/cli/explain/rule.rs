//! Rules of `qcert validate`: one in full, several as a list, and both as JSON.

use super::Exit;
use super::answer::{self, About, Answer};
use crate::cli::layout::Page;
use crate::cli::output::Output;
use crate::pki::finding::{Rule, Severity};
use crate::pki::knowledge;

pub(super) fn show(rules: &[&'static Rule], output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.answer_json(&Answer::new(About::Rules { rules: rules.iter().map(|rule| json(rule)).collect() }))?;
    } else {
        output.answer(&match rules {
            [rule] => page(rule),
            rules => table(rules),
        })?;
    }
    Ok(Exit::Done)
}

fn page(rule: &'static Rule) -> String {
    let mut page = Page::default();
    page.wrapped(&format!("{}: ", rule.id), rule.title);
    page.gap();
    let texts = texts(rule).join("; ").replace('*', "…");
    let mut pairs = vec![("weighs", weight(rule.severity)), ("cause", rule.cause), ("fix", rule.fix)];
    if !texts.is_empty() {
        pairs.push(("said as", &texts));
    }
    pairs.extend([("command", command(rule)), ("source", rule.source)]);
    page.pairs(&pairs);
    page.finish()
}

pub(super) fn table(rules: &[&Rule]) -> String {
    let mut page = Page::default();
    let rows: Vec<[&str; 3]> = rules.iter().map(|rule| [rule.id, rule.severity.word(), rule.title]).collect();
    page.table(&rows.iter().map(<[&str; 3]>::as_slice).collect::<Vec<_>>());
    page.finish()
}

/// The severity in words.
pub(super) fn weight(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error: some Qlik service or a named program refuses it",
        Severity::Warning => "warning: it works today; the finding says when or where it will not",
        Severity::Unjudged => "unjudged: it could not be looked at, which is never a pass",
        Severity::Note => "note: odd, harmless",
    }
}

/// A command that shows it.
pub(super) fn command(rule: &Rule) -> &'static str {
    match rule.id.split('/').next() {
        Some("files") => "qcert inspect ./host.domain",
        Some("identity") => "qcert validate ./host.domain --machine host.domain",
        Some("validity") => "qcert validate ./host.domain --at 2030-01-01",
        Some("usage") => "qcert validate server.pem --root root.pem --purpose server",
        _ => "qcert validate ./host.domain",
    }
}

/// How programs say it: the usual form of each known text that leads here.
fn texts(rule: &Rule) -> Vec<&'static str> {
    let leading = knowledge::texts().filter(|text| text.rules.contains(&rule.id));
    leading.filter_map(|text| text.texts.first().copied()).collect()
}

fn json(rule: &'static Rule) -> answer::Rule {
    let Rule { id, severity, title, cause, fix, source } = rule;
    answer::Rule {
        id,
        severity: severity.word(),
        title,
        cause,
        fix,
        source,
        command: command(rule),
        texts: texts(rule),
    }
}
