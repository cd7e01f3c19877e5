//! The answer as text: the verdict first, then what was shown, what was asked and taken, and what programs would say.

use super::super::output::{escape, paint};
use super::super::validate::{programs, text as report_text};
use super::super::words::{day, list};
use super::Answer;
use super::bundle::Bundle;
use super::calls::{Called, Calls, Outcome};
use super::hints::names_ours;
use super::served::Served;
use super::verdict::Verdict;
use crate::host::tls::{Proof, Version};
use crate::pki::certificate::DistinguishedName;
use crate::pki::report;
use anstyle::AnsiColor;
use std::fmt::Write as _;
use time::UtcOffset;

/// Of the issuers that are named.
const MOST_ISSUERS: usize = 3;

pub(super) fn text(answer: &Answer, offset: UtcOffset) -> String {
    let mut text = String::new();
    headline(&mut text, answer);
    whom(&mut text, answer);
    for finding in answer.bundle.findings() {
        report_text::about(&mut text, finding);
    }
    if let Some(served) = &answer.served {
        shown(&mut text, served, &answer.calls, offset);
        for finding in &served.findings {
            report_text::about(&mut text, finding);
        }
        if answer.calls.trouble.is_none() {
            certificate(&mut text, &answer.bundle, &answer.calls);
        }
    }
    if let Some(qrs) = &answer.qrs {
        _ = writeln!(text, "\nRepository Service\n  {}", qrs.text().join("\n  "));
    }
    for (number, hint) in answer.hints.iter().enumerate() {
        let gap = if number == 0 { "\n" } else { "" };
        _ = writeln!(text, "{gap}{} {}", paint(AnsiColor::Cyan.on_default(), "note    "), escape(hint));
    }
    if let Some(served) = &answer.served {
        programs(&mut text, served, &answer.calls);
    }
    text.truncate(text.trim_end().len());
    text
}

/// What they make of what is shown. Where the service refuses the certificate, none of them gets in.
fn programs(text: &mut String, served: &Served, calls: &Calls) {
    let refused = calls.with().any(|row| row.outcome == Outcome::Refused);
    let concerned = |verdict: &&report::ConsumerVerdict| match verdict.answer {
        report::Answer::NothingForIt(_) => false,
        report::Answer::Accepts | report::Answer::AcceptsBut(_) => !refused,
        report::Answer::Refuses { .. } | report::Answer::Unjudged(_) => true,
    };
    let consumers: Vec<_> = served.consumers.iter().filter(concerned).cloned().collect();
    programs::table(text, &consumers);
}

fn headline(text: &mut String, answer: &Answer) {
    let nobody = answer.served.is_none();
    let (word, style) = match answer.judged.verdict {
        Verdict::Works => ("works", AnsiColor::Green.on_default().bold()),
        Verdict::Fails => ("fails", AnsiColor::Red.on_default().bold()),
        Verdict::Unknown if nobody => ("not reached", AnsiColor::Magenta.on_default().bold()),
        Verdict::Unknown => ("unclear", AnsiColor::Magenta.on_default().bold()),
    };
    // Writing to a String cannot fail.
    _ = writeln!(text, "{} {}: {}", answer.target.place(), paint(style, word), escape(&answer.judged.because));
    if let Some(hint) = &answer.judged.hint {
        _ = writeln!(text, "  fix: {}", escape(hint));
    }
}

/// Who listens there, who answered, and in which versions.
fn whom(text: &mut String, answer: &Answer) {
    let mut facts = Vec::new();
    facts.extend(answer.port.map(|port| port.title.to_owned()));
    let called = answer.target.place();
    facts.extend(answer.calls.peer.as_ref().filter(|peer| **peer != called).map(|peer| format!("answered by {peer}")));
    for version in Version::ALL.into_iter().rev() {
        let row = answer.calls.rows.iter().find(|row| row.version == version && row.suite.is_some());
        facts.extend(row.map(|row| format!("{version} ({})", row.suite.as_deref().unwrap_or_default())));
        facts.extend(unspoken(&answer.calls, version).map(|why| format!("no {version}: {why}")));
    }
    if !facts.is_empty() {
        _ = writeln!(text, "  {}", facts.join("; "));
    }
}

/// Why nothing comes of this version, where something comes of the other.
fn unspoken(calls: &Calls, version: Version) -> Option<&str> {
    let failed = |row: &&Called| row.outcome == Outcome::Failed && row.suite.is_none();
    let mut rows = calls.rows.iter().filter(|row| row.version == version);
    let why = calls.rows.iter().find(|row| row.version == version)?.why.as_deref();
    let others = calls.rows.iter().any(|row| row.version != version && !failed(&row));
    (others && rows.all(|row| failed(&row) && row.why.as_deref() == why)).then_some(why).flatten()
}

fn shown(text: &mut String, served: &Served, calls: &Calls, offset: UtcOffset) {
    _ = writeln!(text, "\nshown");
    report_text::chains(text, &served.chains);
    _ = writeln!(text, "  {}", escape(&served.compared.sentence));
    if let Some(hint) = &served.compared.hint {
        _ = writeln!(text, "  {}", escape(hint));
    }
    let Some(leaf) = served.leaf() else {
        _ = writeln!(text, "  what is shown cannot be read as a certificate");
        return;
    };
    let proved = match &calls.proof {
        Proof::Given => "it has the key",
        Proof::Unchecked => "whether it has the key is not known",
        Proof::None => "whether it has the key was not tried",
        Proof::Doubtful(_) => "it does not prove that it has the key",
    };
    let (subject, issuer) = (leaf.subject_name().text(), leaf.issuer_name().text());
    _ = writeln!(text, "  {}, of {}", escape(&subject), escape(&issuer));
    let (from, to) = (day(leaf.not_before(), offset), day(leaf.not_after(), offset));
    _ = writeln!(text, "  valid {from} to {to}; SHA-256 {}; {proved}", leaf.sha256());
}

/// What was asked for, and what became of the client certificate.
fn certificate(text: &mut String, bundle: &Bundle, calls: &Calls) {
    _ = writeln!(text, "\nclient certificate");
    let asked = match calls.asked() {
        None => "no".to_owned(),
        Some(asked) if asked.issuers.is_empty() => "yes, of any issuer".to_owned(),
        Some(asked) => {
            let names: Vec<_> = asked.issuers.iter().map(|name| escape(&name_text(name))).collect();
            let more = names.len().saturating_sub(MOST_ISSUERS);
            let listed = names.get(..MOST_ISSUERS).map_or_else(|| list(&names), |few| few.join(", "));
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let ours = match names_ours(bundle, calls) {
                Some(true) => "; ours is among them",
                Some(false) => "; ours is not among them",
                None => "",
            };
            format!("yes, of {listed}{more}{ours}")
        }
    };
    _ = writeln!(text, "  asked for    {asked}");
    let spoken = |row: &&Called| unspoken(calls, row.version).is_none();
    if let Ok(own) = &bundle.own {
        rows(text, own.file, calls.with().filter(spoken));
    }
    rows(text, "without one", calls.without().filter(spoken));
}

/// The versions with one outcome together.
fn rows<'a>(text: &mut String, what: &str, rows: impl Iterator<Item = &'a Called>) {
    let mut groups: Vec<(&Called, Vec<String>)> = Vec::new();
    for row in rows {
        match groups.iter_mut().find(|(known, _)| known.outcome == row.outcome && known.why == row.why) {
            Some((_, versions)) => versions.push(row.version.to_string()),
            None => groups.push((row, vec![row.version.to_string()])),
        }
    }
    for (row, versions) in groups {
        let (word, style) = word(row);
        let why = row.why.as_ref().map(|why| format!(": {}", escape(why))).unwrap_or_default();
        _ = writeln!(text, "  {what:12} {} with {}{why}", paint(style, word), list(&versions));
    }
}

fn word(row: &Called) -> (&'static str, anstyle::Style) {
    let (green, red, yellow) =
        (AnsiColor::Green.on_default(), AnsiColor::Red.on_default(), AnsiColor::Yellow.on_default());
    match (row.outcome, row.with) {
        (Outcome::Taken, true) => ("taken", green),
        (Outcome::Taken, false) => ("let in", yellow),
        (Outcome::Refused, true) => ("refused", red),
        (Outcome::Refused, false) => ("refused", green),
        (Outcome::NotAsked, _) => ("let in unasked", yellow),
        (Outcome::Unknown, _) => ("not told", yellow),
        (Outcome::Failed, _) => ("fails", yellow),
    }
}

pub(super) fn name_text(name: &[u8]) -> String {
    DistinguishedName::parse(name).map_or_else(|| "a name that cannot be read".to_owned(), |name| name.text())
}
