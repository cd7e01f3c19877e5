//! The MAC over a PFX's contents, which is what proves a password: RFC 7292 5.1 and appendix B, and PBMAC1 (RFC 9579),
//! which is only read.

use super::super::der::{self, Value, tag};
use super::super::encryption::{Derivations, Function, Hash, Limits, Passphrase, Pbkdf2, Purpose, Recipe};
use super::super::entropy::Entropy;
use super::{MacFacts, PfxError};
use aws_lc_rs::hmac;
use std::num::NonZeroU32;

const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];
/// 2.16.840.1.101.3.4.2, NIST's hashes.
const NIST_HASHES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];
const PBMAC1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 14];

fn hash_oid(hash: Hash) -> Vec<u8> {
    let last = match hash {
        Hash::Sha1 => return SHA1.to_vec(),
        Hash::Sha224 => 4,
        Hash::Sha256 => 1,
        Hash::Sha384 => 2,
        Hash::Sha512 => 3,
    };
    [NIST_HASHES, &[last]].concat()
}

/// How a MAC is made.
#[derive(Debug)]
pub(super) struct Method {
    hash: Hash,
    pub(super) key: Recipe,
}

impl Method {
    /// For writing: with fresh salt.
    pub(super) fn fresh<const SALT: usize>(
        hash: Hash,
        iterations: u32,
        entropy: &mut impl Entropy,
    ) -> Result<Self, PfxError> {
        let iterations = NonZeroU32::new(iterations).ok_or(PfxError::Damaged("zero iterations"))?;
        let salt = entropy.octets::<SALT>()?.to_vec();
        Ok(Self { hash, key: Self::pkcs12_key(hash, salt, iterations) })
    }

    fn pkcs12_key(hash: Hash, salt: Vec<u8>, iterations: NonZeroU32) -> Recipe {
        Recipe { function: Function::Pkcs12 { hash, purpose: Purpose::Mac, iterations }, salt, length: hash.length() }
    }

    fn key(&self, password: Passphrase<'_>, derivations: &Derivations) -> Result<hmac::Key, PfxError> {
        Ok(hmac::Key::new(self.hash.hmac(), derivations.key(&self.key, password)?.expose()))
    }

    /// MacData (RFC 7292 4) over the contents; the iterations are those of `fresh`.
    pub(super) fn encode(
        &self,
        contents: &[u8],
        iterations: u32,
        password: Passphrase<'_>,
        derivations: &Derivations,
    ) -> Result<Vec<u8>, PfxError> {
        let digest = hmac::sign(&self.key(password, derivations)?, contents);
        let algorithm = der::sequence(&[&der::oid(&hash_oid(self.hash)), der::NULL]);
        let digest_info = der::sequence(&[&algorithm, &der::octet_string(digest.as_ref())]);
        let salt = der::octet_string(&self.key.salt);
        Ok(der::sequence(&[&digest_info, &salt, &der::unsigned(iterations.into())]))
    }
}

/// The MAC of a file being read.
pub(super) struct Mac<'a> {
    digest: &'a [u8],
    /// `None` for an algorithm not known here.
    method: Option<Method>,
    pub(super) facts: MacFacts,
}

impl<'a> Mac<'a> {
    pub(super) fn parse(data: Value<'a>, limits: &mut Limits) -> Result<Self, PfxError> {
        let mut fields = data.inside();
        let mut digest_info = fields.expect(tag::SEQUENCE, "the MAC's digest")?.inside();
        let algorithm = digest_info.expect(tag::SEQUENCE, "the MAC's algorithm")?;
        let digest = digest_info.expect(tag::OCTET_STRING, "the MAC's digest")?.content;
        let salt = fields.expect(tag::OCTET_STRING, "the MAC's salt")?.content;
        let iterations = fields.optional(tag::INTEGER)?.map_or(Ok(1), |iterations| iterations.unsigned())?;

        let oid = algorithm.inside().expect(tag::OID, "the MAC's identifier")?.content;
        if oid == PBMAC1 {
            return Self::parse_pbmac1(algorithm, digest, limits);
        }
        let Some(hash) = Hash::ALL.into_iter().find(|hash| hash_oid(*hash) == oid) else {
            let facts = MacFacts { algorithm: der::dotted(oid), iterations, checked: false };
            return Ok(Self { digest, method: None, facts });
        };
        let key = Method::pkcs12_key(hash, salt.to_vec(), limits.admit(iterations, hash.weight())?);
        let facts = MacFacts { algorithm: format!("HMAC-{hash}"), iterations, checked: true };
        Self { digest, method: Some(Method { hash, key }), facts }.of_full_length()
    }

    /// The salt and the iterations beside the digest mean nothing then (RFC 9579 4).
    fn parse_pbmac1(algorithm: Value<'a>, digest: &'a [u8], limits: &mut Limits) -> Result<Self, PfxError> {
        let mut fields = algorithm.inside();
        fields.expect(tag::OID, "the MAC's identifier")?;
        let mut parameters = fields.expect(tag::SEQUENCE, "PBMAC1's parameters")?.inside();
        let pbkdf2 = Pbkdf2::parse(parameters.expect(tag::SEQUENCE, "PBMAC1's key derivation")?)?;
        let hash = Hash::from_hmac(parameters.expect(tag::SEQUENCE, "PBMAC1's MAC")?)?;
        // RFC 9579 5: it has to be stated, and a short key would let anybody forge the MAC.
        let length = match pbkdf2.key_length {
            Some(length @ 20..=128) => usize::try_from(length).map_err(|_| PfxError::Damaged("PBMAC1's key length"))?,
            _ => return Err(PfxError::Damaged("PBMAC1's key length")),
        };
        let algorithm = format!("PBMAC1 HMAC-{hash}, PBKDF2 HMAC-{}", pbkdf2.hash);
        let facts = MacFacts { algorithm, iterations: pbkdf2.iterations, checked: true };
        let key = pbkdf2.recipe(length, limits)?;
        Self { digest, method: Some(Method { hash, key }), facts }.of_full_length()
    }

    fn of_full_length(self) -> Result<Self, PfxError> {
        match &self.method {
            Some(method) if method.hash.length() != self.digest.len() => Err(PfxError::Damaged("the MAC's length")),
            _ => Ok(self),
        }
    }

    /// Whether this password made the MAC over these contents; `None` when that cannot be said.
    pub(super) fn proves(
        &self,
        contents: &[u8],
        password: Passphrase<'_>,
        derivations: &Derivations,
    ) -> Result<Option<bool>, PfxError> {
        let Some(method) = &self.method else { return Ok(None) };
        let key = method.key(password, derivations)?;
        Ok(Some(hmac::verify(&key, contents, self.digest).is_ok()))
    }
}
