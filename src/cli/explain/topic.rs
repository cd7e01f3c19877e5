//! One topic, as a page and as JSON.

use super::Exit;
use super::answer::{self, About, Answer, Command, Pair};
use crate::cli::layout::Page;
use crate::cli::output::Output;
use crate::pki::knowledge::{Body, Part, Topic};

pub(super) fn show(topic: &'static Topic, output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.answer_json(&Answer::new(About::Topic(json(topic))))?;
    } else {
        output.answer(&page(topic))?;
    }
    Ok(Exit::Done)
}

pub(super) fn page(topic: &Topic) -> String {
    let mut page = Page::default();
    page.wrapped(&format!("{}: ", topic.name), topic.title);
    for part in topic.parts {
        page.gap();
        if !part.heading.is_empty() {
            page.line(part.heading);
        }
        body(&mut page, &part.body);
    }
    page.gap();
    if !topic.commands.is_empty() {
        page.line("commands");
        for (command, does) in topic.commands {
            commands_line(&mut page, command, does, topic.commands);
        }
        page.gap();
    }
    if !topic.see.is_empty() {
        page.wrapped("see also  ", &topic.see.join(", "));
    }
    page.wrapped("source    ", topic.source);
    page.finish()
}

/// Beside each other where all fit, else below each other.
fn commands_line(page: &mut Page, command: &str, does: &str, all: &[(&str, &str)]) {
    let width = all.iter().map(|(command, _)| command.chars().count()).max().unwrap_or_default();
    let longest = all.iter().map(|(_, does)| does.chars().count()).max().unwrap_or_default();
    if width + longest <= 92 {
        page.line(&format!("  {command:width$}  {does}"));
    } else {
        page.line(&format!("  {command}"));
        page.wrapped("      ", does);
    }
}

fn body(page: &mut Page, body: &Body) {
    match body {
        Body::Text(text) => page.wrapped("  ", text),
        Body::Points(points) => page.points(points.iter().copied()),
        Body::Pairs(pairs) => page.pairs(pairs),
        Body::Table(rows) => page.table(rows),
        Body::Paste(text) => page.paste(text),
    }
}

fn json(topic: &'static Topic) -> answer::Topic {
    answer::Topic {
        name: topic.name,
        also: topic.also,
        kind: topic.kind.word(),
        title: topic.title,
        parts: topic.parts.iter().map(json_part).collect(),
        commands: topic.commands.iter().map(|(command, does)| Command { command, does }).collect(),
        see: topic.see,
        source: topic.source,
    }
}

fn json_part(part: &'static Part) -> answer::Part {
    let mut json = answer::Part { heading: part.heading, ..answer::Part::default() };
    match part.body {
        Body::Text(text) => json.text = Some(text),
        Body::Points(points) => json.points = Some(points),
        Body::Pairs(pairs) => json.pairs = Some(pairs.iter().map(|(label, text)| Pair { label, text }).collect()),
        Body::Table(rows) => json.table = Some(rows),
        Body::Paste(text) => json.paste = Some(text),
    }
    json
}
