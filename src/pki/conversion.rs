//! `Conversion`: what was read, written in another form. PFX, PEM and DER into each other; old encryption into new.
//!
//! Nothing is lost in silence: certificates and PFX attributes are carried octet for octet, and what the new form has
//! no place for is a remark. What cannot be read whole is refused. What is written is read again and compared (`check`)
//! before anybody may put it anywhere. Whether it is any good is not judged here: `examine` does.

mod check;
mod gather;
mod names;
mod remarks;
mod units;
mod write;

pub use gather::{Holdings, gather};
pub use write::{Conversion, Held, NewFile, Wish};

use super::encryption::EncryptionError;
use super::entropy::NoEntropy;
use super::pfx::PfxError;

/// The form of the new files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One object a file, as Qlik writes it.
    Pem,
    /// The same in DER; keys in PKCS#8.
    Der,
    /// A PFX for each key, and certificates that have none in DER, as Qlik's Windows format has them.
    Pfx,
}

impl Target {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pem => "PEM",
            Self::Der => "DER",
            Self::Pfx => "PFX",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConversionError {
    #[error("cannot read `{file}`: {why}")]
    Unreadable { file: String, why: String },
    #[error("`{0}` is encrypted and no password was given")]
    PasswordNeeded(String),
    #[error("`{0}` does not open with this password")]
    WrongPassword(String),
    #[error("`{file}` holds what qcert cannot open: {what}")]
    Unsupported { file: String, what: String },
    #[error("there is no certificate and no key to convert")]
    Nothing,
    #[error("there are more than {MOST} certificates and keys")]
    TooMany,
    #[error("this makes {} files, not one: {}", .0.len(), shown(.0))]
    SeveralFiles(Vec<String>),
    #[error("a private key cannot be encrypted")]
    Encryption(#[from] EncryptionError),
    #[error("a PFX cannot be written")]
    Pfx(#[from] PfxError),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error("`{file}` was not written, because what was read back is not what was to be written: {what}")]
    NotTheSame { file: String, what: &'static str },
}

impl ConversionError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => {
                "nothing was written; export or copy that file again, or name only the files that can be read"
            }
            Self::PasswordNeeded(_) => "give its password with `--password-file FILE` or `--password-stdin`",
            Self::WrongPassword(_) => {
                "check the password; upper and lower case count, and `--password-file` may be given several times"
            }
            Self::Unsupported { .. } => "nothing was written; `qcert inspect` shows what the file holds",
            Self::Nothing => "give PFX, PEM or DER files, or a folder with them; `qcert inspect` shows what files hold",
            Self::TooMany => "name fewer files at once",
            Self::SeveralFiles(_) => "give a folder with `--out DIR`, or name only what is to be in the one file",
            Self::Encryption(_) | Self::Pfx(_) | Self::NoEntropy(_) | Self::NotTheSame { .. } => {
                "try again; if it happens twice, report it"
            }
        }
    }

    /// Whether a password, or another one, may help.
    pub fn is_about_password(&self) -> bool {
        matches!(self, Self::PasswordNeeded(_) | Self::WrongPassword(_))
    }
}

/// Of certificates and keys in all. A whole trust store of a system has about 150.
const MOST: usize = 1000;
const MOST_SHOWN: usize = 8;

fn shown(names: &[String]) -> String {
    let first: Vec<_> = names.iter().take(MOST_SHOWN).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST_SHOWN);
    if more > 0 { format!("{} and {more} more", first.join(", ")) } else { first.join(", ") }
}
