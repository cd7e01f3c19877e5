//! Rules of names: for whom a certificate is. Found by `path`.

use super::super::finding::{Rule, Severity};

pub static NAME_MISMATCH: Rule = Rule {
    id: "identity/name-mismatch",
    severity: Severity::Error,
    title: "not for the name that is asked",
    cause: "A caller compares the name it dialled with the alternative names of the server, and refuses others. \
           Without a DNS name there, some still take the common name.",
    fix: "connect by a name that is in it, or export the certificate for the name that callers use",
    source: "RFC 6125 6.4; RFC 9525 6",
};

pub static MALFORMED_NAME: Rule = Rule {
    id: "identity/malformed-name",
    severity: Severity::Warning,
    title: "a DNS name that cannot be one",
    cause: "An alternative name has characters or parts that no host name can have, so no caller will ever match \
           it.",
    fix: "issue it again with the names that callers use",
    source: "RFC 1123 2.1; RFC 5280 4.2.1.6",
};

pub static RULES: &[&Rule] = &[&NAME_MISMATCH, &MALFORMED_NAME];
