//! The answers of `qcert explain` for a program. Fields are only ever added.

use serde::Serialize;

/// Raised when a field changes its meaning; additions leave it.
const SCHEMA: u32 = 1;

#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    schema: u32,
    #[serde(flatten)]
    about: About<'a>,
}

impl<'a> Answer<'a> {
    pub(super) fn new(about: About<'a>) -> Self {
        Self { schema: SCHEMA, about }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "answer")]
pub(super) enum About<'a> {
    /// Without a word: what there is.
    List {
        rules: Vec<RuleLine>,
        topics: Vec<TopicLine>,
    },
    Topic(Topic),
    Rules {
        rules: Vec<Rule>,
    },
    Texts {
        lines_read: u64,
        complete: bool,
        known_texts: usize,
        found: Vec<Found<'a>>,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct RuleLine {
    pub(super) id: &'static str,
    pub(super) severity: &'static str,
    pub(super) title: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct TopicLine {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Topic {
    pub(super) name: &'static str,
    pub(super) also: &'static [&'static str],
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) parts: Vec<Part>,
    pub(super) commands: Vec<Command>,
    pub(super) see: &'static [&'static str],
    pub(super) source: &'static str,
}

/// One of the bodies is there.
#[derive(Debug, Default, Serialize)]
pub(super) struct Part {
    pub(super) heading: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) points: Option<&'static [&'static str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pairs: Option<Vec<Pair>>,
    /// The first row names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<&'static [&'static [&'static str]]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paste: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub(super) struct Pair {
    pub(super) label: &'static str,
    pub(super) text: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Command {
    pub(super) command: &'static str,
    pub(super) does: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) severity: &'static str,
    pub(super) title: &'static str,
    pub(super) cause: &'static str,
    pub(super) fix: &'static str,
    pub(super) source: &'static str,
    pub(super) command: &'static str,
    /// Error texts that lead here.
    pub(super) texts: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
pub(super) struct Found<'a> {
    pub(super) name: &'static str,
    pub(super) program: &'static str,
    /// The text in the form that is most usual.
    pub(super) text: &'static str,
    pub(super) lines: u64,
    pub(super) first_line: u64,
    pub(super) last_line: u64,
    /// When those lines were written, in the zone of the log, or without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_time: Option<String>,
    /// Out of the log, as it stands there.
    pub(super) excerpt: &'a str,
    pub(super) exact: bool,
    pub(super) cause: &'static str,
    pub(super) fix: &'static str,
    pub(super) command: &'static str,
    pub(super) rules: Vec<&'static str>,
    pub(super) source: &'static str,
}
