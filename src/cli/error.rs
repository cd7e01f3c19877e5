//! Errors as a person sees them: what was being done, why it failed, and what to do about it.

use crate::host::backup::BackupError;
use crate::host::home::HomeError;
use crate::host::ledger::LedgerError;
use crate::host::password::PasswordError;
use crate::pki::authority::AuthorityError;
use crate::pki::conversion::ConversionError;
use crate::pki::key::KeyError;
use crate::pki::name::NameError;
use crate::pki::plan::{AccountError, SiteError};
use crate::pki::request::RequestError;
use crate::pki::revocation_list::ListError;
use crate::pki::sealed::SealError;
use crate::pki::source::SourceError;
use crate::pki::validity::ValidityError;
use serde::Serialize;
use std::error::Error;
use std::io;

/// A fault that is found here, with its way out.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Problem {
    message: String,
    hint: String,
}

pub(super) fn problem(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Problem { message: message.into(), hint: hint.into() }.into()
}

/// An error taken apart, for stderr and for JSON.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    pub(super) message: String,
    pub(super) causes: Vec<String>,
    pub(super) hint: Option<String>,
}

impl Explained {
    pub(super) fn new(error: &anyhow::Error) -> Self {
        let mut messages = messages(error).into_iter();
        Self { message: messages.next().unwrap_or_default(), causes: messages.collect(), hint: hint_of(error) }
    }
}

/// The way out that the outermost error with one knows.
fn hint_of(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(hint_of_one)
}

fn hint_of_one(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(problem) = error.downcast_ref::<Problem>() {
        return Some(problem.hint.clone());
    }
    let known = [
        error.downcast_ref().map(NameError::hint),
        error.downcast_ref().map(AuthorityError::hint),
        error.downcast_ref().map(KeyError::hint),
        error.downcast_ref().map(SourceError::hint),
        error.downcast_ref().map(SealError::hint),
        error.downcast_ref().map(HomeError::hint),
        error.downcast_ref().map(BackupError::hint),
        error.downcast_ref().map(LedgerError::hint),
        error.downcast_ref().map(PasswordError::hint),
        error.downcast_ref().map(ValidityError::hint),
        error.downcast_ref().map(RequestError::hint),
        error.downcast_ref().map(ListError::hint),
        error.downcast_ref().map(AccountError::hint),
        error.downcast_ref().map(SiteError::hint),
        error.downcast_ref().map(ConversionError::hint),
        error.downcast_ref().and_then(input_output_hint),
    ];
    known.into_iter().flatten().next().map(str::to_owned)
}

fn input_output_hint(error: &io::Error) -> Option<&'static str> {
    Some(match error.kind() {
        io::ErrorKind::NotFound => "check the spelling of the path",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "use a folder that this account may write, or run as the account that may"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space and run the same command again",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "a file is in the way: give another folder",
        io::ErrorKind::IsADirectory => "give a file, not a folder",
        io::ErrorKind::FileTooLarge => "this is not the file that was meant",
        _ => return None,
    })
}

/// The message and its causes, each once: library errors like to repeat what is below them.
fn messages(error: &anyhow::Error) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for message in error.chain().map(ToString::to_string) {
        if !messages.iter().any(|earlier| earlier.contains(&message)) {
            messages.push(message);
        }
    }
    messages
}
