//! The folders that were given, each as a machine. Files are read on all cores, with their keys.

use super::super::error::problem;
use super::super::parallel;
use crate::host::{files, reading};
use crate::pki::encryption::Derivations;
use crate::pki::inventory::{FileContent, read_with_keys};
use crate::pki::overview::Slot;
use crate::pki::rehearsal::machine::Machine;
use crate::pki::secret::Password;
use std::path::{Path, PathBuf};

/// More than any site has.
const MOST_MACHINES: usize = 1000;

pub(super) fn check(folders: &[PathBuf]) -> anyhow::Result<()> {
    for path in folders {
        if !files::exists(path) {
            return Err(problem(format!("there is no `{}`", path.display()), "check the path"));
        }
        if !files::is_folder(path) {
            return Err(problem(
                format!("`{}` is not a folder", path.display()),
                "give the folder with a machine's root, server and client files",
            ));
        }
    }
    Ok(())
}

/// The folders with what is in them, in the order in which they were given.
pub(super) fn machines(
    given: &[PathBuf],
    recursive: bool,
    passwords: &[Password],
) -> anyhow::Result<Vec<(String, Machine)>> {
    let derivations = Derivations::default();
    let mut folders: Vec<(PathBuf, Vec<FileContent>)> = Vec::new();
    let mut places = Vec::new();
    for given in given {
        let at = (!recursive).then_some(folders.len());
        let found = reading::places(std::slice::from_ref(given), recursive);
        places.extend(found.into_iter().map(|place| (at, place)));
        folders.extend(at.map(|_| (given.clone(), Vec::new())));
    }
    let read = parallel::each(places, false, |(at, place)| {
        (at, read_with_keys(reading::read(place), passwords, &derivations))
    });
    for (at, file) in read {
        let folder = files::folder_of(Path::new(&file.path)).to_owned();
        let at = at.or_else(|| folders.iter().position(|(known, _)| *known == folder));
        match at.and_then(|at| folders.get_mut(at)) {
            Some((_, files)) => files.push(file),
            None => folders.push((folder, vec![file])),
        }
    }
    if recursive {
        folders.retain(|(_, files)| files.iter().any(|file| Slot::of(&file.name).is_some()));
    }
    if folders.is_empty() {
        return Err(problem(
            "there is no bundle in these folders",
            "a bundle has files such as `server.pem` or `server.pfx`",
        ));
    }
    if folders.len() > MOST_MACHINES {
        return Err(problem(
            format!("these are {} machines, and no more than {MOST_MACHINES} are played", folders.len()),
            "give fewer folders",
        ));
    }
    let several = folders.len() > 1;
    let called = |file: &FileContent| if several { file.path.clone() } else { file.name.clone() };
    let machine = |(folder, files): (PathBuf, Vec<FileContent>)| {
        let own = files::full_path(&folder);
        let name =
            own.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned());
        (folder.display().to_string(), Machine::new(&name, &files, &called))
    };
    Ok(folders.into_iter().map(machine).collect())
}
