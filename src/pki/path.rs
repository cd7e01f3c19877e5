//! Path validation to RFC 5280 section 6, as a diagnosis: every candidate path is tried within a bound, every fault of
//! the best one is kept, and the root is judged too.
//!
//! Sentences call certificates by the labels the caller gives. Files and folders are not known here.

use super::certificate::Certificate;
use super::finding::Finding;
use std::net::IpAddr;
use time::OffsetDateTime;

/// What a chain is asked.
#[derive(Debug, Clone)]
pub struct Question {
    pub at: OffsetDateTime,
    pub purpose: Purpose,
    /// The name that a caller would use; `None` matches no name.
    pub name: Option<PeerName>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Server,
    Client,
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerName {
    Dns(String),
    Ip(IpAddr),
}

/// A certificate and how people know it.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    pub certificate: &'a Certificate,
    /// For sentences: `` `server.pem` ``, `` `server.pfx` and `server.pem` ``.
    pub label: String,
    /// The paths it was found in.
    pub files: Vec<String>,
}

/// What was found about one leaf.
#[derive(Debug)]
pub struct Judgement {
    /// The best path, the leaf first: the fewest errors.
    pub path: Vec<usize>,
    /// The path ends in an anchor.
    pub anchored: bool,
    pub findings: Vec<Finding>,
}
