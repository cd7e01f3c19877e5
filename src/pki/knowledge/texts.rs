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
