//! Where Qlik Sense keeps its data on a server, and what lies below that folder or a copy of it.
//!
//! Windows does not tell upper from lower case, and a copy lies on systems that do: names are found in any case. What
//! may not be looked into is an error, and never taken for missing. Only names are looked at here.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use super::platform::qlik_folder as here;

/// A name is looked for among so many.
const MOST_ENTRIES: usize = 100_000;
/// A site exports for some dozens of machines.
const MOST_FOLDERS: usize = 2_000;

/// What lies below the folder by these names, one in the other; `None` where it is not there.
pub fn find(folder: &Path, names: &[&str]) -> io::Result<Option<PathBuf>> {
    let mut found = folder.to_owned();
    for name in names {
        match one(&found, name)? {
            Some(next) => found = next,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

fn one(folder: &Path, name: &str) -> io::Result<Option<PathBuf>> {
    let exact = folder.join(name);
    match fs::symlink_metadata(&exact) {
        Ok(_) => return Ok(Some(exact)),
        Err(error) if is_absence(&error) => {}
        Err(error) => return Err(error),
    }
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // Of a file that is read as a folder every system says something else.
        Err(error) if is_absence(&error) || folder.is_file() => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut alike = Vec::new();
    for entry in entries.take(MOST_ENTRIES) {
        let entry = entry?;
        if entry.file_name().eq_ignore_ascii_case(OsStr::new(name)) {
            alike.push(entry.path());
        }
    }
    // Several of one name are there only where somebody made them: any, and the same in each run.
    Ok(alike.into_iter().min())
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The folders in a folder, by name; and whether there are more.
pub fn folders_in(folder: &Path) -> io::Result<(Vec<PathBuf>, bool)> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if folders.len() == MOST_FOLDERS {
                folders.sort_unstable();
                return Ok((folders, true));
            }
            folders.push(path);
        }
    }
    folders.sort_unstable();
    Ok((folders, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        let scene = tempfile::tempdir().unwrap();
        let deep = scene.path().join("REPOSITORY/exported certificates/.local Certificates");
        fs::create_dir_all(&deep).unwrap();
        let names = ["Repository", "Exported Certificates", ".Local Certificates"];
        let found = find(scene.path(), &names).unwrap().unwrap();
        assert_eq!(fs::canonicalize(found).unwrap(), fs::canonicalize(&deep).unwrap());
        assert_eq!(find(scene.path(), &["Repository", "Log"]).unwrap(), None);
        fs::write(scene.path().join("host.CFG"), "x").unwrap();
        assert!(find(scene.path(), &["Host.cfg"]).unwrap().is_some());
        assert_eq!(find(&scene.path().join("host.CFG"), &["below"]).unwrap(), None);
        assert_eq!(find(&scene.path().join("nowhere"), &["below"]).unwrap(), None);
    }

    #[test]
    fn folders_come_by_name() {
        let scene = tempfile::tempdir().unwrap();
        for name in ["b", "a", "c"] {
            fs::create_dir(scene.path().join(name)).unwrap();
        }
        fs::write(scene.path().join("file"), "x").unwrap();
        let (folders, more) = folders_in(scene.path()).unwrap();
        let names: Vec<_> = folders.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!((names, more), (vec!["a", "b", "c"], false));
        assert!(folders_in(&scene.path().join("file")).is_err());
    }
}
