//! What is written is what is read, for every profile, format, password and kind of key; and what is converted there and
//! back is what it was. The cases are drawn, and are the same in every run.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test reads fixtures and fails loudly"
)]

#[path = "properties/mod.rs"]
mod cases;
#[path = "workshop/mod.rs"]
mod workshop;
