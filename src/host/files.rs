//! Files in and out: reading with a limit, writing so that nothing is half-written or readable by others.

use super::platform;
use crate::pki::bundle::Privacy;
use crate::pki::secret::Secret;
use fs_err as fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// No file that qcert reads is larger; what is, was given by mistake.
pub const READ_LIMIT: u64 = 16 << 20;

/// Far longer than a small file takes to be written.
const TURN: Duration = Duration::from_secs(20);

/// The whole file, or the whole of standard input for `-`.
pub fn read(path: &Path) -> io::Result<Secret> {
    if path == Path::new("-") {
        return read_all(io::stdin().lock(), "standard input");
    }
    read_file(path)
}

pub fn read_file(path: &Path) -> io::Result<Secret> {
    if path.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            format!("`{}` is a folder, not a file", path.display()),
        ));
    }
    read_all(fs::File::open(path)?, &format!("`{}`", path.display()))
}

fn read_all(source: impl io::Read, what: &str) -> io::Result<Secret> {
    let mut bytes = Zeroizing::new(Vec::new());
    source.take(READ_LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > READ_LIMIT {
        let limit = READ_LIMIT >> 20;
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("{what} is larger than {limit} MiB")));
    }
    Ok(Secret::new(std::mem::take(&mut *bytes)))
}

/// A new file, flushed to disk.
pub fn create(path: &Path, bytes: &[u8], privacy: Privacy) -> io::Result<()> {
    create_unflushed(path, bytes, privacy)?.sync_all()
}

/// A new file. Private ones are the owner's alone from their creation.
pub fn create_unflushed(path: &Path, bytes: &[u8], privacy: Privacy) -> io::Result<fs::File> {
    let mut file = match privacy {
        Privacy::Private => platform::create_private_file(path)?,
        Privacy::Public => fs::OpenOptions::new().write(true).create_new(true).open(path)?,
    };
    file.write_all(bytes)?;
    Ok(file)
}

/// Puts a public file in place in one step, also beside others who do. What a killed run left beside it is taken over.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path)?;
    create_in_turn(&beside, bytes)?;
    platform::rename(&beside, path).inspect_err(|_| drop(remove_if_there(&beside)))
}

/// Whoever makes the file has the turn until he renames it, which takes no time; later he is taken for dead.
fn create_in_turn(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let begun = Instant::now();
    let age = || path.metadata().and_then(|metadata| metadata.modified()).ok()?.elapsed().ok();
    loop {
        match create(path, bytes, Privacy::Public) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.inspect_err(|_| drop(remove_if_there(path))),
        }
        if begun.elapsed() > TURN || age().is_some_and(|age| age > TURN) {
            remove_if_there(path)?;
        } else {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// As `replace`, but what arrived on the disk is read back first, and the name is durable afterwards. Unless something is
/// to be replaced, the name must be free.
pub fn put(path: &Path, bytes: &[u8], replacing: bool) -> io::Result<()> {
    let beside = beside(path)?;
    remove_if_there(&beside)?;
    let placed = create(&beside, bytes, Privacy::Public).and_then(|()| {
        if read_file(&beside)?.expose() != bytes {
            return Err(io::Error::other("what was read back is not what was written"));
        }
        if replacing { platform::rename(&beside, path) } else { platform::rename_new(&beside, path) }
    });
    placed.inspect_err(|_| drop(remove_if_there(&beside)))?;
    sync_folder(folder_of(path))
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no file name"))?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(".part");
    Ok(path.with_file_name(beside))
}

/// Flushes a folder, so that the names in it are durable.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    platform::sync_folder(path)
}

/// Removes a file that may be gone already.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether the file's rights let others than its owner read it.
pub fn others_may_read(path: &Path) -> bool {
    platform::others_may_read(path)
}

/// A folder of its own, not a link to one.
pub fn is_real_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// A file of its own, not a link to one.
pub fn is_real_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_file())
}

/// A file, or a link to one: nothing that may keep a reader waiting.
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// A folder, or a link to one.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether a folder has folders in it.
pub fn has_folders(path: &Path) -> bool {
    path.read_dir().is_ok_and(|entries| entries.flatten().any(|entry| entry.path().is_dir()))
}

/// The path from the root of the disk; as it is where that cannot be told.
pub fn full_path(path: &Path) -> PathBuf {
    path.canonicalize().map_or_else(|_| path.to_owned(), platform::plain_path)
}

/// The one name of what lies or is to lie at `path`, by whatever links and `..` its folder was reached: by its name it is
/// known what another takes the place of. Windows takes `..` out of a whole path itself, and has names of its own for
/// what it resolved.
pub fn place(path: &Path) -> io::Result<PathBuf> {
    match path.file_name() {
        Some(name) if !cfg!(windows) => Ok(fs::canonicalize(folder_of(path))?.join(name)),
        _ => std::path::absolute(path),
    }
}

/// The folder that a path lies in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder and its parents, where they are missing.
pub fn create_folders(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_many_replace_is_always_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("page");
        let page = |number: u8| vec![number; 20_000];
        replace(path, &page(0)).unwrap();
        std::thread::scope(|scope| {
            let replacing: Vec<_> = (1..5)
                .map(|number| scope.spawn(move || (0..40).try_for_each(|_| replace(path, &page(number)))))
                .collect();
            while !replacing.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                let bytes = read_file(path).unwrap();
                let bytes = bytes.expose();
                assert!(bytes.len() == 20_000 && bytes.iter().all(|octet| *octet == bytes[0]));
            }
            for replaced in replacing {
                replaced.join().unwrap().unwrap();
            }
        });
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
