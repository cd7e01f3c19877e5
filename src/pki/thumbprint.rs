//! Thumbprints: digests as people compare them. Lower-case hexadecimal, without colons.

use super::certificate::hexadecimal;
use aws_lc_rs::digest::{Context, SHA256, digest};
use std::fmt;

pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(digest(&SHA256, bytes).as_ref())
}

/// SHA-256 of what comes piece by piece.
pub struct Sha256(Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sha256 {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(self) -> String {
        hexadecimal(self.0.finish().as_ref())
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sha256")
    }
}
