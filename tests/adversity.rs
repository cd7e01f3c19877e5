//! Bad input and a bad world: each gives the promised exit code, one clear error with a way out, and nothing is lost.
//!
//! What needs root or a tool says SKIPPED without it; in CI (`QCERT_STRANGERS=required`) it has to run.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

mod support;

mod adversity {
    mod disk;
    mod home;
    mod list;
    mod output;
    mod password;
    mod rights;
    mod target;
}
