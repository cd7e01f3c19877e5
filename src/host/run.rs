//! `Run`: this run's entry in the home, so that the next one can clear away what a killed one left.
//!
//! Each run holds a lock on its own file in `runs/` for as long as it lives, and writes there which folders it stages
//! in. A file whose lock can be taken belongs to a dead run: what it staged is removed, a swap that it began is
//! finished, and the file goes. Called under the home's lock, so a run being born is never taken for a dead one.
//!
//! A run without a home keeps such a file in each folder that it stages in (`beside.rs`).

mod beside;

use super::{files, platform};
use fs_err as fs;
use std::collections::BTreeSet;
use std::fs::TryLockError;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

const SUFFIX: &str = ".run";

#[derive(Debug)]
pub struct Run {
    name: String,
    /// One, of the home; or one for each folder.
    journals: Mutex<Vec<Journal>>,
    /// Something is left to be cleared by the next run.
    leaves: AtomicBool,
}

#[derive(Debug)]
struct Journal {
    path: PathBuf,
    /// The one folder that it is about; `None` for that of a home.
    only: Option<PathBuf>,
    /// Locked while the run lives.
    file: fs::File,
    /// Whole entries in it, in octets.
    length: u64,
    folders: BTreeSet<PathBuf>,
}

/// What a run writes into its file before it does it.
enum Entry {
    /// It stages in this folder.
    Stages(PathBuf),
    /// It replaces this target in two steps, by way of this number.
    Swaps(u32, PathBuf),
}

impl Run {
    /// Clears away after dead runs and enters this one. `name` must be new and fit for a file name.
    pub fn begin(home: &Path, name: String) -> io::Result<Self> {
        let folder = home.join("runs");
        platform::create_private_folder(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if !path.to_string_lossy().ends_with(SUFFIX) {
                continue;
            }
            if let Err(error) = clear_if_dead(&path) {
                // Its entry stays, so a later run tries again; this one need not wait for that.
                tracing::warn!("what a run that was stopped left behind cannot be cleared yet: {error}");
            }
        }
        let path = folder.join(format!("{name}{SUFFIX}"));
        let file = platform::create_private_file(&path)?;
        file.lock()?;
        Ok(Self::with(name, vec![Journal::new(path, None, file)]))
    }

    /// A run that has no home. `name` must be new and fit for a file name.
    pub fn without_home(name: String) -> Self {
        Self::with(name, Vec::new())
    }

    fn with(name: String, journals: Vec<Journal>) -> Self {
        Self { name, journals: Mutex::new(journals), leaves: AtomicBool::new(false) }
    }

    /// Says that stages of this run will lie in `folder`.
    pub fn stages_in(&self, folder: &Path) -> io::Result<()> {
        let folder = std::path::absolute(folder)?;
        self.in_journal(&folder, |journal| {
            if !journal.folders.contains(&folder) {
                journal.write(&Entry::Stages(folder.clone()))?;
                journal.folders.insert(folder.clone());
            }
            Ok(())
        })
    }

    /// Says that `target` is about to be moved aside to `old_name(number)`.
    pub fn swaps(&self, number: u32, target: &Path) -> io::Result<()> {
        let target = std::path::absolute(target)?;
        self.in_journal(files::folder_of(&target), |journal| journal.write(&Entry::Swaps(number, target.clone())))
    }

    /// Writes in the journal that this folder belongs to, which a run without a home begins with the first entry.
    fn in_journal(&self, folder: &Path, write: impl FnOnce(&mut Journal) -> io::Result<()>) -> io::Result<()> {
        let mut journals = self.journals.lock().unwrap_or_else(PoisonError::into_inner);
        let own = |journal: &&mut Journal| journal.only.as_deref().is_none_or(|only| only == folder);
        if let Some(journal) = journals.iter_mut().find(own) {
            return write(journal);
        }
        let mut journal = beside::begin(folder, &self.name)?;
        let written = write(&mut journal);
        journals.push(journal);
        written
    }

    pub fn stage_name(&self, number: u32) -> String {
        stage_name(&self.name, number)
    }

    pub fn old_name(&self, number: u32) -> String {
        old_name(&self.name, number)
    }

    /// Something that this run cannot remove is left to the next one: the entry stays, as that of a dead run.
    pub fn leaves_something(&self) {
        self.leaves.store(true, Ordering::SeqCst);
    }

    /// Takes the run's entry out, once nothing of it is staged any more.
    pub fn end(&self) -> io::Result<()> {
        if self.leaves.load(Ordering::SeqCst) {
            return Ok(());
        }
        let journals = self.journals.lock().unwrap_or_else(PoisonError::into_inner);
        journals.iter().try_for_each(|journal| files::remove_if_there(&journal.path))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // What stays is cleared by the next run.
        drop(self.end());
    }
}

impl Journal {
    fn new(path: PathBuf, only: Option<PathBuf>, file: fs::File) -> Self {
        Self { path, only, file, length: 0, folders: BTreeSet::new() }
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = match entry {
            Entry::Stages(_) => b"stages ".to_vec(),
            Entry::Swaps(number, _) => format!("swaps {number} ").into_bytes(),
        };
        let (Entry::Stages(path) | Entry::Swaps(_, path)) = entry;
        // A zero octet ends an entry: no path has one.
        line.extend(platform::path_to_bytes(path));
        line.push(0);
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += line.len() as u64,
            // Half an entry would run into the next one.
            Err(_) => {
                self.file.set_len(self.length).and_then(|()| self.file.seek(SeekFrom::Start(self.length)).map(drop))?;
            }
        }
        written
    }
}

fn stage_name(run: &str, number: u32) -> String {
    format!(".qcert-{run}-{number}")
}

fn old_name(run: &str, number: u32) -> String {
    format!(".qcert-{run}-{number}-old")
}

fn clear_if_dead(path: &Path) -> io::Result<()> {
    let Some(file) = lock_of_the_dead(path)? else { return Ok(()) };
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(SUFFIX));
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        tracing::info!("clearing away after a run that was stopped: {name}");
        for entry in read_journal(&file)? {
            match entry {
                Entry::Stages(folder) => remove_stages(name, &folder)?,
                Entry::Swaps(number, target) => finish_swap(name, number, &target)?,
            }
        }
    }
    drop(file);
    files::remove_if_there(path)
}

/// The journal, if nobody holds its lock any more.
fn lock_of_the_dead(path: &Path) -> io::Result<Option<fs::File>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        // Its run ended just now.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// From the file that is locked: its name may be gone by now, where its run ended just then, and Windows lets nobody
/// read a locked file by another handle.
fn read_journal(file: &fs::File) -> io::Result<Vec<Entry>> {
    let mut bytes = Vec::new();
    file.take(files::READ_LIMIT).read_to_end(&mut bytes)?;
    let mut lines: Vec<&[u8]> = bytes.split(|octet| *octet == 0).collect();
    // What follows the last end mark was cut off in writing: it was not begun.
    lines.pop();
    Ok(lines.into_iter().filter_map(parse_entry).collect())
}

fn parse_entry(line: &[u8]) -> Option<Entry> {
    if let Some(path) = line.strip_prefix(b"stages ") {
        return Some(Entry::Stages(platform::path_from_bytes(path.to_vec())));
    }
    let rest = line.strip_prefix(b"swaps ")?;
    let space = rest.iter().position(|octet| *octet == b' ')?;
    let number = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
    Some(Entry::Swaps(number, platform::path_from_bytes(rest[space + 1..].to_vec())))
}

/// Stages are whole folders of this run's making, known by its name; a folder that is gone needs no clearing.
fn remove_stages(run: &str, folder: &Path) -> io::Result<()> {
    let prefix = format!(".qcert-{run}-");
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(&prefix) && !name.to_string_lossy().ends_with("-old") {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// A target that was moved aside comes back, unless its successor is already in its place.
fn finish_swap(run: &str, number: u32, target: &Path) -> io::Result<()> {
    let Some(old) = target.parent().map(|parent| parent.join(old_name(run, number))) else { return Ok(()) };
    if !files::exists(&old) {
        return Ok(());
    }
    if files::exists(target) { fs::remove_dir_all(&old) } else { platform::rename(&old, target) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A home in which the run `dead` was killed after it had noted `entry`.
    fn home_of_a_dead_run(entry: &[u8]) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("runs")).unwrap();
        fs::write(home.path().join("runs/dead.run"), entry).unwrap();
        home
    }

    fn note(word: &str, path: &Path) -> Vec<u8> {
        [word.as_bytes(), &platform::path_to_bytes(path), &[0]].concat()
    }

    fn folder_with(path: &Path, text: &str) {
        fs::create_dir(path).unwrap();
        fs::write(path.join("file"), text).unwrap();
    }

    #[test]
    fn stages_of_a_dead_run_are_removed_and_nothing_else() {
        let out = tempfile::tempdir().unwrap();
        let home = home_of_a_dead_run(&note("stages ", out.path()));
        for name in [".qcert-dead-0", ".qcert-dead-12", ".qcert-other-0", "host.domain"] {
            folder_with(&out.path().join(name), "x");
        }
        let run = Run::begin(home.path(), "new".to_owned()).unwrap();
        let mut left: Vec<_> = fs::read_dir(out.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".qcert-other-0", "host.domain"]);
        assert!(!home.path().join("runs/dead.run").exists());
        // A living run is left alone.
        let other = Run::begin(home.path(), "newer".to_owned()).unwrap();
        assert!(home.path().join("runs/new.run").exists());
        drop((run, other));
        assert_eq!(fs::read_dir(home.path().join("runs")).unwrap().count(), 0);
    }

    #[test]
    fn a_swap_that_was_begun_is_undone_or_finished() {
        for successor_is_there in [false, true] {
            let out = tempfile::tempdir().unwrap();
            let (target, old) = (out.path().join("host.domain"), out.path().join(".qcert-dead-3-old"));
            folder_with(&old, "old");
            if successor_is_there {
                folder_with(&target, "new");
            }
            let home = home_of_a_dead_run(&note("swaps 3 ", &target));
            Run::begin(home.path(), "new".to_owned()).unwrap();
            let expected = if successor_is_there { "new" } else { "old" };
            assert_eq!(fs::read_to_string(target.join("file")).unwrap(), expected);
            assert!(!old.exists());
        }
    }

    #[test]
    fn what_a_run_noted_is_read_although_it_ends_meanwhile() {
        let out = tempfile::tempdir().unwrap();
        let home = home_of_a_dead_run(&note("stages ", out.path()));
        let path = home.path().join("runs/dead.run");
        let file = super::fs::File::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(read_journal(&file).unwrap().len(), 1);
        clear_if_dead(&path).unwrap();
    }

    #[test]
    fn a_note_that_was_cut_off_was_not_begun() {
        let out = tempfile::tempdir().unwrap();
        folder_with(&out.path().join(".qcert-dead-0"), "x");
        let mut cut = note("stages ", out.path());
        cut.pop();
        for entry in [cut, b"nonsense\0swaps x y\0swaps 1\0".to_vec()] {
            let home = home_of_a_dead_run(&entry);
            Run::begin(home.path(), "new".to_owned()).unwrap();
            assert!(out.path().join(".qcert-dead-0").exists());
        }
    }
}
