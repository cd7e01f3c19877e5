//! What Windows does in its own way. The same functions as in `unix.rs`.
//!
//! Private files and folders have an access list of their own; all others inherit their folder's.

#![expect(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the functions have one shape on every system"
)]

#[path = "windows/access.rs"]
mod access;
#[path = "windows/descriptor.rs"]
mod descriptor;
#[path = "windows/moving.rs"]
mod moving;
#[path = "windows/plain.rs"]
mod plain;
#[path = "windows/stores.rs"]
pub(super) mod stores;

use std::fs::{File, Metadata};
use std::io;
use std::os::windows::fs::MetadataExt;
use std::path::{Path, PathBuf};

use fs_err as fs;

/// A new file that is its owner's alone from its creation.
pub(super) fn create_private_file(path: &Path) -> io::Result<fs::File> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("failed to create `{}`: {error}", path.display()));
    Ok(fs::File::from_parts(access::create_private_file(path).map_err(named)?, path))
}

/// With all parents, which inherit as folders do.
pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    match access::create_private_folder(path) {
        // Another run made it meanwhile.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        outcome => outcome,
    }
}

/// NTFS journals its metadata; a folder cannot be opened for flushing without special rights.
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

pub(super) use moving::{rename, rename_new};

/// Windows has no exchange of folders.
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Tells a folder from one that takes its place.
pub(super) fn identity(metadata: &Metadata) -> impl PartialEq + use<> {
    (metadata.creation_time(), metadata.last_write_time())
}

pub(super) fn others_may_read(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| others_may_read_by(&file))
}

/// Where the list cannot be read no claim is made.
pub(super) fn others_may_read_by(file: &File) -> bool {
    access::others_may_read(file).unwrap_or(false)
}

pub(super) fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// In words, of what is neither file nor folder.
pub(super) fn kind_of(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() { "a folder" } else { "a device" }
}

/// The console's modes are the process's own affair: they end with it.
pub(super) fn remember_terminal() {}

pub(super) fn restore_terminal() {}

/// For code that knows only short paths: SQLite's.
pub(super) fn openable_path(path: &Path) -> PathBuf {
    access::full(path).unwrap_or_else(|_| path.to_owned())
}

/// As people write it.
pub(super) fn plain_path(path: PathBuf) -> PathBuf {
    path.to_str().and_then(plain::plain).map_or(path, PathBuf::from)
}

pub(super) fn path_to_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

pub(super) fn path_from_bytes(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// `%LOCALAPPDATA%`: the root's key stays on this machine, also where profiles roam.
pub fn data_folder() -> Option<PathBuf> {
    std::env::var_os("LOCALAPPDATA").map(PathBuf::from).filter(|path| path.is_absolute())
}

/// `%ProgramData%\Qlik\Sense`, where an installation keeps its data.
pub fn qlik_folder() -> Option<PathBuf> {
    let data = std::env::var_os("ProgramData").map(PathBuf::from).filter(|path| path.is_absolute())?;
    Some(data.join("Qlik").join("Sense"))
}

/// The computer's name, completed with the domain that the user is logged on to.
pub fn full_host_name() -> Option<String> {
    let name = std::env::var("COMPUTERNAME").ok().filter(|name| !name.is_empty())?;
    match std::env::var("USERDNSDOMAIN") {
        Ok(domain) if !domain.is_empty() => Some(format!("{name}.{domain}")),
        _ => Some(name),
    }
}
