//! `qcert convert`: every direction, each judged by strangers; what is carried over byte for byte; what is refused.
//!
//! A stranger that is not installed is said to be SKIPPED; with `QCERT_STRANGERS=required` its tests fail.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

mod support;

#[path = "interop/process.rs"]
#[allow(dead_code, reason = "the tools of tests/interop.rs, of which this suite uses a part")]
mod process;
#[path = "interop/stranger.rs"]
#[allow(dead_code, reason = "the tools of tests/interop.rs, of which this suite uses a part")]
mod stranger;

mod convert {
    mod carried;
    mod directions;
    mod old;
    mod protection;
    mod refused;
    mod strangers;
    mod sweep;
    mod targets;
    mod text;
    mod world;
}
