//! What qcert says programs make of a bundle, against what they make of it: over a hundred bundles with one defect
//! each are made, judged by qcert, and given to the real programs in real mutual TLS on 127.0.0.1.
//!
//! Each program runs once over all cases. It reads lines `FOLDER <tab> STEP <tab> MACHINE <tab> PASSWORD` from the file
//! named by `QCERT_CASES`, and answers each with `FOLDER <tab> STEP <tab> accepted` or `… refused <tab> its words`. In
//! the folder lie the bundle as a user has it and, below `peer`, the other ends' files in a form anybody reads. STEP is
//! `load` (the caller's files), `call` (verify the server), `serve` (verify the client), `pfx`, or `root`.
//!
//! A program that is not installed is said to be SKIPPED; with `QCERT_STRANGERS=required` that is a failure.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests start other programs, and a test that cannot go on ends with the reason"
)]

mod consumers {
    #[path = "../interop/process.rs"]
    #[allow(dead_code, reason = "shared with another suite")]
    mod process;
    #[path = "../interop/scratch.rs"]
    #[allow(dead_code, reason = "shared with another suite")]
    mod scratch;
    #[path = "../interop/stranger.rs"]
    #[allow(dead_code, reason = "shared with another suite")]
    mod stranger;

    mod cases;
    mod openssl;
    mod proofs;
    mod spoilt;
    mod tools;
    mod writer;
}
