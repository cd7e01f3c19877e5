//! `qcert revoke`: notes that certificates are not to be trusted any more. Nothing is signed, so no key is opened.
//!
//! Says plainly what it does not do: Qlik's own services look at no revocation list.

mod what;

use super::error::problem;
use super::output::{Output, escape};
use super::words::{day, rfc3339};
use super::{Clock, Exit, secrets, site};
use crate::host::home::Home;
use crate::host::ledger::Entry;
use crate::host::password;
use crate::pki::profile::Role;
use crate::pki::revocation_list::Reason;
use clap::ValueEnum;
use serde::Serialize;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::PathBuf;
use what::{Search, Typed};

/// What is offered of RFC 5280 5.3.1. Nothing is put on hold or taken back, and a root is replaced, not revoked.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ReasonWord {
    /// Nothing is said
    Unspecified,
    /// The key got into other hands, or may have
    KeyCompromise,
    /// Whom it names has left or changed
    AffiliationChanged,
    /// Another certificate took its place
    Superseded,
    /// The machine or program is no more
    CessationOfOperation,
    /// It may not do any longer what it was made for
    PrivilegeWithdrawn,
}

impl ReasonWord {
    fn reason(self) -> Reason {
        match self {
            Self::Unspecified => Reason::Unspecified,
            Self::KeyCompromise => Reason::KeyCompromise,
            Self::AffiliationChanged => Reason::AffiliationChanged,
            Self::Superseded => Reason::Superseded,
            Self::CessationOfOperation => Reason::CessationOfOperation,
            Self::PrivilegeWithdrawn => Reason::PrivilegeWithdrawn,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleWord {
    Server,
    Client,
}

impl RoleWord {
    fn word(self) -> &'static str {
        match self {
            Self::Server => Role::Server.word(),
            Self::Client => Role::Client.word(),
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Serial number, SHA-256 thumbprint, machine name, or a file or folder with the certificate; `-` is standard input
    #[arg(value_name = "WHAT", required_unless_present = "machine")]
    what: Vec<OsString>,
    /// Machine name, where a file or folder has the same; may be repeated
    #[arg(short, long, value_name = "NAME")]
    machine: Vec<String>,
    /// Only the certificates of this role
    #[arg(long, value_enum)]
    role: Option<RoleWord>,
    /// All of them, where a machine or folder has several
    #[arg(long)]
    all: bool,
    /// Why; it is written into the list and cannot be changed later [default: unspecified]
    #[arg(long, value_enum)]
    reason: Option<ReasonWord>,
    /// Only show what would be revoked
    #[arg(long)]
    dry_run: bool,
    /// File with the password of a PFX; `-` is standard input
    #[arg(long, env = "QCERT_PASSWORD_FILE", hide_env_values = true, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Qlik's own services look at no revocation list: to them a client key is good until it expires or
the root is replaced (`qcert recreate`). A list helps where a program of yours is told to look.

EXAMPLES
  qcert revoke 8f:01:c2:aa:7e:0b:4d
  qcert revoke ./old-tool/client.pem --reason key-compromise
  qcert revoke qlik2.corp --all --reason cessation-of-operation

EXIT CODES
  0 it is revoked, or was before   2 could not do it, or it is not clear what is meant";

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let is_stdin = |path: &OsStr| path == "-";
    secrets::check_stdin_is_used_once(&[
        ("WHAT", arguments.what.iter().any(|what| is_stdin(what))),
        ("--password-file", arguments.password_file.as_deref().is_some_and(|file| is_stdin(file.as_os_str()))),
    ])?;
    let home = Home::locate(home)?;
    if !home.is_there() {
        return Err(site::no_root(&home));
    }
    let passwords = match &arguments.password_file {
        Some(file) if arguments.what.iter().any(|what| Typed::may_be_a_file(what)) => vec![password::from_file(file)?],
        _ => Vec::new(),
    };
    let typed: Vec<Typed<'_>> = arguments.what.iter().map(|what| Typed::read(what, &passwords)).collect();
    let open = site::take(home, clock.now)?;
    let Some((root, _)) = open.ledger.current_root()? else { return Err(site::no_root(open.home())) };
    let search = Search {
        ledger: &open.ledger,
        root: &root,
        role: arguments.role,
        all: arguments.all,
        now: clock.now,
        offset: clock.offset,
    };
    let entries = search_all(&search, &typed, &arguments.machine)?;
    let reason = arguments.reason.map(ReasonWord::reason);
    check_reason(&entries, reason, clock)?;
    let fresh = || entries.iter().filter(|entry| entry.revoked_at.is_none());
    let word = reason.unwrap_or(Reason::Unspecified).word();
    if !arguments.dry_run && fresh().next().is_some() {
        let thumbprints: Vec<String> = fresh().map(|entry| entry.sha256.clone()).collect();
        open.ledger.revoke(&root, &thumbprints, clock.now, word)?;
    }
    let certificates: Vec<_> =
        entries.iter().map(|entry| RevokedReport::new(entry, word, arguments.dry_run, clock)).collect();
    for report in &certificates {
        output.answer(&report.text(clock))?;
    }
    if !arguments.dry_run && fresh().next().is_some() {
        say_what_it_is_worth(output);
        output.answer("next: write the revocation list with `qcert crl` and give it to those programs")?;
    }
    output.answer_json(&Answer { schema: 1, certificates })?;
    Ok(Exit::Done)
}

/// Each certificate once.
fn search_all(search: &Search<'_>, typed: &[Typed<'_>], machines: &[String]) -> anyhow::Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut take = |found: Vec<Entry>| {
        for entry in found {
            if entries.iter().all(|known| known.id != entry.id) {
                entries.push(entry);
            }
        }
    };
    for typed in typed {
        take(search.find(typed)?);
    }
    for machine in machines {
        take(search.find_machine(machine)?);
    }
    Ok(entries)
}

/// A list that went out may already say the first reason.
fn check_reason(entries: &[Entry], reason: Option<Reason>, clock: Clock) -> anyhow::Result<()> {
    let Some(reason) = reason else { return Ok(()) };
    let other = |entry: &&Entry| entry.reason.as_deref().is_some_and(|known| known != reason.word());
    match entries.iter().find(other) {
        Some(Entry { serial, revoked_at: Some(at), reason: Some(known), .. }) => Err(problem(
            format!("serial {serial} was revoked on {} for another reason, {known}", day(*at, clock.offset)),
            "the reason of a revocation stays: leave `--reason` out",
        )),
        _ => Ok(()),
    }
}

fn say_what_it_is_worth(output: &Output) {
    output.warn(
        "Qlik's own services look at no revocation list: to them the key is good until it expires or the root is \
         replaced with `qcert recreate`",
    );
    output.note(
        "a list helps where a program is told to look: nginx `ssl_crl`, HAProxy `crl-file`, Node's TLS option `crl`, \
         Python's VERIFY_CRL_CHECK_LEAF, Java, OpenSSL, GnuTLS",
    );
}

/// One certificate in the answer.
#[derive(Debug, Serialize)]
struct RevokedReport {
    /// `revoked`, `already_revoked` or `would_be_revoked`.
    state: &'static str,
    role: String,
    machine: String,
    serial: String,
    sha256: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    /// Until then Qlik's own services accept it all the same.
    not_after: String,
    place: String,
    #[serde(skip)]
    entry: Entry,
}

#[derive(Debug, Serialize)]
struct Answer {
    schema: u32,
    certificates: Vec<RevokedReport>,
}

impl RevokedReport {
    fn new(entry: &Entry, word: &str, dry_run: bool, clock: Clock) -> Self {
        let (state, revoked_at) = match entry.revoked_at {
            Some(at) => ("already_revoked", Some(at)),
            None if dry_run => ("would_be_revoked", None),
            None => ("revoked", Some(clock.now)),
        };
        Self {
            state,
            role: entry.role.clone(),
            machine: entry.machine.clone(),
            serial: entry.serial.clone(),
            sha256: entry.sha256.clone(),
            reason: entry.reason.clone().unwrap_or_else(|| word.to_owned()),
            revoked_at: revoked_at.map(|at| rfc3339(at.replace_nanosecond(0).unwrap_or(at))),
            not_after: rfc3339(entry.not_after),
            place: entry.place.clone(),
            entry: entry.clone(),
        }
    }

    fn text(&self, clock: Clock) -> String {
        let day = |time| day(time, clock.offset);
        let entry = &self.entry;
        let done = match entry.revoked_at {
            Some(at) => format!("already revoked on {}", day(at)),
            None => self.state.replace('_', " "),
        };
        let end = if entry.not_after < clock.now { "expired on" } else { "valid until" };
        let mut text = String::new();
        // Writing to a String cannot fail.
        _ = writeln!(text, "{}: {} certificate {done} ({})", escape(&self.machine), self.role, escape(&self.reason));
        _ = writeln!(text, "  serial   {}", self.serial);
        _ = writeln!(text, "  SHA-256  {}", self.sha256);
        _ = writeln!(text, "  issued   {}, {end} {}", day(entry.issued_at), day(entry.not_after));
        let superseded = entry.superseded_at.map(|at| format!(" until {}", day(at))).unwrap_or_default();
        _ = write!(text, "  place    {}{superseded}", escape(&self.place));
        text
    }
}
