//! `qcert store`: Windows' certificate stores. `list` shows Qlik's certificates in them, `snapshot` keeps as a file what
//! they hold; `install` puts a bundle there, `clean` takes out what a root issued. Only these two change anything.

mod answer;
mod carry_out;
mod clean;
mod facts;
mod install;
mod keeping;
mod list;
mod machine;
mod perform;
mod read;
mod snapshot;
mod story;
mod text;

use super::error::problem;
use super::output::Output;
use super::{Clock, Exit};
use crate::host;
use crate::pki::snapshot::Snapshot;
use clap::Subcommand;
use std::io;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Show Qlik's certificates in the stores, or in a snapshot of them
    List(list::Arguments),
    /// Write what the stores hold to a file that every system can read; never a private key
    Snapshot(snapshot::Arguments),
    /// Put a bundle into the stores: root, server and client, each where Qlik looks for it
    Install(Box<install::Arguments>),
    /// Remove a Qlik root and what it issued from the stores, after a backup
    Clean(Box<clean::Arguments>),
}

const AFTER_HELP: &str = "\
Looked at are Root, My and CA of the Local Machine and of the Current User. The client certificate
is with the account that runs Qlik's services: run it as that account.

EXAMPLES
  qcert store list                       Qlik's certificates on this machine
  qcert store snapshot stores.json       for `qcert validate stores.json`, on any system
  qcert store list --from stores.json    the same list, on any system
  qcert store snapshot --script          a PowerShell script for machines without qcert
  qcert store install DIR --dry-run      what it would take to have this bundle in the stores
  qcert store clean --root root.cer --dry-run

EXIT CODES
  0 done   1 install, clean: the answer is no
  2 a store could not be read or changed, or there are none here";

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    match &arguments.command {
        StoreCommand::List(arguments) => list::run(arguments, output, clock),
        StoreCommand::Snapshot(arguments) => snapshot::run(arguments, output, clock),
        StoreCommand::Install(arguments) => install::run(arguments, output, clock),
        StoreCommand::Clean(arguments) => clean::run(arguments, output, clock),
    }
}

#[cfg(test)]
mod tests;

/// Of this machine's stores, now. What could not be read says so in it.
pub(super) fn take(clock: Clock, hint: &str) -> anyhow::Result<Snapshot> {
    let made_by = concat!("qcert ", env!("CARGO_PKG_VERSION")).to_owned();
    // A file tells whole seconds.
    let now = clock.now.replace_nanosecond(0).unwrap_or(clock.now);
    host::stores::snapshot(made_by, now).map_err(|error| match error.kind() {
        io::ErrorKind::Unsupported => problem(error.to_string(), hint),
        _ => anyhow::Error::new(error).context("cannot read the certificate stores"),
    })
}
