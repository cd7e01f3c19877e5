//! `qcert renew`: makes bundles anew before they expire, as they were made, where they lie.

use super::arguments::{PassphraseArguments, PasswordArguments, parse_time};
use super::error::problem;
use super::machines::parse_name;
use super::output::Output;
use super::renewal::{self, OldBundle, Renewal};
use super::report::{Answer, MachineReport, RootReport};
use super::site::{self, View};
use super::words::day;
use super::{Clock, Exit, parallel, secrets};
use crate::host::home::Home;
use crate::pki::certificate::Certificate;
use crate::pki::name::Underscore;
use anyhow::Context as _;
use std::path::PathBuf;
use time::{Duration, OffsetDateTime};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Renew what ends within so many days, or is of a replaced root [default: 30, or a third of its lifetime if less]
    #[arg(long, value_name = "DAYS", help_heading = "Which bundles",
        value_parser = clap::value_parser!(u32).range(0..=36500))]
    days: Option<u32>,
    /// Renew all bundles of this machine, whenever they end; may be repeated
    #[arg(short, long, value_name = "NAME", conflicts_with_all = ["days", "all"], help_heading = "Which bundles")]
    machine: Vec<String>,
    /// Renew every bundle
    #[arg(long, conflicts_with = "days", help_heading = "Which bundles")]
    all: bool,
    /// Of those, only what was made before this moment: goes on where a stopped run ended
    #[arg(long, value_name = "TIME", value_parser = parse_time, help_heading = "Which bundles")]
    made_before: Option<OffsetDateTime>,
    /// Keep the private keys
    #[arg(long)]
    same_key: bool,
    /// Say what would be renewed and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    password: PasswordArguments,
    #[command(flatten)]
    passphrase: PassphraseArguments,
}

/// The window, where none is given.
const DAYS: u32 = 30;

const AFTER_HELP: &str = "\
A bundle is made as it was made before: same names, profile, formats, lifetime and place, and with
the password that it has, which must be given again. It gets new keys unless --same-key says
otherwise. What it replaces stays valid until it expires: Qlik has no revocation. A bundle that was
revoked as a whole is made anew only where its machine is named.

EXAMPLES
  qcert renew --dry-run
  qcert renew --days 60 --password-file pw.txt
  qcert renew --machine qlik1.corp --same-key

EXIT CODES
  0 nothing is due any more   1 the root itself ends too soon   2 could not do it
  3 some machines of several failed";

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    secrets::check_stdin_is_used_once(&[
        ("--password", arguments.password.reads_stdin()),
        ("--passphrase", arguments.passphrase.reads_stdin()),
    ])?;
    let home = Home::locate(home)?;
    let view = site::look(&home, clock.now)?;
    let (due, unknown) = arguments.select(&view, clock, output)?;
    if arguments.dry_run || due.is_empty() {
        return arguments.say_what_is_due(&home, &view, &due, unknown, output, clock);
    }
    let passphrase = secrets::passphrase(&arguments.passphrase, &home)?;
    let needs_password = due.iter().any(|due| due.recipe().is_ok_and(|recipe| recipe.password));
    let password = if needs_password { secrets::present_password(&arguments.password)? } else { None };
    let supplies = if arguments.same_key { Vec::new() } else { renewal::start_keys(&due) };
    let site = site::open(home, arguments.passphrase.opening(passphrase.as_ref(), clock.now), output)?;
    let renewal =
        Renewal { site: &site, supplies, same_key: arguments.same_key, password: password.as_ref(), now: clock.now };
    let total = due.len() + unknown.len();
    let mut reports = parallel::each(due, output.shows_progress() && total > 1, |old| {
        arguments.renew(&renewal, &old, clock).unwrap_or_else(|error| MachineReport::failed(&old.machine, error))
    });
    site.stages.settle().context("cannot make the new bundles durable")?;
    reports.extend(unknown);
    finish(&RootReport::new(&site, "kept"), reports, output, clock)
}

impl Arguments {
    fn is_by_days(&self) -> bool {
        !self.all && self.machine.is_empty()
    }

    fn is_due(&self, bundle: &OldBundle, now: OffsetDateTime) -> bool {
        let Some((made, end)) = bundle.made_at().zip(bundle.end()) else { return false };
        let window = match self.days {
            Some(days) => Duration::days(i64::from(days)),
            // What lasts a month only would be made anew by every run.
            None => Duration::days(i64::from(DAYS)).min((end - made) / 3),
        };
        end <= now.saturating_add(window)
    }

    /// The bundles to renew, and a report for each name that has none.
    fn select(
        &self,
        view: &View,
        clock: Clock,
        output: &Output,
    ) -> anyhow::Result<(Vec<OldBundle>, Vec<MachineReport>)> {
        let mut bundles = renewal::in_place(&view.ledger)?;
        if let Some(moment) = self.made_before {
            bundles.retain(|bundle| bundle.made_at().is_some_and(|made| made < moment));
        }
        if self.is_by_days() {
            let root = view.root.sha256();
            bundles.retain(|bundle| self.is_due(bundle, clock.now) || !bundle.is_of(&root));
        }
        if self.machine.is_empty() {
            bundles.retain(|bundle| !bundle.is_revoked());
            return Ok((bundles, Vec::new()));
        }
        let mut unknown = Vec::new();
        let mut wanted = Vec::new();
        for typed in &self.machine {
            let name = parse_name(typed, Underscore::Allowed, output)?;
            if bundles.iter().any(|bundle| bundle.machine.eq_ignore_ascii_case(name.as_str())) {
                wanted.push(name);
            } else {
                let error = problem(
                    format!("the ledger knows no bundle of `{name}`"),
                    "`qcert list` shows what there is; `qcert export` makes the first one",
                );
                unknown.push(MachineReport::failed(name.as_str(), error));
            }
        }
        bundles.retain(|bundle| wanted.iter().any(|name| bundle.machine.eq_ignore_ascii_case(name.as_str())));
        Ok((bundles, unknown))
    }

    fn renew(&self, renewal: &Renewal<'_>, old: &OldBundle, clock: Clock) -> anyhow::Result<MachineReport> {
        if self.is_by_days() && old.is_of(&renewal.site.authority.certificate().sha256()) {
            let recipe = old.recipe()?;
            let (validity, ends_with_root) = renewal.new_validity(old, &recipe)?;
            if ends_with_root && old.end().is_some_and(|end| validity.not_after() <= end) {
                return Ok(MachineReport::outlasted(&old.machine, &old.place, validity.not_after(), clock.offset));
            }
        }
        renewal.renew(old, "renewed")
    }

    /// What would be done, or that there is nothing to do.
    fn say_what_is_due(
        &self,
        home: &Home,
        view: &View,
        due: &[OldBundle],
        unknown: Vec<MachineReport>,
        output: &Output,
        clock: Clock,
    ) -> anyhow::Result<Exit> {
        let none = due.is_empty() && unknown.is_empty();
        let mut reports: Vec<_> = due
            .iter()
            .map(|old| match old.recipe() {
                Ok(_) if self.is_by_days() && ends_with_its_root(old, &view.root) => {
                    MachineReport::outlasted(&old.machine, &old.place, view.root.not_after(), clock.offset)
                }
                Ok(_) => MachineReport::due(&old.machine, &old.place, old.end(), clock.offset),
                Err(error) => MachineReport::failed(&old.machine, error),
            })
            .collect();
        reports.extend(unknown);
        let exit = finish(&RootReport::seen(&view.root, home), reports, output, clock)?;
        if none {
            let end = day(view.root.not_after(), clock.offset);
            let what = if self.is_by_days() {
                match self.days {
                    Some(days) => format!("no bundle ends within {days} days"),
                    None => format!("no bundle is due: {DAYS} days before its end, or a third of its lifetime if less"),
                }
            } else {
                "there is no bundle to renew".to_owned()
            };
            output.answer(&format!("{what}; the root ends on {end}"))?;
        }
        Ok(exit)
    }
}

/// Whether a new one could not last longer.
fn ends_with_its_root(old: &OldBundle, root: &Certificate) -> bool {
    let outlives = old.profile().shape().leaf_may_outlive_root;
    !outlives && old.is_of(&root.sha256()) && old.end().is_some_and(|end| end >= root.not_after())
}

/// Says what became of each.
fn finish(root: &RootReport, reports: Vec<MachineReport>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    for error in reports.iter().filter_map(MachineReport::error) {
        Output::say_failure(error);
    }
    let failed = reports.iter().filter_map(MachineReport::error).count();
    let outlasted = reports.iter().any(MachineReport::is_outlasted);
    let exit = match Exit::of_machines(reports.len() - failed, failed) {
        Exit::Done if outlasted => Exit::No,
        exit => exit,
    };
    for report in reports.iter().filter(|report| report.error().is_none()) {
        output.answer(&report.text(clock.offset))?;
    }
    if failed > 0 && reports.len() > 1 {
        output.answer(&format!("{} of {} machines done, {failed} failed", reports.len() - failed, reports.len()))?;
    }
    if outlasted {
        output.answer("next: `qcert recreate` makes a new root, before everything ends with this one")?;
    } else if reports.iter().any(MachineReport::is_renewed) {
        output.answer("next: copy each folder to its machine, and restart what reads it")?;
    }
    output.answer_json(&Answer::new(root, Some(reports)))?;
    Ok(exit)
}
