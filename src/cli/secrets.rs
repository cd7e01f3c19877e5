//! Which password a command uses, and from where: asked for before any work is done.

use super::arguments::{PassphraseArguments, PasswordArguments};
use super::error::problem;
use super::output::Output;
use crate::host::home::Home;
use crate::host::password::{self, PasswordError};
use crate::pki::sealed;
use crate::pki::secret::Password;
use anyhow::Context as _;
use std::path::Path;

/// The bundle's password: a file, standard input, or asked twice on a terminal. Otherwise none, and that is said.
pub(super) fn bundle_password(arguments: &PasswordArguments, output: &Output) -> anyhow::Result<Option<Password>> {
    let password = match arguments.given()? {
        None if password::can_ask() => password::ask_new("password for the keys and PFX files")?,
        given => given,
    };
    match &password {
        None => output.warn("no password: whoever gets the files can use the keys"),
        Some(password) if !password.expose().is_ascii() => {
            output.warn("the password is not ASCII: Java refuses such a PFX, and other programs may");
        }
        Some(_) => {}
    }
    Ok(password)
}

/// The password that bundles already have: asked for once on a terminal.
pub(super) fn present_password(arguments: &PasswordArguments) -> anyhow::Result<Option<Password>> {
    match arguments.given()? {
        None if password::can_ask() => Ok(password::ask("password of the bundles")?),
        given => Ok(given),
    }
}

/// The passphrase for a key that is about to be kept; asked twice on a terminal.
pub(super) fn new_passphrase(arguments: &PassphraseArguments) -> anyhow::Result<Option<Password>> {
    match arguments.given()? {
        None if password::can_ask() => Ok(password::ask_new("passphrase for the root's key")?),
        given => Ok(given),
    }
}

/// The passphrase that opens the home's root key, if it needs one.
pub(super) fn passphrase(arguments: &PassphraseArguments, home: &Home) -> anyhow::Result<Option<Password>> {
    let given = arguments.given()?;
    let encrypted = home.peek_key().filter(sealed::is_encrypted);
    match encrypted {
        Some(key) if given.is_none() && password::can_ask() => {
            let typed = password::ask("passphrase of the root's key")?;
            // A person is told at once, not after the next question.
            sealed::unseal(&key, typed.as_ref()).context("cannot open the root's key")?;
            Ok(typed)
        }
        _ => Ok(given),
    }
}

/// From standard input where that was said, else from the file that is named.
pub(super) fn given(stdin: bool, file: Option<&Path>) -> Result<Option<Password>, PasswordError> {
    if stdin { password::from_stdin().map(Some) } else { file.map(password::from_file).transpose() }
}

pub(super) fn is_stdin(file: Option<&Path>) -> bool {
    file == Some(Path::new("-"))
}

/// Standard input can be read once.
pub(super) fn check_stdin_is_used_once(uses: &[(&str, bool)]) -> anyhow::Result<()> {
    let readers: Vec<_> = uses.iter().filter(|(_, uses)| *uses).map(|(name, _)| format!("`{name}`")).collect();
    if readers.len() > 1 {
        return Err(problem(
            format!("{} cannot all read standard input", readers.join(" and ")),
            "give all but one of them a file",
        ));
    }
    Ok(())
}

impl PasswordArguments {
    fn given(&self) -> Result<Option<Password>, PasswordError> {
        given(self.password_stdin, self.password_file.as_deref())
    }

    pub(super) fn reads_stdin(&self) -> bool {
        self.password_stdin || is_stdin(self.password_file.as_deref())
    }
}

impl PassphraseArguments {
    fn given(&self) -> Result<Option<Password>, PasswordError> {
        given(self.passphrase_stdin, self.passphrase_file.as_deref())
    }

    pub(super) fn reads_stdin(&self) -> bool {
        self.passphrase_stdin || is_stdin(self.passphrase_file.as_deref())
    }
}
