//! Writing a PFX of whatever another one held: any number of certificates, keys and further bags.
//!
//! Certificates, keys and attributes are carried octet for octet; only what encloses and encrypts them is new. One part
//! holds certificates and what is neither, encrypted as a whole, and one the keys, each encrypted in its bag, as OpenSSL
//! and Windows write them.

use super::super::der;
use super::super::encryption::{Algorithm, Derivations, Passphrase};
use super::super::entropy::Entropy;
use super::super::secret::{Password, Secret};
use super::write::{LOCAL_KEY_ID, bag, certificate_value, data, encrypted_data, iterations, mac, scheme};
use super::{BagAttributes, PfxEncryption, PfxError, attributes, oid};

/// One certificate or one PKCS#8 private key, and its attributes: their SET, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bag<'a> {
    pub value: &'a [u8],
    pub attributes: &'a [u8],
}

/// All that one file is to hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contents<'a> {
    pub certificates: Vec<Bag<'a>>,
    pub keys: Vec<Bag<'a>>,
    /// Whole SafeBags and ContentInfos, as `Rest` has them.
    pub bags: Vec<&'a [u8]>,
    pub contents: Vec<&'a [u8]>,
}

impl BagAttributes {
    /// Those by which Windows and NSS know a certificate and its key as belonging together, beside others.
    #[must_use]
    pub fn tied(mut self) -> Self {
        self.local_key_id = Some(LOCAL_KEY_ID.to_vec());
        self
    }

    /// Their SET, for `Bag`.
    pub fn der(&self) -> Vec<u8> {
        attributes::encode(self)
    }
}

impl Contents<'_> {
    /// The octets of the file. No password is the empty password.
    pub fn write(
        &self,
        encryption: PfxEncryption,
        password: Option<&Password>,
        entropy: &mut impl Entropy,
        derivations: &Derivations,
    ) -> Result<Secret, PfxError> {
        let iterations = iterations(encryption, password.is_some(), self.keys.len());
        let scheme = scheme(encryption, iterations);
        let around = Algorithm::fresh(scheme, entropy)?;
        let mac = mac(encryption, iterations, entropy)?;
        let each = self.keys.iter().map(|_| Algorithm::fresh(scheme, entropy)).collect::<Result<Vec<_>, _>>()?;
        let recipes: Vec<_> =
            around.recipes().chain(each.iter().flat_map(Algorithm::recipes)).chain([&mac.key]).collect();
        let password = Passphrase::from(password);
        derivations.prepare(&recipes, password);

        let mut parts = Vec::new();
        if let Some(plain) = self.beside_the_keys() {
            let encrypted = around.encrypt(password, plain.expose(), derivations)?;
            parts.push(encrypted_data(&encrypted.algorithm, &encrypted.ciphertext));
        }
        if !self.keys.is_empty() {
            let mut bags = Vec::new();
            for (key, algorithm) in self.keys.iter().zip(&each) {
                let encrypted = algorithm.encrypt(password, key.value, derivations)?;
                let info = der::sequence(&[&encrypted.algorithm, &der::octet_string(&encrypted.ciphertext)]);
                bags.extend(bag(oid::SHROUDED_KEY_BAG, &info, key.attributes));
            }
            parts.push(data(&der::sequence(&[&bags])));
        }
        parts.extend(self.contents.iter().map(|content| content.to_vec()));
        let contents = der::sequence(&[&parts.concat()]);
        let mac = mac.encode(&contents, iterations, password, derivations)?;
        Ok(Secret::new(der::sequence(&[&der::unsigned(3), &data(&contents), &mac])))
    }

    /// SafeContents of the first part, or nothing. One of the bags may be a secret.
    fn beside_the_keys(&self) -> Option<Secret> {
        if self.certificates.is_empty() && self.bags.is_empty() {
            return None;
        }
        let certificates = self.certificates.iter();
        let bags = certificates.map(|one| bag(oid::CERTIFICATE_BAG, &certificate_value(one.value), one.attributes));
        let bags: Vec<Vec<u8>> = bags.collect();
        let all: Vec<&[u8]> = bags.iter().map(Vec::as_slice).chain(self.bags.iter().copied()).collect();
        let all = Secret::new(all.concat());
        Some(Secret::new(der::sequence(&[all.expose()])))
    }
}
