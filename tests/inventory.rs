//! The reader against what people do to files: every form, every mistake, each named for what it is.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test reads fixtures, has rcgen make what qcert does not, and fails loudly"
)]

#[path = "inventory/mod.rs"]
mod cases;
#[path = "clock/mod.rs"]
mod clock;
#[path = "workshop/mod.rs"]
mod workshop;
