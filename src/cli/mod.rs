//! The front room: what a person types and sees. One file per command.
//!
//! Files, the ledger and the network are reached through `host`, certificates through `pki`.

mod arguments;
mod assemble;
mod backup;
mod completions;
mod compromised;
mod convert;
mod crl;
mod csr;
mod doctor;
mod error;
mod existing;
mod explain;
mod export;
mod help;
mod html;
mod init;
mod inspect;
mod issue;
mod layout;
mod list;
mod machines;
mod man;
mod output;
mod parallel;
mod probe;
mod qrs;
mod reach;
mod reading;
mod recipe;
mod recreate;
mod rehearse;
mod renew;
mod renewal;
mod report;
mod restore;
mod revoke;
mod secrets;
mod sign;
mod site;
mod store;
mod usage;
mod validate;
mod welcome;
mod words;

use crate::host::threads;
use crate::pki::inventory::FileContent;
use crate::pki::report::Report;
use clap::{Parser, Subcommand};
use output::{Color, Output};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use time::{OffsetDateTime, UtcOffset};

/// How a run ended. Documented in the README and in every command's help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It is done.
    Done,
    /// It is done, and the answer is no: faults were found.
    No,
    /// It could not be done: usage, input or output, password.
    CouldNot,
    /// Some machines of several failed.
    SomeFailed,
}

impl Exit {
    /// Of a run for several machines.
    fn of_machines(made: usize, failed: usize) -> Self {
        match (made, failed) {
            (_, 0) => Self::Done,
            (0, _) => Self::CouldNot,
            _ => Self::SomeFailed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::CouldNot => 2,
            Exit::SomeFailed => 3,
        })
    }
}

/// The time, read once: certificates are dated by `now`, people are told dates in their own zone.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    pub now: OffsetDateTime,
    pub offset: UtcOffset,
}

#[derive(Debug, Parser)]
#[command(
    name = "qcert",
    bin_name = "qcert",
    version,
    long_version = VERSION,
    about = "Qlik Sense certificates: made, exported, shown and judged",
    after_help = AFTER_HELP,
    max_term_width = 100
)]
struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Version, commit and target: what has to be known of a program that somebody asks about.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("QCERT_BUILD"), ")");

const AFTER_HELP: &str = "\
EXAMPLES
  qcert export --machine host.domain   a machine's bundle, and a root if there is none
  qcert init --from root.pfx           take over an existing root with its key
  qcert sign client --out ./my-tool    one client certificate with a new key
  qcert validate ./host.domain         what is wrong with a bundle, and how to mend it
  qcert rehearse ./host.domain         do these files work, in real handshakes on this machine
  qcert inspect client.pfx             what a file holds
  qcert explain --text 'ERROR TEXT'    what an error text means

EXIT CODES
  0 done   1 the answer is no   2 could not do it   3 some machines of several failed";

#[derive(Debug, clap::Args)]
struct Everywhere {
    /// Where the root and the ledger are kept [default: this account's data folder]
    #[arg(
        long,
        env = "QCERT_HOME",
        hide_env_values = true,
        value_name = "DIR",
        global = true,
        help_heading = "Everywhere"
    )]
    home: Option<PathBuf>,
    /// Print the answer as JSON
    #[arg(long, global = true, help_heading = "Everywhere")]
    json: bool,
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Everywhere")]
    quiet: bool,
    /// Tell the steps (twice: more)
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = "Everywhere")]
    verbose: u8,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", global = true, help_heading = "Everywhere")]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the site's root, or take over an existing one
    Init(init::Arguments),
    /// Make a server or client certificate, with a new key or for a request
    Sign(sign::Arguments),
    /// Make the bundles of one or many machines: the main job
    Export(export::Arguments),
    /// Make bundles of the keys that wait and the certificates that another CA signed
    Assemble(assemble::Arguments),
    /// Write PFX, PEM and DER files in another form, or under another password
    Convert(convert::Arguments),
    /// List every certificate ever issued, what became of it, and live client keys
    List(list::Arguments),
    /// Make bundles anew before they expire, as they were made
    Renew(renew::Arguments),
    /// Note that certificates are not to be trusted any more
    Revoke(revoke::Arguments),
    /// Write the revocation list, for programs that look at one
    Crl(crl::Arguments),
    /// Replace the root after a backup, and make every bundle anew
    Recreate(recreate::Arguments),
    /// Keep the root, its key and the ledger as one encrypted file
    Backup(backup::Arguments),
    /// Make a home of a backup again, or look whether that could be done
    Restore(restore::Arguments),
    /// Show what is in files and folders, or what a port shows
    Inspect(inspect::Arguments),
    /// Judge bundles and chains: every fault once, with its cause and its fix
    Validate(validate::Arguments),
    /// Try a bundle with a running service: real handshakes, and what becomes of them
    Probe(probe::Arguments),
    /// Play a scheduled reload between a site's services, in real handshakes on this machine
    Rehearse(rehearse::Arguments),
    /// Show Windows' certificate stores, keep what they hold as a file, or change them
    Store(store::Arguments),
    /// Say what is wrong with a Qlik server: stores, Host.cfg, folders and logs together
    Doctor(doctor::Arguments),
    /// Explain a finding, a certificate's role, a port, a program or an error text
    Explain(explain::Arguments),
    /// Print the script that completes qcert's commands and machines in a shell
    Completions(completions::Arguments),
    /// Print the manual page, or write all of them
    Man(man::Arguments),
    #[command(name = "__complete", hide = true)]
    Tab(completions::TabArguments),
}

/// Runs the command line. Everything it has to say has been said when it returns.
pub fn main(arguments: impl Iterator<Item = OsString>, clock: Clock) -> Exit {
    let arguments: Vec<OsString> = arguments.collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return usage::answer(&error, &arguments),
    };
    let everywhere = cli.everywhere;
    // An error text has quotation marks of its own.
    let takes_paths = !matches!(cli.command, Some(Command::Explain(_)));
    let output = Output::new(everywhere.json, everywhere.quiet, everywhere.verbose, everywhere.color);
    let result = match cli.command {
        None => welcome::show(&output),
        Some(Command::Init(arguments)) => init::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Sign(arguments)) => sign::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Export(arguments)) => export::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Assemble(arguments)) => assemble::run(&arguments, &output, clock),
        Some(Command::Convert(arguments)) => convert::run(&arguments, &output, clock),
        Some(Command::List(arguments)) => list::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Renew(arguments)) => renew::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Revoke(arguments)) => revoke::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Crl(arguments)) => crl::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Recreate(arguments)) => recreate::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Backup(arguments)) => backup::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Restore(arguments)) => restore::run(&arguments, everywhere.home, &output, clock),
        Some(Command::Inspect(arguments)) => inspect::run(&arguments, &output, clock),
        Some(Command::Validate(arguments)) => validate::run(&arguments, &output, clock),
        Some(Command::Probe(arguments)) => probe::run(&arguments, &output, clock),
        Some(Command::Rehearse(arguments)) => rehearse::run(&arguments, &output, clock),
        Some(Command::Store(arguments)) => store::run(&arguments, &output, clock),
        Some(Command::Doctor(arguments)) => doctor::run(&arguments, &output, clock),
        Some(Command::Explain(arguments)) => explain::run(&arguments, &output),
        Some(Command::Completions(arguments)) => completions::run(&arguments, &output),
        Some(Command::Man(arguments)) => man::run(&arguments, &output),
        Some(Command::Tab(arguments)) => completions::answer_tab(&arguments),
    };
    let exit = result.unwrap_or_else(|error| {
        output.fail(&error);
        Exit::CouldNot
    });
    if let Some(note) = (takes_paths && exit == Exit::CouldNot).then(|| usage::stray_quote(&arguments)).flatten() {
        output.note(&note);
    }
    threads::prepare_to_end();
    exit
}

/// The page that `--report` writes, for the test that looks at it in a browser.
#[doc(hidden)]
pub fn html_report(reports: &[Report], strict: bool, clock: Clock) -> String {
    html::page(reports, strict, clock)
}

/// All forms in which `inspect` prints these files, for the tests that read any octets.
#[doc(hidden)]
pub fn inspect_answers(files: &[FileContent], clock: Clock) -> Vec<String> {
    inspect::answers(files, clock)
}

/// The same of `validate`.
#[doc(hidden)]
pub fn validate_answers(reports: &[Report], strict: bool) -> Vec<String> {
    validate::answers(reports, strict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
