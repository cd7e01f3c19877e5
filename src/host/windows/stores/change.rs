//! Certificates put into Windows' stores and taken out of them. Every call commits what it did, and says what Windows
//! said. Nothing is decided here.

use crate::host::stores::Import;
use crate::pki::secret::{Password, Secret};
use crate::pki::snapshot::Place;
use std::io;

fn not_yet<T>() -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "the stores are only read yet"))
}

/// One that is there already is replaced, with its properties.
pub fn add(_: Place, _: &[u8], _: Option<&str>) -> io::Result<()> {
    not_yet()
}

/// The certificates, as DER, that came into the store with their key.
pub fn import(_: &Import<'_>) -> io::Result<Vec<Vec<u8>>> {
    not_yet()
}

pub fn set_friendly_name(_: Place, _: &[u8], _: &str) -> io::Result<()> {
    not_yet()
}

/// Its key stays in its container. `NotFound`: the store does not have it.
pub fn remove(_: Place, _: &[u8]) -> io::Result<()> {
    not_yet()
}

/// A PFX of these certificates, with the keys that Windows gives away.
pub fn export(_: Place, _: &[&[u8]], _: Option<&Password>) -> io::Result<Secret> {
    not_yet()
}
