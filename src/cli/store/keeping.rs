//! The backup of what leaves the stores: a new folder with one PFX for each store, written, read back and checked before
//! anything is removed. Never over one that is there.

use super::super::Clock;
use super::super::error::problem;
use super::super::secrets::{given, is_stdin};
use super::super::site;
use super::super::words::day;
use super::machine::Machine;
use crate::host::stage::{Placing, Stage};
use crate::host::{files, password};
use crate::pki::bundle::Privacy;
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::inventory::{self, InFile};
use crate::pki::secret::{Password, Secret};
use crate::pki::snapshot::Place;
use crate::pki::store_plan::{Kept, Plan, Step, certificates_alone, file_name};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Backup")]
pub(super) struct BackupArguments {
    /// New folder for what is removed [default: ./stores-backup-DAY]
    #[arg(long, value_name = "DIR")]
    backup: Option<PathBuf>,
    /// File with a password for the backup; `-` is standard input [default: asked for on a terminal]
    #[arg(long, value_name = "FILE")]
    backup_password_file: Option<PathBuf>,
    /// Read that password from standard input
    #[arg(long, conflicts_with = "backup_password_file")]
    backup_password_stdin: bool,
    /// Keep certificates without their private keys: these stay on this machine, where certutil finds them again
    #[arg(long)]
    without_key_backup: bool,
}

/// What was settled before anything is done.
#[derive(Debug)]
pub(super) struct Keeping {
    target: PathBuf,
    /// One, or none.
    passwords: Vec<Password>,
    without_keys: bool,
}

/// The backup as a plan tells of it.
#[derive(Debug)]
pub(super) struct Foreseen {
    pub(super) folder: PathBuf,
    pub(super) certificates: usize,
    pub(super) needs_password: bool,
    pub(super) has_password: bool,
}

/// A backup that stands.
#[derive(Debug)]
pub(super) struct Backup {
    pub(super) folder: PathBuf,
    /// With the name of its file.
    pub(super) stores: Vec<(Place, String)>,
    pub(super) certificates: usize,
    pub(super) keys: usize,
    pub(super) has_password: bool,
}

impl BackupArguments {
    pub(super) fn reads_stdin(&self) -> bool {
        self.backup_password_stdin || is_stdin(self.backup_password_file.as_deref())
    }

    /// A folder that was named is looked at before anything else.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        self.backup.as_deref().map_or(Ok(()), check_free)
    }

    /// `None` where nothing is removed. No password is read for this.
    pub(super) fn foresee(&self, plan: &Plan, clock: Clock) -> anyhow::Result<Option<Foreseen>> {
        let certificates = plan.removals().count();
        if certificates == 0 {
            return Ok(None);
        }
        Ok(Some(Foreseen {
            folder: self.target(clock)?,
            certificates,
            needs_password: self.keeps_keys(plan),
            has_password: self.backup_password_stdin || self.backup_password_file.is_some(),
        }))
    }

    fn keeps_keys(&self, plan: &Plan) -> bool {
        !self.without_key_backup && plan.removals().any(|step| step.key.is_some())
    }

    fn target(&self, clock: Clock) -> anyhow::Result<PathBuf> {
        match &self.backup {
            Some(folder) => Ok(folder.clone()),
            None => free_name(&format!("stores-backup-{}", day(clock.now, clock.offset))),
        }
    }

    /// `None` where nothing is removed. Keys are never kept without a password.
    pub(super) fn settle(&self, plan: &Plan, clock: Clock) -> anyhow::Result<Option<Keeping>> {
        if plan.removals().next().is_none() {
            return Ok(None);
        }
        let with_keys = self.keeps_keys(plan);
        let password = match given(self.backup_password_stdin, self.backup_password_file.as_deref())? {
            None if with_keys && password::can_ask() => Some(ask_twice()?.ok_or_else(no_password)?),
            None if with_keys => return Err(no_password()),
            given => given,
        };
        let target = self.target(clock)?;
        check_free(&target)?;
        Ok(Some(Keeping { target, passwords: password.into_iter().collect(), without_keys: self.without_key_backup }))
    }
}

fn check_free(folder: &Path) -> anyhow::Result<()> {
    if files::exists(folder) {
        return Err(problem(
            format!("`{}` is already there", folder.display()),
            "a backup is never written over: give another name with `--backup DIR`",
        ));
    }
    Ok(())
}

fn free_name(name: &str) -> anyhow::Result<PathBuf> {
    const MOST: u32 = 1000;
    let names = std::iter::once(name.to_owned()).chain((2..MOST).map(|number| format!("{name}-{number}")));
    names.map(PathBuf::from).find(|path| !files::exists(path)).ok_or_else(|| {
        problem(format!("`{name}` and its like are already there"), "give another name with `--backup DIR`")
    })
}

fn ask_twice() -> anyhow::Result<Option<Password>> {
    let Some(first) = password::ask("password for the backup's keys")? else { return Ok(None) };
    match password::ask("the same again")? {
        Some(second) if second.expose() == first.expose() => Ok(Some(first)),
        _ => Err(password::PasswordError::Differ.into()),
    }
}

fn no_password() -> anyhow::Error {
    problem(
        "private keys are to be kept in the backup, and no password was given for it",
        "give one with `--backup-password-file FILE`, or keep the certificates alone with `--without-key-backup`",
    )
}

impl Keeping {
    /// Nothing was changed in the stores where this fails.
    pub(super) fn keep(&self, machine: &mut dyn Machine, plan: &Plan) -> anyhow::Result<Backup> {
        let context = || format!("the backup `{}` could not be made, and nothing was changed", self.target.display());
        let parent = files::folder_of(&self.target);
        files::create_folders(parent).with_context(context)?;
        let stages = site::stages_without_home().with_context(context)?;
        let mut stage = stages.open(parent).with_context(context)?;
        let mut backup = Backup {
            folder: self.target.clone(),
            stores: Vec::new(),
            certificates: 0,
            keys: 0,
            has_password: !self.passwords.is_empty(),
        };
        for place in places(plan) {
            let steps: Vec<&Step> = plan.removals().filter(|step| step.place == place).collect();
            let pfx = self.pfx(machine, place, &steps).with_context(context)?;
            let name = file_name(place);
            stage.write(&name, pfx.expose(), Privacy::Private).with_context(context)?;
            stage.flush().with_context(context)?;
            let kept = self.read_back(&stage, &name, &steps).with_context(context)?;
            backup.certificates += steps.len();
            backup.keys += steps.iter().filter(|step| kept.has_key_of(step)).count();
            backup.stores.push((place, name));
        }
        let stage = stage.make_durable().with_context(context)?;
        stage.place(&self.target, Placing::New).with_context(context)?;
        stages.settle().with_context(context)?;
        Ok(backup)
    }

    fn pfx(&self, machine: &mut dyn Machine, place: Place, steps: &[&Step]) -> anyhow::Result<Secret> {
        let ders: Vec<&[u8]> = steps.iter().map(|step| step.certificate.der()).collect();
        if self.without_keys {
            return Ok(certificates_alone(&ders, self.passwords.first(), &mut SystemEntropy)?);
        }
        machine.export(place, &ders, self.passwords.first()).map_err(|error| {
            problem(
                format!("`{}` gives no PFX of them: {error}", place.path()),
                "`--without-key-backup` keeps the certificates alone; their keys stay on this machine",
            )
        })
    }

    /// With our own reader, from the disk.
    fn read_back(&self, stage: &Stage, name: &str, steps: &[&Step]) -> anyhow::Result<Kept> {
        let bytes = Ok(stage.read_file(name)?);
        let file = InFile { path: name.to_owned(), bytes, others_may_read: false, tracked_by_git: false };
        let read = inventory::read(file, &self.passwords, &Derivations::default());
        let unsound = |why: String| {
            problem(
                format!("`{name}` was read back, and {why}"),
                "`--without-key-backup` keeps the certificates alone, if it is about keys",
            )
        };
        let kept = Kept::of(&read).map_err(unsound)?;
        match steps.iter().find_map(|step| kept.lacks(step, self.without_keys)) {
            Some(lack) => Err(unsound(lack)),
            None => Ok(kept),
        }
    }
}

fn places(plan: &Plan) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for step in plan.removals() {
        if !places.contains(&step.place) {
            places.push(step.place);
        }
    }
    places
}

impl Backup {
    /// How each certificate comes back, as somebody would type it.
    pub(super) fn ways_back(&self) -> Vec<String> {
        let password = if self.has_password { "-p PASSWORD " } else { "-p \"\" " };
        let one = |(place, name): &(Place, String)| {
            let user = if place.location == crate::pki::snapshot::Location::CurrentUser { "-user " } else { "" };
            let path = self.folder.join(name);
            format!("certutil {user}-f {password}-importpfx {} \"{}\"", place.name.word(), path.display())
        };
        self.stores.iter().map(one).collect()
    }
}
