//! `qcert inspect`: what is in files and folders, or shown at a port; not judged.
//!
//! Reads, works out who is who, and prints one string. Neither the home nor the ledger is touched, and no random octet
//! is drawn but for a handshake: it is to answer at once.

mod certificate;
mod certificate_text;
mod connection;
mod facts;
mod kinship;
mod label;
mod leading;
mod page;
mod pem;
mod pfx;
mod revocation_list;
mod short;
mod stores;
mod text;
mod tree;
mod tree_text;

use super::arguments::parse_time;
use super::error::problem;
use super::output::Output;
use super::reading::{Reading, read_paths};
use super::{Clock, Exit};
use crate::pki::inventory::FileContent;
use crate::pki::profile::Role;
use clap::ValueEnum;
use facts::Answer;
use kinship::Kinship;
use text::View;
use time::OffsetDateTime;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(flatten)]
    reading: Reading,
    /// One line for each object
    #[arg(short = '1', long, help_heading = "Answer", conflicts_with = "pem")]
    short: bool,
    /// Print certificates, requests and revocation lists as PEM; never private keys
    #[arg(long, help_heading = "Answer")]
    pem: bool,
    /// With `--pem`: certificates of this role only
    #[arg(long, value_enum, value_name = "ROLE", requires = "pem", help_heading = "Answer")]
    role: Option<RoleWord>,
    /// Moment that dates are told relative to, 2026-12-31 or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time, help_heading = "Answer")]
    at: Option<OffsetDateTime>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleWord {
    Root,
    Server,
    Client,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Root => Self::Root,
            RoleWord::Server => Self::Server,
            RoleWord::Client => Self::Client,
        }
    }
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert inspect server.pem
  qcert inspect 'C:\\ProgramData\\Qlik\\Sense\\Repository\\Exported Certificates\\host.domain'
  qcert inspect client.pfx --password-file pw.txt
  qcert inspect bundle --pem --role root > root.pem
  qcert inspect stores.json                     what `qcert store snapshot` saw
  qcert inspect --connect host.domain:4242 --bundle ./host.domain
  qcert inspect --connect host.domain:4747 --pem > shown.pem

EXIT CODES
  0 shown, also what is locked   2 nothing could be read, or the port shows nothing";

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    if arguments.pem && output.is_json() {
        return Err(problem("`--pem` and `--json` exclude each other", "the JSON has every fact, the PEM the objects"));
    }
    let at = arguments.at.unwrap_or(clock.now);
    let reading = &arguments.reading;
    let passwords = reading.passwords()?;
    let (called, shown) = connection::call(&reading.connect, &passwords, at, output)?.unzip();
    let mut files = read_paths(&reading.paths, reading.recursive, &passwords);
    files.extend(shown);
    let kinship = Kinship::new(&files, at);
    if arguments.pem {
        if let Some(called) = &called {
            called.warn(output);
        }
        return pem::print(&files, &kinship, arguments.role.map(Role::from), output);
    }
    let mut answer = Answer::new(&files, &kinship, at);
    answer.called = called;
    if output.is_json() {
        output.answer_json(&answer)?;
    } else if !files.is_empty() {
        let view = View { at, offset: clock.offset, color: Output::shows_color(), locked_keys: kinship.locked_keys };
        let text = if arguments.short { short::lines(&answer, view) } else { text::whole(&answer, view) };
        // Without colour there is nothing to strip, and it is written in one piece.
        if view.color { output.answer_styled(&text)? } else { output.answer(&text)? }
    }
    Ok(exit(&answer, arguments.reading.recursive))
}

/// Every form of the answer: text plain and in colour, one line each, JSON.
pub(super) fn answers(files: &[FileContent], clock: Clock) -> Vec<String> {
    let kinship = Kinship::new(files, clock.now);
    let answer = Answer::new(files, &kinship, clock.now);
    let view = View { at: clock.now, offset: clock.offset, color: false, locked_keys: kinship.locked_keys };
    let colored = View { color: true, ..view };
    // It is made of plain fields, which always have a JSON form.
    let json = serde_json::to_string(&answer).unwrap_or_default();
    vec![text::whole(&answer, view), short::lines(&answer, view), text::whole(&answer, colored), json]
}

fn exit(answer: &Answer<'_>, recursive: bool) -> Exit {
    if answer.files.iter().any(facts::FileFacts::shows_something) {
        return Exit::Done;
    }
    let what = match &answer.files[..] {
        [] => "there is no file to show".to_owned(),
        [one] => format!("nothing in `{}` could be read", one.path),
        several => format!("nothing in these {} files could be read", several.len()),
    };
    let hint = if answer.files.is_empty() && !recursive {
        "`--recursive` looks into the folders in folders"
    } else if answer.files.iter().all(|file| file.problem.is_some()) {
        "check the spelling of the path, and whether this account may read it"
    } else {
        "give PEM, DER or PFX files, PKCS#7, requests, revocation lists or Host.cfg"
    };
    Output::say_failure(&problem(what, hint));
    Exit::CouldNot
}
