//! `qcert assemble`: an outside CA's certificates and the keys that wait for them become bundles.
//!
//! It needs no root of ours: no home is made or opened, and no ledger learns of it. `export --csr-only` does the first
//! half.

mod advice;
mod answer;
mod build;
mod held;
mod waiting;

use super::arguments::FileArguments;
use super::error::problem;
use super::output::Output;
use super::reading::read_paths;
use super::{Clock, Exit, parallel, secrets, site};
use crate::host::{files, password};
use crate::pki::assembly::Pile;
use crate::pki::certificate::Certificate;
use crate::pki::inventory::FileContent;
use crate::pki::overview::Overview;
use crate::pki::secret::Password;
use answer::MachineReport;
use anyhow::Context as _;
use build::Assembling;
use std::path::PathBuf;
use waiting::{Folder, Waiting};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Folders that `qcert export --csr-only` made; each becomes a bundle
    #[arg(value_name = "FOLDER", required = true)]
    folders: Vec<PathBuf>,
    /// What the CA gave: files or folders with PEM, DER, PKCS#7 or PFX; may be repeated [default: what is in FOLDER]
    #[arg(long, value_name = "PATH", help_heading = "Certificates")]
    from: Vec<PathBuf>,
    /// The CA's root, in PEM, DER or PKCS#7 [default: the one found among the certificates]
    #[arg(long, value_name = "FILE", help_heading = "Certificates")]
    root: Vec<PathBuf>,
    /// Take certificates that an intermediate signed, with it beside them; Qlik's own services want the root's
    #[arg(long, help_heading = "Certificates")]
    intermediate: bool,
    /// Write what `qcert validate` calls an error, or what lacks a name that was asked for
    #[arg(long, help_heading = "Certificates")]
    force: bool,
    /// Put other certificates in the place of those that a bundle has
    #[arg(long, help_heading = "Existing bundles")]
    replace: bool,
    #[command(flatten)]
    files: FileArguments,
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert assemble ./host.domain --from certnew.p7b
  qcert assemble bundles/* --from signed --root corp-root.cer --password-file pw.txt
  qcert assemble ./host.domain          the CA's files were saved in the folder itself

EXIT CODES
  0 every bundle is there   2 none could be made   3 some machines of several failed";

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    for path in arguments.from.iter().chain(&arguments.root) {
        if !files::exists(path) {
            return Err(problem(format!("there is no `{}`", path.display()), "check the path"));
        }
    }
    let folders: Vec<(PathBuf, anyhow::Result<Folder>)> =
        waiting::each_once(&arguments.folders).into_iter().map(|given| (given.clone(), Folder::read(given))).collect();
    let passwords: Vec<Password> = password(arguments, &folders, output)?.into_iter().collect();
    let paths = arguments.from.iter().chain(folders.iter().map(|(given, _)| given)).cloned().collect::<Vec<_>>();
    let read = read_paths(&paths, false, &passwords);
    let roots = read_paths(&arguments.root, false, &passwords);
    check_roots(&roots)?;
    let (overview, given_roots) = (Overview::new(&read), Overview::new(&roots));
    let pile = Pile::new(&overview, &given_roots, clock.now);

    // The keys of all, before it is said of a certificate that it is nobody's.
    let waiting: Vec<(PathBuf, anyhow::Result<Waiting>)> = parallel::each(folders, false, |(given, folder)| {
        let opened = folder.and_then(|folder| folder.open(passwords.first()));
        (given, opened)
    });
    let strays = waiting::strays(&read, &pile, &waiting);
    let assembling = Assembling {
        pile: &pile,
        stages: &site::stages_without_home()?,
        read: &read,
        strays: &strays,
        format: arguments.files.format(),
        passwords: &passwords,
        intermediate: arguments.intermediate,
        force: arguments.force,
        replace: arguments.replace,
        now: clock.now,
    };
    let progress = output.shows_progress() && waiting.len() > 1;
    let reports = parallel::each(waiting, progress, |(given, waiting)| {
        let name = waiting.as_ref().map_or_else(|_| given.display().to_string(), |one| one.machine.to_string());
        waiting
            .and_then(|waiting| assembling.assemble(waiting))
            .unwrap_or_else(|error| MachineReport::failed(&name, error))
    });
    assembling.stages.settle().context("cannot make the new bundles durable")?;
    answer::give(&reports, &strays, output, clock)
}

/// What opens the keys protects the bundle. Nobody is asked to invent one where the keys have theirs.
fn password(
    arguments: &Arguments,
    folders: &[(PathBuf, anyhow::Result<Folder>)],
    output: &Output,
) -> anyhow::Result<Option<Password>> {
    let given = arguments.files.password.password_stdin || arguments.files.password.password_file.is_some();
    let locked = folders.iter().any(|(_, folder)| folder.as_ref().is_ok_and(Folder::is_locked));
    match (given, locked) {
        (false, true) if password::can_ask() => Ok(password::ask("password of the keys")?),
        (false, true) => Ok(None),
        _ => secrets::bundle_password(&arguments.files.password, output),
    }
}

/// An intermediate given as root would end in Windows' root store, where it breaks the authentication of clients.
fn check_roots(roots: &[FileContent]) -> anyhow::Result<()> {
    for file in roots {
        let mut certificates = file.certificates().peekable();
        let Some(first) = certificates.peek().map(|first| (first.title(), first.issuer_name().text())) else {
            return Err(problem(
                format!("there is no certificate in `{}`, given with `--root`", file.path),
                "`qcert inspect` shows what the file holds",
            ));
        };
        if !certificates.any(Certificate::is_self_issued) {
            let (title, issuer) = first;
            return Err(problem(
                format!("`{}`, given with `--root`, holds no root: `{title}` was issued by `{issuer}`", file.path),
                "give the CA's self-signed root; an intermediate goes with `--from`",
            ));
        }
    }
    Ok(())
}
