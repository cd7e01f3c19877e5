//! Verifies signatures: which algorithm goes with which key, by one table over the crypto library.
//!
//! "Cannot be checked" is never "bad", and never "good". What the library will not look at for RSA (`rsa`) is checked
//! here: MD5, SHA-224, short keys, other PSS parameters. A verifier has no secrets, so its timing does not matter.

mod rsa;

use super::der::{Reader, dotted, tag};
use super::public_key::{Curve, KeyAlgorithm, PublicKey, curve_name};
use aws_lc_rs::digest;
use aws_lc_rs::signature::{self as library, ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm};
use md5::Digest;
use std::fmt;
use std::sync::OnceLock;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the signature is not by this key")]
    Mismatch,
    #[error("the signature algorithm does not go with this kind of key")]
    KeyKind,
    #[error("the signature algorithm {0} cannot be checked")]
    Unsupported(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512Of256,
}

impl Hash {
    pub fn text(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sha512Of256 => "SHA-512/256",
        }
    }

    /// Collisions can be made: MD5 since 2004, SHA-1 since 2017.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::Md5 | Self::Sha1)
    }

    fn named(oid: &str) -> Option<Self> {
        Some(match oid {
            "1.2.840.113549.2.5" => Self::Md5,
            "1.3.14.3.2.26" => Self::Sha1,
            "2.16.840.1.101.3.4.2.4" => Self::Sha224,
            "2.16.840.1.101.3.4.2.1" => Self::Sha256,
            "2.16.840.1.101.3.4.2.2" => Self::Sha384,
            "2.16.840.1.101.3.4.2.3" => Self::Sha512,
            "2.16.840.1.101.3.4.2.6" => Self::Sha512Of256,
            _ => return None,
        })
    }

    fn of(self, message: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Md5 => return md5::Md5::digest(message).to_vec(),
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha224 => &digest::SHA224,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
            Self::Sha512Of256 => &digest::SHA512_256,
        };
        digest::digest(algorithm, message).as_ref().to_vec()
    }

    fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 | Self::Sha512Of256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Pkcs1(Hash),
    /// RFC 4055 3.1.
    Pss {
        hash: Hash,
        mask: Hash,
        salt: usize,
    },
    Ecdsa(Hash),
    Ed25519,
    Unknown,
}

/// An AlgorithmIdentifier of a signature (RFC 5280 4.1.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    encoding: Vec<u8>,
    oid: String,
    scheme: Scheme,
}

impl SignatureAlgorithm {
    /// `None` when it is not an AlgorithmIdentifier.
    pub fn parse(encoding: &[u8]) -> Option<Self> {
        let outer = Reader::new(encoding).expect(tag::SEQUENCE, "an algorithm").ok()?;
        let mut fields = outer.inside();
        let oid = dotted(fields.expect(tag::OID, "an identifier").ok()?.content);
        let scheme = scheme(&oid, &mut fields);
        Some(Self { encoding: outer.encoding.to_vec(), oid, scheme })
    }

    pub fn encoding(&self) -> &[u8] {
        &self.encoding
    }

    /// Dotted.
    pub fn oid(&self) -> &str {
        &self.oid
    }

    /// `None` where it cannot be told; Ed25519 has one of its own that is not weak.
    pub fn hash(&self) -> Option<Hash> {
        match self.scheme {
            Scheme::Pkcs1(hash) | Scheme::Pss { hash, .. } | Scheme::Ecdsa(hash) => Some(hash),
            Scheme::Ed25519 | Scheme::Unknown => None,
        }
    }

    pub fn is_weak(&self) -> bool {
        self.hash().is_some_and(Hash::is_weak)
    }

    /// `SHA-256 with RSA`, or the dotted identifier.
    pub fn text(&self) -> String {
        match self.scheme {
            Scheme::Pkcs1(hash) => format!("{} with RSA", hash.text()),
            Scheme::Pss { hash, .. } => format!("RSA-PSS with {}", hash.text()),
            Scheme::Ecdsa(hash) => format!("ECDSA with {}", hash.text()),
            Scheme::Ed25519 => "Ed25519".to_owned(),
            Scheme::Unknown => known_name(&self.oid).to_owned(),
        }
    }

    /// Whether `signature` over `message` was made with the private half of `key`.
    pub fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let unsupported = || SignatureError::Unsupported(self.text());
        let algorithm = key.algorithm();
        match (self.scheme, algorithm) {
            (Scheme::Pkcs1(hash), KeyAlgorithm::Rsa { .. }) => match self.rsa_verifier(key) {
                Some(verifier) if holds(verifier, key, message, signature) => Ok(()),
                Some(_) => Err(SignatureError::Mismatch),
                None => rsa::pkcs1(hash, key, message, signature),
            },
            (Scheme::Pss { hash, mask, salt }, KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. }) => {
                match self.rsa_verifier(key) {
                    Some(verifier) if holds(verifier, key, message, signature) => Ok(()),
                    Some(_) => Err(SignatureError::Mismatch),
                    None => rsa::pss(hash, mask, salt, key, message, signature),
                }
            }
            (Scheme::Ecdsa(hash), KeyAlgorithm::Ec(curve)) => {
                let name = match curve {
                    Curve::Named(oid) => curve_name(oid),
                    Curve::Explicit => "explicit parameters",
                };
                let verifier = ecdsa(name, hash)
                    .ok_or_else(|| SignatureError::Unsupported(format!("{} and {name}", self.text())))?;
                if holds(verifier, key, message, signature) { Ok(()) } else { Err(SignatureError::Mismatch) }
            }
            (Scheme::Ed25519, KeyAlgorithm::Ed25519) => {
                if holds(&library::ED25519, key, message, signature) {
                    Ok(())
                } else {
                    Err(SignatureError::Mismatch)
                }
            }
            (Scheme::Unknown, _) => Err(unsupported()),
            (_, KeyAlgorithm::Dsa | KeyAlgorithm::Ed448 | KeyAlgorithm::Other(_)) => {
                Err(SignatureError::Unsupported(format!("{} by a key of {}", self.text(), key.text())))
            }
            _ => Err(SignatureError::KeyKind),
        }
    }

    /// What the library has for this key; it takes whole octets and exponents of up to 33 bits.
    fn rsa_verifier(&self, key: &PublicKey) -> Option<&'static dyn VerificationAlgorithm> {
        let KeyAlgorithm::Rsa { bits, exponent: Some(3..=0x1_ffff_ffff) } = key.algorithm() else { return None };
        match self.scheme {
            _ if !bits.is_multiple_of(8) => None,
            Scheme::Pkcs1(hash) => pkcs1(hash, *bits),
            Scheme::Pss { hash, mask, salt } if mask == hash && salt == hash.size() => pss(hash, *bits),
            _ => None,
        }
    }

    /// Roughly how long a check takes, in microseconds: what a search may spend is counted in this.
    pub fn cost(&self, key: &PublicKey) -> u64 {
        match key.algorithm() {
            KeyAlgorithm::Rsa { bits, .. } if self.rsa_verifier(key).is_some() => {
                let size = (*bits as u64).div_ceil(2048);
                40 * size * size
            }
            KeyAlgorithm::Rsa { bits, exponent } => rsa::cost(*bits, *exponent),
            KeyAlgorithm::RsaPss { bits } => rsa::cost(*bits, None),
            KeyAlgorithm::Ec(Curve::Named(oid)) => match curve_name(oid) {
                "P-256" => 80,
                "P-384" => 400,
                _ => 900,
            },
            _ => 80,
        }
    }
}

fn scheme(oid: &str, parameters: &mut Reader<'_>) -> Scheme {
    match oid {
        "1.2.840.113549.1.1.4" => Scheme::Pkcs1(Hash::Md5),
        // The second is OIW's, which old Microsoft tools wrote.
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => Scheme::Pkcs1(Hash::Sha1),
        "1.2.840.113549.1.1.14" => Scheme::Pkcs1(Hash::Sha224),
        "1.2.840.113549.1.1.11" => Scheme::Pkcs1(Hash::Sha256),
        "1.2.840.113549.1.1.12" => Scheme::Pkcs1(Hash::Sha384),
        "1.2.840.113549.1.1.13" => Scheme::Pkcs1(Hash::Sha512),
        "1.2.840.113549.1.1.16" => Scheme::Pkcs1(Hash::Sha512Of256),
        "1.2.840.113549.1.1.10" => pss_parameters(parameters).unwrap_or(Scheme::Unknown),
        "1.2.840.10045.4.1" => Scheme::Ecdsa(Hash::Sha1),
        "1.2.840.10045.4.3.1" => Scheme::Ecdsa(Hash::Sha224),
        "1.2.840.10045.4.3.2" => Scheme::Ecdsa(Hash::Sha256),
        "1.2.840.10045.4.3.3" => Scheme::Ecdsa(Hash::Sha384),
        "1.2.840.10045.4.3.4" => Scheme::Ecdsa(Hash::Sha512),
        "1.3.101.112" => Scheme::Ed25519,
        _ => Scheme::Unknown,
    }
}

/// RSASSA-PSS-params (RFC 4055 3.1): each field has a default, SHA-1 and 20.
fn pss_parameters(fields: &mut Reader<'_>) -> Option<Scheme> {
    let (mut hash, mut mask, mut salt) = (Hash::Sha1, Hash::Sha1, 20);
    if fields.is_empty() {
        return None;
    }
    let mut fields = fields.expect(tag::SEQUENCE, "parameters").ok()?.inside();
    if let Some(field) = fields.optional(tag::constructed(0)).ok()? {
        hash = algorithm_hash(&mut field.inside())?;
    }
    if let Some(field) = fields.optional(tag::constructed(1)).ok()? {
        let mut generator = field.inside().expect(tag::SEQUENCE, "an algorithm").ok()?.inside();
        let oid = dotted(generator.expect(tag::OID, "an identifier").ok()?.content);
        if oid != "1.2.840.113549.1.1.8" {
            return None;
        }
        mask = algorithm_hash(&mut generator)?;
    }
    if let Some(field) = fields.optional(tag::constructed(2)).ok()? {
        salt = usize::try_from(field.inside().value().ok()?.unsigned().ok()?).ok()?;
    }
    if let Some(field) = fields.optional(tag::constructed(3)).ok()? {
        // 1 is the only trailer there is.
        (field.inside().value().ok()?.unsigned().ok()? == 1).then_some(())?;
    }
    fields.is_empty().then_some(Scheme::Pss { hash, mask, salt })
}

fn algorithm_hash(reader: &mut Reader<'_>) -> Option<Hash> {
    let mut fields = reader.expect(tag::SEQUENCE, "an algorithm").ok()?.inside();
    Hash::named(&dotted(fields.expect(tag::OID, "an identifier").ok()?.content))
}

/// What checking a signature needs of a key, kept from the first check: of one root there may be a thousand. It is no
/// part of what the key is. A key is checked by verifiers of its own kind only, so their addresses tell them apart.
#[derive(Default)]
pub(super) struct Prepared(OnceLock<(&'static dyn VerificationAlgorithm, Option<ParsedPublicKey>)>);

impl Clone for Prepared {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Prepared {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Prepared {}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared")
    }
}

fn holds(verifier: &'static dyn VerificationAlgorithm, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let prepare = || (verifier, ParsedPublicKey::new(verifier, key.key()).ok());
    let (known, prepared) = key.prepared.0.get_or_init(prepare);
    if !std::ptr::addr_eq(*known, verifier) {
        return UnparsedPublicKey::new(verifier, key.key()).verify(message, signature).is_ok();
    }
    prepared.as_ref().is_some_and(|key| key.verify_sig(message, signature).is_ok())
}

fn pkcs1(hash: Hash, bits: usize) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (hash, bits) {
        (Hash::Sha1, 1024..=8192) => &library::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (Hash::Sha256, 1024..=8192) => &library::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (Hash::Sha384, 2048..=8192) => &library::RSA_PKCS1_2048_8192_SHA384,
        (Hash::Sha512, 1024..=8192) => &library::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        _ => return None,
    })
}

/// The library's PSS wants a salt as long as the hash.
fn pss(hash: Hash, bits: usize) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (hash, bits) {
        (Hash::Sha256, 2048..=8192) => &library::RSA_PSS_2048_8192_SHA256,
        (Hash::Sha384, 2048..=8192) => &library::RSA_PSS_2048_8192_SHA384,
        (Hash::Sha512, 2048..=8192) => &library::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn ecdsa(curve: &str, hash: Hash) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (curve, hash) {
        ("P-256", Hash::Sha1) => &library::ECDSA_P256_SHA1_ASN1,
        ("P-256", Hash::Sha256) => &library::ECDSA_P256_SHA256_ASN1,
        ("P-256", Hash::Sha384) => &library::ECDSA_P256_SHA384_ASN1,
        ("P-256", Hash::Sha512) => &library::ECDSA_P256_SHA512_ASN1,
        ("P-384", Hash::Sha256) => &library::ECDSA_P384_SHA256_ASN1,
        ("P-384", Hash::Sha384) => &library::ECDSA_P384_SHA384_ASN1,
        ("P-384", Hash::Sha512) => &library::ECDSA_P384_SHA512_ASN1,
        ("P-521", Hash::Sha1) => &library::ECDSA_P521_SHA1_ASN1,
        ("P-521", Hash::Sha224) => &library::ECDSA_P521_SHA224_ASN1,
        ("P-521", Hash::Sha256) => &library::ECDSA_P521_SHA256_ASN1,
        ("P-521", Hash::Sha384) => &library::ECDSA_P521_SHA384_ASN1,
        ("P-521", Hash::Sha512) => &library::ECDSA_P521_SHA512_ASN1,
        ("secp256k1", Hash::Sha256) => &library::ECDSA_P256K1_SHA256_ASN1,
        _ => return None,
    })
}

/// Names of what is known but cannot be checked.
fn known_name(oid: &str) -> &str {
    match oid {
        "1.2.840.113549.1.1.2" => "MD2 with RSA",
        "1.2.840.113549.1.1.3" => "MD4 with RSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS with unknown parameters",
        "1.2.840.10040.4.3" | "1.3.14.3.2.27" => "DSA with SHA-1",
        "2.16.840.1.101.3.4.3.1" => "DSA with SHA-224",
        "2.16.840.1.101.3.4.3.2" => "DSA with SHA-256",
        "1.3.101.113" => "Ed448",
        "1.2.156.10197.1.501" => "SM2 with SM3",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        other => other,
    }
}

#[cfg(test)]
mod tests;
