//! What is judged together: each folder by itself, and all files that were named one by one.

use super::super::error::problem;
use super::super::output::Output;
use super::super::reading::{Reading, read_paths};
use crate::host::files;
use crate::pki::inventory::{FileContent, Form, Object, What};
use crate::pki::overview::{Slot, is_root};
use crate::pki::report::Report;
use crate::pki::rules::stores::beside::SiteStores;
use crate::pki::secret::Password;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Files that make one report.
#[derive(Debug)]
pub(in super::super) struct Group {
    /// The folder or the files as given.
    pub(in super::super) name: String,
    /// The last component of the folder's path.
    pub(in super::super) folder: Option<String>,
    pub(in super::super) files: Vec<FileContent>,
}

pub(super) fn read(reading: &Reading, passwords: &[Password]) -> anyhow::Result<Vec<Group>> {
    check_they_exist(&reading.paths)?;
    let (folders, singles): (Vec<_>, Vec<_>) = reading.paths.iter().cloned().partition(|path| files::is_folder(path));
    let mut groups = Vec::new();
    if !singles.is_empty() {
        let shown: Vec<_> = singles.iter().map(|path| shown(path)).collect();
        groups.push(Group { name: shown.join(" "), folder: None, files: read_paths(&singles, false, passwords) });
    }
    for folder in folders {
        let files = read_paths(std::slice::from_ref(&folder), reading.recursive, passwords);
        by_folder(&folder, files, &mut groups);
    }
    Ok(snapshots_apart(groups))
}

/// A machine's stores are judged by themselves: they are no part of a bundle.
fn snapshots_apart(groups: Vec<Group>) -> Vec<Group> {
    let mut apart = Vec::new();
    for mut group in groups {
        let (snapshots, mut rest): (Vec<_>, Vec<_>) =
            group.files.into_iter().partition(|file| matches!(file.form, Form::Snapshot(_)));
        let alone = |file: FileContent| Group { name: file.path.clone(), folder: None, files: vec![file] };
        let mut snapshots: Vec<Group> = snapshots.into_iter().map(alone).collect();
        if let Some(first) = snapshots.first_mut() {
            if !rest.iter().any(is_judged) {
                // A note beside it is no bundle that lacks everything.
                first.files.append(&mut rest);
            } else if group.folder.is_none() {
                // Files that were named one by one make one name.
                group.name = rest.iter().map(|file| file.path.as_str()).collect::<Vec<_>>().join(" ");
            }
        }
        if !rest.is_empty() || snapshots.is_empty() {
            apart.push(Group { files: rest, ..group });
        }
        apart.append(&mut snapshots);
    }
    apart
}

pub(in super::super) fn is_judged(file: &FileContent) -> bool {
    file.certificates().next().is_some() || file.keys().next().is_some() || Slot::of(&file.name).is_some()
}

/// What bundles are compared with.
pub(in super::super) fn stores(groups: &[Group]) -> Vec<SiteStores> {
    groups.iter().flat_map(|group| &group.files).filter_map(SiteStores::of).collect()
}

/// A path that is not there is a typing error, and no finding about a bundle.
pub(in super::super) fn check_they_exist(paths: &[PathBuf]) -> anyhow::Result<()> {
    match paths.iter().find(|path| *path != Path::new("-") && !files::exists(path)) {
        Some(path) => {
            Err(problem(format!("there is no `{}`", path.display()), "check the path; `-` is standard input"))
        }
        None => Ok(()),
    }
}

/// The public keys of all roots that were found, for a root's key may lie in another folder than the root.
pub(in super::super) fn root_keys(groups: &[Group]) -> Vec<Vec<u8>> {
    let certificates = groups.iter().flat_map(|group| &group.files).flat_map(FileContent::certificates);
    certificates.filter(|one| is_root(one)).map(|root| root.public_key_info().to_vec()).collect()
}

/// A file that holds something else, as against a certificate that is damaged.
pub(super) fn is_no_root(file: &FileContent) -> bool {
    let other = |object: &Object| !matches!(object.what, What::Damaged(_)) && object.certificates().next().is_none();
    file.objects.iter().all(other) && !matches!(file.form, Form::Empty | Form::Unreadable(_))
}

/// Somebody who gives the folder above the bundles sees nothing of them.
pub(super) fn hint_at_subfolders(reading: &Reading, reports: &[Report], output: &Output) {
    let nothing = reports.iter().all(|report| report.files.iter().all(|file| file.certificates().next().is_none()));
    if nothing && !reading.recursive && reading.paths.iter().any(|path| files::has_folders(path)) {
        output.note("there are folders below; `-r` looks into them");
    }
}

pub(in super::super) fn by_folder(given: &Path, files: Vec<FileContent>, groups: &mut Vec<Group>) {
    let before = groups.len();
    let mut known: HashMap<PathBuf, usize> = HashMap::new();
    for file in files {
        let folder = files::folder_of(Path::new(&file.path));
        if let Some(group) = known.get(folder).and_then(|at| groups.get_mut(*at)) {
            group.files.push(file);
            continue;
        }
        known.insert(folder.to_owned(), groups.len());
        groups.push(Group { folder: own_name(folder), name: shown(folder), files: vec![file] });
    }
    if groups.len() == before {
        groups.push(Group { name: shown(given), folder: own_name(given), files: Vec::new() });
    }
}

/// What the folder is called, also when it is given as `.` or `..`.
fn own_name(folder: &Path) -> Option<String> {
    let full = files::full_path(folder);
    full.file_name().map(|name| name.to_string_lossy().into_owned())
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}
