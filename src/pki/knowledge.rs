//! What qcert knows about Qlik and its surroundings, as data: certificates, files, events, services, ports, programs,
//! and the error texts that lead to them. `qcert explain` shows it.
//!
//! One file a subject. Nothing here judges: `rules` does. Each topic names what it rests on.

mod automaton;
mod certificates;
mod decode;
mod events;
mod files;
pub mod find;
mod ports;
mod programs;
pub mod rules_page;
pub mod scan;
mod services;
mod texts;

pub use events::{NEW_ROOT_BREAKS, NEW_ROOT_SPARES};

/// What a topic is about; the list is in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Certificate,
    File,
    Event,
    Service,
    Port,
    Program,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Certificate, Self::File, Self::Event, Self::Service, Self::Port, Self::Program];

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::File => "file",
            Self::Event => "event",
            Self::Service => "service",
            Self::Port => "port",
            Self::Program => "program",
        }
    }

    /// The heading of the list.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Certificate => "certificates",
            Self::File => "files",
            Self::Event => "events and rules",
            Self::Service => "services",
            Self::Port => "ports",
            Self::Program => "programs",
        }
    }
}

#[derive(Debug)]
pub struct Topic {
    /// What is typed: lower case, words joined by `-`.
    pub name: &'static str,
    /// Other words for it, in the same form.
    pub also: &'static [&'static str],
    pub kind: Kind,
    pub title: &'static str,
    pub parts: &'static [Part],
    /// Commands that show, make or prove it, and what each does.
    pub commands: &'static [(&'static str, &'static str)],
    /// Names of topics.
    pub see: &'static [&'static str],
    pub source: &'static str,
}

#[derive(Debug)]
pub struct Part {
    /// Empty for what opens the topic.
    pub heading: &'static str,
    pub body: Body,
}

#[derive(Debug)]
pub enum Body {
    Text(&'static str),
    Points(&'static [&'static str]),
    /// A label and what is said about it.
    Pairs(&'static [(&'static str, &'static str)]),
    /// The first row names the columns.
    Table(&'static [&'static [&'static str]]),
    /// To be pasted as it stands.
    Paste(&'static str),
}

const fn part(heading: &'static str, body: Body) -> Part {
    Part { heading, body }
}

const fn text(text: &'static str) -> Part {
    Part { heading: "", body: Body::Text(text) }
}

/// An error text that is known, in all the forms that programs and their versions give it.
#[derive(Debug)]
pub struct KnownText {
    /// Stable, for JSON: lower case, words joined by `-`.
    pub name: &'static str,
    /// Compared without regard to case; `*` is anything within a line, and each kind of quote is like the others.
    pub texts: &'static [&'static str],
    pub precision: Precision,
    /// Who says it.
    pub program: &'static str,
    pub cause: &'static str,
    pub fix: &'static str,
    /// What proves it.
    pub command: &'static str,
    /// Rules that find the cause in files.
    pub rules: &'static [&'static str],
    pub source: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// The text has this cause.
    Exact,
    /// Said for many reasons: of no interest on a line that has an exact one.
    General,
}

/// Every topic, by kind.
pub fn topics() -> impl Iterator<Item = &'static Topic> {
    let lists: [&'static [Topic]; 5] =
        [certificates::TOPICS, files::TOPICS, events::TOPICS, services::TOPICS, ports::TOPICS];
    lists.into_iter().chain(programs::LISTS.iter().copied()).flatten()
}

/// A scanner for the logs of a server: each looks with a clone of it.
pub fn scanner_of_logs() -> scan::Scanner {
    scan::Scanner::of(texts::in_logs())
}

/// Every known text.
pub fn texts() -> impl Iterator<Item = &'static KnownText> {
    texts::LISTS.iter().copied().flatten()
}

#[cfg(test)]
mod tests;
