//! Where the new files go: a folder, one file, or standard output. They are staged beside it, read back and renamed.

use super::super::error::problem;
use super::super::output::Output;
use super::super::site;
use super::shape;
use crate::host::files;
use crate::host::stage::{self, Placing};
use crate::pki::bundle::Privacy;
use crate::pki::conversion::{NewFile, Target};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) enum Place {
    /// None was given: a folder in this one.
    Unsaid,
    Folder(PathBuf),
    /// With its last component.
    File(PathBuf, String),
    Stdout,
}

impl Place {
    pub(super) fn new(out: Option<&Path>) -> anyhow::Result<Self> {
        let Some(out) = out else { return Ok(Self::Unsaid) };
        if out == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let Some(name) = out.file_name() else {
            return Err(problem(format!("`{}` is no name for something new", out.display()), "give a new name"));
        };
        let name = name.to_string_lossy().into_owned();
        let is_folder = files::is_folder(out) || out.as_os_str().to_string_lossy().ends_with(['/', '\\']);
        Ok(match shape::of_name(&name) {
            Some(_) if !is_folder => Self::File(out.to_owned(), name),
            _ => Self::Folder(out.to_owned()),
        })
    }

    /// What was read gives the name where none was given.
    pub(super) fn or_beside(self, paths: &[PathBuf], target: Target) -> Self {
        let Self::Unsaid = self else { return self };
        let first = paths.first().filter(|path| path.as_path() != Path::new("-"));
        let name = first.map(|path| {
            let full = files::full_path(path);
            let name = if files::is_folder(path) { full.file_name() } else { path.file_stem() };
            name.unwrap_or_default().to_string_lossy().into_owned()
        });
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "converted".to_owned());
        Self::Folder(PathBuf::from(format!("{name}-{}", target.word().to_lowercase())))
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) | Self::File(path, _) => Some(path),
            Self::Unsaid | Self::Stdout => None,
        }
    }

    /// The name of the one file that is wanted.
    pub(super) fn file_name(&self) -> Option<&str> {
        match self {
            Self::File(_, name) => Some(name),
            Self::Stdout => Some("standard output"),
            Self::Unsaid | Self::Folder(_) => None,
        }
    }

    pub(super) fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout)
    }

    pub(super) fn shown(&self) -> String {
        self.path().map_or_else(|| "standard output".to_owned(), |path| path.display().to_string())
    }

    /// All of it or nothing. Says whether something had to go for it.
    pub(super) fn write(&self, new: &[NewFile<'_>], may_replace: bool) -> anyhow::Result<bool> {
        let Some(target) = self.path() else { return Ok(false) };
        let replaces = files::exists(target);
        if replaces && may_replace {
            self.check_may_go(target, new)?;
        }
        let placing = if may_replace { Placing::Replacing } else { Placing::New };
        let parent = files::folder_of(target);
        files::create_folders(parent)?;
        let stages = site::stages_without_home()?;
        let mut stage = stages.open(parent)?;
        for file in new {
            stage.write(&file.name, file.bytes.expose(), file.privacy)?;
        }
        stage.flush()?;
        for file in new {
            if stage.read_file(&file.name)?.expose() != file.bytes.expose() {
                return Err(problem(
                    format!("what was read back of `{}` is not what was written", file.name),
                    "try again; if it happens twice, check the disk",
                ));
            }
        }
        let stage = stage.make_durable()?;
        match self {
            Self::File(_, name) => stage.place_file(name, target, placing)?,
            _ => stage.place(target, placing)?,
        }
        stages.settle()?;
        Ok(replaces)
    }

    /// Nothing goes that is of another kind, or that the new files do not stand for.
    fn check_may_go(&self, target: &Path, new: &[NewFile<'_>]) -> anyhow::Result<()> {
        let is_of_kind = match self {
            Self::File(..) => files::is_real_file(target),
            _ => files::is_real_folder(target),
        };
        if !is_of_kind {
            let kind = if matches!(self, Self::File(..)) { "file" } else { "folder" };
            return Err(problem(
                format!("it is not a {kind} of its own"),
                "move it away, or give another name with `--out PATH`",
            ));
        }
        if let Self::File(..) = self {
            return Ok(());
        }
        let names: Vec<_> = new.iter().map(|file| file.name.as_str()).collect();
        let foreign = stage::foreign_names(target, &names)?;
        if let Some(first) = foreign.first() {
            let more = if foreign.len() > 1 { format!(" and {} more", foreign.len() - 1) } else { String::new() };
            return Err(problem(
                format!("it also holds `{first}`{more}, which the new folder would not have"),
                "the folder would be replaced as a whole: give another name with `--out DIR`",
            ));
        }
        Ok(())
    }
}

/// To a program or a file. A person's terminal shows no keys, and nothing that is not text.
pub(super) fn print(new: &[NewFile<'_>]) -> anyhow::Result<()> {
    for file in new {
        if Output::is_seen() && (file.privacy == Privacy::Private || !file.is_text) {
            let what = if file.privacy == Privacy::Private { "a private key" } else { "what is not text" };
            return Err(problem(
                format!("{what} is not shown on a terminal"),
                "send it to a program or a file, or give `--out FILE`",
            ));
        }
        Output::answer_octets(file.bytes.expose())?;
    }
    Ok(())
}
