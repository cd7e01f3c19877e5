//! Rules of use: what a certificate may be used for. Found by `path`.

use super::super::finding::{Rule, Severity};

pub static WRONG_PURPOSE: Rule = Rule {
    id: "usage/wrong-purpose",
    severity: Severity::Error,
    title: "not for this purpose",
    cause: "An extendedKeyUsage limits what a certificate, or all below a CA, may be used for, and this use is \
           not in it.",
    fix: "issue it again for this use: Qlik writes no extended key usage at all",
    source: "RFC 5280 4.2.1.12",
};

pub static KEY_USAGE: Rule = Rule {
    id: "usage/key-usage",
    severity: Severity::Error,
    title: "its key usage allows no TLS",
    cause: "The keyUsage has none of the uses that TLS needs: digitalSignature, keyEncipherment or keyAgreement.",
    fix: "issue it again with digitalSignature and keyEncipherment, or without keyUsage as Qlik does",
    source: "RFC 5280 4.2.1.3; RFC 8446 4.4.2.2",
};

pub static CA_AS_LEAF: Rule = Rule {
    id: "usage/ca-as-leaf",
    severity: Severity::Warning,
    title: "a CA used as server or client",
    cause: "A certificate with CA:TRUE that is used by a server or client could sign others. Some programs \
           refuse it.",
    fix: "issue a certificate of its own for the server or client",
    source: "CA/Browser Forum BR 7.1.2.7",
};

pub static RULES: &[&Rule] = &[&WRONG_PURPOSE, &KEY_USAGE, &CA_AS_LEAF];
