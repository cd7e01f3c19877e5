//! What a report says of the snapshot that it judges: whose stores, and when they were looked at.

use super::super::output::escape;
use super::super::words::rfc3339;
use crate::pki::inventory::What;
use crate::pki::report::Report;
use crate::pki::snapshot::Snapshot;
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Debug, Serialize)]
pub(super) struct JsonSnapshot<'a> {
    computer: &'a str,
    account: &'a str,
    /// RFC 3339 in UTC.
    taken_at: String,
}

/// The first; `validate` judges each by itself.
pub(in super::super) fn of(report: &Report) -> Option<&Snapshot> {
    let objects = report.files.iter().flat_map(|file| &file.objects);
    objects.into_iter().find_map(|object| match &object.what {
        What::Snapshot(content) => Some(&content.snapshot),
        _ => None,
    })
}

pub(super) fn json(report: &Report) -> Option<JsonSnapshot<'_>> {
    let Snapshot { computer, account, taken_at, .. } = of(report)?;
    Some(JsonSnapshot { computer, account, taken_at: rfc3339(*taken_at) })
}

pub(super) fn text(text: &mut String, report: &Report) {
    let Some(Snapshot { computer, account, taken_at, .. }) = of(report) else { return };
    let (computer, account) = (escape(computer), escape(account));
    // Writing to a String cannot fail.
    _ = writeln!(text, "  the stores of {computer} as {account} saw them at {}", rfc3339(*taken_at));
}
