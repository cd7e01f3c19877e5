//! The two passphrases of a backup: the one that opens the file, and the one that the root's key in it may have.

use crate::cli::error::problem;
use crate::cli::output::Output;
use crate::cli::secrets::{given, is_stdin};
use crate::host::password::{self, PasswordError};
use crate::pki::sealed;
use crate::pki::secret::{Password, Secret};
use std::path::PathBuf;

/// Fewer characters are guessed in spite of scrypt.
const SHORT: usize = 8;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Backup")]
pub(in crate::cli) struct BackupPassphraseArguments {
    /// File with the passphrase of the backup; `-` is standard input
    #[arg(long, value_name = "FILE")]
    backup_passphrase_file: Option<PathBuf>,
    /// Read that passphrase from standard input
    #[arg(long, conflicts_with = "backup_passphrase_file")]
    backup_passphrase_stdin: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Root")]
pub(in crate::cli) struct KeyPassphraseArguments {
    /// File with the passphrase of the root's key, to see whether the key fits; `-` is standard input
    #[arg(long, env = "QCERT_PASSPHRASE_FILE", hide_env_values = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Read that passphrase from standard input, whatever names a file
    #[arg(long)]
    passphrase_stdin: bool,
}

impl BackupPassphraseArguments {
    pub(in crate::cli) fn reads_stdin(&self) -> bool {
        self.backup_passphrase_stdin || is_stdin(self.backup_passphrase_file.as_deref())
    }

    pub(in crate::cli) fn is_given(&self) -> bool {
        self.backup_passphrase_stdin || self.backup_passphrase_file.is_some()
    }

    /// For a backup to be made: asked twice on a terminal. There is no backup without.
    pub(in crate::cli) fn for_new(&self, output: &Output) -> anyhow::Result<Password> {
        let passphrase = match self.given().map_err(needed)? {
            Some(given) => given,
            None if password::can_ask() => ask_twice()?.ok_or_else(none)?,
            None => return Err(none()),
        };
        let length = passphrase.expose().chars().count();
        if length < SHORT {
            output.warn(&format!(
                "the passphrase has fewer than {SHORT} characters: whoever gets the file may guess it, and has the root"
            ));
        }
        Ok(passphrase)
    }

    /// For a backup that is there.
    pub(in crate::cli) fn for_existing(&self) -> anyhow::Result<Password> {
        match self.given()? {
            Some(given) => Ok(given),
            None if password::can_ask() => password::ask("passphrase of the backup")?.ok_or_else(none),
            None => Err(none()),
        }
    }

    fn given(&self) -> Result<Option<Password>, PasswordError> {
        given(self.backup_passphrase_stdin, self.backup_passphrase_file.as_deref())
    }
}

impl KeyPassphraseArguments {
    pub(in crate::cli) fn reads_stdin(&self) -> bool {
        self.passphrase_stdin || is_stdin(self.passphrase_file.as_deref())
    }

    /// What opens this key, if it needs that and somebody knows it. Without it the key is not looked into.
    pub(in crate::cli) fn known(&self, key: Option<&Secret>) -> anyhow::Result<Option<Password>> {
        if let Some(given) = given(self.passphrase_stdin, self.passphrase_file.as_deref())? {
            return Ok(Some(given));
        }
        if key.is_some_and(sealed::is_encrypted) && password::can_ask() {
            return Ok(password::ask("passphrase of the root's key (empty: do not look whether the key fits)")?);
        }
        Ok(None)
    }
}

fn ask_twice() -> Result<Option<Password>, PasswordError> {
    let Some(first) = password::ask("passphrase for the backup")? else { return Ok(None) };
    match password::ask("the same again")? {
        Some(second) if second.expose() == first.expose() => Ok(Some(first)),
        _ => Err(PasswordError::Differ),
    }
}

/// There is no backup without a passphrase, so leaving the option out is no way.
fn needed(error: PasswordError) -> anyhow::Error {
    match error {
        PasswordError::Empty(_) => {
            problem(error.to_string(), "a backup is never without one: write a passphrase into the file")
        }
        error => error.into(),
    }
}

fn none() -> anyhow::Error {
    problem(
        "no passphrase was given for the backup",
        "give it with `--backup-passphrase-file FILE` or `--backup-passphrase-stdin`, or run the command on a terminal",
    )
}
