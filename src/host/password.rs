//! Passwords as people and scripts give them: from a file, from standard input, or typed without echo.
//!
//! Never from an argument or an environment variable: other processes can read those.

use super::{files, interrupt, threads};
use crate::pki::secret::{Password, Secret};
use crate::pki::text;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Windows' and Java's dialogs take no more; a longer "password" is a file given by mistake.
const LIMIT: usize = 1024;

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("cannot read the password from {0}")]
    Unreadable(String, #[source] io::Error),
    #[error("the password from {0} is empty")]
    Empty(String),
    #[error("the password from {0} is longer than {LIMIT} characters")]
    TooLong(String),
    #[error("the password from {0} is not text in one line")]
    NotText(String),
    #[error("the two passwords differ")]
    Differ,
    #[error("the password could not be read from the terminal")]
    Terminal(#[source] io::Error),
}

impl PasswordError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable(..) => "give a file that this account may read, with the password in it",
            Self::Empty(_) => "leave the option out to go without a password",
            Self::TooLong(_) | Self::NotText(_) => "the file holds the password in its only line, in UTF-8",
            Self::Differ => "nothing was done; try again",
            Self::Terminal(_) => "use the `-file` or `-stdin` form of the option",
        }
    }
}

/// From a file, or from standard input for `-`. One line end at the end does not count.
pub fn from_file(path: &Path) -> Result<Password, PasswordError> {
    let source = if path == Path::new("-") { "standard input".to_owned() } else { format!("`{}`", path.display()) };
    match files::read(path) {
        Ok(bytes) => parse(&bytes, source),
        Err(error) => Err(PasswordError::Unreadable(source, error)),
    }
}

pub fn from_stdin() -> Result<Password, PasswordError> {
    from_file(&PathBuf::from("-"))
}

fn parse(bytes: &Secret, source: String) -> Result<Password, PasswordError> {
    let Ok(text) = text::decode(bytes.expose()) else { return Err(PasswordError::NotText(source)) };
    let text = Zeroizing::new(text.into_owned());
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.chars().count() > LIMIT {
        return Err(PasswordError::TooLong(source));
    }
    if line.contains(char::is_control) {
        return Err(PasswordError::NotText(source));
    }
    Password::new(Zeroizing::new(line.to_owned())).ok_or(PasswordError::Empty(source))
}

/// Whether there is a person to ask.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks once, without echo. `None` for an empty answer.
pub fn ask(prompt: &str) -> Result<Option<Password>, PasswordError> {
    interrupt::restore_terminal_on_interrupt();
    match rpassword::prompt_password(format!("{prompt}: ")) {
        Ok(typed) => Ok(Password::new(Zeroizing::new(typed))),
        // The interrupt's handler is about to end the process.
        Err(error) if error.kind() == io::ErrorKind::Interrupted => threads::wait_for_the_end(),
        Err(error) => Err(PasswordError::Terminal(error)),
    }
}

/// Asks twice. `None` for an empty answer.
pub fn ask_new(prompt: &str) -> Result<Option<Password>, PasswordError> {
    let Some(first) = ask(&format!("{prompt} (empty for none)"))? else { return Ok(None) };
    let second = ask("the same again")?;
    if second.is_some_and(|second| second.expose() == first.expose()) {
        Ok(Some(first))
    } else {
        Err(PasswordError::Differ)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(bytes: &[u8]) -> Result<String, PasswordError> {
        parse(&Secret::new(bytes.to_vec()), "x".into()).map(|password| password.expose().to_owned())
    }

    #[test]
    fn one_line_end_does_not_count() {
        for bytes in [&b"se cret"[..], b"se cret\n", b"se cret\r\n", b"\xef\xbb\xbfse cret\n"] {
            assert_eq!(parsed(bytes).unwrap(), "se cret");
        }
        assert_eq!(parsed("gruß\n".as_bytes()).unwrap(), "gruß");
    }

    #[test]
    fn what_is_no_password_is_refused() {
        for bytes in [&b""[..], b"\n", b"\r\n", b"a\nb", b"\xff\xfe\xff", &[b'a'; 1025]] {
            assert!(parsed(bytes).is_err());
        }
    }
}
