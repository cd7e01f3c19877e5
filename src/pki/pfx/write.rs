//! Writing a PFX: one certificate, its key, always a MAC.
//!
//! The parts stand in the order of OpenSSL 3: first the encrypted certificate, then the key, encrypted in its bag.

use super::super::der::{self, tag};
use super::super::encryption::{Algorithm, Derivations, Hash, Passphrase, Recipe, Scheme};
use super::super::entropy::Entropy;
use super::super::secret::Password;
use super::mac::Method;
use super::{BagAttributes, PfxEncryption, PfxEntry, PfxError, attributes, oid};

/// .NET refuses more than 300,000 for one derivation and 1,000,000 for all three (`Pkcs12LoaderLimits`).
const MODERN: u32 = 100_000;
/// Windows' own number. Also what a modern file without password gets, for nothing slows an attacker down then.
const FEW: u32 = 2_000;
/// What Windows writes. Without it NSS refuses the key.
const LOCAL_KEY_ID: &[u8] = &[1, 0, 0, 0];

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
        let iterations = if encryption == PfxEncryption::Modern && protected { MODERN } else { FEW };
        let scheme = match encryption {
            PfxEncryption::Modern => Scheme::Aes256 { iterations },
            PfxEncryption::Legacy => Scheme::TripleDes { iterations },
        };
        let certificate = Algorithm::fresh(scheme, entropy)?;
        let key = Algorithm::fresh(scheme, entropy)?;
        let mac = match encryption {
            PfxEncryption::Modern => Method::fresh::<16>(Hash::Sha256, iterations, entropy)?,
            PfxEncryption::Legacy => Method::fresh::<8>(Hash::Sha1, iterations, entropy)?,
        };
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
        let password = Passphrase::from(password);
        let bag = der::sequence(&[&certificate_bag(entry)]);
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

fn certificate_bag(entry: &PfxEntry<'_>) -> Vec<u8> {
    let certificate = der::encode(tag::constructed(0), &der::octet_string(entry.certificate));
    let value = der::sequence(&[&der::oid(oid::X509_CERTIFICATE), &certificate]);
    let attributes = BagAttributes {
        friendly_name: Some(entry.friendly_name.to_owned()),
        local_key_id: Some(LOCAL_KEY_ID.to_vec()),
        ..BagAttributes::default()
    };
    bag(oid::CERTIFICATE_BAG, &value, &attributes)
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
    bag(oid::SHROUDED_KEY_BAG, encrypted, &attributes)
}

fn bag(id: &[u8], value: &[u8], attributes: &BagAttributes) -> Vec<u8> {
    let value = der::encode(tag::constructed(0), value);
    der::sequence(&[&der::oid(id), &value, &attributes::encode(attributes)])
}

/// ContentInfo of plain data.
fn data(content: &[u8]) -> Vec<u8> {
    let content = der::encode(tag::constructed(0), &der::octet_string(content));
    der::sequence(&[&der::oid(oid::DATA), &content])
}

/// ContentInfo of EncryptedData (RFC 5652 8).
fn encrypted_data(algorithm: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let content = der::encode(tag::context(0), ciphertext);
    let info = der::sequence(&[&der::oid(oid::DATA), algorithm, &content]);
    let encrypted = der::encode(tag::constructed(0), &der::sequence(&[&der::unsigned(0), &info]));
    der::sequence(&[&der::oid(oid::ENCRYPTED_DATA), &encrypted])
}
