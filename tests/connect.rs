//! `--connect` against servers of other people: what they show is what `inspect` and `validate` see, and say.
//!
//! Everything here goes through the command line. A stranger that is not installed is said to be SKIPPED and its tests
//! pass; with `QCERT_STRANGERS=required` in the environment they fail.
//!
//! Nothing here may reach beyond 127.0.0.1, outlive its test, wait without a deadline, or write outside `target`.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "tests start other programs, and a test that cannot go on ends with the reason"
)]

mod connect {
    // The tools of the other suite of strangers.
    #[path = "../interop/process.rs"]
    #[allow(dead_code, reason = "this suite uses its part")]
    mod process;
    #[path = "../interop/scratch.rs"]
    #[allow(dead_code, reason = "this suite uses its part")]
    mod scratch;
    #[path = "../interop/stranger.rs"]
    #[allow(dead_code, reason = "this suite uses its part")]
    mod stranger;

    mod site;

    mod inspect;
    mod validate;
}
