//! `qcert export --csr-only`: each machine's private keys, and the requests that an outside CA is to sign.
//!
//! It needs no root of ours: no home is made or opened, and no ledger learns of it. `assemble` does the second half.

mod answer;

use super::arguments::FileArguments;
use super::error::problem;
use super::existing::{Policy, already_there};
use super::machines::{BadName, Machines};
use super::output::Output;
use super::{Exit, parallel, secrets, site};
use crate::host::files;
use crate::host::key_supply::KeySupply;
use crate::host::stage::{self, Placing, Stages};
use crate::pki::bundle;
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::key::KeySize;
use crate::pki::name::MachineName;
use crate::pki::profile::{Profile, Role};
use crate::pki::request::{Request, Wish};
use crate::pki::secret::{Password, Secret};
use crate::pki::waiting::{self, Fault, ROLES};
use answer::MachineReport;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What speaks of our own root, or of files that come with the certificates.
pub(super) const NOT_WITH: [&str; 9] = [
    "format",
    "pfx",
    "min_days",
    "days",
    "not_before",
    "not_after",
    "host",
    // Not `--passphrase-file`: its environment variable may be set for every command.
    "passphrase_stdin",
    "trust_clock",
];

/// What all machines of a run have in common.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) aliases: &'a [MachineName],
    pub(super) profile: Profile,
    pub(super) key_size: KeySize,
    pub(super) files: &'a FileArguments,
    pub(super) policy: Policy,
    pub(super) out: &'a Path,
}

pub(super) fn run(order: &Order<'_>, machines: Machines, output: &Output) -> anyhow::Result<Exit> {
    let password = secrets::bundle_password(&order.files.password, output)?;
    let targets: Vec<PathBuf> = machines.names.iter().map(|name| order.out.join(name.folder())).collect();
    let fresh = targets.iter().filter(|target| !files::exists(target)).count();
    let keys = KeySupply::start(order.key_size, fresh * ROLES.len());
    files::create_folders(order.out).with_context(|| format!("cannot use `{}`", order.out.display()))?;
    let stages = site::stages_without_home()?;
    let requesting = Requesting { order, keys: &keys, stages: &stages, password: password.as_ref() };
    let total = machines.names.len() + machines.bad.len();
    let work: Vec<_> = machines.names.into_iter().zip(targets).collect();
    let mut reports = parallel::each(work, output.shows_progress() && total > 1, |(machine, target)| {
        let made = requesting.settle(&machine, &target);
        made.unwrap_or_else(|error| MachineReport::failed(machine.as_str(), error))
    });
    reports.extend(machines.bad.into_iter().map(failed_name));
    stages.settle().context("cannot make the new folders durable")?;
    answer::give(&reports, output)
}

fn failed_name(bad: BadName) -> MachineReport {
    let name = bad.name();
    MachineReport::failed(&name, bad.into_error())
}

struct Requesting<'a> {
    order: &'a Order<'a>,
    keys: &'a KeySupply,
    stages: &'a Arc<Stages>,
    password: Option<&'a Password>,
}

type Requests = Vec<(Role, Request)>;

impl Requesting<'_> {
    /// Leaves the target as it is or makes what is to be there, and reports it.
    fn settle(&self, machine: &MachineName, target: &Path) -> anyhow::Result<MachineReport> {
        loop {
            let (placing, state) = match (files::exists(target), self.order.policy) {
                (false, Policy::Replace) => (Placing::Replacing, "requested"),
                (false, _) => (Placing::New, "requested"),
                (true, Policy::Refuse) => return Err(already_exists(target)),
                (true, _) if !files::is_real_folder(target) => return Err(not_a_folder(target)),
                (true, Policy::Keep) => {
                    let requests = self.kept(machine, target)?;
                    return Ok(MachineReport::made(machine.as_str(), "kept", target, &requests));
                }
                (true, Policy::Replace) => {
                    check_holds_requests_only(target)?;
                    (Placing::Replacing, "replaced")
                }
            };
            match self.make(machine, target, placing) {
                Ok(requests) => return Ok(MachineReport::made(machine.as_str(), state, target, &requests)),
                // Another run was quicker: what is there now is looked at like any other.
                Err(error) if already_there(&error) => tracing::info!("another run made {machine} at the same time"),
                Err(error) => return Err(error),
            }
        }
    }

    fn make(&self, machine: &MachineName, target: &Path, placing: Placing) -> anyhow::Result<Requests> {
        let failed = || format!("cannot write `{}`", target.display());
        let derivations = Derivations::default();
        let password = self.password.filter(|_| !self.order.files.format().plain_pem_keys);
        let mut stage = self.stages.open(files::folder_of(target)).with_context(failed)?;
        for role in ROLES {
            let wish = self.wish(machine, role);
            let made = waiting::files(&wish, &self.keys.take()?, password, &mut SystemEntropy, &derivations)?;
            for file in &made {
                stage.write(file.name, file.bytes.expose(), file.privacy).with_context(failed)?;
            }
        }
        stage.flush().with_context(failed)?;
        let requests = self.judge(machine, &stage.read_back().with_context(failed)?).map_err(|fault| {
            problem(
                format!("`{}` was not written, because what was read back is faulty: {fault}", target.display()),
                "try again; if it happens twice, check the disk and report it",
            )
        })?;
        stage.make_durable().with_context(failed)?.place(target, placing).with_context(failed)?;
        Ok(requests)
    }

    /// Keys whose requests may be on their way to the CA are never made anew by themselves.
    fn kept(&self, machine: &MachineName, target: &Path) -> anyhow::Result<Requests> {
        let files = stage::read_folder(target).with_context(|| format!("cannot read `{}`", target.display()))?;
        self.judge(machine, &files).map_err(|fault| {
            problem(
                format!("`{}` does not hold keys and requests to keep: {fault}", target.display()),
                "look at it first; `--exists replace` makes new keys and requests in their place, and a certificate \
                 for the old ones is then worth nothing",
            )
        })
    }

    fn judge(&self, machine: &MachineName, files: &BTreeMap<String, Secret>) -> Result<Requests, Fault> {
        let derivations = Derivations::default();
        let one = |role| Ok((role, waiting::judge(&self.wish(machine, role), files, self.password, &derivations)?));
        ROLES.into_iter().map(one).collect()
    }

    fn wish<'w>(&'w self, machine: &'w MachineName, role: Role) -> Wish<'w> {
        Wish { role, profile: self.order.profile, machine, aliases: self.order.aliases }
    }
}

fn already_exists(target: &Path) -> anyhow::Error {
    problem(
        format!("`{}` already exists", target.display()),
        "`--exists keep` leaves keys and requests that fit as they are, `--exists replace` makes new ones",
    )
}

fn not_a_folder(target: &Path) -> anyhow::Error {
    problem(format!("`{}` is not a folder", target.display()), "move it away, or write elsewhere with `--out DIR`")
}

/// A bundle is never replaced by requests, and nothing of somebody else's is taken away.
fn check_holds_requests_only(target: &Path) -> anyhow::Result<()> {
    let foreign = stage::foreign_names(target, &waiting::file_names())
        .with_context(|| format!("cannot read `{}`", target.display()))?;
    let Some(first) = foreign.first() else { return Ok(()) };
    let bundle = [Role::Root, Role::Server, Role::Client]
        .into_iter()
        .flat_map(|role| [bundle::certificate_file(role), bundle::pfx_file(role)])
        .chain([bundle::ROOT_DER_FILE]);
    if bundle.into_iter().any(|name| name == first) {
        return Err(problem(
            format!("`{}` holds a bundle: `{first}`", target.display()),
            "move it away, or write elsewhere with `--out DIR`: its keys would be lost",
        ));
    }
    Err(problem(
        format!("`{}` also holds `{first}`, which belongs to no request", target.display()),
        "move that away first: the folder would be replaced as a whole",
    ))
}
