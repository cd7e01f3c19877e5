//! Strangers judge: programs that know nothing of qcert open, verify and use what it wrote.
//!
//! Everything here goes through the command line; the library is never called, so this suite could judge a rewrite.
//! A stranger that is not installed is said to be SKIPPED and its tests pass; with `QCERT_STRANGERS=required` in the
//! environment they fail. `.ci/strangers` installs them all.
//!
//! Nothing here may reach beyond 127.0.0.1, outlive its test, wait without a deadline, or write outside `target`.
#![cfg(unix)] // Windows has programs of the same names (`certutil`) that do other things.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "tests start other programs, and a test that cannot go on ends with the reason"
)]

mod interop {
    // The tools of this suite.
    #[macro_use]
    mod bundle;
    mod foreign;
    mod process;
    mod scratch;
    mod stranger;

    // One room per stranger.
    mod enigma;
    mod gnutls;
    mod java;
    mod node;
    mod nss;
    mod openssl;
    mod python;

    // What takes several strangers at once.
    mod handshakes;
    mod shapes;
    mod takeover;
    mod visitors;
}
