//! Finds an existing root and its key in the files that a person gives: PFX, PEM or DER, made by anybody.
//!
//! Sorted by content, not by name. Nothing is judged here beyond "can be read"; `authority.rs` decides what counts.

use super::certificate::{Certificate, CertificateError};
use super::der::{Reader, tag};
use super::encryption::{self, Derivations, EncryptionError};
use super::key::{KeyError, PrivateKey};
use super::pem::{self, Block, PemError};
use super::pfx::{self, PfxError};
use super::secret::{Password, Secret};

#[derive(Debug, Default)]
pub struct Source {
    pub certificates: Vec<Certificate>,
    pub keys: Vec<PrivateKey>,
}

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("the file is empty")]
    Empty,
    #[error("it is neither a certificate, a key nor a PFX")]
    Unknown,
    #[error("it is encrypted and no password was given")]
    PasswordNeeded,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("{0}")]
    Pem(#[from] PemError),
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    #[error("{0}")]
    Key(#[from] KeyError),
    #[error("{0}")]
    Encryption(EncryptionError),
    #[error("{0}")]
    Pfx(PfxError),
}

impl SourceError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::PasswordNeeded => "give the file's password with `--from-password-file FILE`",
            Self::WrongPassword => "check the password; upper and lower case count, and a final line end does not",
            Self::Key(error) => error.hint(),
            Self::Pem(_) => "export the file again; PEM files must be copied whole, from BEGIN to END",
            _ => "give a PFX, or a certificate in PEM or DER with its key in PEM or DER beside it (`--key FILE`)",
        }
    }
}

impl Source {
    /// Adds what one file holds.
    pub fn add(&mut self, bytes: &[u8], password: Option<&Password>) -> Result<(), SourceError> {
        if bytes.is_empty() {
            return Err(SourceError::Empty);
        }
        if bytes.first() == Some(&tag::SEQUENCE) {
            return self.add_der(Secret::new(bytes.to_vec()), password);
        }
        let blocks = pem::decode(bytes)?;
        if blocks.is_empty() {
            return Err(SourceError::Unknown);
        }
        let before = self.count();
        for block in blocks {
            self.add_block(block, password)?;
        }
        if self.count() == before { Err(SourceError::Unknown) } else { Ok(()) }
    }

    /// The certificate that one of the keys belongs to; else the first certificate and the first key, so that the
    /// mismatch is reported as such.
    pub fn into_pair(mut self) -> (Option<Certificate>, Option<PrivateKey>) {
        let fitting = self.keys.iter().enumerate().find_map(|(at, key)| {
            let public = key.public_key_info();
            self.certificates.iter().position(|c| c.public_key_info() == public).map(|certificate| (certificate, at))
        });
        let (certificate, key) = fitting.unwrap_or((0, 0));
        let take_certificate =
            (certificate < self.certificates.len()).then(|| self.certificates.swap_remove(certificate));
        let take_key = (key < self.keys.len()).then(|| self.keys.swap_remove(key));
        (take_certificate, take_key)
    }

    fn count(&self) -> usize {
        self.certificates.len() + self.keys.len()
    }

    fn add_der(&mut self, der: Secret, password: Option<&Password>) -> Result<(), SourceError> {
        match shape(der.expose()) {
            Shape::Pfx => {
                let contents = pfx::read(der.expose(), password, &Derivations::default()).map_err(|error| {
                    match (error.is_about_password(), password) {
                        (true, None) => SourceError::PasswordNeeded,
                        (true, Some(_)) => SourceError::WrongPassword,
                        (false, _) => SourceError::Pfx(error),
                    }
                })?;
                for certificate in contents.certificates {
                    self.certificates.push(Certificate::parse(certificate.der)?);
                }
                for key in contents.keys {
                    self.keys.push(PrivateKey::from_der(key.pkcs8)?);
                }
            }
            Shape::EncryptedKey => {
                let password = password.ok_or(SourceError::PasswordNeeded)?;
                let open = encryption::decrypt_private_key(der.expose(), password, &Derivations::default());
                self.keys.push(PrivateKey::from_der(open.map_err(encryption_error)?)?);
            }
            Shape::Key => self.keys.push(PrivateKey::from_der(der)?),
            Shape::Other => self.certificates.push(Certificate::parse(der.expose().to_vec())?),
        }
        Ok(())
    }

    fn add_block(&mut self, block: Block, password: Option<&Password>) -> Result<(), SourceError> {
        match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" => {
                self.certificates.push(Certificate::parse(block.der.expose().to_vec())?);
            }
            label if label.ends_with("PRIVATE KEY") => match block.header("DEK-Info") {
                Some(dek_info) => {
                    let password = password.ok_or(SourceError::PasswordNeeded)?;
                    let open = encryption::decrypt_traditional(dek_info, password, block.der.expose());
                    let key = PrivateKey::from_der(open.map_err(encryption_error)?);
                    // Traditional encryption has no integrity check: with a wrong password the padding may fit by
                    // chance, and then the result is no key.
                    self.keys.push(key.map_err(|_| SourceError::WrongPassword)?);
                }
                None => self.add_der(block.der, password)?,
            },
            _ => {}
        }
        Ok(())
    }
}

fn encryption_error(error: EncryptionError) -> SourceError {
    if error.is_about_password() { SourceError::WrongPassword } else { SourceError::Encryption(error) }
}

enum Shape {
    Pfx,
    Key,
    EncryptedKey,
    Other,
}

/// What the outer structure promises. PFX: version 3 and a ContentInfo (RFC 7292 4); keys: version and then an
/// algorithm (PKCS#8) or a number (PKCS#1); an encrypted key: an algorithm and an OCTET STRING (RFC 5958 3).
fn shape(der: &[u8]) -> Shape {
    if pfx::looks_like_pfx(der) {
        return Shape::Pfx;
    }
    let Ok(outer) = Reader::new(der).value() else { return Shape::Other };
    let mut fields = outer.inside();
    match (fields.value().map(|value| value.tag), fields.peek()) {
        (Ok(tag::INTEGER), Some(tag::INTEGER | tag::SEQUENCE)) => Shape::Key,
        (Ok(tag::SEQUENCE), Some(tag::OCTET_STRING)) => Shape::EncryptedKey,
        _ => Shape::Other,
    }
}
