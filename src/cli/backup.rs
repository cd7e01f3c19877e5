//! `qcert backup`: the whole home as one encrypted file, read back before it counts.
//!
//! Other commands back up first by `back_up`, and stop where it fails.

pub(super) mod check;
pub(super) mod passphrase;

use super::error::problem;
use super::output::{Output, escape};
use super::words::{count, rfc3339, size};
use super::{Clock, Exit, secrets, site};
use crate::host::backup::{self, MOST_WORK, Parts, WORK};
use crate::host::files;
use crate::host::home::{Home, OpenHome};
use crate::host::stage::{Placing, Stages};
use crate::pki::manifest::{File, Manifest, Root};
use crate::pki::secret::Password;
use anyhow::Context as _;
use check::{Refusal, Verdict};
use passphrase::KeyPassphraseArguments;

pub(super) use passphrase::BackupPassphraseArguments;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Exists {
    /// Leave it as it is and fail
    Refuse,
    /// Put the new backup in its place, in one step
    Replace,
}

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// The new backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What to do with a file that is already there
    #[arg(long, value_enum, default_value = "refuse", value_name = "HOW", help_heading = "Backup")]
    exists: Exists,
    #[command(flatten)]
    passphrase: BackupPassphraseArguments,
    /// How slow guessing the passphrase is: 2 to this many rounds of scrypt
    #[arg(long, default_value_t = WORK, value_name = "NUMBER", help_heading = "Backup",
          value_parser = clap::value_parser!(u8).range(1..=i64::from(MOST_WORK)))]
    work_factor: u8,
    #[command(flatten)]
    key: KeyPassphraseArguments,
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert backup qlik1.age                                    asks for a passphrase
  qcert backup qlik1.age --backup-passphrase-file pass.txt --exists replace
  qcert restore --check qlik1.age                           is it still sound?

  Without qcert it is opened by age (https://age-encryption.org) and tar:
  age --decrypt qlik1.age | tar -x

EXIT CODES
  0 the backup is there and was read back
  2 it could not be made; a file that was there is as it was";

/// How a backup is to be made.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) file: &'a Path,
    pub(super) placing: Placing,
    pub(super) passphrase: &'a Password,
    /// Of the root's key, where it has one and it is known: then it is seen whether the key fits.
    pub(super) key_passphrase: Option<&'a Password>,
    pub(super) work: u8,
    pub(super) now: OffsetDateTime,
}

/// A backup that stands.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) verdict: Verdict,
    pub(super) file: PathBuf,
    pub(super) size: u64,
}

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    secrets::check_stdin_is_used_once(&[
        ("--backup-passphrase", arguments.passphrase.reads_stdin()),
        ("--passphrase", arguments.key.reads_stdin()),
    ])?;
    let file = &*arguments.file;
    let placing = check_target(file, arguments.exists)?;
    let home = Home::locate(home)?;
    if !home.has_root() {
        return Err(site::no_root(&home));
    }
    let passphrase = arguments.passphrase.for_new(output)?;
    let key_passphrase = arguments.key.known(home.peek_key().as_ref())?;
    if arguments.work_factor < WORK {
        output.warn("a work factor below the default makes the passphrase easier to guess");
    }
    let order = Order {
        file,
        placing,
        passphrase: &passphrase,
        key_passphrase: key_passphrase.as_ref(),
        work: arguments.work_factor,
        now: clock.now,
    };
    let open = site::take(home, clock.now)?;
    let parts = collect(&open, clock.now, output)?;
    let (home, _, stages) = open.release();
    let made = write(parts, &stages, &order)?;
    say(&made, &home, output)
}

/// Backs up a home that this run holds.
pub(super) fn back_up(open: &OpenHome, order: &Order<'_>, output: &Output) -> anyhow::Result<Made> {
    write(collect(open, order.now, output)?, &open.stages, order)
}

fn check_target(file: &Path, exists: Exists) -> anyhow::Result<Placing> {
    if file == Path::new("-") {
        return Err(problem(
            "a backup is not written to standard output",
            "it is read back before it counts: write it to a file, and send that",
        ));
    }
    let there = files::exists(file);
    if files::is_folder(file) {
        return Err(problem(format!("`{}` is a folder", file.display()), "give the name of a new file"));
    }
    match exists {
        Exists::Refuse if there => Err(problem(
            format!("`{}` is already there", file.display()),
            "give another name, or replace it with `--exists replace`",
        )),
        Exists::Refuse => Ok(Placing::New),
        Exists::Replace => Ok(Placing::Replacing),
    }
}

/// What there is to back up, as of now.
fn collect(open: &OpenHome, now: OffsetDateTime, output: &Output) -> anyhow::Result<Parts> {
    let root = open.home().root_certificate()?.ok_or_else(|| site::no_root(open.home()))?;
    let folder = open.home().folder().display();
    let root = site::certificate_of(&root).with_context(|| format!("cannot read the root in the home `{folder}`"))?;
    site::check_ledger(open, &root, now, output)?;
    open.parts()?.ok_or_else(|| site::no_root(open.home()))
}

fn write(mut parts: Parts, stages: &Arc<Stages>, order: &Order<'_>) -> anyhow::Result<Made> {
    // A backup that cannot be restored must not take the place of one that can.
    let verdict = check::check(&parts.files, &parts.ledger, order.key_passphrase).map_err(|refusal| match refusal {
        Refusal::CouldNot(error) => error,
        Refusal::Unsound(faults) => problem(
            format!("the home is not sound, so it was not backed up: {}", faults.join("; ")),
            "put what is damaged back from an older backup; `qcert restore --check FILE` tells whether that one is \
             sound",
        ),
    })?;
    let root = Root {
        subject: verdict.root.subject_text(),
        sha256: verdict.root.sha256(),
        key_encrypted: verdict.key.is_encrypted(),
    };
    let failed = || format!("cannot write the backup `{}`", order.file.display());
    let files = parts.list().with_context(failed)?;
    let files = files.into_iter().map(|(name, size, sha256)| File { name, size, sha256 }).collect();
    let manifest =
        Manifest::new(rfc3339(order.now.replace_nanosecond(0).unwrap_or(order.now)), root, verdict.certificates, files);
    let target = backup::Order {
        target: order.file,
        placing: order.placing,
        passphrase: order.passphrase,
        work: order.work,
        now: order.now,
    };
    let size = backup::write(stages, &mut parts, &manifest.text(), &target).with_context(failed)?;
    Ok(Made { verdict, file: order.file.to_owned(), size })
}

#[derive(Serialize)]
struct Answer<'a> {
    schema: u32,
    file: String,
    size: u64,
    #[serde(flatten)]
    content: check::Report<'a>,
}

fn say(made: &Made, home: &Home, output: &Output) -> anyhow::Result<Exit> {
    let Made { verdict, file, size: octets } = made;
    let whole = files::full_path(file);
    if whole.starts_with(files::full_path(home.folder())) {
        output.warn("the backup lies in the home itself, and is lost with it: keep it elsewhere");
    }
    let mut text = format!("root {}: backed up, and read back\n", escape(&verdict.root.subject_text()));
    let octets = usize::try_from(*octets).unwrap_or(usize::MAX);
    // Writing to a String cannot fail.
    _ = writeln!(text, "  file          {} ({})", escape(&whole.display().to_string()), size(octets));
    text += &verdict.text();
    output.answer(text.trim_end())?;
    output.answer_json(&Answer {
        schema: 1,
        file: whole.display().to_string(),
        size: octets as u64,
        content: verdict.report(),
    })?;
    verdict.say_doubts(output);
    if verdict.key.is_encrypted() {
        output.note("the root's key has a passphrase of its own: a restored home needs that one, too");
    }
    output.answer(
        "next: keep the file elsewhere than this machine, and its passphrase elsewhere than the file; \
         `qcert restore --check FILE` tells whether it is still sound",
    )?;
    Ok(Exit::Done)
}

/// `3 certificates` and where they stand, for both commands.
pub(super) fn certificates(verdict: &Verdict) -> String {
    let all = count(i64::try_from(verdict.certificates).unwrap_or(i64::MAX), "certificate");
    match verdict.unchecked {
        0 => format!("{all}, each verified against its root"),
        unchecked => format!("{all}, {unchecked} of them not checked"),
    }
}
