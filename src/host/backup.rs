//! A home as one file: an archive of plain files in an envelope that a passphrase opens.
//!
//! What goes in is read under the home's lock, as of one moment. What comes out is believed only so far as the envelope
//! vouches for it, and of that only names and sizes that a backup can have. What the files mean is for others to judge.

mod envelope;
mod read;
mod write;

pub use envelope::{MOST_WORK, WORK};
pub use read::{Contents, Sealed};
pub use write::{Order, Parts, write};

use super::ledger::LedgerError;
use crate::pki::manifest::ManifestError;
use std::io;

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("it is no backup of qcert")]
    NoBackup,
    #[error("it is sealed with age, but it is no backup of qcert")]
    OtherContent,
    #[error("it is sealed for a key and not with a passphrase, so it is no backup of qcert")]
    NotByPassphrase,
    #[error("it is sealed with a newer age than this qcert knows")]
    NewerEnvelope,
    #[error("it was made by a newer qcert: {0}")]
    Newer(ManifestError),
    #[error("opening it would take 2^{0} rounds of scrypt, and no backup of qcert takes more than 2^{MOST_WORK}")]
    TooMuchWork(u64),
    #[error("the passphrase does not open it")]
    WrongPassphrase,
    #[error("it is cut off{}", .0.map(|octets| format!(": {octets} octets are missing")).unwrap_or_default())]
    Cut(Option<u64>),
    #[error("{0} octets follow after its end")]
    TooLong(u64),
    #[error("it was changed or damaged after it was written")]
    Damaged,
    #[error("its content does not agree with itself: {0}")]
    Contradiction(String),
    #[error("what was read back is not what was written")]
    ReadBack,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Read(#[from] io::Error),
}

impl BackupError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoBackup | Self::OtherContent | Self::NotByPassphrase => "give the file that `qcert backup` wrote",
            Self::NewerEnvelope | Self::Newer(_) => "use the newer qcert",
            Self::TooMuchWork(_) => "whoever made this file wants to keep the machine busy: do not trust it",
            Self::WrongPassphrase => {
                "upper and lower case count; if the passphrase is certain, the head of the file is damaged: take \
                 another copy"
            }
            Self::Cut(_) | Self::TooLong(_) => "copy it again from where it was first written, or take another backup",
            Self::Damaged | Self::Contradiction(_) => "take another copy or another backup",
            Self::ReadBack => "check the disk, and write it elsewhere",
            Self::Ledger(error) => error.hint(),
            Self::Read(error) => match error.kind() {
                io::ErrorKind::NotFound => "check the spelling of the path",
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some space there, or write it elsewhere"
                }
                io::ErrorKind::AlreadyExists => "give another name, or replace it with `--exists replace`",
                _ => "use a file and a folder that this account may use",
            },
        }
    }

    /// Whether this says that a backup is bad, and not that it could not be looked at.
    pub fn is_verdict(&self) -> bool {
        matches!(self, Self::Cut(_) | Self::TooLong(_) | Self::Damaged | Self::Contradiction(_))
    }
}
