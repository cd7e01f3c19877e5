//! `qcert store install`: a bundle into this machine's stores, each certificate where Qlik's services and tools look.
//!
//! Nothing is changed that was not shown, nothing is removed without a backup, and afterwards the stores are read again.

use super::super::error::problem;
use super::super::output::Output;
use super::super::reading::{Passwords, read_folder_with_keys};
use super::super::secrets::check_stdin_is_used_once;
use super::super::{Clock, Exit, parallel};
use super::keeping::BackupArguments;
use super::machine::{Machine, ThisMachine};
use super::perform::{Consent, Job, perform};
use super::read;
use crate::host::files;
use crate::pki::examine::{self, Beside, Subject};
use crate::pki::inventory::{Form, SnapshotContent};
use crate::pki::profile::Role;
use crate::pki::rules::Given;
use crate::pki::store_plan::{self, Choice, Options, Plan, Refusal, Repository, Wanted};
use clap::ValueEnum;
use std::path::PathBuf;
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleWord {
    /// Trusted Root of the machine
    Root,
    /// Personal of the machine
    Server,
    /// Personal of the account that runs this
    Client,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Root => Self::Root,
            RoleWord::Server => Self::Server,
            RoleWord::Client => Self::Client,
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Folder of the bundle, or one file
    #[arg(value_name = "DIR")]
    bundle: PathBuf,
    /// Only this one; may be repeated [default: what the bundle has]
    #[arg(long, value_enum)]
    role: Vec<RoleWord>,
    /// Whose server certificate, where the folder has several
    #[arg(short, long, value_name = "NAME")]
    machine: Option<String>,
    /// Remove old ones, after a backup; never a root with its private key
    #[arg(long)]
    replace: bool,
    /// With --replace: also a server certificate with the site's secrets key
    #[arg(long, requires = "replace")]
    lose_secrets: bool,
    /// Keys that are put there cannot be taken out again, not even for a backup
    #[arg(long)]
    not_exportable: bool,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    passwords: Passwords,
    #[command(flatten)]
    pub(super) backup: BackupArguments,
}

const AFTER_HELP: &str = "\
The root goes to Trusted Root of the machine without its key, the server to Personal of the machine,
the client to Personal of the account that runs this, as `QlikClient`. What is there as it should be
stays. The machine's stores take an elevated console; the client is of use to the account alone.

EXAMPLES
  qcert store install qs1.example.com --dry-run
  qcert store install qs1.example.com                       shows it, asks, does it, reads it back
  qcert store install qs1.example.com --role root --role client        on a machine with tools
  qcert store install new --replace --backup old --backup-password-file pass.txt --yes
  qcert store install new --dry-run --from stores.json      for another machine, on any system

EXIT CODES
  0 it is there, and Windows trusts it
  1 nothing was changed, and it is said why; or it is there, and Windows does not trust it
  2 could not do it, or not all of it, which is said";

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    check_stdin_is_used_once(&[
        ("--password-file", arguments.passwords.reads_stdin()),
        ("--backup-password-file", arguments.backup.reads_stdin()),
    ])?;
    run_on(&mut ThisMachine::new(clock), arguments, output, clock)
}

pub(super) fn run_on(
    machine: &mut dyn Machine,
    arguments: &Arguments,
    output: &Output,
    clock: Clock,
) -> anyhow::Result<Exit> {
    arguments.backup.check()?;
    let Planned { wanted, content, plan, at } = plan(machine, arguments, clock)?;
    let job = Job {
        content: &content,
        plan: &plan,
        wanted: &wanted,
        exportable: !arguments.not_exportable,
        at,
        consent: &arguments.consent,
        backup: &arguments.backup,
    };
    perform(&job, machine, output, clock)
}

pub(super) struct Planned {
    pub(super) wanted: Wanted,
    pub(super) content: SnapshotContent,
    pub(super) plan: Plan,
    at: OffsetDateTime,
}

pub(super) fn plan(machine: &mut dyn Machine, arguments: &Arguments, clock: Clock) -> anyhow::Result<Planned> {
    let at = arguments.consent.at.unwrap_or(clock.now);
    let (wanted, refusals) = wanted(arguments, at)?;
    let (content, repository) = match &arguments.consent.from {
        Some(path) => (read::from_file(path)?, Repository::Unknown),
        None => (machine.look()?, machine.repository()),
    };
    let plan = if refusals.is_empty() {
        let options = Options {
            replace: arguments.replace,
            lose_secrets: arguments.lose_secrets,
            exportable: !arguments.not_exportable,
        };
        store_plan::install(&wanted, &content, &repository, options)
    } else {
        Plan { refusals, ..Plan::default() }
    };
    Ok(Planned { wanted, content, plan, at })
}

/// The bundle's certificates and keys, judged as `validate` judges them.
fn wanted(arguments: &Arguments, at: OffsetDateTime) -> anyhow::Result<(Wanted, Vec<Refusal>)> {
    let path = &arguments.bundle;
    if !files::exists(path) {
        return Err(problem(format!("there is no `{}`", path.display()), "give the folder of the bundle"));
    }
    let passwords = arguments.passwords.given(false)?;
    let mut files = read_folder_with_keys(path, &passwords);
    files.retain(|file| !matches!(file.form, Form::Snapshot(_)));
    let given = Given {
        at,
        machine: arguments.machine.clone(),
        name: None,
        purpose: None,
        warn_days: 0,
        folder: None,
        with_root: false,
        roots_elsewhere: Vec::new(),
        server: None,
    };
    let subject = Subject { name: path.display().to_string(), files };
    let report = examine::report(subject, &Beside::default(), &given, &parallel::spread);
    let roles: Vec<Role> = arguments.role.iter().map(|role| Role::from(*role)).collect();
    Ok(store_plan::sort(&report, &Choice { roles: &roles, machine: arguments.machine.as_deref() }))
}
