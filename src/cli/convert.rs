//! `qcert convert`: PFX, PEM and DER into each other, old encryption into new, keys opened and closed.
//!
//! Needs no home: nothing is issued. Everything is read, written in memory, read again and judged before anything
//! appears on the disk, and it appears whole.

mod answer;
mod place;
mod protection;
mod shape;

use super::arguments::PfxWord;
use super::error::problem;
use super::output::Output;
use super::{Clock, Exit, parallel, secrets};
use crate::host::{files, password, reading};
use crate::pki::conversion::{self, Conversion, Holdings, Wish};
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::examine::{self, Beside, Subject};
use crate::pki::finding::{Finding, Severity};
use crate::pki::inventory::{self, FileContent, InFile};
use crate::pki::rules::Given;
use crate::pki::secret::{Password, Secret};
use anyhow::Context as _;
use clap::ValueEnum;
use place::Place;
use protection::Protection;
use shape::{Form, Shape};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Files, or one folder; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// File with a password of what is read, `-` is standard input; may be repeated
    #[arg(long, env = "QCERT_PASSWORD_FILE", hide_env_values = true, value_name = "FILE", help_heading = "Reading")]
    password_file: Vec<PathBuf>,
    /// Read that password from standard input
    #[arg(long, help_heading = "Reading")]
    password_stdin: bool,
    /// Form of the new files [default: by the name given with --out; of PFX files: pem]
    #[arg(long, value_enum, value_name = "FORM", help_heading = "Writing")]
    to: Option<Form>,
    /// New folder, or new file if it ends in .pem, .cer, .pfx or the like; `-` is standard output [default: ./NAME-FORM]
    #[arg(short, long, value_name = "PATH", help_heading = "Writing")]
    out: Option<PathBuf>,
    /// Encryption of the PFX [default: modern]
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Writing")]
    pfx: Option<PfxWord>,
    #[command(flatten)]
    protection: Protection,
    /// What to do with a file or folder that is already there
    #[arg(long, value_enum, default_value = "refuse", value_name = "HOW", help_heading = "Writing")]
    exists: Exists,
    /// Write also what `qcert validate` would call an error
    #[arg(long, help_heading = "Writing")]
    despite_faults: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Exists {
    /// Leave it as it is and fail
    Refuse,
    /// Put the new one in its place, in one step; a folder only if it holds nothing else
    Replace,
}

const AFTER_HELP: &str = "\
PASSWORDS
  What was protected stays protected: if nothing else is said, the new keys have the password that
  opened the old ones. Keys that lay open stay open. `--open-keys` opens, a new password closes.

WHAT IS KEPT
  Certificates byte for byte; from PFX to PFX also friendly names, key containers, every other
  attribute and whatever else is inside. What PEM and DER have no place for is said.

EXAMPLES
  qcert convert client.pfx --out folder                         client.pem, client_key.pem
  qcert convert ./host.domain --to pfx --out new                server.pfx, client.pfx, root.cer
  qcert convert server.pfx --pfx modern --out server-new.pfx    old encryption into new
  qcert convert server.pfx --pfx legacy --out server-2016.pfx   for Windows Server 2016 and older
  qcert convert client_key.pem --to pem --open-keys --out open_key.pem
  qcert convert root.cer --to pem --out -

EXIT CODES
  0 done   1 the new files would be faulty, and nothing was written   2 could not do it";

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    check_inputs(arguments)?;
    let place = Place::new(arguments.out.as_deref())?;
    if place.is_stdout() && output.is_json() {
        return Err(problem("`--out -` and `--json` exclude each other", "both would be written to standard output"));
    }
    if let Some(path) = place.path() {
        arguments.exists.check(path)?;
    }
    let derivations = Derivations::default();
    let (holdings, passwords) = read(arguments, &derivations)?;
    let shape = Shape::decide(arguments.to, arguments.pfx, &place, &holdings)?;
    let place = place.or_beside(&arguments.paths, shape.target);
    if let Some(path) = place.path() {
        arguments.exists.check(path)?;
    }
    let password = arguments.protection.choose(&holdings, shape.target, &passwords, output)?;
    let wish = Wish { target: shape.target, pfx: shape.pfx, password: password.get(), one: place.file_name() };
    let conversion = holdings.convert(&wish, &mut SystemEntropy, &derivations)?;
    let files = conversion.check(wish.password, &derivations)?;
    let faults = faults(files, &place.shown(), clock);
    let answer = answer::Answer::new(&arguments.paths, &conversion, &wish, &place);
    if !faults.is_empty() && !arguments.despite_faults {
        answer.refuse(&faults, output)?;
        return Ok(Exit::No);
    }
    answer.say_remarks(&faults, output);
    let replaced = put(arguments.exists, &conversion, &place)?;
    if !place.is_stdout() {
        answer.give(replaced, &faults, output, clock)?;
    }
    Ok(Exit::Done)
}

/// Standard input is read once, paths are there, and folders stand alone: the names in two would be mixed.
fn check_inputs(arguments: &Arguments) -> anyhow::Result<()> {
    let is_stdin = |path: &&PathBuf| path.as_path() == Path::new("-");
    let mut uses = vec![
        ("--password-stdin", arguments.password_stdin),
        ("--new-password-file -", arguments.protection.reads_stdin()),
    ];
    uses.extend(arguments.paths.iter().filter(is_stdin).map(|_| ("PATH -", true)));
    uses.extend(arguments.password_file.iter().filter(is_stdin).map(|_| ("--password-file -", true)));
    secrets::check_stdin_is_used_once(&uses)?;
    if let Some(path) = arguments.paths.iter().find(|path| !is_stdin(path) && !files::exists(path)) {
        return Err(problem(format!("there is no `{}`", path.display()), "check the path; `-` is standard input"));
    }
    if arguments.paths.len() > 1
        && let Some(folder) = arguments.paths.iter().find(|path| files::is_folder(path))
    {
        return Err(problem(
            format!("`{}` is a folder, and stands beside other paths", folder.display()),
            "convert one folder at a time, or name files",
        ));
    }
    Ok(())
}

/// What is there, and the passwords that were given or typed. On a terminal a person is asked where one is needed.
fn read(arguments: &Arguments, derivations: &Derivations) -> anyhow::Result<(Holdings, Vec<Password>)> {
    let mut passwords = Vec::new();
    for file in &arguments.password_file {
        passwords.push(password::from_file(file)?);
    }
    if arguments.password_stdin {
        passwords.push(password::from_stdin()?);
    }
    let read: Vec<InFile> = reading::places(&arguments.paths, false).into_iter().map(reading::read).collect();
    let understood = |passwords: &[Password]| -> Vec<FileContent> {
        parallel::compute(&read, 1, |file| inventory::read_with_keys(again(file), passwords, derivations))
    };
    match conversion::gather(understood(&passwords)) {
        Err(error) if error.is_about_password() && passwords.is_empty() && password::can_ask() => {
            let typed = password::ask("password of what is read")?;
            passwords.extend(typed);
            Ok((conversion::gather(understood(&passwords))?, passwords))
        }
        result => Ok((result?, passwords)),
    }
}

/// Standard input cannot be read a second time.
fn again(file: &InFile) -> InFile {
    let copy = |bytes: &Secret| Secret::new(bytes.expose().to_vec());
    InFile { path: file.path.clone(), bytes: file.bytes.as_ref().map(copy).map_err(Clone::clone), ..*file }
}

/// Nobody misses what was not there before.
const MISSING: &str = "files/missing";

/// What `qcert validate` would call an error in the new files.
fn faults(files: Vec<FileContent>, name: &str, clock: Clock) -> Vec<Finding> {
    let given = Given {
        at: clock.now,
        machine: None,
        name: None,
        purpose: None,
        warn_days: 0,
        folder: None,
        with_root: false,
        roots_elsewhere: Vec::new(),
        server: None,
    };
    let subject = Subject { name: name.to_owned(), files };
    let report = examine::report(subject, &Beside::default(), &given, &parallel::spread);
    let is_fault = |finding: &Finding| finding.severity == Severity::Error && finding.rule.id != MISSING;
    report.findings.into_iter().filter(is_fault).collect()
}

/// Writes it, and says whether something had to go for it.
fn put(exists: Exists, conversion: &Conversion<'_>, place: &Place) -> anyhow::Result<bool> {
    match place.path() {
        Some(path) => place
            .write(&conversion.files, exists == Exists::Replace)
            .with_context(|| format!("cannot write `{}`", path.display())),
        None => place::print(&conversion.files).map(|()| false),
    }
}

impl Exists {
    fn check(self, path: &Path) -> anyhow::Result<()> {
        if self == Self::Refuse && files::exists(path) {
            return Err(problem(
                format!("`{}` already exists", path.display()),
                "give another name with `--out PATH`; `--exists replace` puts the new one in its place",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::rules;

    #[test]
    fn what_is_no_fault_is_a_rule() {
        assert!(rules::all().any(|rule| rule.id == MISSING));
    }
}
