//! Windows' own opinion of a certificate: the chain that it builds with what is in its stores, and its policy.

use crate::host::stores::{Trust, Use};
use crate::pki::snapshot::Location;
use std::io;

/// As seen by the machine, or by this account.
pub fn trust(_: &[u8], _: Use<'_>, _: Location) -> io::Result<Trust> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "Windows' chain engine is not asked yet"))
}
