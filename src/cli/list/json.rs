//! The list for a program. It is written as it is walked through, and not built a second time.

use super::issued::{Issued, Item};
use super::live_clients;
use super::moments::timestamp;
use serde::{Serialize, Serializer};
use std::path::Path;

/// Raised when a field changes its meaning; additions leave it.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
pub(super) struct Answer<'a> {
    schema: u32,
    home: String,
    /// Those in `certificates`, and all that the ledger has.
    count: usize,
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    within_days: Option<u32>,
    certificates: Certificates<'a>,
}

struct Certificates<'a> {
    issued: &'a Issued,
    items: &'a [&'a Item],
    telling: Telling,
}

/// What is told of each beside what the ledger has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    Nothing,
    /// Until when it is accepted: not longer than its root.
    End,
    /// And what ends it before that.
    EndAndWhatEnds,
}

#[derive(Serialize)]
struct Certificate<'a> {
    machine: &'a str,
    role: &'static str,
    state: &'static str,
    serial: &'a str,
    issued_at: String,
    not_before: String,
    not_after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    place: &'a str,
    /// Whether its files are known to have arrived.
    confirmed: bool,
    profile: &'a str,
    sha256: &'a str,
    /// The SHA-256 of the root that signed it, and whether that was replaced meanwhile.
    root: &'a str,
    root_replaced: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<&'static str>,
}

impl<'a> Answer<'a> {
    pub(super) fn new(home: &Path, issued: &'a Issued, items: &'a [&'a Item], telling: Telling) -> Self {
        Self {
            schema: SCHEMA,
            home: home.display().to_string(),
            count: items.len(),
            total: issued.total,
            within_days: None,
            certificates: Certificates { issued, items, telling },
        }
    }

    pub(super) fn within_days(mut self, days: u32) -> Self {
        self.within_days = Some(days);
        self
    }
}

impl Serialize for Certificates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.items.iter().map(|item| self.certificate(item)))
    }
}

impl Certificates<'_> {
    fn certificate(&self, item: &Item) -> Certificate<'_> {
        let text = |text| self.issued.text(text);
        let perhaps = |seconds: Option<i64>| seconds.map(timestamp);
        let present = self.issued.is_under_present_root(item);
        Certificate {
            machine: text(item.bundle.machine),
            role: item.role.word(),
            state: item.state.word(),
            serial: text(item.serial),
            issued_at: timestamp(item.issued_at),
            not_before: timestamp(item.not_before),
            not_after: timestamp(item.not_after),
            superseded_at: perhaps(item.superseded_at),
            revoked_at: perhaps(item.revoked_at),
            reason: item.reason.map(text),
            place: text(item.bundle.place),
            confirmed: item.written,
            profile: text(item.bundle.profile),
            sha256: text(item.sha256),
            root: self.issued.root(item).map(|root| root.sha256.as_str()).unwrap_or_default(),
            root_replaced: !present,
            accepted_until: (self.telling != Telling::Nothing).then(|| timestamp(self.issued.end(item))),
            ended_by: (self.telling == Telling::EndAndWhatEnds).then(|| live_clients::ended_by(present)),
        }
    }
}
