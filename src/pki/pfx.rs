//! PKCS#12 files (RFC 7292), which Windows calls PFX: a private key, its certificate and a few attributes.
//!
//! Written are exactly the two encryptions Qlik's consumers can read, with the attributes a Windows export has (`write`)
//! or those that were read (`rewrite`). Read is what
//! any writer of the last 25 years made, oddities included: they are facts in `Pfx`, not errors. Keys and certificates
//! are opaque octets here; whether they belong together is not this module's question.

mod attributes;
mod ber;
mod mac;
mod read;
mod rewrite;
mod survey;
mod write;

pub(in crate::pki) use ber::to_der;
pub use read::{looks_like_pfx, open, read};
pub use rewrite::{Bag, Contents};
pub use survey::{Survey, survey};
pub use write::Draft;

use super::der::DerError;
use super::encryption::EncryptionError;
use super::entropy::NoEntropy;
use super::secret::Secret;

/// How a PFX is encrypted. RC2, as Qlik and older Windows write it, no current OpenSSL or Node.js reads: never written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PfxEncryption {
    /// AES-256 with PBKDF2-HMAC-SHA256, HMAC-SHA256: for everything since Windows Server 2019.
    Modern,
    /// 3DES and SHA-1: for Windows Server 2016 and older, which refuse the other as "wrong password".
    Legacy,
}

/// What is written into one file. The root is not part of it, as in Qlik's own exports.
#[derive(Debug, Clone, Copy)]
pub struct PfxEntry<'a> {
    /// DER.
    pub certificate: &'a [u8],
    pub key_pkcs8: &'a Secret,
    /// By which Qlik's .NET clients find the certificate in the Windows store.
    pub friendly_name: &'a str,
    /// The name of the key in its provider: a GUID in braces.
    pub key_container: &'a str,
    /// The cryptographic service provider Windows puts the key into.
    pub provider: &'a str,
    /// Whether an import puts the key into the machine's key store instead of the user's.
    pub machine_keyset: bool,
}

/// All that was found in a file.
#[derive(Debug, Default)]
pub struct Pfx {
    pub keys: Vec<PfxKey>,
    pub certificates: Vec<PfxCertificate>,
    /// `None` when the file has none; Node.js, GnuTLS and NSS refuse such files.
    pub mac: Option<MacFacts>,
    /// One for each encrypted part in the order of the file: `AES-256-CBC, PBKDF2 HMAC-SHA256, 100000 rounds`.
    pub encryption: Vec<String>,
    /// Those among `encryption` that protect a private key by itself.
    pub key_encryption: Vec<String>,
    /// After the outer SEQUENCE. Qlik leaves them when it exports over a longer file.
    pub trailing_bytes: usize,
    /// Encoded in BER, which strict readers refuse.
    pub ber: bool,
    /// What is in the file but neither a private key nor an X.509 certificate, in words.
    pub skipped: Vec<String>,
    /// The same as it stands there.
    pub rest: Rest,
}

#[derive(Debug)]
pub struct PfxKey {
    pub pkcs8: Secret,
    pub attributes: BagAttributes,
    /// The SET of them as it stands there, also what is not known here; empty where there is none.
    pub attributes_der: Vec<u8>,
}

#[derive(Debug)]
pub struct PfxCertificate {
    pub der: Vec<u8>,
    pub attributes: BagAttributes,
    /// As of a key.
    pub attributes_der: Vec<u8>,
}

/// What a file holds beside keys and certificates, undecoded: it is carried over, not understood.
#[derive(Debug, Default)]
pub struct Rest {
    /// Whole SafeBags. One may be a secret.
    pub bags: Vec<Secret>,
    /// Whole ContentInfos of a type that cannot be opened with a password.
    pub contents: Vec<Secret>,
    /// Bags lay in bags; they are given out one beside the other.
    pub nested: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BagAttributes {
    pub friendly_name: Option<String>,
    /// The friendly name ended in U+0000, which Windows writes. It is not in `friendly_name`.
    pub friendly_name_terminated: bool,
    pub local_key_id: Option<Vec<u8>>,
    pub provider: Option<String>,
    pub machine_keyset: bool,
}

/// What opened a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PfxPassword {
    /// Nothing is encrypted, or it opens without one.
    None,
    /// The empty one, which Windows and Qlik write when none is typed.
    Empty,
    Given,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacFacts {
    /// `HMAC-SHA256`, or the dotted identifier of what is not known here.
    pub algorithm: String,
    pub iterations: u64,
    /// False when the algorithm is not known: the password then proved right by what it decrypted.
    pub checked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PfxError {
    #[error("not a PFX file: {0}")]
    NotPfx(&'static str),
    #[error("the password is wrong")]
    WrongPassword,
    #[error("a password is needed")]
    PasswordNeeded,
    #[error("the password opens the PFX but not {0} in it, which has another password or is damaged")]
    OtherPasswordInside(&'static str),
    /// A dotted object identifier.
    #[error("the PFX uses {0}, which is not supported")]
    Unsupported(String),
    #[error("{what}: {value} is over the limit of {limit}")]
    Limit { what: &'static str, value: u64, limit: u64 },
    #[error("the PFX is damaged: {0}")]
    Damaged(&'static str),
    #[error("the PFX is damaged: {0}")]
    Der(#[from] DerError),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

impl PfxError {
    /// Another password, or one at all, may help.
    pub fn is_about_password(&self) -> bool {
        matches!(self, Self::WrongPassword | Self::PasswordNeeded)
    }
}

impl From<EncryptionError> for PfxError {
    fn from(error: EncryptionError) -> Self {
        match error {
            EncryptionError::WrongPasswordOrDamaged => Self::WrongPassword,
            EncryptionError::Unsupported(algorithm) => Self::Unsupported(algorithm),
            EncryptionError::Limit { what, value, limit } => Self::Limit { what, value, limit },
            EncryptionError::Malformed(what) => Self::Damaged(what),
            EncryptionError::Der(error) => Self::Der(error),
            EncryptionError::NoEntropy(error) => Self::NoEntropy(error),
        }
    }
}

/// Object identifiers of both directions.
mod oid {
    pub(super) const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    pub(super) const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 6];
    pub(super) const KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 1];
    pub(super) const SHROUDED_KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 2];
    pub(super) const CERTIFICATE_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 3];
    pub(super) const CRL_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 4];
    pub(super) const SECRET_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 5];
    pub(super) const SAFE_CONTENTS_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 6];
    pub(super) const X509_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
}

#[cfg(test)]
mod tests;
