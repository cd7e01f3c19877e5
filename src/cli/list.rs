//! `qcert list`: every certificate that was ever issued from this home, and what became of it.
//!
//! It looks and does nothing else: no lock is taken, nobody waits, and nothing in the home is changed.

mod expiring;
mod filter;
mod issued;
mod json;
mod live_clients;
mod metrics;
mod moments;
mod order;
mod state;
mod text;

use super::error::problem;
use super::output::Output;
use super::{Clock, Exit, site};
use crate::host::home::Home;
use crate::host::ledger::LedgerRole;
use filter::{Filter, FilterArguments};
use issued::{Issued, Item};
use std::path::PathBuf;
use text::Table;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Client certificates that Qlik's services still accept: superseded and revoked ones too
    #[arg(long, conflicts_with_all = ["role", "expiring", "metrics"], help_heading = "Questions")]
    live_clients: bool,
    /// What is in its place and ends within this many days, or has ended; the exit code tells
    #[arg(
        long,
        value_name = "DAYS",
        value_parser = clap::value_parser!(u32).range(0..=36500),
        conflicts_with_all = ["state", "metrics"],
        help_heading = "Questions"
    )]
    expiring: Option<u32>,
    /// Numbers for Prometheus, in its text format
    #[arg(long, conflicts_with_all = ["machine", "role", "state", "root"], help_heading = "Questions")]
    metrics: bool,
    /// With `--metrics`: put them into this file, in one step
    #[arg(short, long, value_name = "FILE", requires = "metrics", help_heading = "Questions")]
    out: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterArguments,
}

const AFTER_HELP: &str = "\
NOTES
  Unconfirmed: the ledger does not know whether the files arrived, as after a run that was killed.
  Qlik's services let in whoever has the key of any client certificate that is not expired.
  `--expiring` leaves out what is superseded or revoked, for nobody misses it.

EXAMPLES
  qcert list                            everything
  qcert list -m host.domain --json      all of one machine, for a program
  qcert list --live-clients             who can still call Qlik
  qcert list --expiring 60              for monitoring: exit code 1 when something ends
  qcert list --metrics --out /var/lib/prometheus/node-exporter/qcert.prom

EXIT CODES
  0 listed, nothing ends   1 something ends within the days of `--expiring`   2 could not do it";

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    if arguments.metrics && output.is_json() {
        return Err(problem("`--metrics` has a format of its own", "leave `--json` out"));
    }
    let home = Home::locate(home)?;
    let ledger = site::look_at_ledger(&home, clock.now)?;
    let mut filter = Filter::new(&arguments.filter, arguments.live_clients.then_some(LedgerRole::Client));
    let issued = Issued::read(&ledger, &mut filter, clock.now.unix_timestamp())?;
    filter.check()?;
    if issued.present_root().is_none() {
        return Err(no_present_root(&home));
    }
    if arguments.metrics {
        metrics::answer(&issued, &ledger, arguments.out.as_deref(), output, clock)
    } else if arguments.live_clients {
        live_clients::answer(issued, home.folder(), output, clock)
    } else if let Some(days) = arguments.expiring {
        expiring::answer(&issued, days, home.folder(), output, clock)
    } else {
        everything(&issued, &home, output, clock)
    }
}

fn everything(issued: &Issued, home: &Home, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    if output.is_json() {
        let items: Vec<&Item> = issued.items.iter().collect();
        output.answer_json_in_rows(&json::Answer::new(home.folder(), issued, &items, json::Telling::Nothing))?;
        return Ok(Exit::Done);
    }
    output.answer_in_parts(|out| {
        if !issued.items.is_empty() {
            text::table(issued, Table::Everything, clock, out)?;
        }
        out.write_all(text::summary(issued, clock).as_bytes())
    })?;
    Ok(Exit::Done)
}

/// Without it nothing can be said of what it signed.
fn no_present_root(home: &Home) -> anyhow::Error {
    if !home.has_root() {
        return site::no_root(home);
    }
    problem(
        format!("the ledger in the home `{}` does not know the root that is there", home.folder().display()),
        "the next `qcert export` enters it; what was issued before is in a backup of the ledger, if anywhere",
    )
}

#[cfg(test)]
mod tests;
