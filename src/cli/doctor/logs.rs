//! What the logs of a Qlik server say of its certificates: known texts, each once, with when and where it was seen.
//!
//! A log is evidence and no verdict: it tells what a service met when it wrote the line, not what is there now. So
//! nothing here is a finding, and a text that its log has gone on without for a day or more is told as past.

mod gather;
mod page;
mod text;

use super::super::output::Output;
use super::super::words::{rfc3339, size};
use crate::host::logs::{self, Amount, Bounds, LeftOut, Listing};
use crate::pki::knowledge::KnownText;
use crate::pki::knowledge::scan::Stamp;
use serde::Serialize;
use std::path::Path;
use time::OffsetDateTime;

pub(super) use page::page;
pub(super) use text::text;

/// The Repository Service archives what is older than half a day or 8 MB (Qlik community 1715137), unless it is down:
/// then logs gather, and a week shows how it began.
pub(super) const DAYS: u32 = 7;

const BOUNDS: Bounds = Bounds { files: 20_000, of_one: 64 << 20, of_all: 2 << 30 };
/// From so many octets on a person waits long enough to be told.
const LONG: u64 = 512 << 20;
/// A log that has gone on so long without a text, in days.
const PAST: i64 = 1;

#[derive(Debug, Serialize)]
pub(super) struct Logs {
    folder: String,
    days: u32,
    looked_at: LookedAt,
    left_out: Vec<Left>,
    unreadable: Vec<Unreadable>,
    /// Present ones first, of each kind the newest first.
    entries: Vec<Entry>,
    #[serde(skip)]
    at: OffsetDateTime,
}

#[derive(Debug, Default, Serialize)]
struct LookedAt {
    files: u64,
    octets: u64,
    lines: u64,
    /// Files changed since.
    since: Option<String>,
    /// When the newest of them was changed.
    newest: Option<String>,
}

#[derive(Debug, Serialize)]
struct Left {
    why: String,
    count: u64,
    octets: u64,
}

#[derive(Debug, Serialize)]
struct Unreadable {
    file: String,
    why: String,
}

/// A known text, over all files that have it.
#[derive(Debug, Serialize)]
struct Entry {
    name: &'static str,
    program: &'static str,
    /// The text in the form that is most usual.
    text: &'static str,
    lines: u64,
    files: u64,
    /// In the words of the log, whose zone it may not say.
    first_seen: Option<String>,
    last_seen: Option<String>,
    /// The log goes on for so many days without it.
    silent_days: Option<i64>,
    past: bool,
    /// The newest of the files.
    seen: Vec<Found>,
    /// Out of the newest of them, as it stands there.
    excerpt: String,
    cause: &'static str,
    fix: &'static str,
    command: &'static str,
    rules: Vec<&'static str>,
    source: &'static str,
    #[serde(skip)]
    known: &'static KnownText,
    #[serde(skip)]
    first: Option<Stamp>,
    #[serde(skip)]
    last: Option<Stamp>,
}

/// A known text in one file.
#[derive(Debug, Serialize)]
struct Found {
    file: String,
    lines: u64,
    /// `None` where only the end of the file was looked at.
    last_line: Option<u64>,
    first_seen: Option<String>,
    last_seen: Option<String>,
}

impl Logs {
    /// How many known texts there are.
    pub(super) fn findings_count(&self) -> usize {
        self.entries.len()
    }

    /// Why there is nothing to tell of these logs, not even that they are silent.
    pub(super) fn why_not(&self) -> Option<String> {
        if self.looked_at.files > 0 {
            return None;
        }
        Some(match &self.unreadable[..] {
            [] => "there are no logs in it".to_owned(),
            [only] if only.file == self.folder => only.why.clone(),
            [first, ..] => format!("`{}`: {}", first.file, first.why),
        })
    }
}

/// Looks through the logs in this folder that were changed in the last days before `at`.
pub(super) fn look(folder: &Path, at: OffsetDateTime, days: u32, output: &Output) -> Logs {
    look_within(folder, at, days, BOUNDS, output)
}

fn look_within(folder: &Path, at: OffsetDateTime, days: u32, bounds: Bounds, output: &Output) -> Logs {
    let listing = logs::list(folder, at, days, bounds);
    let octets = listing.files.iter().map(|file| file.octets).sum();
    if octets >= LONG {
        output.note(&format!("looking through {} of logs", size_of(octets)));
    }
    let gathered = gather::gather(&listing.files, folder);
    let looked_at = LookedAt {
        files: gathered.files,
        octets: gathered.octets,
        lines: gathered.lines,
        since: listing.since.map(rfc3339),
        newest: listing.files.first().map(|file| rfc3339(file.modified)),
    };
    let named = |(path, why): &(std::path::PathBuf, String)| Unreadable { file: shown(path, folder), why: why.clone() };
    let unreadable = listing.unreadable.iter().chain(&gathered.unreadable).map(named).collect();
    Logs {
        folder: folder.display().to_string(),
        days,
        looked_at,
        left_out: left_out(&listing, bounds),
        unreadable,
        entries: gathered.entries,
        at,
    }
}

/// As it is called in the log folder.
fn shown(path: &Path, folder: &Path) -> String {
    match path.strip_prefix(folder) {
        Ok(inside) if !inside.as_os_str().is_empty() => inside.display().to_string(),
        _ => path.display().to_string(),
    }
}

fn left_out(listing: &Listing, bounds: Bounds) -> Vec<Left> {
    let day = listing.since.map(|since| rfc3339(since).chars().take(10).collect::<String>()).unwrap_or_default();
    let why = |why: LeftOut| match why {
        LeftOut::TooOld => format!("not changed since {day}"),
        LeftOut::Beginning => format!("only the end was looked at, at most {}", size_of(bounds.of_one)),
        LeftOut::TooMany => format!("older than the newest {} files", bounds.files),
        LeftOut::TooMuch => format!("older than the newest {}", size_of(bounds.of_all)),
        LeftOut::Endless => "folders with more files than are counted".to_owned(),
        LeftOut::Unreadable => "could not be read either".to_owned(),
        LeftOut::Archive => "folders of archived logs".to_owned(),
        LeftOut::Compressed => "compressed files".to_owned(),
        LeftOut::Link => "links, which are not followed".to_owned(),
        LeftOut::NoFile => "pipes, sockets or devices".to_owned(),
        LeftOut::TooDeep => "folders that lie too deep".to_owned(),
    };
    let left =
        |(reason, amount): (&LeftOut, &Amount)| Left { why: why(*reason), count: amount.count, octets: amount.octets };
    listing.left_out.iter().map(left).collect()
}

fn size_of(octets: u64) -> String {
    size(usize::try_from(octets).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests;
