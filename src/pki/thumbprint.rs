//! Thumbprints: digests as people compare them. Lower-case hexadecimal, without colons.

use super::certificate::hexadecimal;
use aws_lc_rs::digest::{SHA256, digest};

pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(digest(&SHA256, bytes).as_ref())
}
