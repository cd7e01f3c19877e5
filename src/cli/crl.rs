//! `qcert crl`: writes the revocation list of the site's root, and says whether one that lies there still holds.
//!
//! A number is durable before its list can be found. What is in the list's place is only replaced by a later list of the
//! same root, and what it revokes stays revoked.

mod check;
mod place;

use super::arguments::PassphraseArguments;
use super::error::problem;
use super::output::{Output, escape};
use super::site::Site;
use super::words::{count, day, relative, rfc3339};
use super::{Clock, Exit, secrets, site};
use crate::host::files;
use crate::host::home::Home;
use crate::host::ledger::Entry;
use crate::pki::revocation_list::{self, NewList, Reason, RevocationList, Revoked};
use anyhow::Context as _;
use place::Targets;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;
use time::{Duration, OffsetDateTime};

/// Programs refuse a list of the future; their clocks may be behind this machine's.
const DATED_BACK: Duration = Duration::minutes(10);

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Folder for root.crl (DER) and root_crl.pem, or one file that ends in .crl or .pem
    #[arg(short, long, default_value = ".", value_name = "PATH", hide_default_value = true, help_heading = "Files")]
    out: PathBuf,
    /// The next list is due after this many days: programs refuse an overdue one
    #[arg(long, default_value_t = 40, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// Write nothing; say whether the list that lies there is complete and not overdue
    #[arg(long, conflicts_with_all = ["days", "passphrase_stdin"])]
    check: bool,
    /// With `--check`: it must be good for so many days more
    #[arg(long, default_value_t = 0, value_name = "DAYS", requires = "check")]
    min_days: u16,
    #[command(flatten)]
    passphrase: PassphraseArguments,
}

const AFTER_HELP: &str = "\
A list is good for 40 days, so a monthly run is in time. Every list names all that was ever revoked
under the present root; a root that was replaced gets none.

EXAMPLES
  qcert crl --out /etc/nginx/qlik            root.crl and root_crl.pem, for `ssl_crl`
  qcert crl --out /etc/haproxy/qlik.pem      PEM alone
  qcert crl --check --min-days 7 --out /etc/nginx/qlik

EXIT CODES
  0 done   1 with --check: it is missing, incomplete or overdue   2 could not do it";

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    if arguments.out.as_os_str() == "-" {
        return Err(problem(
            "a revocation list is two files, and not written to standard output",
            "give a folder or a file with `--out`",
        ));
    }
    let home = Home::locate(home)?;
    let targets = Targets::new(&arguments.out)?;
    if arguments.check {
        return check::run(&targets, &home, arguments.min_days, output, clock);
    }
    let passphrase = secrets::passphrase(&arguments.passphrase, &home)?;
    let site = site::open(home, arguments.passphrase.opening(passphrase.as_ref(), clock.now), output)?;
    let root = site.authority.certificate();
    revocation_list::may_sign(root)?;
    files::create_folders(targets.folder()).with_context(|| format!("cannot use `{}`", targets.folder().display()))?;
    let old = targets.newest(root)?;
    let next = site.ledger.next_list(&root.sha256(), number(old.as_ref())?, clock.now)?;
    let mut revoked = next.revoked.iter().map(entry).collect::<anyhow::Result<Vec<_>>>()?;
    let carried_over = unknown(old.as_ref(), &revoked);
    say_what_was_carried_over(&carried_over, output);
    revoked.extend(carried_over.iter().cloned());
    let next_update = clock.now.checked_add(Duration::days(i64::from(arguments.days)));
    let list = NewList {
        number: next.number,
        this_update: clock.now - DATED_BACK,
        next_update: next_update.ok_or(revocation_list::ListError::Range)?,
        revoked: &revoked,
    };
    let list = list.sign(&site.authority).context("cannot make the list")?;
    let put = || site.stages.uninterrupted(|| targets.put(&list, root));
    site.ledger.place::<anyhow::Error>(&[], clock.now, put)?;
    tracing::info!("list {} is in its place", next.number);
    let report = Report::new(&site, &list, next.number, &next.revoked, &carried_over, &targets);
    output.answer(&report.text(&list, clock))?;
    say_what_is_not_on_it(&site, output)?;
    output.answer_json(&report)?;
    Ok(Exit::Done)
}

const MOVE: &str = "move it away, or write elsewhere with `--out PATH`";

/// The number of the list that lies there; 0 where there is none.
fn number(old: Option<&RevocationList>) -> anyhow::Result<i64> {
    let Some(RevocationList { number: Some(_), .. }) = old else { return Ok(0) };
    let number = old.and_then(RevocationList::number_as_u64).and_then(|number| i64::try_from(number).ok());
    let number = number.filter(|number| *number < i64::MAX);
    number.ok_or_else(|| problem("the list that lies there has a number above which there is no other", MOVE))
}

fn entry(entry: &Entry) -> anyhow::Result<Revoked> {
    let at = entry.revoked_at.with_context(|| format!("serial {} has no date of revocation", entry.serial))?;
    Ok(Revoked {
        serial: entry.serial.clone(),
        at,
        // A word of a newer qcert: that it is revoked counts, not why.
        reason: entry.reason.as_deref().and_then(Reason::from_word),
    })
}

/// What the list that lies there revokes and the ledger does not: a home that was put back from an older backup does
/// not make anybody trusted again.
fn unknown(old: Option<&RevocationList>, revoked: &[Revoked]) -> Vec<Revoked> {
    let known: std::collections::HashSet<&str> = revoked.iter().map(|one| one.serial.as_str()).collect();
    let old = old.map(|list| &list.revoked[..]).unwrap_or_default();
    old.iter().filter(|one| !known.contains(one.serial.as_str())).cloned().collect()
}

fn say_what_was_carried_over(carried_over: &[Revoked], output: &Output) {
    if carried_over.is_empty() {
        return;
    }
    output.warn(&format!(
        "the list that lies there revokes {} that the ledger has not as revoked, as after a restore of an older \
         backup: the new list revokes them too; revoke them again with `qcert revoke`, where the ledger knows them",
        count(carried_over.len(), "certificate")
    ));
}

fn say_what_is_not_on_it(site: &Site, output: &Output) -> anyhow::Result<()> {
    let root = site.authority.certificate().sha256();
    let other = site.ledger.revoked()?.iter().filter(|entry| entry.root != root).count();
    if other > 0 {
        output.note(&format!(
            "{other} revoked under roots that were replaced are not on it: nobody who trusts only this root accepts them"
        ));
    }
    Ok(())
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    schema: u32,
    issuer: String,
    root_sha256: String,
    number: u64,
    this_update: String,
    /// The next list is due by then.
    next_update: Option<String>,
    revoked: Vec<RevokedReport<'a>>,
    files: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RevokedReport<'a> {
    serial: &'a str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Both are absent where the entry comes from the list that lay there.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<&'a str>,
}

impl<'a> Report<'a> {
    fn new(
        site: &Site,
        list: &RevocationList,
        number: u64,
        entries: &'a [Entry],
        carried_over: &'a [Revoked],
        targets: &Targets,
    ) -> Self {
        let known = entries.iter().map(|entry| RevokedReport {
            serial: &entry.serial,
            at: entry.revoked_at.map(rfc3339).unwrap_or_default(),
            reason: entry.reason.as_deref().and_then(Reason::from_word).map(Reason::word),
            role: Some(&entry.role),
            machine: Some(&entry.machine),
        });
        let carried = carried_over.iter().map(|one| RevokedReport {
            serial: &one.serial,
            at: rfc3339(one.at),
            reason: one.reason.map(Reason::word),
            role: None,
            machine: None,
        });
        Self {
            schema: 1,
            issuer: site.authority.certificate().subject_text(),
            root_sha256: site.authority.certificate().sha256(),
            number,
            this_update: rfc3339(list.this_update),
            next_update: list.next_update.map(rfc3339),
            revoked: known.chain(carried).collect(),
            files: targets.paths().map(|path| path.display().to_string()).collect(),
        }
    }

    fn text(&self, list: &RevocationList, clock: Clock) -> String {
        let revoked = count(self.revoked.len(), "certificate");
        let mut text = format!("list {} of {}: {revoked} revoked\n", self.number, escape(&self.issuer));
        for file in &self.files {
            // Writing to a String cannot fail.
            _ = writeln!(text, "  file  {}", escape(file));
        }
        // A list has whole seconds.
        let now = clock.now.replace_nanosecond(0).unwrap_or(clock.now);
        let due = |next: OffsetDateTime| format!("{} ({})", day(next, clock.offset), relative(now, next));
        _ = write!(text, "  due   the next list by {}", list.next_update.map(due).unwrap_or_default());
        text
    }
}
