//! Where each part of a server lies: as it was given, or where an installation keeps it below its data folder.

use super::super::error::problem;
use super::Arguments;
use crate::host::{files, qlik_folder};
use std::io;
use std::path::{Path, PathBuf};

/// Where a part is looked for.
#[derive(Debug)]
pub(super) enum Place {
    At(PathBuf),
    /// It should be there, and is not.
    Missing(PathBuf),
    /// Whether it is there cannot be seen, and why.
    Closed(PathBuf, String),
    /// Neither it nor a data folder was given.
    NotGiven,
}

#[derive(Debug)]
pub(super) enum StoresPlace {
    File(PathBuf),
    /// The stores of this machine themselves.
    ThisMachine,
    /// A copied folder has no snapshot in it.
    Missing(PathBuf),
    Closed(PathBuf, String),
    NotGiven,
}

#[derive(Debug)]
pub(super) struct Places {
    /// Qlik's data folder, or a copy of it.
    pub(super) folder: Option<PathBuf>,
    pub(super) host_cfg: Place,
    pub(super) stores: StoresPlace,
    pub(super) local: Place,
    pub(super) exported: Place,
    /// `NotGiven` where they are to be left out, too.
    pub(super) logs: Place,
}

pub(super) const LOCAL: &str = ".Local Certificates";
pub(super) const EXPORTED: &str = "Exported Certificates";
const SNAPSHOT: &str = "stores.json";

pub(super) fn find(arguments: &Arguments) -> anyhow::Result<Places> {
    let Arguments { stores, host_cfg, local_certificates, exported, logs, no_logs, .. } = arguments;
    let given = [stores, host_cfg, local_certificates, exported, logs];
    check_they_exist([stores, host_cfg], "check the path; `-` is standard input")?;
    check_they_exist([&arguments.folder, local_certificates], "check the path")?;
    check_they_exist([exported, logs], "check the path")?;
    for path in [&arguments.folder, local_certificates, exported, logs].into_iter().flatten() {
        if !files::is_folder(path) {
            return Err(problem(format!("`{}` is not a folder", path.display()), "give the folder that it lies in"));
        }
    }
    let own = qlik_folder::here().filter(|folder| files::is_folder(folder));
    let folder = match &arguments.folder {
        Some(folder) => Some(folder.clone()),
        None if own.is_none() && given.iter().all(|path| path.is_none()) => return Err(no_folder()),
        None => own.clone(),
    };
    let below = |path: &Option<PathBuf>, ways: &[&[&str]]| match (path, &folder) {
        (Some(path), _) => Place::At(path.clone()),
        (None, Some(folder)) => look(folder, ways),
        (None, None) => Place::NotGiven,
    };
    let exported = below(exported, &[&["Repository", EXPORTED], &[EXPORTED]]);
    let places = Places {
        host_cfg: below(host_cfg, &[&["Host.cfg"]]),
        local: local(local_certificates.as_deref(), &exported, folder.as_deref()),
        exported,
        logs: if *no_logs { Place::NotGiven } else { below(logs, &[&["Log"]]) },
        stores: stores_place(stores.as_deref(), folder.as_deref(), own.as_deref()),
        folder,
    };
    if places.is_empty() {
        let folder = places.folder.as_deref().unwrap_or(Path::new(".")).display();
        return Err(problem(
            format!("there is nothing of a Qlik server in `{folder}`"),
            "give the folder that has `Host.cfg` and `Repository` in it, or the parts by `--host-cfg`, `--exported`, \
             `--stores`",
        ));
    }
    Ok(places)
}

fn check_they_exist(paths: [&Option<PathBuf>; 2], hint: &str) -> anyhow::Result<()> {
    let is_stdin = |path: &Path| path == Path::new("-") && hint.contains("standard input");
    match paths.into_iter().flatten().find(|path| !is_stdin(path) && !files::exists(path)) {
        Some(path) => Err(problem(format!("there is no `{}`", path.display()), hint)),
        None => Ok(()),
    }
}

impl Places {
    fn is_empty(&self) -> bool {
        let absent = |place: &Place| matches!(place, Place::Missing(_) | Place::NotGiven);
        let stores = matches!(self.stores, StoresPlace::Missing(_) | StoresPlace::NotGiven);
        stores && [&self.host_cfg, &self.local, &self.exported, &self.logs].into_iter().all(absent)
    }
}

fn no_folder() -> anyhow::Error {
    let default = qlik_folder::here();
    let message = match &default {
        Some(folder) => format!("Qlik Sense has no data on this machine: there is no `{}`", folder.display()),
        None => "Qlik Sense Enterprise runs on Windows, and no folder was given".to_owned(),
    };
    problem(
        message,
        "run it on the server, or give a copy of its `%ProgramData%\\Qlik\\Sense`, with the `stores.json` of `qcert \
         store snapshot` in it",
    )
}

/// The first of these below the folder that is there.
fn look(folder: &Path, ways: &[&[&str]]) -> Place {
    for way in ways {
        match qlik_folder::find(folder, way) {
            Ok(Some(path)) => return Place::At(path),
            Ok(None) => {}
            Err(error) => return Place::Closed(joined(folder, way), reason(&error)),
        }
    }
    Place::Missing(joined(folder, ways.first().copied().unwrap_or_default()))
}

fn joined(folder: &Path, names: &[&str]) -> PathBuf {
    names.iter().fold(folder.to_owned(), |path, name| path.join(name))
}

fn local(given: Option<&Path>, exported: &Place, folder: Option<&Path>) -> Place {
    let beside = || folder.map_or(Place::NotGiven, |folder| look(folder, &[&[LOCAL], &["Repository", LOCAL]]));
    match (given, exported) {
        (Some(path), _) => Place::At(path.to_owned()),
        (None, Place::At(exported)) => match (look(exported, &[&[LOCAL]]), beside()) {
            // Exports that were given by themselves need not have it.
            (Place::Missing(_), Place::NotGiven) => Place::NotGiven,
            (Place::Missing(_), Place::At(beside)) => Place::At(beside),
            (place, _) => place,
        },
        (None, Place::Closed(path, why)) => Place::Closed(path.join(LOCAL), why.clone()),
        (None, Place::Missing(path)) => match beside() {
            Place::Missing(_) => Place::Missing(path.join(LOCAL)),
            place => place,
        },
        (None, Place::NotGiven) => beside(),
    }
}

fn stores_place(given: Option<&Path>, folder: Option<&Path>, own: Option<&Path>) -> StoresPlace {
    let Some(folder) = folder.filter(|_| given.is_none()) else {
        return given.map_or(StoresPlace::NotGiven, |path| StoresPlace::File(path.to_owned()));
    };
    // Another machine's folder is never held against the stores of this one.
    if own.is_some_and(|own| files::full_path(own) == files::full_path(folder)) {
        return StoresPlace::ThisMachine;
    }
    match look(folder, &[&[SNAPSHOT]]) {
        Place::At(path) => StoresPlace::File(path),
        Place::Closed(path, why) => StoresPlace::Closed(path, why),
        Place::Missing(path) => StoresPlace::Missing(path),
        Place::NotGiven => StoresPlace::NotGiven,
    }
}

/// What the system said, in words.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "this account may not look into it".to_owned(),
        _ => error.to_string(),
    }
}
