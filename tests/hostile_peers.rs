//! Ports that mean no good, or are something else: qcert ends, in time and within memory, with one clear sentence.
//!
//! All peers are on 127.0.0.1 and behave badly in every way that a caller could be held up, flooded or fooled by.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

#[path = "old_tls/s_server.rs"]
mod s_server;
mod support;

mod hostile_peers {
    mod calls;
    mod cuts;
    mod insiders;
    mod listening;
    mod octets;
    mod peers;
    mod runs;
    mod watched;
}
