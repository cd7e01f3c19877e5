//! The error texts that are known, by who says them, with Qlik's misspellings and the forms of each version. Data only.

mod alerts;
mod alerts_other;
mod chain;
mod connection;
mod files;
mod go;
mod http;
mod java;
mod names;
mod qlik;
mod windows;

use super::{KnownText, Precision};
use crate::pki::rules;

impl KnownText {
    /// The form that is most usual, for a person.
    pub fn usual(&self) -> String {
        self.texts.first().copied().unwrap_or_default().replace('*', "…")
    }

    /// For a person: of a general text, no claim.
    pub fn cause_told(&self) -> String {
        let may_be = if self.precision == Precision::General { "said for many reasons; among them: " } else { "" };
        format!("{may_be}{}", self.cause)
    }

    /// Rules that there are; the catalogue of texts may name one that another release has.
    pub fn rules_that_exist(&self) -> Vec<&'static str> {
        self.rules.iter().copied().filter(|id| rules::all().any(|rule| rule.id == *id)).collect()
    }
}

pub(super) const LISTS: &[&[KnownText]] = &[
    qlik::TEXTS,
    chain::TEXTS,
    names::TEXTS,
    files::TEXTS,
    alerts::TEXTS,
    alerts_other::TEXTS,
    connection::TEXTS,
    go::TEXTS,
    java::TEXTS,
    windows::TEXTS,
    http::TEXTS,
];

/// Known texts that are not about certificates or TLS.
const OTHER_MATTERS: &[&str] = &["xsrf", "http-sys-name", "http-sys-not-found"];

/// Words that mean a certificate to who asks about them, and in gigabytes of logs also a reload that was cancelled, a
/// database's password or a join of two tables.
const COMMON_WORDS: &[&str] = &[
    "bad end line",
    "Cannot find the requested object",
    "does not contain the expected name",
    "empty password",
    "error 7 at",
    "error 9 at",
    "error 10 at",
    "error 19 at",
    "error 20 at",
    "error 21 at",
    "error 24 at",
    "error 25 at",
    "error 26 at",
    "error 32 at",
    "error 34 at",
    "error 62 at",
    "error 64 at",
    "error 79 at",
    "error 92 at",
    "hostname '*' doesn't match",
    "interrupted or cancelled",
    "invalid password?",
    "key type mismatch",
    "NOT_ENOUGH_DATA",
    "OfflineRevocation",
    "signature check failed",
    "The password you entered is incorrect",
    "TrailingData",
    "unsupported protocol",
    "UNSUPPORTED_PROTOCOL",
    "validity check failed",
];

/// What is looked for in the logs of a server: exact texts, without the words that others use as well.
pub(super) fn in_logs() -> impl Iterator<Item = (&'static KnownText, Vec<&'static str>)> {
    let exact = |text: &&KnownText| text.precision == Precision::Exact && !OTHER_MATTERS.contains(&text.name);
    let telling = |text: &'static KnownText| {
        let forms = text.texts.iter().copied().filter(|form| !COMMON_WORDS.contains(form)).collect();
        (text, forms)
    };
    LISTS.iter().copied().flatten().filter(exact).map(telling)
}

const JUDGE: &str = "qcert validate ./host.domain";
const REPRODUCED: &str = "reproduced with OpenSSL 3, Node 20, Python 3.11, Go 1.19";

/// What an entry does not say for itself.
const PLAIN: KnownText = KnownText {
    name: "",
    texts: &[],
    precision: Precision::Exact,
    program: "",
    cause: "",
    fix: "",
    command: JUDGE,
    rules: &[],
    source: REPRODUCED,
};

#[cfg(test)]
mod tests;
