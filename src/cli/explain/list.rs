//! What can be explained: topics by kind, rules by family.

use super::Exit;
use super::answer::{About, Answer, RuleLine, TopicLine};
use super::rule;
use crate::cli::layout::Page;
use crate::cli::output::Output;
use crate::pki::knowledge::{self, Kind};
use crate::pki::rules;

pub(super) fn show(output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.answer_json(&Answer::new(json()))?;
    } else {
        output.answer(&page())?;
    }
    Ok(Exit::Done)
}

fn page() -> String {
    let mut page = Page::default();
    page.line("qcert explain WORD");
    page.gap();
    let headings: Vec<(&str, String)> = Kind::ALL
        .iter()
        .map(|kind| {
            let of_kind = knowledge::topics().filter(|topic| topic.kind == *kind);
            (kind.heading(), of_kind.map(|topic| topic.name).collect::<Vec<_>>().join("  "))
        })
        .collect();
    page.pairs(&headings.iter().map(|(heading, names)| (*heading, names.as_str())).collect::<Vec<_>>());
    page.gap();
    page.wrapped(
        "",
        &format!(
            "qcert explain --text 'ERROR TEXT', or --text - with a log on standard input: {} known texts",
            knowledge::texts().count()
        ),
    );
    for (family, lists) in rules::FAMILIES {
        let list: Vec<_> = lists.iter().copied().flatten().copied().collect();
        page.gap();
        page.line(&format!("rules: {family}"));
        page.line(&rule::table(&list));
    }
    page.finish()
}

fn json() -> About<'static> {
    About::List {
        rules: rules::all()
            .map(|rule| RuleLine { id: rule.id, severity: rule.severity.word(), title: rule.title })
            .collect(),
        topics: knowledge::topics()
            .map(|topic| TopicLine { name: topic.name, kind: topic.kind.word(), title: topic.title })
            .collect(),
    }
}
