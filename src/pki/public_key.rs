//! `PublicKey`: what key a certificate or a private key has. Two keys are the same when their encodings are.

use super::der::{Reader, dotted, tag};
use super::signature::Prepared;

/// A SubjectPublicKeyInfo (RFC 5280 4.1.2.7) and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    info: Vec<u8>,
    /// The content of the subjectPublicKey BIT STRING: where it lies in `info`.
    key: std::ops::Range<usize>,
    algorithm: KeyAlgorithm,
    pub(super) prepared: Prepared,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAlgorithm {
    Rsa {
        bits: usize,
        /// `None` when it has more than 64 bits.
        exponent: Option<u64>,
    },
    /// An RSA key that may be used with PSS only.
    RsaPss {
        bits: usize,
    },
    Ec(Curve),
    Ed25519,
    Ed448,
    Dsa,
    /// A dotted identifier, or `unreadable RSA` where the key is not what its identifier says.
    Other(String),
}

const UNREADABLE_RSA: &str = "unreadable RSA";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Curve {
    /// A dotted identifier.
    Named(String),
    /// The curve's numbers instead of its name, which RFC 5480 2.1.1 forbids (CVE-2020-0601 came of it).
    Explicit,
}

impl PublicKey {
    /// `None` when it is not a SubjectPublicKeyInfo.
    pub fn parse(info: &[u8]) -> Option<Self> {
        let outer = Reader::new(info).expect(tag::SEQUENCE, "a public key").ok()?;
        let mut fields = outer.inside();
        let mut algorithm = fields.expect(tag::SEQUENCE, "an algorithm").ok()?.inside();
        let oid = dotted(algorithm.expect(tag::OID, "an identifier").ok()?.content);
        let parameters = if algorithm.is_empty() { None } else { Some(algorithm.value().ok()?) };
        let bits = fields.expect(tag::BIT_STRING, "the key").ok()?;
        let key = bits.content.get(1..)?;
        let end = info.len() - fields.rest().len() - (info.len() - outer.encoding.len());
        let algorithm = match oid.as_str() {
            "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => match rsa(key) {
                Some((modulus, _)) if oid.ends_with(".10") => KeyAlgorithm::RsaPss { bits: bit_length(modulus) },
                Some((modulus, exponent)) => {
                    KeyAlgorithm::Rsa { bits: bit_length(modulus), exponent: number(exponent) }
                }
                None => KeyAlgorithm::Other(UNREADABLE_RSA.to_owned()),
            },
            "1.2.840.10045.2.1" => KeyAlgorithm::Ec(match parameters {
                Some(value) if value.tag == tag::OID => Curve::Named(dotted(value.content)),
                _ => Curve::Explicit,
            }),
            "1.3.101.112" => KeyAlgorithm::Ed25519,
            "1.3.101.113" => KeyAlgorithm::Ed448,
            "1.2.840.10040.4.1" => KeyAlgorithm::Dsa,
            _ => KeyAlgorithm::Other(oid),
        };
        Some(Self {
            key: end - key.len()..end,
            info: outer.encoding.to_vec(),
            algorithm,
            prepared: Prepared::default(),
        })
    }

    pub fn info(&self) -> &[u8] {
        &self.info
    }

    /// The content of the BIT STRING: for RSA an RSAPublicKey, for curves a point.
    pub fn key(&self) -> &[u8] {
        &self.info[self.key.clone()]
    }

    pub fn algorithm(&self) -> &KeyAlgorithm {
        &self.algorithm
    }

    /// Modulus and exponent of an RSA key, without leading zeros.
    pub fn rsa(&self) -> Option<(&[u8], &[u8])> {
        matches!(self.algorithm, KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. })
            .then(|| rsa(self.key()))
            .flatten()
    }

    /// Whether the key is what its identifier says, as far as it was looked at.
    pub fn is_readable(&self) -> bool {
        !matches!(&self.algorithm, KeyAlgorithm::Other(name) if name == UNREADABLE_RSA)
    }

    /// `RSA 2048`, `EC P-256`, `Ed25519`.
    pub fn text(&self) -> String {
        match &self.algorithm {
            KeyAlgorithm::Rsa { bits, .. } => format!("RSA {bits}"),
            KeyAlgorithm::RsaPss { bits } => format!("RSA-PSS {bits}"),
            KeyAlgorithm::Ec(Curve::Named(oid)) => format!("EC {}", curve_name(oid)),
            KeyAlgorithm::Ec(Curve::Explicit) => "EC with explicit parameters".to_owned(),
            KeyAlgorithm::Ed25519 => "Ed25519".to_owned(),
            KeyAlgorithm::Ed448 => "Ed448".to_owned(),
            KeyAlgorithm::Dsa => "DSA".to_owned(),
            KeyAlgorithm::Other(oid) => oid.clone(),
        }
    }
}

pub fn curve_name(oid: &str) -> &str {
    match oid {
        "1.2.840.10045.3.1.1" => "P-192",
        "1.3.132.0.33" => "P-224",
        "1.2.840.10045.3.1.7" => "P-256",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        "1.3.132.0.10" => "secp256k1",
        other => other,
    }
}

fn rsa(key: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut numbers = Reader::new(key).expect(tag::SEQUENCE, "an RSA key").ok()?.inside();
    let modulus = numbers.expect(tag::INTEGER, "the modulus").ok()?.content;
    let exponent = numbers.expect(tag::INTEGER, "the exponent").ok()?.content;
    Some((without_zeros(modulus), without_zeros(exponent)))
}

fn without_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    &octets[zeros..]
}

pub(super) fn bit_length(octets: &[u8]) -> usize {
    octets.first().map_or(0, |first| octets.len() * 8 - first.leading_zeros() as usize)
}

fn number(octets: &[u8]) -> Option<u64> {
    (octets.len() <= 8).then(|| octets.iter().fold(0, |sum, octet| sum << 8 | u64::from(*octet)))
}
