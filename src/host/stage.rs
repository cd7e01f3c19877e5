//! `Stage`: a folder that is written beside its target and appears there whole, in one step.
//!
//! Until it is placed it can vanish at any moment without a trace: dropped, interrupted, or cleared by the next run.

use super::run::Run;
use super::{files, platform};
use crate::pki::bundle::Privacy;
use crate::pki::secret::Secret;
use fs_err as fs;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keys get committed by accident: every bundle folder tells git to look away.
const GITIGNORE: &str = ".gitignore";
/// How often a folder that others take and put at the same moment is tried for.
const RACES: u32 = 100;

/// The stages of this run, and the guard between placing one and interrupting all.
#[derive(Debug)]
pub struct Stages {
    run: Run,
    open: Mutex<BTreeSet<PathBuf>>,
    /// Where folders were placed since the last `settle`.
    placed: Mutex<BTreeSet<PathBuf>>,
    next: AtomicU32,
}

#[derive(Debug)]
pub struct Stage {
    stages: Arc<Stages>,
    number: u32,
    path: PathBuf,
    unflushed: Vec<fs::File>,
}

/// A stage that survives a power failure, if it is placed.
#[derive(Debug)]
pub struct DurableStage(Stage);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placing {
    /// Fails when the target exists.
    New,
    /// Takes the place of the target, which is removed afterwards.
    Replacing,
}

impl Stages {
    pub fn new(run: Run) -> Self {
        Self { run, open: Mutex::default(), placed: Mutex::default(), next: AtomicU32::default() }
    }

    /// A new empty stage in `parent`, on the same file system as what will be beside it.
    pub fn open(self: &Arc<Self>, parent: &Path) -> io::Result<Stage> {
        self.run.stages_in(parent)?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(self.run.stage_name(number));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        fs::create_dir(&path)?;
        open.insert(path.clone());
        drop(open);
        let stage = Stage { stages: Arc::clone(self), number, path, unflushed: Vec::new() };
        // The one file that may get lost with the power: it holds nothing.
        files::create_unflushed(&stage.path.join(GITIGNORE), b"*\n", Privacy::Public)?;
        Ok(stage)
    }

    /// Makes the names of everything placed durable. To be called before it is said that something was made.
    pub fn settle(&self) -> io::Result<()> {
        let placed = std::mem::take(&mut *self.placed.lock().unwrap_or_else(PoisonError::into_inner));
        placed.iter().try_for_each(|folder| files::sync_folder(folder))
    }

    /// As long as this is held, an interrupt waits: for steps that must not be parted.
    pub(super) fn hold(&self) -> MutexGuard<'_, impl Sized> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what must not be parted: an interrupt waits for its end.
    pub fn uninterrupted<T>(&self, work: impl FnOnce() -> T) -> T {
        let _held = self.hold();
        work()
    }

    /// Removes every stage that is not placed, and lets no other be placed: the guard is never given back.
    pub(super) fn abandon_all(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for path in open.iter() {
            // A thread may still be writing into it: a second try takes what came in between.
            for _ in 0..3 {
                if fs::remove_dir_all(path).is_ok() || !files::exists(path) {
                    break;
                }
            }
            if files::exists(path) {
                self.run.leaves_something();
            }
        }
        drop(self.run.end());
        std::mem::forget(open);
    }
}

impl Stage {
    pub fn write(&mut self, name: &str, bytes: &[u8], privacy: Privacy) -> io::Result<()> {
        self.unflushed.push(files::create_unflushed(&self.path.join(name), bytes, privacy)?);
        Ok(())
    }

    /// A new file for its owner alone, to be written and flushed by the caller.
    pub fn create(&self, name: &str) -> io::Result<fs::File> {
        files::create_unflushed(&self.path.join(name), &[], Privacy::Private)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until everything written is on the disk. A lone stage flushes all its files at once: a disk does that in
    /// the time of one or two. With others at work the waiting costs nothing, but threads would.
    pub fn flush(&mut self) -> io::Result<()> {
        let files = std::mem::take(&mut self.unflushed);
        let lone = self.stages.open.lock().unwrap_or_else(PoisonError::into_inner).len() <= 1;
        if !lone {
            return files.iter().try_for_each(fs::File::sync_all);
        }
        std::thread::scope(|scope| {
            let flushing: Vec<_> = files.iter().map(|file| scope.spawn(|| file.sync_all())).collect();
            // A thread that died is no proof that its file is safe.
            flushing.into_iter().try_for_each(|file| file.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into())))
        })
    }

    /// What is on the disk now.
    pub fn read_back(&self) -> io::Result<BTreeMap<String, Secret>> {
        read_folder(&self.path)
    }

    /// One file as it is on the disk now.
    pub fn read_file(&self, name: &str) -> io::Result<Secret> {
        files::read_file(&self.path.join(name))
    }

    /// Waits until the folder itself is on the disk.
    pub fn make_durable(mut self) -> io::Result<DurableStage> {
        self.flush()?;
        files::sync_folder(&self.path)?;
        Ok(DurableStage(self))
    }
}

impl DurableStage {
    /// Puts the folder in its place, for good once `Stages::settle` was called. On failure everything is as it was.
    pub fn place(self, target: &Path, placing: Placing) -> io::Result<()> {
        self.0.place(target, placing)
    }

    /// Puts one of its files in its place, for good once `Stages::settle` was called, and removes the rest. A file that
    /// is replaced goes in one step.
    pub fn place_file(self, name: &str, target: &Path, placing: Placing) -> io::Result<()> {
        let stage = self.0;
        let file = stage.path.join(name);
        let open = stage.stages.open.lock().unwrap_or_else(PoisonError::into_inner);
        match placing {
            Placing::New => platform::rename_new(&file, target)?,
            Placing::Replacing => platform::rename(&file, target)?,
        }
        drop(open);
        let parent = files::folder_of(target).to_owned();
        stage.stages.placed.lock().unwrap_or_else(PoisonError::into_inner).insert(parent);
        Ok(())
    }
}

impl Stage {
    fn place(self, target: &Path, placing: Placing) -> io::Result<()> {
        let parent = files::folder_of(target);
        let mut open = self.stages.open.lock().unwrap_or_else(PoisonError::into_inner);
        match placing {
            Placing::New => platform::rename_new(&self.path, target)?,
            Placing::Replacing => self.replace(target)?,
        }
        open.remove(&self.path);
        drop(open);
        self.stages.placed.lock().unwrap_or_else(PoisonError::into_inner).insert(parent.to_owned());
        Ok(())
    }

    fn replace(&self, target: &Path) -> io::Result<()> {
        // Another run may take or put the target between any two steps: whoever comes later replaces.
        for _ in 0..RACES {
            if !files::exists(target) {
                match platform::rename_new(&self.path, target) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                    result => return result,
                }
            }
            match platform::exchange(&self.path, target) {
                Ok(true) => {
                    // The stage's name now holds the old folder.
                    self.remove_old(&self.path);
                    return Ok(());
                }
                Ok(false) => return self.replace_in_two_steps(target),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::ResourceBusy, "other runs keep replacing it"))
    }

    /// Where folders cannot be exchanged: aside with the old one first. A run that dies in between is finished by the
    /// next one, which reads what was noted.
    fn replace_in_two_steps(&self, target: &Path) -> io::Result<()> {
        let old = target.with_file_name(self.stages.run.old_name(self.number));
        self.stages.run.swaps(self.number, target)?;
        platform::rename_new(target, &old)?;
        if let Err(error) = platform::rename_new(&self.path, target) {
            platform::rename(&old, target).inspect_err(|_| self.stages.run.leaves_something())?;
            return Err(error);
        }
        self.remove_old(&old);
        Ok(())
    }

    /// The new folder stands; an old one that cannot be removed now is cleared by the next run.
    fn remove_old(&self, path: &Path) {
        if let Err(error) = fs::remove_dir_all(path) {
            self.stages.run.leaves_something();
            tracing::warn!("the replaced folder is not removed yet: {error}");
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Windows removes no folder with an open file in it.
        self.unflushed.clear();
        let mut open = self.stages.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.remove(&self.path) {
            // What cannot be removed now is cleared by the next run.
            if fs::remove_dir_all(&self.path).is_err() && files::exists(&self.path) {
                self.stages.run.leaves_something();
            }
        }
    }
}

/// Names in `folder` that are not among `known`: files that somebody else put there.
pub fn foreign_names(folder: &Path, known: &[&str]) -> io::Result<Vec<String>> {
    let mut foreign = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != GITIGNORE && !known.contains(&name.as_str()) {
            foreign.push(name);
        }
    }
    foreign.sort();
    Ok(foreign)
}

/// The files of a bundle folder, without those that qcert does not write there. All are of one folder, also where
/// another run puts a new one in its place meanwhile.
pub fn read_folder(folder: &Path) -> io::Result<BTreeMap<String, Secret>> {
    for _ in 0..RACES {
        let before = identity(folder)?;
        let found = read_files(folder);
        if identity(folder)? == before {
            return found;
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "other runs keep replacing it"))
}

/// Tells a folder from one that takes its place.
pub fn identity(folder: &Path) -> io::Result<impl PartialEq + use<>> {
    Ok(platform::identity(&fs::metadata(folder)?))
}

fn read_files(folder: &Path) -> io::Result<BTreeMap<String, Secret>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let known = [".pem", ".cer", ".pfx", ".csr"].iter().any(|ending| name.ends_with(ending));
        if known && entry.file_type()?.is_file() {
            found.insert(name, files::read_file(&entry.path())?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn stages(home: &Path) -> Arc<Stages> {
        Arc::new(Stages::new(Run::begin(home, "test".to_owned()).unwrap()))
    }

    fn staged(stages: &Arc<Stages>, parent: &Path, text: &[u8]) -> Stage {
        let mut stage = stages.open(parent).unwrap();
        stage.write("server.pem", text, Privacy::Public).unwrap();
        stage
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_dropped_stage_leaves_nothing() {
        let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        drop(staged(&stages(home.path()), out.path(), b"x"));
        assert!(names(out.path()).is_empty());
    }

    #[test]
    fn a_new_folder_takes_nobodys_place() {
        let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (stages, target) = (stages(home.path()), out.path().join("m"));
        staged(&stages, out.path(), b"one").make_durable().unwrap().place(&target, Placing::New).unwrap();
        let refused =
            staged(&stages, out.path(), b"two").make_durable().unwrap().place(&target, Placing::New).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(target.join("server.pem")).unwrap(), b"one");
        assert_eq!(names(out.path()), ["m"]);
        stages.settle().unwrap();
    }

    #[test]
    fn what_is_read_is_of_one_folder() {
        let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (stages, target) = (stages(home.path()), out.path().join("m"));
        let put = |text: &[u8]| {
            let mut stage = stages.open(out.path()).unwrap();
            for name in ["a.pem", "b.pem", "c.pem", "d.pem"] {
                stage.write(name, text, Privacy::Public).unwrap();
            }
            stage.make_durable().unwrap().place(&target, Placing::Replacing).unwrap();
        };
        put(b"first");
        std::thread::scope(|scope| {
            let putting = scope.spawn(|| (0..300).for_each(|number: u32| put(&number.to_be_bytes())));
            while !putting.is_finished() {
                // Where folders cannot be exchanged there is none for a moment.
                let Ok(files) = read_folder(&target) else { continue };
                let first = files["a.pem"].expose();
                assert!(files.len() == 4 && files.values().all(|bytes| bytes.expose() == first));
            }
        });
    }

    #[test]
    fn a_file_takes_nobodys_place_unless_it_replaces() {
        let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (stages, target) = (stages(home.path()), out.path().join("f"));
        let place = |text: &[u8], placing| {
            let stage = staged(&stages, out.path(), text);
            stage.make_durable().unwrap().place_file("server.pem", &target, placing)
        };
        place(b"one", Placing::New).unwrap();
        assert_eq!(place(b"two", Placing::New).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!((fs::read(&target).unwrap(), names(out.path())), (b"one".to_vec(), vec!["f".to_owned()]));
        place(b"three", Placing::Replacing).unwrap();
        assert_eq!((fs::read(&target).unwrap(), names(out.path())), (b"three".to_vec(), vec!["f".to_owned()]));
    }

    #[test]
    fn a_replaced_folder_is_gone_either_way() {
        let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (stages, target) = (stages(home.path()), out.path().join("m"));
        staged(&stages, out.path(), b"one").make_durable().unwrap().place(&target, Placing::Replacing).unwrap();
        staged(&stages, out.path(), b"two").make_durable().unwrap().place(&target, Placing::Replacing).unwrap();
        assert_eq!(fs::read(target.join("server.pem")).unwrap(), b"two");
        assert_eq!(names(out.path()), ["m"]);
        // As it goes where folders cannot be exchanged.
        let mut stage = staged(&stages, out.path(), b"three");
        stage.flush().unwrap();
        stage.replace_in_two_steps(&target).unwrap();
        assert_eq!(fs::read(target.join("server.pem")).unwrap(), b"three");
        assert_eq!(names(out.path()), ["m"]);
        assert_eq!(names(&target), [".gitignore", "server.pem"]);
    }
}
