//! What to do where a folder is already there: refuse, keep or replace. Nothing that is not a bundle is ever replaced.

use super::error::problem;
use super::issue::Issuing;
use super::report::MachineReport;
use super::words::day;
use crate::host::files;
use crate::host::ledger::Ledger;
use crate::host::stage::{self, Placing};
use crate::pki::bundle::{self, Format};
use crate::pki::certificate::Certificate;
use crate::pki::encryption::Derivations;
use crate::pki::judge::{self, Fault, Leaves};
use crate::pki::name::MachineName;
use crate::pki::pfx::PfxEncryption;
use crate::pki::profile::Role;
use anyhow::Context as _;
use std::io;
use std::path::{Path, PathBuf};
use time::{Duration, OffsetDateTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Policy {
    /// Leave everything as it is and fail
    Refuse,
    /// Keep a bundle that is whole, from this root and valid long enough; make the others anew
    Keep,
    /// Put a new bundle in its place, in one step
    Replace,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Existing bundles")]
pub(super) struct ExistingArguments {
    /// What to do with a bundle that is already there
    #[arg(long = "exists", value_enum, default_value = "refuse", value_name = "HOW")]
    pub(super) policy: Policy,
    /// With `--exists keep`: make a bundle anew that is valid for fewer days than this
    #[arg(long, default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=36500))]
    min_days: u32,
}

#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    /// The bundle stays.
    Keep(Leaves),
    /// A new bundle takes its place; `Some` says why although it might have been kept.
    Replace(Option<String>),
}

impl ExistingArguments {
    /// Where there is no root yet, no folder that exists can be one of its bundles.
    pub(super) fn check_without_root(&self, targets: &[PathBuf]) -> anyhow::Result<()> {
        match (self.policy, targets.first()) {
            (Policy::Refuse, Some(target)) => Err(already_exists(target)),
            (Policy::Keep, Some(target)) => Err(not_kept(target, "there is no root in the home yet")),
            _ => Ok(()),
        }
    }

    /// Leaves the target as it is or issues what is to be there, and reports it. `fresh` is the word for a target that
    /// was not there before.
    pub(super) fn settle(
        &self,
        issuing: &Issuing<'_>,
        machine: &MachineName,
        target: &Path,
        fresh: &'static str,
    ) -> anyhow::Result<MachineReport> {
        loop {
            let found = self.decide(target, || self.keep_or_renew(issuing, machine, target))?;
            let (placing, state, reason) = match found {
                Found::Nothing => (self.placing(), fresh, None),
                Found::Replace(reason) => (Placing::Replacing, "replaced", reason),
                Found::Keep(leaves) => return Ok(issuing.report(machine, "kept", target, &leaves, None)),
            };
            match issuing.issue(machine, target, placing) {
                Ok(leaves) => return Ok(issuing.report(machine, state, target, &leaves, reason)),
                // Another run placed its bundle in the meantime: what is there now is looked at like any other.
                Err(error) if already_there(&error) => tracing::info!("another run made {machine} at the same time"),
                Err(error) => return Err(error),
            }
        }
    }

    /// How a target is taken that was not there a moment ago.
    pub(super) fn placing(&self) -> Placing {
        if self.policy == Policy::Replace { Placing::Replacing } else { Placing::New }
    }

    /// What is to become of the target. `keep_or_renew` looks at what is there, where it may be kept.
    pub(super) fn decide(
        &self,
        target: &Path,
        keep_or_renew: impl FnOnce() -> anyhow::Result<Found>,
    ) -> anyhow::Result<Found> {
        if !files::exists(target) {
            return Ok(Found::Nothing);
        }
        if self.policy == Policy::Refuse {
            return Err(already_exists(target));
        }
        if !files::is_real_folder(target) {
            return Err(problem(
                format!("`{}` is not a folder", target.display()),
                "move it away, or write elsewhere with `--out DIR`",
            ));
        }
        let found = match self.policy {
            Policy::Keep => keep_or_renew()?,
            Policy::Refuse | Policy::Replace => Found::Replace(None),
        };
        if matches!(found, Found::Replace(_)) {
            check_holds_a_bundle_only(target)?;
        }
        Ok(found)
    }

    fn keep_or_renew(&self, issuing: &Issuing<'_>, machine: &MachineName, target: &Path) -> anyhow::Result<Found> {
        let folder = stage::read_folder(target).with_context(|| format!("cannot read `{}`", target.display()))?;
        let derivations = Derivations::default();
        let (leaves, faults) = judge::judge(&issuing.expectation(machine, &derivations), &folder);
        self.judged(&issuing.site.ledger, target, leaves, &faults, issuing.now)
    }

    /// Keeps what was judged, if it is whole, from this home, not revoked and valid long enough.
    pub(super) fn judged(
        &self,
        ledger: &Ledger,
        target: &Path,
        leaves: Leaves,
        faults: &[Fault],
        now: OffsetDateTime,
    ) -> anyhow::Result<Found> {
        if let Some(fault) = faults.iter().find(|fault| !fault.is_only_incomplete()) {
            return Err(not_kept(target, &fault.to_string()));
        }
        let mut revoked = None;
        for (role, leaf) in &leaves {
            match ledger.by_thumbprint(&leaf.sha256())? {
                None => return Err(not_kept(target, "it was not issued from this home")),
                Some(entry) => revoked = revoked.or(entry.revoked_at.map(|at| (role.word(), at))),
            }
        }
        if let Some((role, at)) = revoked {
            let on = day(at, now.offset());
            return Ok(Found::Replace(Some(format!("its {role} certificate was revoked on {on}"))));
        }
        if let Some(fault) = faults.first() {
            return Ok(Found::Replace(Some(fault.to_string())));
        }
        let needed = now.saturating_add(Duration::days(i64::from(self.min_days)));
        match leaves.values().map(Certificate::not_after).min() {
            Some(end) if end < needed => Ok(Found::Replace(Some(format!("it ends on {}", day(end, now.offset()))))),
            _ => Ok(Found::Keep(leaves)),
        }
    }
}

pub(super) fn already_there(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::AlreadyExists)
}

fn already_exists(target: &Path) -> anyhow::Error {
    problem(
        format!("`{}` already exists", target.display()),
        "`--exists keep` leaves a sound bundle as it is, `--exists replace` makes a new one",
    )
}

pub(super) fn not_kept(target: &Path, why: &str) -> anyhow::Error {
    problem(
        format!("`{}` is not a bundle to keep: {why}", target.display()),
        "look at it first; `--exists replace` puts a new bundle in its place",
    )
}

/// Only a folder that holds nothing but a bundle's files may be taken away.
pub(super) fn check_holds_a_bundle_only(target: &Path) -> anyhow::Result<()> {
    let everything = Format { pem: true, pfx: true, plain_pem_keys: true, pfx_encryption: PfxEncryption::Modern };
    let known = bundle::file_names(&[Role::Server, Role::Client], true, everything);
    let foreign =
        stage::foreign_names(target, &known).with_context(|| format!("cannot read `{}`", target.display()))?;
    if let Some(first) = foreign.first() {
        let more = if foreign.len() > 1 { format!(" and {} more", foreign.len() - 1) } else { String::new() };
        return Err(problem(
            format!("`{}` also holds `{first}`{more}, which no bundle has", target.display()),
            "move that away first: the folder would be replaced as a whole",
        ));
    }
    Ok(())
}
