//! Keys out of passwords, and the memory of those already made.
//!
//! PKCS#12's own function (RFC 7292 appendix B.2), PBKDF1 and PBKDF2 (RFC 8018 5) and scrypt (`scrypt.rs`). Being slow
//! is their purpose; `Derivations` sees to it that nothing is derived twice. Iteration counts come in here already
//! bounded (`Limits`).

use super::super::secret::{Password, Secret};
use super::EncryptionError;
use super::scrypt::{Cost, scrypt};
use aws_lc_rs::{digest, hmac, pbkdf2};
use md5::{Digest as _, Md5};
use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// Below this a derivation takes less than the start of a thread is worth.
const WORTH_A_THREAD: u32 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) const ALL: [Self; 5] = [Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha224 => &digest::SHA224,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    pub(crate) fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha224 => hmac::HMAC_SHA224,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    pub(crate) fn length(self) -> usize {
        self.digest().output_len()
    }

    /// What a round of PBKDF2 costs, in rounds of SHA-256: between a processor that has instructions for that (8) and
    /// one that has none (1). SHA-224 is the loop below.
    pub(crate) fn weight(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha256 => 1,
            Self::Sha384 | Self::Sha512 => 3,
            Self::Sha224 => 6,
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA1",
            Self::Sha224 => "SHA224",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        })
    }
}

/// What PKCS#12's function is asked for; the numbers are the ID octets of RFC 7292 B.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    Key = 1,
    InitializationVector = 2,
    Mac = 3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    Pkcs12 { hash: Hash, purpose: Purpose, iterations: NonZeroU32 },
    Pbkdf1Md5 { iterations: NonZeroU32 },
    Pbkdf1Sha1 { iterations: NonZeroU32 },
    Pbkdf2 { hash: Hash, iterations: NonZeroU32 },
    Scrypt(Cost),
}

/// All that decides a derived key but the password.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Recipe {
    pub(crate) function: Function,
    pub(crate) salt: Vec<u8>,
    pub(crate) length: usize,
}

impl Recipe {
    fn derive(&self, password: &[u8]) -> Result<Secret, EncryptionError> {
        Ok(match self.function {
            Function::Pkcs12 { hash, purpose, iterations } => {
                pkcs12(hash, purpose, iterations, password, &self.salt, self.length)
            }
            Function::Pbkdf1Md5 { iterations } => {
                pbkdf1(|data| Md5::digest(data).to_vec(), iterations, password, &self.salt, self.length)
            }
            Function::Pbkdf1Sha1 { iterations } => pbkdf1(
                |data| digest::digest(Hash::Sha1.digest(), data).as_ref().to_vec(),
                iterations,
                password,
                &self.salt,
                self.length,
            ),
            Function::Pbkdf2 { hash, iterations } => pbkdf2(hash, iterations, password, &self.salt, self.length),
            Function::Scrypt(cost) => scrypt(cost, password, &self.salt, self.length)?,
        })
    }

    fn is_slow(&self) -> bool {
        match self.function {
            Function::Scrypt(_) => true,
            Function::Pkcs12 { iterations, .. }
            | Function::Pbkdf1Md5 { iterations }
            | Function::Pbkdf1Sha1 { iterations }
            | Function::Pbkdf2 { iterations, .. } => iterations.get() >= WORTH_A_THREAD,
        }
    }
}

/// A password as the two families of functions take it.
#[derive(Clone, Copy)]
pub enum Passphrase<'a> {
    /// Possibly empty.
    Text(&'a str),
    /// None at all. PKCS#12 tells it from an empty one: no octets against the two of the terminator. Files of both
    /// kinds are about; OpenSSL tries both too.
    Absent,
}

impl<'a> From<Option<&'a Password>> for Passphrase<'a> {
    fn from(password: Option<&'a Password>) -> Self {
        Self::Text(password.map_or("", Password::expose))
    }
}

impl fmt::Debug for Passphrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl Passphrase<'_> {
    fn octets(self, function: Function) -> Zeroizing<Vec<u8>> {
        match (self, function) {
            (Self::Absent, _) => Zeroizing::default(),
            // A BMPString with its terminator (RFC 7292 B.1); beyond U+FFFF surrogates, as OpenSSL and Windows do.
            (Self::Text(text), Function::Pkcs12 { .. }) => {
                let mut octets = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
                octets.extend(text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes));
                octets
            }
            (Self::Text(text), _) => Zeroizing::new(text.as_bytes().to_vec()),
        }
    }
}

/// By recipe and SHA-256 of the password. Who could read that could read the keys beside it.
type Known = HashMap<(Recipe, [u8; 32]), Arc<Secret>>;

/// The keys derived so far. Files are read back after they were written, and a password is often tried on several
/// objects: with this nobody pays for the same derivation twice.
///
/// It is shared between threads, which do not wait for each other's derivations. The password is part of what a key is
/// found by, so one instance may serve several passwords.
#[derive(Default)]
pub struct Derivations {
    known: Mutex<Known>,
    #[cfg(test)]
    made: std::sync::atomic::AtomicUsize,
}

impl fmt::Debug for Derivations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl Derivations {
    pub(crate) fn key(&self, recipe: &Recipe, password: Passphrase<'_>) -> Result<Arc<Secret>, EncryptionError> {
        let octets = password.octets(recipe.function);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest::digest(&digest::SHA256, &octets).as_ref());
        let place = (recipe.clone(), fingerprint);
        let known = self.known().get(&place).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let key = Arc::new(recipe.derive(&octets)?);
        #[cfg(test)]
        self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.known().insert(place, Arc::clone(&key));
        Ok(key)
    }

    /// Derives the slow ones of these at the same time, so that `key` then finds them.
    pub(crate) fn prepare(&self, recipes: &[&Recipe], password: Passphrase<'_>) {
        std::thread::scope(|scope| {
            for recipe in recipes.iter().filter(|recipe| recipe.is_slow()) {
                // What fails here, be it the thread or the derivation, is done and reported by `key` itself.
                let derive = || self.key(recipe, password).is_ok();
                let _ = std::thread::Builder::new().spawn_scoped(scope, derive);
            }
        });
    }

    /// How often a key was really derived.
    #[cfg(test)]
    pub(crate) fn made(&self) -> usize {
        self.made.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// The map is whole even if a thread died while it held the lock.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// RFC 7292 appendix B.2; the letters of the RFC in brackets.
fn pkcs12(hash: Hash, purpose: Purpose, iterations: NonZeroU32, password: &[u8], salt: &[u8], length: usize) -> Secret {
    let algorithm = hash.digest();
    let block = algorithm.block_len();
    let diversifier = vec![purpose as u8; block]; // (D)
    let whole_blocks = |octets: &[u8]| octets.len().div_ceil(block) * block;
    let (salt_length, password_length) = (whole_blocks(salt), whole_blocks(password));
    let mut input = Zeroizing::new(Vec::with_capacity(salt_length + password_length)); // (I = S || P)
    input.extend(salt.iter().cycle().take(salt_length));
    input.extend(password.iter().cycle().take(password_length));

    let mut key = Zeroizing::new(Vec::with_capacity(length + hash.length()));
    while key.len() < length {
        let mut context = digest::Context::new(algorithm);
        context.update(&diversifier);
        context.update(&input);
        let mut hashed = context.finish(); // (A)
        for _ in 1..iterations.get() {
            hashed = digest::digest(algorithm, hashed.as_ref());
        }
        key.extend_from_slice(hashed.as_ref());
        let addend: Vec<u8> = hashed.as_ref().iter().copied().cycle().take(block).collect(); // (B)
        for part in input.chunks_exact_mut(block) {
            add_plus_one(part, &addend);
        }
    }
    key.truncate(length);
    Secret::new(std::mem::take(&mut *key))
}

/// Adds `addend` + 1 to `number`, both big-endian, dropping the carry.
fn add_plus_one(number: &mut [u8], addend: &[u8]) {
    let mut carry = 1;
    for (octet, other) in number.iter_mut().zip(addend).rev() {
        let [high, low] = (u16::from(*octet) + u16::from(*other) + carry).to_be_bytes();
        *octet = low;
        carry = u16::from(high);
    }
}

/// RFC 8018 5.1. The length is at most that of the hash.
fn pbkdf1(
    hash: impl Fn(&[u8]) -> Vec<u8>,
    iterations: NonZeroU32,
    password: &[u8],
    salt: &[u8],
    length: usize,
) -> Secret {
    let mut hashed = Zeroizing::new(hash(&Zeroizing::new([password, salt].concat())));
    for _ in 1..iterations.get() {
        hashed = Zeroizing::new(hash(&hashed));
    }
    hashed.truncate(length);
    Secret::new(std::mem::take(&mut *hashed))
}

/// RFC 8018 5.2.
pub(super) fn pbkdf2(hash: Hash, iterations: NonZeroU32, password: &[u8], salt: &[u8], length: usize) -> Secret {
    let mut key = vec![0; length];
    let algorithm = match hash {
        Hash::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Hash::Sha224 => return pbkdf2_sha224(iterations, password, salt, length),
        Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Hash::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
        Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    pbkdf2::derive(algorithm, iterations, salt, password, &mut key);
    Secret::new(key)
}

/// aws-lc-rs offers every hash for PBKDF2 but this one.
fn pbkdf2_sha224(iterations: NonZeroU32, password: &[u8], salt: &[u8], length: usize) -> Secret {
    let prf = hmac::Key::new(hmac::HMAC_SHA224, password);
    let mut key = Zeroizing::new(Vec::with_capacity(length + Hash::Sha224.length()));
    for block in 1u32.. {
        if key.len() >= length {
            break;
        }
        let mut round = hmac::sign(&prf, &[salt, &block.to_be_bytes()].concat());
        let mut sum = Zeroizing::new(round.as_ref().to_vec());
        for _ in 1..iterations.get() {
            round = hmac::sign(&prf, round.as_ref());
            sum.iter_mut().zip(round.as_ref()).for_each(|(sum, octet)| *sum ^= octet);
        }
        key.extend_from_slice(&sum);
    }
    key.truncate(length);
    Secret::new(std::mem::take(&mut *key))
}
