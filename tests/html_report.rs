//! The page that `--report` writes: its structure, and what headless Chromium shows of it.
//!
//! Reports are made by hand. Without Chromium or Node.js the looking is SKIPPED; with `QCERT_STRANGERS=required` that
//! fails. The pictures stay in the target folder (`tmp/html_report`) for whoever wants to see them.
#![cfg(unix)] // Chromium is driven over a pipe of two descriptors.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

#[path = "support/process.rs"]
#[allow(dead_code, reason = "shared with suites that use more of it")]
mod process;
#[path = "workshop/mod.rs"]
mod workshop;

#[path = "html/browser.rs"]
mod browser;
#[path = "html/hostile.rs"]
mod hostile;
#[path = "html/looks.rs"]
mod looks;
#[path = "html/samples.rs"]
mod samples;
#[path = "html/structure.rs"]
mod structure;

use qcert::cli::{Clock, html_report};
use qcert::pki::report::Report;
use time::UtcOffset;
use workshop::NOW;

pub(crate) fn page(reports: &[Report]) -> String {
    html_report(reports, false, Clock { now: NOW, offset: UtcOffset::UTC })
}
