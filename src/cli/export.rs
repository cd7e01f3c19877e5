//! `qcert export`: the bundles of one or many machines, as Qlik's console would have written them.

use super::arguments::{CertificateArguments, FileArguments, NameArguments, RootArguments};
use super::error::problem;
use super::existing::ExistingArguments;
use super::issue::{Issuing, Keys};
use super::machines::{BadName, Machines};
use super::output::Output;
use super::report::{Answer, MachineReport, RootReport};
use super::site::{self, NewRoot, Site};
use super::{Clock, Exit, csr, parallel, secrets};
use crate::host::files;
use crate::host::home::Home;
use crate::host::key_supply::KeySupply;
use crate::pki::profile::Role;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

const ROLES: [Role; 2] = [Role::Server, Role::Client];

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Full computer name or IP address of a machine; may be repeated
    #[arg(short, long, value_name = "NAME", help_heading = "Machines")]
    machine: Vec<String>,
    /// List with one machine name per line; `-` is standard input
    ///
    /// What follows a `#` is a comment. Names that stand twice get one bundle.
    #[arg(long, value_name = "FILE", help_heading = "Machines")]
    machines_from: Option<PathBuf>,
    #[command(flatten)]
    names: NameArguments,
    /// Folder that gets a folder for each machine
    #[arg(short, long, default_value = ".", value_name = "DIR", help_heading = "Files", hide_default_value = true)]
    out: PathBuf,
    #[command(flatten)]
    files: FileArguments,
    #[command(flatten)]
    existing: ExistingArguments,
    #[command(flatten)]
    certificates: CertificateArguments,
    #[command(flatten)]
    root: RootArguments,
    /// Make keys and requests for another CA to sign; `qcert assemble` makes the bundles of its answer
    #[arg(long, help_heading = "Another CA", conflicts_with_all = csr::NOT_WITH)]
    csr_only: bool,
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert export --machine host.domain
  qcert export --machine qlik1.corp --machine 10.0.0.5 --password-file pw.txt
  qcert export --machines-from machines.txt --out bundles --exists keep --json
  qcert export --machine host.domain --csr-only

EXIT CODES
  0 every bundle (or request) is there   2 none could be made   3 some machines of several failed";

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let Arguments { names, root, files: file_arguments, .. } = arguments;
    let list_is_stdin = arguments.machines_from.as_deref() == Some(Path::new("-"));
    secrets::check_stdin_is_used_once(&[
        ("--machines-from", list_is_stdin),
        ("--password", file_arguments.password.reads_stdin()),
        ("--passphrase", root.passphrase.reads_stdin()),
    ])?;
    let list = arguments.machines_from.as_deref();
    if arguments.machine.is_empty() && list.is_none() && root.host.is_some() {
        return Err(problem(
            "no machine is named: `--host` is for the root's name",
            "name it: `qcert export --machine host.domain`",
        ));
    }
    let machines = Machines::gather(&arguments.machine, list, names.underscore(), output)?;
    if machines.names.is_empty() {
        return Err(all_bad(machines));
    }
    let aliases = names.aliases(output)?;
    if arguments.csr_only {
        let order = csr::Order {
            aliases: &aliases,
            profile: arguments.certificates.profile(),
            key_size: arguments.certificates.key_size(),
            files: file_arguments,
            policy: arguments.existing.policy,
            out: &arguments.out,
        };
        return csr::run(&order, machines, output);
    }
    let validity = arguments.certificates.validity(clock.now)?;
    arguments.certificates.warn(output);
    let home = Home::locate(home)?;
    let passphrase = secrets::passphrase(&root.passphrase, &home)?;
    let password = secrets::bundle_password(&file_arguments.password, output)?;

    // From here on there is work: keys are made while the home and the ledger are opened.
    let targets: Vec<PathBuf> = machines.names.iter().map(|name| arguments.out.join(name.folder())).collect();
    let fresh = targets.iter().filter(|target| !files::exists(target)).count();
    if fresh == 0 && !home.has_root() {
        // Before a root is made that nothing would be signed with.
        arguments.existing.check_without_root(&targets)?;
    }
    let keys = KeySupply::start(arguments.certificates.key_size(), fresh * ROLES.len() + usize::from(!home.has_root()));
    let new_root = NewRoot {
        host: site::host_name(root.host.as_deref(), names.underscore(), output)?,
        profile: arguments.certificates.profile(),
        validity,
        passphrase: passphrase.as_ref(),
    };
    files::create_folders(&arguments.out).with_context(|| format!("cannot use `{}`", arguments.out.display()))?;
    let opening = root.passphrase.opening(passphrase.as_ref(), clock.now);
    let site = site::open_or_create(home, opening, &new_root, || keys.take(), output)?;
    let profile = arguments.certificates.profile();
    let (validity, ends_with_root) = site.leaf_validity(validity, profile)?;
    let issuing = Issuing {
        site: &site,
        keys: Keys::New(&keys),
        key_size: arguments.certificates.key_size(),
        lifetime: arguments.certificates.lifetime(clock.now),
        profile,
        validity,
        ends_with_root,
        roles: &ROLES,
        with_root: true,
        format: file_arguments.format(),
        password: password.as_ref(),
        aliases: &aliases,
        now: clock.now,
    };
    let reports = export_all(&issuing, &arguments.existing, machines, targets, output);
    site.stages.settle().context("cannot make the new bundles durable")?;
    finish(&site, reports, output, clock)
}

/// One bad name is the error itself; of several each is said, and the error is that there is nothing to do.
fn all_bad(machines: Machines) -> anyhow::Error {
    let count = machines.bad.len();
    let mut errors = machines.bad.into_iter().map(BadName::into_error);
    if count == 1
        && let Some(only) = errors.next()
    {
        return only;
    }
    for error in errors {
        Output::say_failure(&error);
    }
    problem(format!("none of the {count} machine names can be used"), "mend the names and run the same command again")
}

fn export_all(
    issuing: &Issuing<'_>,
    existing: &ExistingArguments,
    machines: Machines,
    targets: Vec<PathBuf>,
    output: &Output,
) -> Vec<MachineReport> {
    let total = machines.names.len() + machines.bad.len();
    let work: Vec<_> = machines.names.into_iter().zip(targets).collect();
    let mut reports = parallel::each(work, output.shows_progress() && total > 1, |(machine, target)| {
        let made = existing.settle(issuing, &machine, &target, "exported");
        made.unwrap_or_else(|error| MachineReport::failed(machine.as_str(), error))
    });
    reports.extend(machines.bad.into_iter().map(|bad| {
        let name = bad.name();
        MachineReport::failed(&name, bad.into_error())
    }));
    reports
}

/// Says what was made, where, until when, and what to do next.
fn finish(site: &Site, reports: Vec<MachineReport>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    for error in reports.iter().filter_map(MachineReport::error) {
        Output::say_failure(error);
    }
    let failed = reports.iter().filter_map(MachineReport::error).count();
    let made = reports.len() - failed;
    let exit = Exit::of_machines(made, failed);
    let root = RootReport::new(site, if site.created { "made" } else { "kept" });
    if output.is_json() {
        output.answer_json(&Answer::new(&root, Some(reports)))?;
        return Ok(exit);
    }
    if site.created {
        output.answer(&root.text(clock.offset))?;
        site::say_how_to_protect(site, output);
    }
    for report in reports.iter().filter(|report| report.error().is_none()) {
        output.answer(&report.text(clock.offset))?;
    }
    if failed > 0 && reports.len() > 1 {
        output.answer(&format!("{made} of {} machines done, {failed} failed", reports.len()))?;
    }
    if made > 0 {
        output.answer(
            "next: copy each folder to its machine; a program that calls Qlik takes client.pfx, or client.pem with \
             client_key.pem and root.pem",
        )?;
    }
    Ok(exit)
}
