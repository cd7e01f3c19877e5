//! Finds every known text in a log of any size and encoding, in one pass and bounded memory.
//!
//! It is fed pieces and keeps a window of the log, from which excerpts are cut. What an excerpt holds is the log's, not
//! ours: whoever shows it escapes it. Reading the log is not done here.

mod stamp;

pub use stamp::Stamp;

use super::automaton::{Automaton, fold};
use super::decode::Decoder;
use super::{KnownText, Precision};
use stamp::{LOOK_BACK, Part, Stamps};
use std::sync::Arc;

/// Searched at once. Before it lies as much of the log as an excerpt, the longest literal or the search for a line's
/// time needs, and after it as much as an excerpt.
const WINDOW: usize = 64 << 10;
const BEFORE: usize = 2 * LOOK_BACK;
const AFTER: usize = 64;
/// How much of the line an excerpt shows before the end of the text.
const SHOWN_BEFORE: usize = 110;

/// A known text that is in the log.
#[derive(Debug, Clone)]
pub struct Sighting {
    pub text: &'static KnownText,
    /// In how many lines it is.
    pub lines: u64,
    /// The first of them, from 1.
    pub first_line: u64,
    pub last_line: u64,
    /// When those were written, where the log says it.
    pub first_time: Option<Stamp>,
    pub last_time: Option<Stamp>,
    /// A part of the first line, not escaped.
    pub excerpt: String,
}

/// What a log was found to hold.
#[derive(Debug, Clone)]
pub struct Scan {
    /// By the line where each is first seen.
    pub found: Vec<Sighting>,
    pub lines: u64,
    /// When its last line was written.
    pub last_time: Option<Stamp>,
}

/// A clone looks through a log of its own, and shares what does not change.
#[derive(Debug, Clone)]
pub struct Scanner {
    texts: Vec<Watched>,
    patterns: Vec<Pattern>,
    search: Arc<Search>,
    decoder: Decoder,
    window: Vec<u8>,
    /// How much of the window has been searched.
    searched: usize,
    /// Where in the log the window begins.
    offset: usize,
    state: u16,
    line: u64,
    /// Where in the log this line begins.
    line_start: usize,
    stamps: Stamps,
    /// Texts of this line, with an excerpt where it is their first.
    on_line: Vec<(usize, Option<String>)>,
}

#[derive(Debug)]
struct Search {
    /// For each literal, where it is needed.
    uses: Vec<Vec<Use>>,
    /// `None` for more literals than the table takes; the tests hold the catalogue to it.
    automaton: Option<Automaton>,
}

#[derive(Debug, Clone)]
struct Watched {
    text: &'static KnownText,
    /// The last line that has it.
    last_line: u64,
    seen: Option<Sighting>,
}

#[derive(Debug, Clone)]
struct Pattern {
    /// Index of the text it belongs to.
    text: usize,
    parts: usize,
    /// Parts that are found, in this line of the log, and where the last one ends.
    found: usize,
    line: u64,
    end: usize,
}

/// Literal: this part of that pattern.
#[derive(Debug, Clone, Copy)]
struct Use {
    pattern: usize,
    part: usize,
    length: usize,
    /// May not stand in the middle of a longer word or number, on this side.
    apart_before: bool,
    apart_after: bool,
}

impl Scanner {
    pub fn new(known: impl Iterator<Item = &'static KnownText>) -> Self {
        Self::of(known.map(|text| (text, text.texts.to_vec())))
    }

    /// Looks for these patterns of the texts only.
    pub fn of(known: impl Iterator<Item = (&'static KnownText, Vec<&'static str>)>) -> Self {
        let mut literals: Vec<String> = Vec::new();
        let mut numbers = std::collections::HashMap::new();
        let (mut texts, mut patterns, mut uses) = (Vec::new(), Vec::new(), Vec::<Vec<Use>>::new());
        for (text, forms) in known {
            for pattern in forms {
                let parts: Vec<&str> = pattern.split('*').filter(|part| !part.is_empty()).collect();
                for (number, part) in parts.iter().enumerate() {
                    let literal = String::from_utf8_lossy(&part.bytes().map(fold).collect::<Vec<u8>>()).into_owned();
                    let word = |octet: Option<u8>| octet.is_some_and(|octet| octet.is_ascii_alphanumeric());
                    let this = Use {
                        pattern: patterns.len(),
                        part: number,
                        length: literal.len(),
                        apart_before: number == 0 && word(literal.bytes().next()) && !pattern.starts_with('*'),
                        apart_after: number + 1 == parts.len()
                            && word(literal.bytes().last())
                            && !pattern.ends_with('*'),
                    };
                    let index = *numbers.entry(literal.clone()).or_insert_with(|| {
                        literals.push(literal);
                        uses.push(Vec::new());
                        uses.len() - 1
                    });
                    if let Some(list) = uses.get_mut(index) {
                        list.push(this);
                    }
                }
                patterns.push(Pattern { text: texts.len(), parts: parts.len(), found: 0, line: 0, end: 0 });
            }
            texts.push(Watched { text, last_line: 0, seen: None });
        }
        let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
        Self {
            texts,
            patterns,
            search: Arc::new(Search { uses, automaton: Automaton::new(&literals) }),
            decoder: Decoder::new(),
            window: Vec::with_capacity(WINDOW + 2 * BEFORE),
            searched: 0,
            offset: 0,
            state: Automaton::start(),
            line: 1,
            line_start: 0,
            stamps: Stamps::default(),
            on_line: Vec::new(),
        }
    }

    pub fn feed(&mut self, piece: &[u8]) {
        for piece in piece.chunks(WINDOW) {
            self.decoder.feed(piece, &mut self.window);
            if self.window.len() >= self.searched + WINDOW {
                self.search(self.window.len() - AFTER);
                let done = self.searched.saturating_sub(BEFORE);
                // Of a long line the time is looked up while its beginning is there.
                if self.line_start < self.offset + done + LOOK_BACK {
                    self.time_of_line(self.offset + self.window.len());
                }
                self.window.drain(..done);
                self.searched -= done;
                self.offset += done;
            }
        }
    }

    pub fn finish(mut self) -> Scan {
        self.decoder.finish(&mut self.window);
        self.search(self.window.len());
        self.end_line();
        let end = self.offset + self.window.len();
        let last_time = self.time_of_line(end);
        let mut found: Vec<Sighting> = self.texts.into_iter().filter_map(|watched| watched.seen).collect();
        found.sort_by_key(|sighting| sighting.first_line);
        Scan { found, lines: self.line - u64::from(self.line_start == end), last_time }
    }

    fn time_of_line(&mut self, until: usize) -> Option<Stamp> {
        self.stamps.of_line(Part { octets: &self.window, offset: self.offset }, self.line_start, until)
    }

    fn search(&mut self, until: usize) {
        let search = Arc::clone(&self.search);
        let Some(automaton) = &search.automaton else { return };
        let window = std::mem::take(&mut self.window);
        let mut state = self.state;
        for (at, octet) in window.iter().enumerate().take(until).skip(self.searched) {
            let (next, tells) = automaton.step(state, *octet);
            state = next;
            if !tells {
                continue;
            }
            if *octet == b'\n' {
                self.end_line();
                self.line += 1;
                self.line_start = self.offset + at + 1;
                continue;
            }
            for literal in automaton.ending(state) {
                let uses = search.uses.get(literal).map(Vec::as_slice).unwrap_or_default();
                self.meet(uses, &window, at + 1);
            }
        }
        self.state = state;
        self.searched = until;
        self.window = window;
    }

    /// A literal ends here in the window: the next part of some patterns, and the last of some.
    fn meet(&mut self, uses: &[Use], window: &[u8], end: usize) {
        let word = |at: Option<usize>| at.and_then(|at| window.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        for this in uses {
            let Some(pattern) = self.patterns.get_mut(this.pattern) else { continue };
            if pattern.line != self.line {
                (pattern.line, pattern.found) = (self.line, 0);
            }
            let inside_word =
                (this.apart_before && word(end.checked_sub(this.length + 1))) || (this.apart_after && word(Some(end)));
            let overlaps = this.part > 0 && self.offset + end < pattern.end + this.length;
            if pattern.found != this.part || inside_word || overlaps {
                continue;
            }
            (pattern.found, pattern.end) = (this.part + 1, self.offset + end);
            if pattern.found == pattern.parts {
                pattern.found = 0;
                let text = pattern.text;
                self.note(text, window, end);
            }
        }
    }

    fn note(&mut self, text: usize, window: &[u8], end: usize) {
        let line_start = self.line_start.saturating_sub(self.offset);
        let Some(watched) = self.texts.get_mut(text) else { return };
        if watched.last_line == self.line {
            return;
        }
        watched.last_line = self.line;
        let part = Part { octets: window, offset: self.offset };
        self.stamps.of_line(part, self.line_start, self.offset + end + AFTER);
        let excerpt = watched.seen.is_none().then(|| excerpt(window, line_start, end));
        self.on_line.push((text, excerpt));
    }

    /// What is said for many reasons is of no interest where the reason is said as well.
    fn end_line(&mut self) {
        if self.on_line.is_empty() {
            return;
        }
        // It was looked up when the first of them was seen.
        let time = self.stamps.known(self.line_start);
        let texts = &mut self.texts;
        let general = |watched: &Watched| watched.text.precision == Precision::General;
        let any_exact = self.on_line.iter().any(|(text, _)| texts.get(*text).is_some_and(|watched| !general(watched)));
        for (text, excerpt) in self.on_line.drain(..) {
            let Some(watched) = texts.get_mut(text) else { continue };
            if any_exact && general(watched) {
                continue;
            }
            match &mut watched.seen {
                Some(sighting) => {
                    sighting.lines += 1;
                    (sighting.last_line, sighting.last_time) = (self.line, time.or(sighting.last_time));
                }
                none => {
                    *none = Some(Sighting {
                        text: watched.text,
                        lines: 1,
                        first_line: self.line,
                        last_line: self.line,
                        first_time: time,
                        last_time: time,
                        excerpt: excerpt.unwrap_or_default(),
                    });
                }
            }
        }
    }
}

fn excerpt(window: &[u8], line_start: usize, end: usize) -> String {
    let wanted = end.saturating_sub(SHOWN_BEFORE);
    let start = wanted.max(line_start);
    let rest = window.get(end..).unwrap_or_default();
    let ends =
        rest.iter().position(|octet| *octet == b'\n').map_or(end + rest.len().min(AFTER), |at| end + at.min(AFTER));
    let text = String::from_utf8_lossy(window.get(start..ends).unwrap_or_default()).into_owned();
    let before = if start > line_start { "…" } else { "" };
    let after = if window.get(ends).is_some_and(|octet| *octet != b'\n') { "…" } else { "" };
    format!("{before}{}{after}", text.trim_matches(['\u{fffd}', ' ', '\t', '\r']))
}

#[cfg(test)]
mod tests;
