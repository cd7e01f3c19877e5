//! What the logs say, for a person: known texts from the newest down, then what was looked at. May not judge.

use super::{Entry, Found, Left, Logs, size_of};
use crate::cli::explain::log;
use crate::cli::layout::Page;
use crate::cli::output::escape;
use crate::cli::words::{count, relative};

/// Beside the newest file.
const MOST_FILES: usize = 3;
const MOST_UNREADABLE: usize = 5;

pub(in super::super) fn text(logs: &Logs, out: &mut String) {
    let mut page = Page::default();
    page.wrapped("", &headline(logs));
    for (past, heading) in [(false, ""), (true, "no longer said:")] {
        let mut some = logs.entries.iter().filter(|entry| entry.past == past).peekable();
        if some.peek().is_some() && !heading.is_empty() {
            page.gap();
            page.line(heading);
        }
        for entry in some {
            log::entry(&mut page, entry.known, &seen(entry, logs), &entry.excerpt);
        }
    }
    rest(&mut page, logs);
    out.push_str(&page.finish());
    out.push('\n');
}

pub(super) fn headline(logs: &Logs) -> String {
    if let Some(why) = logs.why_not() {
        return format!("the logs in `{}` were not looked at: {}", escape(&logs.folder), escape(&why));
    }
    let looked_at = &logs.looked_at;
    let since = looked_at.since.iter().map(|since| since.chars().take(10).collect::<String>()).next();
    let since = since.map(|since| format!(", changed since {since}")).unwrap_or_default();
    let (files, size) = (count(looked_at.files, "file"), size_of(looked_at.octets));
    let found = match logs.entries.len() {
        0 => "no known text about certificates".to_owned(),
        number => format!("{} about certificates", count(number, "known text")),
    };
    format!("the logs in `{}` say {found} ({files}, {size}{since})", escape(&logs.folder))
}

/// When, and where.
pub(super) fn seen(entry: &Entry, logs: &Logs) -> Vec<(&'static str, String)> {
    let lines = count(entry.lines, "line");
    let mut rows = vec![("seen", format!("in {lines}{}", when(entry, logs)))];
    let place = |found: &Found| {
        let line = found.last_line.map(|line| format!(", line {line}")).unwrap_or_default();
        format!("`{}`{line}", escape(&found.file))
    };
    let mut places: Vec<String> = entry.seen.iter().take(MOST_FILES).map(place).collect();
    let more = usize::try_from(entry.files).unwrap_or(usize::MAX).saturating_sub(places.len());
    if more > 0 {
        places.push(format!("and {} more", count(more, "file")));
    }
    rows.push(("in", places.join("; ")));
    rows
}

fn when(entry: &Entry, logs: &Logs) -> String {
    let Some(last) = entry.last else { return String::new() };
    let first = match &entry.first {
        Some(first) if first.time < last.time => format!(", first {}", first.told()),
        _ => String::new(),
    };
    let ago = relative(logs.at, last.time);
    // Where the log says no zone the hours are not known.
    let ago =
        if last.has_zone || ago.contains("day") || ago.contains("year") { format!(" ({ago})") } else { String::new() };
    let silent = match entry.silent_days {
        Some(days) if entry.past => format!("; the log goes on for {} without it", count(days, "day")),
        _ => String::new(),
    };
    format!("{first}, last {}{ago}{silent}", last.told())
}

fn rest(page: &mut Page, logs: &Logs) {
    if logs.left_out.is_empty() && logs.unreadable.is_empty() || logs.why_not().is_some() {
        return;
    }
    page.gap();
    page.line("not looked at in the logs:");
    let mut rows: Vec<[String; 2]> = logs.left_out.iter().map(|left| [amount(left), left.why.clone()]).collect();
    let unreadable = logs.unreadable.iter().take(MOST_UNREADABLE);
    rows.extend(unreadable.map(|one| [format!("`{}`", escape(&one.file)), escape(&one.why)]));
    if let Some(more @ 1..) = logs.unreadable.len().checked_sub(MOST_UNREADABLE) {
        rows.push([more.to_string(), "more that could not be read".to_owned()]);
    }
    let rows: Vec<&[String]> = rows.iter().map(<[String; 2]>::as_slice).collect();
    page.table(&rows);
}

pub(super) fn amount(left: &Left) -> String {
    match left.octets {
        0 => left.count.to_string(),
        octets => format!("{} ({})", left.count, size_of(octets)),
    }
}
