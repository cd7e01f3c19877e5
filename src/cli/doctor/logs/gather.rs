//! Looks through many logs on all cores and joins what they say: each known text once. Judges nothing.

use super::{Entry, Found, PAST, shown};
use crate::cli::explain::log::masked;
use crate::cli::parallel;
use crate::host::key_supply::cores;
use crate::host::logs::{self, LogFile};
use crate::pki::knowledge::scan::{Scan, Scanner, Sighting, Stamp};
use crate::pki::knowledge::{self, KnownText};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use time::{Duration, OffsetDateTime};

/// Of a text that is in thousands of files the newest are named.
const MOST_NAMED: usize = 10;
/// No file is written long after it was last changed; clocks and the zones of copies are forgiven.
const FORGIVEN: Duration = Duration::days(2);

#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) files: u64,
    pub(super) octets: u64,
    pub(super) lines: u64,
    pub(super) unreadable: Vec<(PathBuf, String)>,
    pub(super) entries: Vec<Entry>,
}

/// What one thread found.
#[derive(Debug, Default)]
struct Share {
    files: u64,
    octets: u64,
    lines: u64,
    unreadable: Vec<(usize, String)>,
    texts: HashMap<&'static str, Text>,
    /// When a service last wrote, by the folder of its logs.
    ends: HashMap<PathBuf, Stamp>,
}

#[derive(Debug)]
struct Text {
    known: &'static KnownText,
    lines: u64,
    files: u64,
    first: Option<Stamp>,
    /// Newest first.
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    /// Its number in the list, which is newest first.
    file: usize,
    /// When it was last seen; where the log does not say it, the file's own time.
    order: OffsetDateTime,
    first: Option<Stamp>,
    last: Option<Stamp>,
    sighting: Sighting,
}

pub(super) fn gather(files: &[LogFile], folder: &Path) -> Gathered {
    let scanner = knowledge::scanner_of_logs();
    let next = AtomicUsize::new(0);
    let threads: Vec<usize> = (0..cores().min(files.len())).collect();
    let shares = parallel::compute(&threads, 1, |_| {
        let mut share = Share::default();
        while let Some((number, file)) = take_next(files, &next) {
            share.look(number, file, scanner.clone());
        }
        share
    });
    let mut all = Share::default();
    for share in shares {
        all.join(share);
    }
    all.told(files, folder)
}

fn take_next<'f>(files: &'f [LogFile], next: &AtomicUsize) -> Option<(usize, &'f LogFile)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    files.get(number).map(|file| (number, file))
}

impl Share {
    fn look(&mut self, number: usize, file: &LogFile, mut scanner: Scanner) {
        match logs::read(file, |piece| scanner.feed(piece)) {
            Ok(Some(octets)) => {
                self.files += 1;
                self.octets += octets;
                self.take(number, file, scanner.finish());
            }
            Ok(None) => {}
            Err(why) => self.unreadable.push((number, why)),
        }
    }

    fn take(&mut self, number: usize, file: &LogFile, scan: Scan) {
        self.lines += scan.lines;
        let plausible = |stamp: &Stamp| stamp.time <= file.modified.checked_add(FORGIVEN).unwrap_or(file.modified);
        if let (Some(end), Some(folder)) = (scan.last_time.filter(plausible), file.path.parent()) {
            self.end(folder.to_owned(), end);
        }
        for sighting in scan.found {
            let last = sighting.last_time.filter(plausible);
            let order = last.map_or(file.modified, |stamp| stamp.time);
            let first = sighting.first_time.filter(plausible);
            let (known, lines) = (sighting.text, sighting.lines);
            let places = vec![Place { file: number, order, first, last, sighting }];
            self.text(Text { known, lines, files: 1, first, places });
        }
    }

    fn end(&mut self, folder: PathBuf, end: Stamp) {
        let newest = self.ends.entry(folder).or_insert(end);
        if end.time > newest.time {
            *newest = end;
        }
    }

    fn text(&mut self, text: Text) {
        let Some(known) = self.texts.get_mut(text.known.name) else {
            self.texts.insert(text.known.name, text);
            return;
        };
        known.lines += text.lines;
        known.files += text.files;
        known.first = [known.first, text.first].into_iter().flatten().min_by_key(|stamp| stamp.time);
        known.places.extend(text.places);
        known.places.sort_by_key(|place| (Reverse(place.order), place.file));
        known.places.truncate(MOST_NAMED);
    }

    fn join(&mut self, other: Self) {
        self.files += other.files;
        self.octets += other.octets;
        self.lines += other.lines;
        self.unreadable.extend(other.unreadable);
        for text in other.texts.into_values() {
            self.text(text);
        }
        for (folder, end) in other.ends {
            self.end(folder, end);
        }
    }

    fn told(mut self, files: &[LogFile], folder: &Path) -> Gathered {
        self.unreadable.sort_unstable();
        let path = |(number, why): (usize, String)| files.get(number).map(|file| (file.path.clone(), why));
        let mut texts: Vec<Text> = std::mem::take(&mut self.texts).into_values().collect();
        let newest = |text: &Text| text.places.first().map(|place| place.order);
        texts.sort_by(|one, other| newest(other).cmp(&newest(one)).then_with(|| one.known.name.cmp(other.known.name)));
        let mut entries: Vec<Entry> = texts.into_iter().map(|text| self.entry(&text, files, folder)).collect();
        entries.sort_by_key(|entry| entry.past);
        Gathered {
            files: self.files,
            octets: self.octets,
            lines: self.lines,
            unreadable: self.unreadable.into_iter().filter_map(path).collect(),
            entries,
        }
    }

    fn entry(&self, text: &Text, files: &[LogFile], folder: &Path) -> Entry {
        let silent_days = self.silent_days(text, files);
        let last = text.places.first().and_then(|place| place.last);
        let known = text.known;
        let seen = |place: &Place| {
            files.get(place.file).map(|file| Found {
                file: shown(&file.path, folder),
                lines: place.sighting.lines,
                last_line: (!file.cut).then_some(place.sighting.last_line),
                first_seen: place.first.map(Stamp::iso),
                last_seen: place.last.map(Stamp::iso),
            })
        };
        Entry {
            name: known.name,
            program: known.program,
            text: known.texts.first().copied().unwrap_or_default(),
            lines: text.lines,
            files: text.files,
            first_seen: text.first.map(Stamp::iso),
            last_seen: last.map(Stamp::iso),
            silent_days,
            past: silent_days.is_some_and(|days| days >= PAST),
            seen: text.places.iter().filter_map(seen).collect(),
            excerpt: text.places.first().map(|place| masked(&place.sighting.excerpt)).unwrap_or_default(),
            cause: known.cause,
            fix: known.fix,
            command: known.command,
            rules: known.rules_that_exist(),
            source: known.source,
            known,
            first: text.first,
            last,
        }
    }

    /// How long the log of a service goes on without the text, where it was seen last. `None` where that is not known of
    /// each.
    fn silent_days(&self, text: &Text, files: &[LogFile]) -> Option<i64> {
        let silent = |place: &Place| {
            let end = self.ends.get(files.get(place.file)?.path.parent()?)?;
            Some((end.time - place.last?.time).whole_days().max(0))
        };
        let days: Option<Vec<i64>> = text.places.iter().map(silent).collect();
        days?.into_iter().min()
    }
}
