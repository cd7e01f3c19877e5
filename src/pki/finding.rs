//! `Rule` and `Finding`: what can be wrong in general, and what was found wrong here.
//!
//! A rule's identifier is public and stable. A finding is one sentence for a person that names the file, and the way
//! out. Nothing here decides what is wrong: `rules` does.

use std::borrow::Cow;

/// How much a finding weighs. `Error`: some Qlik service or a named program refuses it. `Warning`: it works today; the
/// sentence says when or where it will not. `Note`: odd, harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Note,
    Warning,
    /// Something could not be looked at, such as a key without its password: never a pass, and no fault either.
    Unjudged,
    Error,
}

impl Severity {
    /// The word in text and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Unjudged => "unjudged",
            Self::Error => "error",
        }
    }
}

/// One thing that can be wrong. `docs/rules.md` and `qcert explain` are made of these.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `family/what`, lower case: `chain/unknown-issuer`.
    pub id: &'static str,
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it matters and how it comes about: one to three sentences.
    pub cause: &'static str,
    /// What to do: one or two sentences, imperative.
    pub fix: &'static str,
    /// RFC section, Qlik page or observation.
    pub source: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static Rule,
    /// The rule's own, unless the case weighs differently.
    pub severity: Severity,
    /// The paths it is about, the faulty one first. As they were given; not escaped.
    pub files: Vec<String>,
    /// What is wrong here, with names and dates: `server.pem` in backticks, no final period.
    pub sentence: String,
    /// What to do here: the rule's own, or more to the point.
    pub fix: Cow<'static, str>,
}

impl Finding {
    pub fn new(rule: &'static Rule, files: Vec<String>, sentence: String) -> Self {
        Self { rule, severity: rule.severity, files, sentence, fix: Cow::Borrowed(rule.fix) }
    }

    #[must_use]
    pub fn with_fix(mut self, fix: impl Into<Cow<'static, str>>) -> Self {
        self.fix = fix.into();
        self
    }

    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
