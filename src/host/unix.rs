//! What Unix systems do in their own way. The same functions as in `windows.rs`.

#[path = "unix/stores.rs"]
pub(super) mod stores;

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use fs_err as fs;
use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// Owner-only from creation: there is no moment at which others could open the file.
pub(super) fn create_private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    fs::OpenOptions::from_options(options).open(path)
}

/// Owner-only, with all parents.
pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a rename durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

/// A file that is there is replaced.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Renames and fails when `to` exists, also as an empty folder.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            // A file system without the flag. rename(2) itself refuses a folder that is not empty.
            if to.symlink_metadata().is_ok() {
                return Err(Errno::EXIST.into());
            }
            fs::rename(from, to)
        }
        result => Ok(result?),
    }
}

/// Exchanges two folders in one step. `false` where the system cannot.
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Tells a folder from one that takes its place.
pub(super) fn identity(metadata: &Metadata) -> impl PartialEq + use<> {
    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

pub(super) fn others_may_read(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| grants_reading(&metadata))
}

pub(super) fn others_may_read_by(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| grants_reading(&metadata))
}

fn grants_reading(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o044 != 0
}

/// A pipe without a writer would hold up who opens it.
pub(super) fn open_without_waiting(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// In words, of what is neither file nor folder.
pub(super) fn kind_of(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    match () {
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_dir() => "a folder",
        () => "a device",
    }
}

/// Windows has long paths, which not all code can open as they are.
pub(super) fn openable_path(path: &Path) -> PathBuf {
    path.to_owned()
}

/// As people write it.
pub(super) fn plain_path(path: PathBuf) -> PathBuf {
    path
}

pub(super) fn path_to_bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

pub(super) fn path_from_bytes(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}

/// The terminal's modes before a question turned its echo off.
static TERMINAL: Mutex<Option<Termios>> = Mutex::new(None);

pub(super) fn remember_terminal() {
    if let Ok(modes) = tcgetattr(io::stdin()) {
        TERMINAL.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(modes);
    }
}

pub(super) fn restore_terminal() {
    if let Some(modes) = TERMINAL.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // The process ends in any case.
        _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
    }
}

/// The per-user data folder: `XDG_DATA_HOME`, `~/Library/Application Support` on macOS, else `~/.local/share`.
pub fn data_folder() -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let home = || std::env::home_dir().and_then(absolute);
    if cfg!(target_os = "macos") {
        return Some(home()?.join("Library/Application Support"));
    }
    let chosen = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).and_then(absolute);
    chosen.or_else(|| Some(home()?.join(".local/share")))
}

/// Qlik Sense Enterprise runs on Windows alone.
pub fn qlik_folder() -> Option<PathBuf> {
    None
}

/// This machine's full name. A short one is completed from `/etc/hosts`, where installers write the full name first;
/// name servers are not asked, because they may keep one waiting.
pub fn full_host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.trim_end_matches('.').to_owned();
    if name.contains('.') {
        return Some(name);
    }
    let hosts = fs::read_to_string("/etc/hosts").unwrap_or_default();
    let full = hosts.lines().find_map(|line| {
        let mut names = line.split('#').next()?.split_whitespace().skip(1);
        let canonical = names.next()?;
        let begins = canonical.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
        begins.then(|| canonical.to_owned())
    });
    full.or(Some(name)).filter(|name| !name.is_empty())
}
