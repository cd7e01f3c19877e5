//! The root's key as the home keeps it: PKCS#8 in PEM, with a passphrase under AES-256 and a slow derivation.

use super::bundle::ENCRYPTED_KEY_LABEL;
use super::encryption::{self, Derivations, EncryptionError, Scheme};
use super::entropy::Entropy;
use super::key::{KeyError, PrivateKey};
use super::pem::{self, PemError};
use super::secret::{Password, Secret};

/// OWASP's figure for PBKDF2 with HMAC-SHA256 (Password Storage Cheat Sheet, 2023). Paid once a run.
const ITERATIONS: u32 = 600_000;
const OPEN_KEY_LABEL: &str = "PRIVATE KEY";

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("the key is encrypted and no passphrase was given")]
    PassphraseNeeded,
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    #[error("the file is not one private key in PEM")]
    NotOneKey,
    #[error(transparent)]
    Pem(#[from] PemError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Encryption(EncryptionError),
}

impl SealError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::PassphraseNeeded => "give it with `--passphrase-file FILE` or `--passphrase-stdin`",
            Self::WrongPassphrase => {
                "upper and lower case count, and so does a blank at the end, as `echo WORD > FILE` leaves on Windows; \
                 without the passphrase the key cannot be recovered"
            }
            Self::NotOneKey | Self::Pem(_) | Self::Encryption(_) => "put the file back from a backup",
            Self::Key(error) => error.hint(),
        }
    }
}

pub fn seal(key: &PrivateKey, passphrase: Option<&Password>, entropy: &mut impl Entropy) -> Result<Secret, SealError> {
    let Some(passphrase) = passphrase else { return Ok(pem::encode(OPEN_KEY_LABEL, key.pkcs8().expose())) };
    let scheme = Scheme::Aes256 { iterations: ITERATIONS };
    let encrypted = encryption::encrypt_private_key(key.pkcs8(), passphrase, scheme, entropy, &Derivations::default())
        .map_err(SealError::Encryption)?;
    Ok(pem::encode(ENCRYPTED_KEY_LABEL, &encrypted))
}

pub fn is_encrypted(file: &Secret) -> bool {
    pem::decode(file.expose()).is_ok_and(|blocks| blocks.iter().any(|block| block.label == ENCRYPTED_KEY_LABEL))
}

pub fn unseal(file: &Secret, passphrase: Option<&Password>) -> Result<PrivateKey, SealError> {
    let mut blocks = pem::decode(file.expose())?;
    let block = blocks.pop().filter(|_| blocks.is_empty()).ok_or(SealError::NotOneKey)?;
    match block.label.as_str() {
        ENCRYPTED_KEY_LABEL => {
            let passphrase = passphrase.ok_or(SealError::PassphraseNeeded)?;
            let open = encryption::decrypt_private_key(block.der.expose(), passphrase, &Derivations::default());
            let open = open.map_err(|error| {
                if error.is_about_password() { SealError::WrongPassphrase } else { SealError::Encryption(error) }
            })?;
            Ok(PrivateKey::from_pkcs8(open)?)
        }
        OPEN_KEY_LABEL => Ok(PrivateKey::from_pkcs8(block.der)?),
        _ => Err(SealError::NotOneKey),
    }
}
