//! Renames. What somebody has open cannot be moved on Windows, nor a folder with an open file in it; and there is always
//! somebody: a virus scanner, the indexer, another run that reads. They are done in a moment, so a rename is tried again.
#![expect(unsafe_code, reason = "Windows' own rename that replaces nothing is called by pointer")]

use super::access::wide;
use fs_err as fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{MOVEFILE_WRITE_THROUGH, MoveFileExW};

/// Longer than a scanner takes for a small file, shorter than a person waits without wondering.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// A file that is there is replaced.
pub(in crate::host) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    // The last try is for the error that names both.
    patiently(|| std::fs::rename(from, to)).or_else(|_| fs::rename(from, to))
}

/// Fails when `to` is there, be it file or folder.
pub(in crate::host) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    let (old, new) = (wide(from)?, wide(to)?);
    patiently(|| {
        // SAFETY: both paths end with a zero and live until the call returns.
        match unsafe { MoveFileExW(old.as_ptr(), new.as_ptr(), MOVEFILE_WRITE_THROUGH) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    })
    .map_err(|error| {
        let what = format!("failed to rename `{}` to `{}`: {error}", from.display(), to.display());
        io::Error::new(error.kind(), what)
    })
}

fn patiently(mut attempt: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(error) if in_use(&error) && begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
}

/// Access is denied to a folder with an open file in it, and to a file that is about to vanish.
fn in_use(error: &io::Error) -> bool {
    let codes = [ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION];
    error.raw_os_error().is_some_and(|code| codes.contains(&code.cast_unsigned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::windows::fs::OpenOptionsExt as _;
    use windows_sys::Win32::Storage::FileSystem::FILE_SHARE_READ;

    #[test]
    fn nothing_is_replaced_by_what_is_new() {
        let scene = tempfile::tempdir().unwrap();
        let (from, to) = (scene.path().join("from"), scene.path().join("to"));
        for make in [|path: &Path| std::fs::write(path, "x"), |path: &Path| std::fs::create_dir(path)] {
            make(&from).unwrap();
            rename_new(&from, &to).unwrap();
            make(&from).unwrap();
            assert_eq!(rename_new(&from, &to).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert!(from.exists() && to.exists());
            _ = [&from, &to].map(|path| std::fs::remove_file(path).or_else(|_| std::fs::remove_dir(path)).unwrap());
        }
        assert_eq!(rename_new(&from, &to).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn who_has_a_file_open_is_waited_for() {
        let scene = tempfile::tempdir().unwrap();
        let (from, to) = (scene.path().join("from"), scene.path().join("to"));
        std::fs::write(&from, "x").unwrap();
        let open = File::options().read(true).share_mode(FILE_SHARE_READ).open(&from).unwrap();
        assert!(in_use(&std::fs::rename(&from, &to).unwrap_err()));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(100));
                drop(open);
            });
            rename_new(&from, &to).unwrap();
        });
        assert!(to.exists());
    }
}
