//! Backups: what comes back is what went in; what is damaged, cut or somebody else's is told apart; no run that dies
//! leaves half of anything; and programs by other people open what qcert wrote.
//!
//! May not write outside of its temporary folders. What needs root or a stranger says SKIPPED without it.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

mod support;

mod backup {
    pub(crate) mod scene;

    mod archive;
    mod crash;
    mod damage;
    mod ledger;
    mod round;
    mod strangers;
    mod world;
}
