//! `qcert probe` against servers that other people wrote: sound ones, each defect alone, and what is no TLS at all.
//!
//! Everything here goes through the command line; the library is never called. A case (`case.rs`) is one line of a
//! table: which program serves what, which bundle is tried, and what must come of it. Where a server speaks HTTP, curl,
//! Node and Python call it with the same bundle, and qcert's verdict must be what they experience.
//!
//! A stranger that is not installed is said to be SKIPPED and its cases pass; with `QCERT_STRANGERS=required` in the
//! environment they fail. Nothing here may reach beyond 127.0.0.1, outlive its test, wait without a deadline, or write
//! outside `target`.
#![cfg(unix)] // Windows has programs of the same names that do other things.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "tests start other programs, and a test that cannot go on ends with the reason"
)]

mod probe {
    // The tools of the other suite of strangers.
    #[path = "../interop/process.rs"]
    #[allow(dead_code, reason = "shared with another suite")]
    mod process;
    #[path = "../interop/scratch.rs"]
    #[allow(dead_code, reason = "shared with another suite")]
    mod scratch;
    #[path = "../interop/stranger.rs"]
    #[allow(dead_code, reason = "shared with another suite")]
    mod stranger;

    // The tools of this one.
    mod callers;
    #[macro_use]
    mod case;
    mod forge;
    mod raw;
    mod servers;
    mod site;

    // The tables.
    mod bundles;
    mod defects;
    mod demands;
    mod engine;
    mod not_tls;
    mod qrs;
}
