//! Where there are no certificate stores: every function says so. The same functions as in `windows/stores.rs`.

use crate::host::stores::{Import, Trust, Use};
use crate::pki::secret::{Password, Secret};
use crate::pki::snapshot::{Location, Place, Snapshot};
use std::io;
use time::OffsetDateTime;

fn none<T>() -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "there are no Windows certificate stores here"))
}

pub fn snapshot(_: String, _: OffsetDateTime) -> io::Result<Snapshot> {
    none()
}

pub fn add(_: Place, _: &[u8], _: Option<&str>) -> io::Result<()> {
    none()
}

pub fn import(_: &Import<'_>) -> io::Result<Vec<Vec<u8>>> {
    none()
}

pub fn set_friendly_name(_: Place, _: &[u8], _: &str) -> io::Result<()> {
    none()
}

pub fn remove(_: Place, _: &[u8]) -> io::Result<()> {
    none()
}

pub fn export(_: Place, _: &[&[u8]], _: Option<&Password>) -> io::Result<Secret> {
    none()
}

pub fn trust(_: &[u8], _: Use<'_>, _: Location) -> io::Result<Trust> {
    none()
}

pub fn service_account() -> io::Result<Option<String>> {
    none()
}
