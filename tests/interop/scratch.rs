//! Where the suite writes: below the folder that cargo keeps for it in `target`, one folder per running test program.
//!
//! Statics are never dropped, so what all tests share cannot clean up after itself. Instead each run takes a numbered
//! slot, empties it, and holds a lock on it that the operating system releases whatever happens to the run.
//! May not hand out a folder outside of it.

use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use fs_err as fs;
use tempfile::TempDir;

struct Slot {
    folder: PathBuf,
    /// Its lock says that the slot is taken.
    _lock: std::fs::File,
}

fn slot() -> &'static Path {
    static SLOT: OnceLock<Slot> = OnceLock::new();
    &SLOT.get_or_init(take_slot).folder
}

fn take_slot() -> Slot {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop");
    fs::create_dir_all(&base).expect("the scratch folder can be made");
    for number in 0..100 {
        let lock = std::fs::File::create(base.join(format!("{number}.lock"))).expect("a lock file can be made");
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(error)) => panic!("cannot lock a scratch folder: {error}"),
        }
        let folder = base.join(number.to_string());
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("what an earlier run left can be removed");
        }
        fs::create_dir(&folder).expect("a scratch folder can be made");
        return Slot { folder, _lock: lock };
    }
    panic!("100 runs of this suite at once")
}

/// An empty folder that all tests of this run share and the next run removes.
pub(crate) fn shared(name: &str) -> PathBuf {
    let folder = slot().join(name);
    if folder.exists() {
        // Somebody failed to fill it. Whoever comes next tries again, and reports the same reason.
        fs::remove_dir_all(&folder).expect("what a failed test left can be removed");
    }
    fs::create_dir(&folder).expect("a shared folder can be made");
    folder
}

/// A folder of one test, removed when the test is done.
pub(crate) fn own() -> TempDir {
    TempDir::new_in(slot()).expect("a temporary folder can be made")
}
