//! The folders that were given, each as a machine. Files are read on all cores, with their keys.

use super::super::error::problem;
use super::super::parallel;
use super::judged::{Judged, judge};
use crate::host::{files, reading};
use crate::pki::encryption::Derivations;
use crate::pki::inventory::{FileContent, read_with_keys};
use crate::pki::overview::Slot;
use crate::pki::rehearsal::machine::Machine;
use crate::pki::secret::Password;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// So many folders stand in a row.
const MOST_NAMED: usize = 3;
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

pub(super) struct Read {
    /// The folders with what is in them, in the order in which they were given.
    pub(super) machines: Vec<(String, Machine, Vec<Judged>)>,
    /// Folders that were given more than once, by whatever path.
    pub(super) twice: Option<String>,
}

pub(super) fn machines(
    given: &[PathBuf],
    recursive: bool,
    passwords: &[Password],
    at: OffsetDateTime,
) -> anyhow::Result<Read> {
    let derivations = Derivations::default();
    let mut folders: Vec<(PathBuf, Vec<FileContent>)> = Vec::new();
    let mut places = Vec::new();
    let mut seen = Seen::default();
    for (number, given) in given.iter().enumerate() {
        if !recursive && !seen.is_first(given, number) {
            continue;
        }
        let at = (!recursive).then_some(folders.len());
        let found = reading::places(std::slice::from_ref(given), recursive);
        places.extend(found.into_iter().map(|place| (number, at, place)));
        folders.extend(at.map(|_| (given.clone(), Vec::new())));
    }
    let read = parallel::each(places, false, |(number, at, place)| {
        (number, at, read_with_keys(reading::read(place), passwords, &derivations))
    });
    for (number, at, file) in read {
        let folder = files::folder_of(Path::new(&file.path)).to_owned();
        if recursive && !seen.is_first(&folder, number) {
            continue;
        }
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
    let machines = parallel::each(folders, false, |(folder, files): (PathBuf, Vec<FileContent>)| {
        let own = files::full_path(&folder);
        let name =
            own.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned());
        let (files, judged) = judge(name.clone(), files, at, &called);
        (folder.display().to_string(), Machine::new(&name, &files, &called), judged)
    });
    Ok(Read { machines, twice: seen.twice() })
}

/// Somebody who gives the folder above the bundles sees nothing of them.
pub(super) fn has_folders(folder: &str) -> bool {
    files::has_folders(Path::new(folder))
}

/// Folders by their true paths.
#[derive(Default)]
struct Seen {
    /// With the number of what was given that led there first.
    first: HashMap<PathBuf, (usize, PathBuf)>,
    again: Vec<(PathBuf, PathBuf)>,
}

impl Seen {
    fn is_first(&mut self, folder: &Path, number: usize) -> bool {
        let (by, known) = self.first.entry(files::full_path(folder)).or_insert_with(|| (number, folder.to_owned()));
        if *by == number {
            return true;
        }
        let pair = (folder.to_owned(), known.clone());
        if !self.again.contains(&pair) {
            self.again.push(pair);
        }
        false
    }

    fn twice(&self) -> Option<String> {
        let told = self.again.iter().take(MOST_NAMED);
        let told: Vec<_> =
            told.map(|(again, known)| format!("`{}` is `{}`", again.display(), known.display())).collect();
        let more = self.again.len().saturating_sub(MOST_NAMED);
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        (!told.is_empty())
            .then(|| format!("the same folder was given twice, and is played once: {}{more}", told.join(", ")))
    }
}
