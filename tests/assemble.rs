//! Another CA signs: `export --csr-only` asks, three CAs by other people answer, `assemble` makes the bundles.
//!
//! Strangers judge the requests and the bundles. A stranger that is not installed is said to be SKIPPED; with
//! `QCERT_STRANGERS=required` its tests fail. Nothing here may reach beyond 127.0.0.1 or leave a home behind.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start other programs, and a test that cannot go on ends with the reason"
)]

mod support;

mod assemble {
    #[allow(dead_code, reason = "of the tools of another suite a part is used")]
    #[path = "../interop/process.rs"]
    mod process;
    #[allow(dead_code, reason = "of the tools of another suite a part is used")]
    #[path = "../interop/stranger.rs"]
    mod stranger;

    mod ca;
    mod scene;

    mod bundles;
    mod folders;
    mod requests;
    mod trouble;
}
