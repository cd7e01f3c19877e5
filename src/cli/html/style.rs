//! The page's style sheet and its hash, which the page's policy allows and nothing else.
//!
//! `tests/html_report.rs` holds the hash to the sheet and says the new one.

pub(super) const SHEET: &str = include_str!("page.css");

/// Of `SHEET`, in the form of the Content-Security-Policy.
pub(super) const HASH: &str = "sha256-t5r2D3JDPBRWpR1fqpGqCeFipoU2FuTAugKgU/OuMS4=";
