//! `qcert recreate`: the whole chain anew, after a backup. With `--plan` nothing is touched: what comes out is the way to
//! do it on a real Qlik site, for a person to follow.

mod plan;
mod replace;
mod report;

use super::output::Output;
use super::{Clock, Exit};
use crate::host::home::Home;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Touch nothing: print the steps to recreate the certificates of a real Qlik site
    #[arg(long, help_heading = "Plan")]
    plan: bool,
    #[command(flatten)]
    planning: plan::PlanArguments,
    #[command(flatten)]
    replacing: replace::ReplacingArguments,
}

const AFTER_HELP: &str = "\
Without --plan this home's root is replaced: everything is backed up first, the old root stays in
the home under previous/, and every bundle that the ledger knows is made anew where it lies. A run
that was stopped is finished by `qcert renew`.

EXAMPLES
  qcert recreate                                   what would be done
  qcert recreate --yes --backup-passphrase-file backup.txt
  qcert recreate --yes --cross-sign --backup /mnt/safe/qlik.age --backup-passphrase-file backup.txt
  qcert recreate --plan --central qlik.domain
  qcert recreate --plan --bundle 'C:\\ProgramData\\Qlik\\Sense\\Repository\\Exported Certificates'
  qcert recreate --plan --bundle ./exported --rim rim1.domain --service-account 'CORP\\svc-qlik'
  qcert recreate --plan --bundle ./exported --markdown > recreate.md

EXIT CODES
  0 done, or printed   2 could not do it, and nothing was replaced
  3 the root was replaced, some bundles are left";

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    if arguments.plan {
        return plan::run_plan(&arguments.planning, arguments.replacing.password_files(), home, output, clock);
    }
    replace::run(&arguments.replacing, Home::locate(home)?, output, clock)?.say(output, clock)
}
