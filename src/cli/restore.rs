//! `qcert restore`: a home out of a backup, or the word that this could be done. Never over a root.

use super::backup::check::{self, Refusal, Verdict};
use super::backup::passphrase::{BackupPassphraseArguments, KeyPassphraseArguments};
use super::error::problem;
use super::output::{Output, escape};
use super::{Clock, Exit, secrets, site};
use crate::host::backup::{BackupError, Contents, Sealed};
use crate::host::files;
use crate::host::home::Home;
use crate::pki::manifest::KEY;
use anyhow::Context as _;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// A file that `qcert backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only look whether the backup is sound: nothing is written
    #[arg(long, help_heading = "Backup")]
    check: bool,
    #[command(flatten)]
    passphrase: BackupPassphraseArguments,
    #[command(flatten)]
    key: KeyPassphraseArguments,
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert restore qlik1.age                      into the home of this account, which has no root yet
  qcert restore qlik1.age --home ./try-out
  qcert restore --check qlik1.age --backup-passphrase-file pass.txt

EXIT CODES
  0 restored, or sound   1 the backup is cut off, damaged or not sound   2 could not do it";

#[derive(Serialize)]
struct Answer<'a> {
    schema: u32,
    /// `restored` or `sound`.
    state: &'static str,
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    home: Option<String>,
    made_at: &'a str,
    made_by: &'a str,
    #[serde(flatten)]
    content: check::Report<'a>,
}

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    secrets::check_stdin_is_used_once(&[
        ("--backup-passphrase", arguments.passphrase.reads_stdin()),
        ("--passphrase", arguments.key.reads_stdin()),
    ])?;
    if arguments.file == Path::new("-") {
        return Err(problem("a backup is not read from standard input", "write it to a file first"));
    }
    let home = Home::locate(home)?;
    if !arguments.check && home.has_root() {
        return Err(occupied(&home));
    }
    match open(arguments) {
        Ok((contents, verdict)) => {
            let home = if arguments.check { None } else { Some(put_back(&contents, home, clock)?) };
            say(arguments, &contents, &verdict, home.as_ref(), output)
        }
        Err(Refusal::CouldNot(error)) => {
            let is_verdict = error.downcast_ref().is_some_and(BackupError::is_verdict);
            if !is_verdict {
                return Err(error);
            }
            output.fail(&error);
            Ok(Exit::No)
        }
        Err(Refusal::Unsound(faults)) => {
            output.fail(&problem(
                format!("the backup `{}` is not sound: {}", arguments.file.display(), faults.join("; ")),
                "nothing was restored: take another backup",
            ));
            Ok(Exit::No)
        }
    }
}

/// Everything that can be known of it before anything is written.
fn open(arguments: &Arguments) -> Result<(Contents, Verdict), Refusal> {
    let failed = || format!("cannot open the backup `{}`", arguments.file.display());
    if files::exists(&arguments.file) && !files::is_file(&arguments.file) {
        let hint = "give the file that `qcert backup` wrote";
        return Err(Refusal::CouldNot(problem(format!("`{}` is not a file", arguments.file.display()), hint)));
    }
    let sealed = Sealed::look(&arguments.file).with_context(failed)?;
    let contents = sealed.open(&arguments.passphrase.for_existing()?).with_context(failed)?;
    let key_passphrase = arguments.key.known(contents.files.get(KEY))?;
    let verdict = check::check(&contents.files, &contents.ledger, key_passphrase.as_ref())?;
    if contents.manifest.root.sha256 != verdict.root.sha256() {
        return Err(Refusal::Unsound(vec!["its manifest names another root".to_owned()]));
    }
    Ok((contents, verdict))
}

fn put_back(contents: &Contents, home: Home, clock: Clock) -> anyhow::Result<Home> {
    let open = site::take(home, clock.now)?;
    if !open.is_vacant()? {
        return Err(occupied(open.home()));
    }
    open.put_back(&contents.files, &contents.ledger)?;
    let (home, ..) = open.release();
    Ok(home)
}

fn occupied(home: &Home) -> anyhow::Error {
    problem(
        format!("the home `{}` is not empty: it has a root, or a ledger of certificates", home.folder().display()),
        "a root is never overwritten: restore into another home with `--home DIR`, or move the old one away first",
    )
}

fn say(
    arguments: &Arguments,
    contents: &Contents,
    verdict: &Verdict,
    home: Option<&Home>,
    output: &Output,
) -> anyhow::Result<Exit> {
    let manifest = &contents.manifest;
    let (state, word) = if home.is_some() { ("restored", "restored") } else { ("sound", "the backup is sound") };
    let mut text = format!("root {}: {word}\n", escape(&verdict.root.subject_text()));
    if let Some(home) = home {
        _ = writeln!(text, "  home          {}", escape(&home.folder().display().to_string()));
    }
    _ = writeln!(text, "  backed up     {} by {}", escape(&manifest.made_at), escape(&manifest.made_by));
    text += &verdict.text();
    output.answer(text.trim_end())?;
    output.answer_json(&Answer {
        schema: 1,
        state,
        file: arguments.file.display().to_string(),
        home: home.map(|home| home.folder().display().to_string()),
        made_at: &manifest.made_at,
        made_by: &manifest.made_by,
        content: verdict.report(),
    })?;
    verdict.say_doubts(output);
    if home.is_some() {
        output.note(
            "what was issued after this backup is not in the ledger; the home that it was made from must not be used \
             any more",
        );
        output.answer("next: `qcert export --machine host.domain` works with this root again")?;
    }
    Ok(Exit::Done)
}
