//! Rules of dates. Found by `path`; the clock is an argument.

use super::super::finding::{Rule, Severity};

pub static EXPIRED: Rule = Rule {
    id: "validity/expired",
    severity: Severity::Error,
    title: "expired",
    cause: "Its last day has passed. Qlik's certificates hold for ten years from their making.",
    fix: "issue it again; an expired root means a new root and new certificates for every machine",
    source: "RFC 5280 4.1.2.5 and 6.1.3 (a)(2)",
};

pub static NOT_YET_VALID: Rule = Rule {
    id: "validity/not-yet-valid",
    severity: Severity::Error,
    title: "not yet valid",
    cause: "Its first day is still to come. Usually a clock is wrong, here or where it was made.",
    fix: "check the clock of this machine and of the one that issued it",
    source: "RFC 5280 4.1.2.5",
};

pub static INVERTED: Rule = Rule {
    id: "validity/inverted",
    severity: Severity::Error,
    title: "its last day is before its first",
    cause: "It was never valid and never will be.",
    fix: "issue it again",
    source: "RFC 5280 4.1.2.5",
};

pub static RULES: &[&Rule] = &[&EXPIRED, &NOT_YET_VALID, &INVERTED];
