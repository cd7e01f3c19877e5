//! `list` only looks: whatever state a home is in, its answer is clear, its exit code true, and the home as it was.
//!
//! What it says of a ledger at a given time is held word for word in src/cli/list/tests.rs.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

mod support;

mod list {
    mod homes;
    mod metrics;
    mod questions;
}
