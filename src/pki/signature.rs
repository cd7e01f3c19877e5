//! Verifies signatures: which algorithm goes with which key, by one table over the crypto library.
//!
//! "Cannot be checked" is never "bad", and never "good".

use super::der::{Reader, dotted, tag};
use super::public_key::{KeyAlgorithm, PublicKey};
use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384, UnparsedPublicKey,
    VerificationAlgorithm,
};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the signature is not by this key")]
    Mismatch,
    #[error("the signature algorithm does not go with this kind of key")]
    KeyKind,
    #[error("the signature algorithm {0} cannot be checked")]
    Unsupported(String),
}

/// An AlgorithmIdentifier of a signature (RFC 5280 4.1.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    encoding: Vec<u8>,
    oid: String,
}

impl SignatureAlgorithm {
    /// `None` when it is not an AlgorithmIdentifier.
    pub fn parse(encoding: &[u8]) -> Option<Self> {
        let outer = Reader::new(encoding).expect(tag::SEQUENCE, "an algorithm").ok()?;
        let oid = dotted(outer.inside().expect(tag::OID, "an identifier").ok()?.content);
        Some(Self { encoding: outer.encoding.to_vec(), oid })
    }

    pub fn encoding(&self) -> &[u8] {
        &self.encoding
    }

    /// Dotted.
    pub fn oid(&self) -> &str {
        &self.oid
    }

    /// `SHA-256 with RSA`, or the dotted identifier.
    pub fn text(&self) -> String {
        match self.oid.as_str() {
            "1.2.840.113549.1.1.4" => "MD5 with RSA",
            "1.2.840.113549.1.1.5" => "SHA-1 with RSA",
            "1.2.840.113549.1.1.11" => "SHA-256 with RSA",
            "1.2.840.113549.1.1.12" => "SHA-384 with RSA",
            "1.2.840.113549.1.1.13" => "SHA-512 with RSA",
            other => other,
        }
        .to_owned()
    }

    /// Whether `signature` over `message` was made with the private half of `key`.
    pub fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let unsupported = || SignatureError::Unsupported(self.text());
        let algorithm: &dyn VerificationAlgorithm = match (self.oid.as_str(), key.algorithm()) {
            ("1.2.840.113549.1.1.5", KeyAlgorithm::Rsa { .. }) => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            ("1.2.840.113549.1.1.11", KeyAlgorithm::Rsa { .. }) => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            ("1.2.840.113549.1.1.12", KeyAlgorithm::Rsa { .. }) => &RSA_PKCS1_2048_8192_SHA384,
            ("1.2.840.113549.1.1.13", KeyAlgorithm::Rsa { .. }) => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            _ => return Err(unsupported()),
        };
        UnparsedPublicKey::new(algorithm, key.key()).verify(message, signature).map_err(|_| SignatureError::Mismatch)
    }
}
