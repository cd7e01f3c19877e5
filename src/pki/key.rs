//! `PrivateKey`: an RSA key that can sign. The door of the crypto library's RSA.
//!
//! RSA only: the License Service offers no other suites and the Windows provider of Qlik's keys holds no other keys.

use super::der::{self, DerError, Reader, tag};
use super::secret::Secret;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};

/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeySize {
    /// What Qlik makes (32 of 32 observed).
    #[default]
    Rsa2048,
    Rsa3072,
    Rsa4096,
}

impl KeySize {
    pub fn bits(self) -> u32 {
        match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the crypto library could not make a key")]
    Generation,
    #[error("the private key is damaged: {0}")]
    Malformed(#[from] DerError),
    #[error("the private key is of kind {0}, not RSA")]
    NotRsa(String),
    #[error("the RSA key is not usable: {0}")]
    Rejected(String),
    #[error("the key could not sign")]
    Signing,
}

impl KeyError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotRsa(_) => "Qlik's License Service and Windows' key provider take RSA keys only",
            Self::Rejected(_) => "RSA keys from 2048 to 8192 bits with consistent numbers can be used",
            Self::Malformed(_) => "the file may be cut or of another kind: export the key again",
            Self::Generation | Self::Signing => {
                "try again; if it persists, the machine's random generator is not ready"
            }
        }
    }
}

pub struct PrivateKey {
    pair: KeyPair,
    pkcs8: Secret,
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey(RSA {})", self.bits())
    }
}

impl PrivateKey {
    pub fn generate(size: KeySize) -> Result<Self, KeyError> {
        let size = match size {
            KeySize::Rsa2048 => aws_lc_rs::rsa::KeySize::Rsa2048,
            KeySize::Rsa3072 => aws_lc_rs::rsa::KeySize::Rsa3072,
            KeySize::Rsa4096 => aws_lc_rs::rsa::KeySize::Rsa4096,
        };
        let pair = KeyPair::generate(size).map_err(|_| KeyError::Generation)?;
        let encoded: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| KeyError::Generation)?;
        let pkcs8 = Secret::new(encoded.as_ref().to_vec());
        Ok(Self { pair, pkcs8 })
    }

    /// From a PKCS#8 PrivateKeyInfo (RFC 5208), as PFX and `BEGIN PRIVATE KEY` hold it.
    pub fn from_pkcs8(pkcs8: Secret) -> Result<Self, KeyError> {
        let (algorithm, _) = inside_pkcs8(pkcs8.expose())?;
        if algorithm != RSA_ENCRYPTION {
            return Err(KeyError::NotRsa(kind_of(algorithm)));
        }
        let pair = KeyPair::from_pkcs8(pkcs8.expose()).map_err(|error| KeyError::Rejected(error.to_string()))?;
        Ok(Self { pair, pkcs8 })
    }

    /// From a PKCS#1 RSAPrivateKey (RFC 8017 A.1.2), as `BEGIN RSA PRIVATE KEY` holds it.
    pub fn from_pkcs1(pkcs1: &[u8]) -> Result<Self, KeyError> {
        Reader::new(pkcs1).expect(tag::SEQUENCE, "the key's outer SEQUENCE")?;
        let pkcs8 = [&der::unsigned(0)[..], &rsa_algorithm(), &der::octet_string(pkcs1)];
        Self::from_pkcs8(Secret::new(der::sequence(&pkcs8)))
    }

    /// From DER of either form.
    pub fn from_der(key: Secret) -> Result<Self, KeyError> {
        if inside_pkcs8(key.expose()).is_ok() { Self::from_pkcs8(key) } else { Self::from_pkcs1(key.expose()) }
    }

    pub fn pkcs8(&self) -> &Secret {
        &self.pkcs8
    }

    pub fn pkcs1(&self) -> Result<&[u8], KeyError> {
        Ok(inside_pkcs8(self.pkcs8.expose())?.1)
    }

    /// The PKCS#1 RSAPublicKey.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The SubjectPublicKeyInfo as certificates carry it (RFC 3279 2.3.1).
    pub fn public_key_info(&self) -> Vec<u8> {
        der::sequence(&[&rsa_algorithm(), &der::bit_string(self.public_key())])
    }

    pub fn bits(&self) -> usize {
        self.pair.public_modulus_len() * 8
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256: the one algorithm that Qlik's certificates are signed with.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::Signing)?;
        Ok(signature)
    }
}

fn rsa_algorithm() -> Vec<u8> {
    der::sequence(&[&der::oid(RSA_ENCRYPTION), der::NULL])
}

/// The algorithm's object identifier and the algorithm's own key inside a PrivateKeyInfo.
fn inside_pkcs8(pkcs8: &[u8]) -> Result<(&[u8], &[u8]), DerError> {
    let mut info = Reader::new(pkcs8).expect(tag::SEQUENCE, "the key's outer SEQUENCE")?.inside();
    info.expect(tag::INTEGER, "the key's version")?;
    let algorithm = info.expect(tag::SEQUENCE, "the key's algorithm")?;
    let oid = algorithm.inside().expect(tag::OID, "the key's algorithm")?.content;
    let key = info.expect(tag::OCTET_STRING, "the key itself")?.content;
    Ok((oid, key))
}

fn kind_of(oid: &[u8]) -> String {
    let dotted = der::dotted(oid);
    match dotted.as_str() {
        "1.2.840.10045.2.1" => "EC".to_owned(),
        "1.3.101.112" => "Ed25519".to_owned(),
        "1.2.840.10040.4.1" => "DSA".to_owned(),
        "1.2.840.113549.1.1.10" => "RSA-PSS".to_owned(),
        _ => dotted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_a_key_is_the_same_key() {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        assert_eq!(key.bits(), 2048);
        let from_pkcs1 = PrivateKey::from_pkcs1(key.pkcs1().unwrap()).unwrap();
        assert_eq!(from_pkcs1.public_key_info(), key.public_key_info());
        assert_eq!(from_pkcs1.pkcs8().expose(), key.pkcs8().expose());
        for encoding in [key.pkcs8().expose(), key.pkcs1().unwrap()] {
            let again = PrivateKey::from_der(Secret::new(encoding.to_vec())).unwrap();
            assert_eq!(again.public_key(), key.public_key());
        }
        assert!(!format!("{key:?}").contains("pair"));
    }

    #[test]
    fn damaged_and_foreign_keys_are_refused() {
        assert!(matches!(PrivateKey::from_der(Secret::new(vec![])), Err(KeyError::Malformed(_))));
        let mut elliptic = vec![0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
        elliptic =
            der::sequence(&[&der::unsigned(0), &der::sequence(&[&der::oid(&elliptic)]), &der::octet_string(b"x")]);
        assert_eq!(PrivateKey::from_der(Secret::new(elliptic)).unwrap_err(), KeyError::NotRsa("EC".into()));
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let mut bent = key.pkcs8().expose().to_vec();
        bent[200] ^= 1;
        assert!(matches!(PrivateKey::from_pkcs8(Secret::new(bent)), Err(KeyError::Rejected(_))));
    }
}
