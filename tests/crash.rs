//! Kills runs at every moment and looks at what they leave: the old state or the new one, never a half.
//!
//! Kills come swept over a run's whole duration, right after a stage appears, and, where strace is installed, before
//! each single step that changes the disk. Nothing here may depend on which of them hits what.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

mod support;

mod crash {
    mod commands;
    mod interrupt;
    mod recovery;
    mod steps;
    mod sweep;
    mod trial;
}
