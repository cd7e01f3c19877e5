//! Encryption under a password: PKCS#8 private keys, PKCS#12 contents and OpenSSL's traditional PEM keys.
//!
//! It writes two schemes (`Scheme`) and reads everything a Windows, Java or OpenSSL of the last 25 years wrote. What a
//! file asks for is bounded (`Limits`) before any work is done, so that a hostile file is refused, not obeyed. It knows
//! nothing of certificates and bags, and does not judge whether an old scheme is still wise.

mod algorithm;
mod cipher;
mod derive;
mod scrypt;
mod traditional;

pub(crate) use algorithm::{Algorithm, Pbkdf2};
pub use derive::{Derivations, Passphrase};
pub(crate) use derive::{Function, Hash, Purpose, Recipe};
pub use traditional::decrypt_traditional;

use super::der::{self, DerError, Reader, tag};
use super::entropy::{Entropy, NoEntropy};
use super::secret::{Password, Secret};
use std::num::NonZeroU32;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncryptionError {
    #[error("the password is wrong or the data is damaged")]
    WrongPasswordOrDamaged,
    /// A dotted object identifier or, in PEM, the name of the cipher.
    #[error("encrypted with {0}, which is not supported")]
    Unsupported(String),
    #[error("{what}: {value} is over the limit of {limit}")]
    Limit { what: &'static str, value: u64, limit: u64 },
    #[error("malformed encryption: {0}")]
    Malformed(&'static str),
    #[error("malformed encryption: {0}")]
    Der(#[from] DerError),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

impl EncryptionError {
    /// Another password may help.
    pub fn is_about_password(&self) -> bool {
        matches!(self, Self::WrongPasswordOrDamaged)
    }
}

/// What is written. Everything else is only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018 6.2): the default of OpenSSL 3, Java and Windows.
    Aes256 { iterations: u32 },
    /// pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292 appendix C): all that Windows Server 2016 and older can import.
    TripleDes { iterations: u32 },
}

/// How much work one file may ask for. OpenSSL 3 obeys a file that asks for 2^31 rounds, and hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of one derivation.
    iterations: u64,
    /// Of all derivations together: what is left of it.
    rounds: u64,
}

/// The most that a writer asks for by itself is 600,000 (NSS, GnuTLS); .NET refuses more than 300,000.
const MOST_ITERATIONS: u64 = 1_000_000;
/// All that one file may ask for, with every password that is tried on it, takes less than a second (measured: 0.3 with
/// SHA-1 and SHA-256, 0.8 with SHA-512).
const MOST_ROUNDS: u64 = 4_000_000;

impl Default for Limits {
    fn default() -> Self {
        Self { iterations: MOST_ITERATIONS, rounds: MOST_ROUNDS }
    }
}

impl Limits {
    /// For telling how something is encrypted, not for opening it.
    pub(crate) fn none() -> Self {
        Self { iterations: u64::MAX, rounds: u64::MAX }
    }

    /// What is left, to learn what something took off.
    pub(crate) fn left(&self) -> u64 {
        self.rounds
    }

    /// Accepts an iteration count for a derivation of so many hash outputs, and takes it off what is left.
    pub(crate) fn admit(&mut self, iterations: u64, blocks: usize) -> Result<NonZeroU32, EncryptionError> {
        let what = "the number of iterations";
        if iterations > self.iterations {
            return Err(EncryptionError::Limit { what, value: iterations, limit: self.iterations });
        }
        let limit = u64::from(u32::MAX);
        let small = u32::try_from(iterations).map_err(|_| EncryptionError::Limit { what, value: iterations, limit })?;
        let checked = NonZeroU32::new(small).ok_or(EncryptionError::Malformed("zero iterations"))?;
        self.spend(iterations.saturating_mul(blocks as u64))?;
        Ok(checked)
    }

    /// Takes work off what is left, in rounds of SHA-256.
    pub(crate) fn spend(&mut self, rounds: u64) -> Result<(), EncryptionError> {
        let what = "the number of iterations in all";
        self.rounds = self.rounds.checked_sub(rounds).ok_or_else(|| EncryptionError::Limit {
            what,
            value: Self::default().rounds.saturating_sub(self.rounds).saturating_add(rounds),
            limit: Self::default().rounds,
        })?;
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// AlgorithmIdentifier, DER.
    pub algorithm: Vec<u8>,
    pub ciphertext: Vec<u8>,
}

/// Encrypts with fresh salt. No password is the empty password: whoever reads the result has to give none.
pub fn encrypt(
    scheme: Scheme,
    password: Option<&Password>,
    plain: &[u8],
    entropy: &mut impl Entropy,
    derivations: &Derivations,
) -> Result<Encrypted, EncryptionError> {
    Algorithm::fresh(scheme, entropy)?.encrypt(password.into(), plain, derivations)
}

/// Decrypts what an AlgorithmIdentifier describes.
///
/// A wrong password passes the check of the padding about once in 250 times: the caller has to read what comes out.
pub fn decrypt(
    algorithm: der::Value<'_>,
    password: Passphrase<'_>,
    ciphertext: &[u8],
    derivations: &Derivations,
    limits: &mut Limits,
) -> Result<Secret, EncryptionError> {
    Algorithm::parse(algorithm, limits)?.decrypt(password, ciphertext, derivations)
}

/// An EncryptedPrivateKeyInfo (RFC 5958 3) from a PKCS#8 private key.
pub fn encrypt_private_key(
    pkcs8: &Secret,
    password: &Password,
    scheme: Scheme,
    entropy: &mut impl Entropy,
    derivations: &Derivations,
) -> Result<Vec<u8>, EncryptionError> {
    Algorithm::fresh(scheme, entropy)?.encrypt_private_key(pkcs8, password, derivations)
}

/// The PKCS#8 private key inside an EncryptedPrivateKeyInfo.
pub fn decrypt_private_key(
    encrypted_private_key_info: &[u8],
    password: &Password,
    derivations: &Derivations,
) -> Result<Secret, EncryptionError> {
    EncryptedPrivateKey::parse(encrypted_private_key_info, &mut Limits::default())?.open(password, derivations)
}

/// An EncryptedPrivateKeyInfo (RFC 5958 3) that was not opened yet.
#[derive(Debug)]
pub(crate) struct EncryptedPrivateKey<'a> {
    pub(crate) algorithm: Algorithm,
    ciphertext: &'a [u8],
}

impl<'a> EncryptedPrivateKey<'a> {
    /// Takes the work of opening it once off the limits.
    pub(crate) fn parse(info: &'a [u8], limits: &mut Limits) -> Result<Self, EncryptionError> {
        let mut fields = Reader::new(info).expect(tag::SEQUENCE, "EncryptedPrivateKeyInfo")?.inside();
        let algorithm = Algorithm::parse(fields.expect(tag::SEQUENCE, "the encryption algorithm")?, limits)?;
        Ok(Self { algorithm, ciphertext: fields.expect(tag::OCTET_STRING, "the encrypted key")?.content })
    }

    pub(crate) fn open(&self, password: &Password, derivations: &Derivations) -> Result<Secret, EncryptionError> {
        self.algorithm.decrypt(Some(password).into(), self.ciphertext, derivations).and_then(one_sequence)
    }
}

/// Lets through what is one SEQUENCE, as every private key is: with the padding it makes a wrong password certain.
fn one_sequence(plain: Secret) -> Result<Secret, EncryptionError> {
    match Reader::new(plain.expose()).expect(tag::SEQUENCE, "a private key") {
        Ok(value) if value.encoding.len() == plain.expose().len() => Ok(plain),
        _ => Err(EncryptionError::WrongPasswordOrDamaged),
    }
}

#[cfg(test)]
mod foreign;
#[cfg(test)]
mod tests;
