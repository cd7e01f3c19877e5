//! The password of the new files. What was protected is never opened without a word.

use super::super::error::problem;
use super::super::output::Output;
use crate::host::password;
use crate::pki::conversion::{Holdings, Target};
use crate::pki::secret::Password;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Writing")]
pub(super) struct Protection {
    /// File with the password of the new keys and PFX files, `-` is standard input [default: the old password]
    #[arg(long, value_name = "FILE")]
    new_password_file: Option<PathBuf>,
    /// Ask for that password on the terminal
    #[arg(long, conflicts_with = "new_password_file")]
    ask_new_password: bool,
    /// Write keys open and PFX files without a password
    #[arg(long, conflicts_with_all = ["new_password_file", "ask_new_password"])]
    open_keys: bool,
}

/// The one that was chosen.
#[derive(Debug)]
pub(super) enum Chosen<'a> {
    None,
    /// The one that opened what was read.
    Same(&'a Password),
    New(Password),
}

impl Chosen<'_> {
    pub(super) fn get(&self) -> Option<&Password> {
        match self {
            Self::None => None,
            Self::Same(password) => Some(password),
            Self::New(password) => Some(password),
        }
    }
}

impl Protection {
    pub(super) fn reads_stdin(&self) -> bool {
        self.new_password_file.as_deref() == Some(Path::new("-"))
    }

    pub(super) fn choose<'a>(
        &self,
        holdings: &Holdings,
        target: Target,
        old: &'a [Password],
        output: &Output,
    ) -> anyhow::Result<Chosen<'a>> {
        let chosen = self.chosen(holdings, target, old, output)?;
        match chosen.get() {
            None if holdings.has_keys() => {
                output.warn("no password: whoever gets the files can use the keys");
                if !old.is_empty() && !self.open_keys {
                    output.warn("the password was not needed to read them; `--new-password-file` closes the new ones");
                }
            }
            Some(password) if target == Target::Pfx && !password.expose().is_ascii() => {
                output.warn("the password is not ASCII: Java refuses such a PFX, and other programs may");
            }
            _ => {}
        }
        Ok(chosen)
    }

    fn chosen<'a>(
        &self,
        holdings: &Holdings,
        target: Target,
        old: &'a [Password],
        output: &Output,
    ) -> anyhow::Result<Chosen<'a>> {
        if let Some(file) = &self.new_password_file {
            return Ok(Chosen::New(password::from_file(file)?));
        }
        if self.ask_new_password {
            if !password::can_ask() {
                return Err(problem("there is no terminal to ask for a password", "use `--new-password-file FILE`"));
            }
            let typed = password::ask_new("password for the new keys and PFX files")?;
            return typed
                .map(Chosen::New)
                .ok_or_else(|| problem("no password was typed", "`--open-keys` writes keys without one"));
        }
        if self.open_keys || !holdings.was_protected() {
            return Ok(Chosen::None);
        }
        match old {
            [only] => {
                if holdings.has_keys() || target == Target::Pfx {
                    output.note("the new files have the password of the old ones");
                }
                Ok(Chosen::Same(only))
            }
            _ => Err(problem(
                "several passwords were given, and it was not said which the new files are to have",
                "give it with `--new-password-file FILE`, or `--open-keys` for none",
            )),
        }
    }
}
