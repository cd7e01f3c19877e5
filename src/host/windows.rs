//! What Windows does in its own way. The same functions as in `unix.rs`.
//!
//! Files inherit the access rights of their folder, which below a user's profile admit the user, SYSTEM and
//! Administrators.

use std::fs::{File, Metadata};
use std::io;
use std::os::windows::fs::MetadataExt;
use std::path::{Path, PathBuf};

use fs_err as fs;

pub(super) fn private_file_options() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    options
}

pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// NTFS journals its metadata; a folder cannot be opened for flushing without special rights.
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// `MoveFileEx` on a folder fails when the target exists.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    if to.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// Windows has no exchange of folders.
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Access lists are not read yet: no claim is made.
/// Tells a folder from one that takes its place.
pub(super) fn identity(metadata: &Metadata) -> impl PartialEq + use<> {
    (metadata.creation_time(), metadata.last_write_time())
}

pub(super) fn others_may_read(_: &Path) -> bool {
    false
}

pub(super) fn others_may_read_by(_: &Metadata) -> bool {
    false
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

/// The computer's name, completed with the domain that the user is logged on to.
pub fn full_host_name() -> Option<String> {
    let name = std::env::var("COMPUTERNAME").ok().filter(|name| !name.is_empty())?;
    match std::env::var("USERDNSDOMAIN") {
        Ok(domain) if !domain.is_empty() => Some(format!("{name}.{domain}")),
        _ => Some(name),
    }
}
