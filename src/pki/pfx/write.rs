//! Writing a PFX that Windows might have exported: one certificate, its key, always a MAC; perhaps the certificates
//! between it and its root.
//!
//! The parts stand in the order of OpenSSL 3: first the encrypted certificate, then the key, encrypted in its bag.

use super::super::der::{self, tag};
use super::super::encryption::{Algorithm, Derivations, Hash, Passphrase, Recipe, Scheme};
use super::super::entropy::Entropy;
use super::super::secret::Password;
use super::mac::Method;
use super::{BagAttributes, PfxEncryption, PfxEntry, PfxError, attributes, oid};

/// .NET refuses more than 300,000 for one derivation and 1,000,000 for all of a file (`Pkcs12LoaderLimits`).
const MODERN: u32 = 100_000;
const MODERN_IN_ALL: u32 = 900_000;
/// Windows' own number. Also what a modern file without password gets, for nothing slows an attacker down then.
const FEW: u32 = 2_000;
/// What Windows writes. Without it NSS refuses the key.
pub(super) const LOCAL_KEY_ID: &[u8] = &[1, 0, 0, 0];

/// What is drawn for one file before its contents are known: keys can be derived while the private key is still made.
#[derive(Debug)]
pub struct Draft {
    certificate: Algorithm,
    key: Algorithm,
    mac: Method,
    iterations: u32,
}

impl Draft {
    /// `protected` says whether there will be a password.
    pub fn draw(encryption: PfxEncryption, protected: bool, entropy: &mut impl Entropy) -> Result<Self, PfxError> {
        let iterations = iterations(encryption, protected, 1);
        let scheme = scheme(encryption, iterations);
        let certificate = Algorithm::fresh(scheme, entropy)?;
        let key = Algorithm::fresh(scheme, entropy)?;
        let mac = mac(encryption, iterations, entropy)?;
        Ok(Self { certificate, key, mac, iterations })
    }

    /// What has to be derived for this file.
    pub(crate) fn recipes(&self) -> impl Iterator<Item = &Recipe> {
        self.certificate.recipes().chain(self.key.recipes()).chain([&self.mac.key])
    }

    /// The octets of the file. No password is the empty password.
    pub fn write(
        &self,
        entry: &PfxEntry<'_>,
        password: Option<&Password>,
        derivations: &Derivations,
    ) -> Result<Vec<u8>, PfxError> {
        self.write_with(entry, &[], password, derivations)
    }

    /// With the intermediates behind the certificate, each in DER. They carry no attributes, as Windows writes them.
    pub fn write_with(
        &self,
        entry: &PfxEntry<'_>,
        intermediates: &[&[u8]],
        password: Option<&Password>,
        derivations: &Derivations,
    ) -> Result<Vec<u8>, PfxError> {
        let password = Passphrase::from(password);
        let above = intermediates.iter().flat_map(|der| plain_certificate_bag(der)).collect::<Vec<_>>();
        let bag = der::sequence(&[&certificate_bag(entry), &above]);
        let encrypted = self.certificate.encrypt(password, &bag, derivations)?;
        let certificate = encrypted_data(&encrypted.algorithm, &encrypted.ciphertext);

        let encrypted = self.key.encrypt(password, entry.key_pkcs8.expose(), derivations)?;
        let key = der::sequence(&[&encrypted.algorithm, &der::octet_string(&encrypted.ciphertext)]);
        let key = data(&der::sequence(&[&key_bag(entry, &key)]));

        let contents = der::sequence(&[&certificate, &key]);
        let mac = self.mac.encode(&contents, self.iterations, password, derivations)?;
        Ok(der::sequence(&[&der::unsigned(3), &data(&contents), &mac]))
    }
}

/// Of each derivation: there is one for each key, one for the certificates, and one for the MAC.
pub(super) fn iterations(encryption: PfxEncryption, protected: bool, keys: usize) -> u32 {
    let derivations = u32::try_from(keys).unwrap_or(u32::MAX).saturating_add(2);
    match encryption {
        PfxEncryption::Modern if protected => (MODERN_IN_ALL / derivations).clamp(FEW, MODERN),
        _ => FEW,
    }
}

pub(super) fn scheme(encryption: PfxEncryption, iterations: u32) -> Scheme {
    match encryption {
        PfxEncryption::Modern => Scheme::Aes256 { iterations },
        PfxEncryption::Legacy => Scheme::TripleDes { iterations },
    }
}

pub(super) fn mac(encryption: PfxEncryption, iterations: u32, entropy: &mut impl Entropy) -> Result<Method, PfxError> {
    match encryption {
        PfxEncryption::Modern => Method::fresh::<16>(Hash::Sha256, iterations, entropy),
        PfxEncryption::Legacy => Method::fresh::<8>(Hash::Sha1, iterations, entropy),
    }
}

fn plain_certificate_bag(der: &[u8]) -> Vec<u8> {
    let value = der::encode(tag::constructed(0), &certificate_value(der));
    der::sequence(&[&der::oid(oid::CERTIFICATE_BAG), &value])
}

fn certificate_bag(entry: &PfxEntry<'_>) -> Vec<u8> {
    let value = certificate_value(entry.certificate);
    let attributes = BagAttributes {
        friendly_name: Some(entry.friendly_name.to_owned()),
        local_key_id: Some(LOCAL_KEY_ID.to_vec()),
        ..BagAttributes::default()
    };
    bag(oid::CERTIFICATE_BAG, &value, &attributes::encode(&attributes))
}

/// `encrypted` is an EncryptedPrivateKeyInfo.
fn key_bag(entry: &PfxEntry<'_>, encrypted: &[u8]) -> Vec<u8> {
    let attributes = BagAttributes {
        friendly_name: Some(entry.key_container.to_owned()),
        local_key_id: Some(LOCAL_KEY_ID.to_vec()),
        provider: Some(entry.provider.to_owned()),
        machine_keyset: entry.machine_keyset,
        ..BagAttributes::default()
    };
    bag(oid::SHROUDED_KEY_BAG, encrypted, &attributes::encode(&attributes))
}

/// `attributes` is their SET, or nothing.
pub(super) fn bag(id: &[u8], value: &[u8], attributes: &[u8]) -> Vec<u8> {
    let value = der::encode(tag::constructed(0), value);
    der::sequence(&[&der::oid(id), &value, attributes])
}

/// CertBag (RFC 7292 4.2.3).
pub(super) fn certificate_value(der: &[u8]) -> Vec<u8> {
    let certificate = der::encode(tag::constructed(0), &der::octet_string(der));
    der::sequence(&[&der::oid(oid::X509_CERTIFICATE), &certificate])
}

/// ContentInfo of plain data.
pub(super) fn data(content: &[u8]) -> Vec<u8> {
    let content = der::encode(tag::constructed(0), &der::octet_string(content));
    der::sequence(&[&der::oid(oid::DATA), &content])
}

/// ContentInfo of EncryptedData (RFC 5652 8).
pub(super) fn encrypted_data(algorithm: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let content = der::encode(tag::context(0), ciphertext);
    let info = der::sequence(&[&der::oid(oid::DATA), algorithm, &content]);
    let encrypted = der::encode(tag::constructed(0), &der::sequence(&[&der::unsigned(0), &info]));
    der::sequence(&[&der::oid(oid::ENCRYPTED_DATA), &encrypted])
}
