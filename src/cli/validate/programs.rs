//! What each program makes of a bundle, as text: programs that say the same stand together.

use super::super::output::{escape, paint};
use crate::pki::report::{Answer, ConsumerVerdict};
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;

/// Programs with one answer. Of those that refuse for one reason each may have a way out of its own.
struct Group<'a> {
    answer: &'a Answer,
    names: Vec<&'a str>,
    ways_out: Vec<(&'a str, Vec<&'a str>)>,
}

pub(in super::super) fn table(text: &mut String, consumers: &[ConsumerVerdict]) {
    let groups = groups(consumers);
    if groups.is_empty() {
        return;
    }
    // Writing to a String cannot fail.
    _ = writeln!(text, "\nprograms");
    for group in groups {
        let (word, style, after) = match group.answer {
            Answer::Accepts => ("accept", AnsiColor::Green.on_default(), None),
            Answer::AcceptsBut(_) => ("accept", AnsiColor::Yellow.on_default(), None),
            Answer::Refuses { .. } => ("refuse", AnsiColor::Red.on_default(), None),
            Answer::NothingForIt(what) => ("skip", Style::new(), Some(what)),
            Answer::Unjudged(why) => ("unjudged", AnsiColor::Magenta.on_default(), Some(why)),
        };
        let after = after.map(|what| format!(": {}", escape(&of_several(what, group.names.len())))).unwrap_or_default();
        _ = writeln!(text, "  {} {}{after}", paint(style, &format!("{word:8}")), group.names.join(", "));
        match group.answer {
            Answer::AcceptsBut(what) => _ = writeln!(text, "           {}", escape(what)),
            Answer::Refuses { error, why, .. } => refusal(text, error, why, &group),
            _ => {}
        }
    }
}

fn of_several(what: &str, programs: usize) -> String {
    match what.strip_prefix("it takes ") {
        Some(rest) if programs > 1 => format!("they take {rest}"),
        _ => what.to_owned(),
    }
}

fn groups(consumers: &[ConsumerVerdict]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for ConsumerVerdict { name, answer } in consumers {
        let at = groups.iter().position(|group| is_same(group.answer, answer)).unwrap_or_else(|| {
            groups.push(Group { answer, names: Vec::new(), ways_out: Vec::new() });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(at) else { continue };
        group.names.push(name);
        if let Answer::Refuses { way_out, .. } = answer {
            match group.ways_out.iter_mut().find(|(known, _)| *known == way_out) {
                Some((_, names)) => names.push(name),
                None => group.ways_out.push((way_out, vec![name])),
            }
        }
    }
    groups
}

fn is_same(one: &Answer, other: &Answer) -> bool {
    match (one, other) {
        (Answer::Refuses { error, why, .. }, Answer::Refuses { error: other_error, why: other_why, .. }) => {
            error == other_error && why == other_why
        }
        _ => one == other,
    }
}

fn refusal(text: &mut String, error: &str, why: &str, group: &Group<'_>) {
    _ = writeln!(text, "           says     {}", escape(error));
    _ = writeln!(text, "           because  {}", escape(why));
    for (way, names) in &group.ways_out {
        let whose = if group.ways_out.len() == 1 { String::new() } else { format!("{}: ", names.join(", ")) };
        _ = writeln!(text, "           way out  {whose}{}", escape(way));
    }
}
