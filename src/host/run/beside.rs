//! The journal of a run that has no home: it lies in the folder that is staged in, and is about that folder alone.
//!
//! No lock keeps runs apart here. A journal gets its name only when it is locked, so that one being begun is never taken
//! for a dead one. Others may be able to write into the folder: of what a journal says only names inside of it count.

use super::super::{files, platform};
use super::{Entry, Journal, SUFFIX, finish_swap, lock_of_the_dead, read_journal, remove_stages};
use fs_err as fs;
use std::io;
use std::path::Path;

const PREFIX: &str = ".qcert-";
/// Of a journal that is not locked yet.
const UNNAMED: &str = ".new";
const TRIES: u32 = 100;

/// Clears away after dead runs in `folder` and begins this one's journal.
pub(super) fn begin(folder: &Path, run: &str) -> io::Result<Journal> {
    clear(folder)?;
    let unnamed = folder.join(format!("{PREFIX}{run}{UNNAMED}"));
    let path = folder.join(format!("{PREFIX}{run}{SUFFIX}"));
    for _ in 0..TRIES {
        let file = platform::create_private_file(&unnamed)?;
        match file.lock().and_then(|()| platform::rename_new(&unnamed, &path)) {
            Ok(()) => return Ok(Journal::new(path, Some(folder.to_owned()), file)),
            // Another run took it for a dead one's, before it was locked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                drop(files::remove_if_there(&unnamed));
                return Err(error);
            }
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "other runs keep clearing the folder"))
}

fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        // Nothing but a file is opened: a pipe would hold the run up.
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let cleared = match (name.strip_suffix(SUFFIX), name.strip_suffix(UNNAMED)) {
            (Some(run), _) if !run.is_empty() => clear_if_dead(folder, run, &entry.path()),
            // It was stopped before it did anything.
            (_, Some(_)) => remove_if_dead(&entry.path()),
            _ => Ok(()),
        };
        if let Err(error) = cleared {
            tracing::warn!("what a run that was stopped left behind cannot be cleared yet: {error}");
        }
    }
    Ok(())
}

fn remove_if_dead(path: &Path) -> io::Result<()> {
    match lock_of_the_dead(path)? {
        Some(_locked) => files::remove_if_there(path),
        None => Ok(()),
    }
}

fn clear_if_dead(folder: &Path, run: &str, path: &Path) -> io::Result<()> {
    let Some(file) = lock_of_the_dead(path)? else { return Ok(()) };
    tracing::info!("clearing away after a run that was stopped: {run}");
    for entry in read_journal(&file)? {
        if let Entry::Swaps(number, target) = entry
            && let Some(name) = target.file_name()
        {
            finish_swap(run, number, &folder.join(name))?;
        }
    }
    remove_stages(run, folder)?;
    drop(file);
    files::remove_if_there(path)
}

#[cfg(test)]
mod tests {
    use super::super::Run;
    use super::*;
    use std::fs;

    fn folder_with(path: &Path, text: &str) {
        fs::create_dir(path).unwrap();
        fs::write(path.join("file"), text).unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_dead_run_left_is_cleared_and_a_living_one_is_let_be() {
        let out = tempfile::tempdir().unwrap();
        let living = Run::without_home("living".to_owned());
        living.stages_in(out.path()).unwrap();
        for name in [".qcert-dead-0", ".qcert-living-0", ".qcert-other-0", "host.domain"] {
            folder_with(&out.path().join(name), "x");
        }
        fs::write(out.path().join(".qcert-dead.run"), "stages /elsewhere\0").unwrap();
        fs::write(out.path().join(".qcert-unborn.new"), "").unwrap();
        let run = Run::without_home("new".to_owned());
        run.stages_in(out.path()).unwrap();
        let left = [".qcert-living-0", ".qcert-living.run", ".qcert-new.run", ".qcert-other-0", "host.domain"];
        assert_eq!(names(out.path()), left);
        drop((living, run));
        assert_eq!(names(out.path()), [".qcert-living-0", ".qcert-other-0", "host.domain"]);
    }

    #[test]
    fn a_swap_is_finished_in_this_folder_and_in_no_other() {
        let (out, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = elsewhere.path().join("host.domain");
        for folder in [out.path(), elsewhere.path()] {
            folder_with(&folder.join(".qcert-dead-3-old"), "old");
        }
        let entry = [b"swaps 3 ", &platform::path_to_bytes(&target)[..], &[0]].concat();
        fs::write(out.path().join(".qcert-dead.run"), entry).unwrap();
        Run::without_home("new".to_owned()).stages_in(out.path()).unwrap();
        assert_eq!(names(out.path()), ["host.domain"]);
        assert_eq!(names(elsewhere.path()), [".qcert-dead-3-old"]);
    }

    #[test]
    fn each_folder_has_its_journal() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let run = Run::without_home("new".to_owned());
        for folder in &folders {
            run.stages_in(folder.path()).unwrap();
            run.swaps(1, &folder.path().join("m")).unwrap();
            assert_eq!(names(folder.path()), [".qcert-new.run"]);
        }
        drop(run);
        assert!(folders.iter().all(|folder| names(folder.path()).is_empty()));
    }
}
