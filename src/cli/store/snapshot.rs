//! `qcert store snapshot`: what this machine's stores hold, as a new file. The public parts alone.

use super::super::error::problem;
use super::super::output::{Output, escape};
use super::super::words::count;
use super::super::{Clock, Exit};
use crate::host::files;
use crate::pki::snapshot::{LIMIT, Snapshot};
use anyhow::Context as _;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in super::super) struct Arguments {
    /// New file; `-` is standard output
    #[arg(value_name = "FILE", default_value = "stores.json")]
    file: PathBuf,
    /// Print a PowerShell script that writes the same file on machines without qcert
    #[arg(long, conflicts_with = "file")]
    script: bool,
}

const AFTER_HELP: &str = "\
Written are certificates, friendly names, what Windows says of private keys, and whose stores these
are. Private keys are never read. The client certificate is with the account that runs Qlik's
services: run it as that account.

EXAMPLES
  qcert store snapshot                   stores.json, in this folder
  qcert store snapshot - > stores.json
  qcert store snapshot --script > stores.ps1
  powershell -NoProfile -ExecutionPolicy Bypass -File stores.ps1 -Path stores.json
  qcert validate stores.json             on any system: what is wrong, and how to mend it

EXIT CODES
  0 written, and what could not be read is said   2 nothing could be read or written";

/// Runs where there is no qcert; tests/snapshot.rs keeps it to the format.
const SCRIPT: &str = include_str!("script.ps1");

const HINT: &str = "run it on the server, or there the script that `qcert store snapshot --script` prints; \
                    `qcert validate SNAPSHOT` judges on any system what they write";

#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: u32,
    out: String,
    computer: &'a str,
    account: &'a str,
    stores: Vec<StoreAnswer<'a>>,
}

#[derive(Debug, Serialize)]
struct StoreAnswer<'a> {
    store: String,
    certificates: usize,
    /// Why it could not be read, or not to its end.
    problem: Option<&'a str>,
}

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    if arguments.script {
        return print_script(output);
    }
    let file = &*arguments.file;
    let to_stdout = file == Path::new("-");
    if to_stdout && output.is_json() {
        return Err(problem("`-` and `--json` exclude each other", "both would be written to standard output"));
    }
    if !to_stdout && files::exists(file) {
        return Err(exists(file));
    }
    let snapshot = super::take(clock, HINT)?;
    check(&snapshot)?;
    let written = snapshot.write();
    if written.len() > LIMIT {
        return Err(problem(
            format!("the stores hold more than the {} MiB that a snapshot may have", LIMIT >> 20),
            "`qcert store list` shows what they hold",
        ));
    }
    if to_stdout {
        Output::answer_octets(&written)?;
    } else {
        files::put(file, &written, false).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(file),
            _ => anyhow::Error::new(error).context(format!("cannot write `{}`", file.display())),
        })?;
        answer(&snapshot, file, output).context("cannot say what was written")?;
    }
    for store in &snapshot.stores {
        if let Some(problem) = &store.problem {
            output.warn(&format!("{} is not whole: {problem}", store.path()));
        }
    }
    Ok(Exit::Done)
}

fn print_script(output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        return Err(problem("`--script` and `--json` exclude each other", "the script is the answer as it is"));
    }
    Output::answer_octets(SCRIPT.as_bytes())?;
    Ok(Exit::Done)
}

fn exists(file: &Path) -> anyhow::Error {
    problem(format!("`{}` already exists", file.display()), "give another name, or move it away")
}

/// Of which nothing could be read there is no snapshot.
fn check(snapshot: &Snapshot) -> anyhow::Result<()> {
    let is_unread = |store: &&crate::pki::snapshot::Store| store.problem.is_some() && store.certificates.is_empty();
    if snapshot.stores.iter().filter(is_unread).count() < snapshot.stores.len() {
        return Ok(());
    }
    let why = snapshot.stores.iter().find_map(|store| store.problem.as_deref()).unwrap_or("there is none");
    Err(problem(format!("no store could be read: {why}"), "run it as the account that runs Qlik's services"))
}

fn answer(snapshot: &Snapshot, file: &Path, output: &Output) -> anyhow::Result<()> {
    let stores = snapshot.stores.iter().map(|store| StoreAnswer {
        store: store.path(),
        certificates: store.certificates.len(),
        problem: store.problem.as_deref(),
    });
    let answer = Answer {
        schema: 1,
        out: file.display().to_string(),
        computer: &snapshot.computer,
        account: &snapshot.account,
        stores: stores.collect(),
    };
    let total: usize = answer.stores.iter().map(|store| store.certificates).sum();
    let stores = count(answer.stores.len(), "store");
    output.answer(&format!(
        "{}: {} in {stores} of {}, as {}",
        escape(&answer.out),
        count(total, "certificate"),
        escape(answer.computer),
        escape(answer.account)
    ))?;
    output.answer_json(&answer)
}
