//! Windows' two ways to read a PFX, .NET and CryptoAPI, open every PFX that qcert writes, use the keys in them, and build
//! chains that end in the root.
//!
//! .NET runs on this system, above OpenSSL: it shows its own view of the files. CryptoAPI is Wine's, a rebuilding by other
//! people. What neither can show is in docs/windows.md. A stranger that is not installed is said to be SKIPPED; with
//! `QCERT_STRANGERS=required` its test fails.
//!
//! Nothing here may reach beyond 127.0.0.1, touch a person's stores or Wine's folders in a home, or wait without a deadline.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests start other programs, and a test that cannot go on ends with the reason"
)]

mod support;

mod windows_readers {
    #[path = "../assemble/ca.rs"]
    #[allow(dead_code, reason = "of the tools of another suite a part is used")]
    mod ca;
    #[path = "../interop/process.rs"]
    #[allow(dead_code, reason = "of the tools of another suite a part is used")]
    mod process;
    #[path = "../interop/scratch.rs"]
    #[allow(dead_code, reason = "of the tools of another suite a part is used")]
    mod scratch;
    #[path = "../interop/stranger.rs"]
    #[allow(dead_code, reason = "of the tools of another suite a part is used")]
    mod stranger;

    // What is read, and what is said of it.
    mod answers;
    mod site;
    mod written;

    // One room per reader.
    mod cryptoapi;
    mod dotnet;
    mod wine;
}
