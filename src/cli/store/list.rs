//! `qcert store list`: Qlik's certificates in Windows' stores, as they are now or as a snapshot has them. Not judged:
//! `validate` does that.

use super::super::arguments::parse_time;
use super::super::output::Output;
use super::super::{Clock, Exit};
use super::facts::Answer;
use super::{read, text};
use std::path::PathBuf;
use time::OffsetDateTime;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in super::super) struct Arguments {
    /// Show the certificates that are not Qlik's too
    #[arg(long)]
    all: bool,
    /// Snapshot to show instead of this machine's stores; `-` is standard input
    #[arg(long, value_name = "SNAPSHOT")]
    from: Option<PathBuf>,
    /// Moment that dates are told relative to, 2026-12-31 or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<OffsetDateTime>,
}

const AFTER_HELP: &str = "\
Qlik's are the certificates with its marker, `CN=QlikClient`, the root that issued one of these, and
whatever else that root issued.

EXAMPLES
  qcert store list                        on the server, as the account that runs Qlik's services
  qcert store list --all
  qcert store list --from stores.json     a snapshot, on any system
  qcert validate stores.json              what is wrong with it, and how to mend it

EXIT CODES
  0 shown   2 a store could not be read, which is said, or there are none here";

const HINT: &str = "run it on the server, or show with `--from SNAPSHOT` what `qcert store snapshot` wrote there, or \
                    the script that `qcert store snapshot --script` prints; `qcert validate SNAPSHOT` judges it";

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let content = match &arguments.from {
        Some(path) => read::from_file(path)?,
        None => read::live(clock, HINT)?,
    };
    let answer = Answer::new(&content, arguments.from.as_deref(), arguments.all);
    let told = Clock { now: arguments.at.unwrap_or(clock.now), ..clock };
    output.answer(&text::whole(&answer, told))?;
    output.answer_json(&answer)?;
    let unread = answer.unread();
    for (store, why) in &unread {
        output.warn(&format!("{store} is not told whole: {why}"));
    }
    if answer.unreadable() > 0 {
        output.warn("of a certificate that cannot be read it is not known whether it is Qlik's: `--all` shows it");
    }
    Ok(if unread.is_empty() { Exit::Done } else { Exit::CouldNot })
}
