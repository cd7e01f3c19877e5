//! A writer of PFX in the shapes that Windows and others left behind, right or wrong: 3DES and SHA-1, certificates in
//! the clear or under RC2-40, several keys, none, no MAC. Salts are fixed.

use super::workshop::Fixed;
use aws_lc_rs::{digest, hmac};
use qcert::pki::der::{self, tag};
use qcert::pki::encryption::{Derivations, Scheme, encrypt};
use qcert::pki::secret::Password;
use rc2::cipher::{Array, BlockCipherEncrypt};
use zeroize::Zeroizing;

const PKCS12: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12];
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 6];
const PKCS9: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9];
const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];
const ROUNDS: u16 = 2000;

/// How the certificates are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certificates {
    /// What Windows writes when no password is typed.
    Clear,
    TripleDes,
    /// What Windows before 2019 writes with a password.
    Rc2,
}

#[derive(Debug, Clone)]
pub(crate) struct Pfx {
    /// Each with its friendly name, as it is to stand there.
    pub(crate) certificates: Vec<(Vec<u8>, Option<String>)>,
    /// PKCS#8.
    pub(crate) keys: Vec<Vec<u8>>,
    pub(crate) kept: Certificates,
    pub(crate) password: &'static str,
    pub(crate) mac: bool,
}

impl Pfx {
    pub(crate) fn der(&self) -> Vec<u8> {
        let certificates: Vec<u8> = self.certificates.iter().flat_map(certificate_bag).collect();
        let keys: Vec<u8> = self.keys.iter().flat_map(|key| self.key_bag(key)).collect();
        let mut parts = Vec::new();
        if !self.keys.is_empty() {
            parts.extend(data(&der::encode(tag::SEQUENCE, &keys)));
        }
        if !self.certificates.is_empty() {
            parts.extend(self.keep(&der::encode(tag::SEQUENCE, &certificates)));
        }
        let contents = der::encode(tag::SEQUENCE, &parts);
        let mac = if self.mac { mac(&contents, self.password) } else { Vec::new() };
        der::sequence(&[&der::unsigned(3), &data(&contents), &mac])
    }

    fn keep(&self, safe_contents: &[u8]) -> Vec<u8> {
        let (algorithm, ciphertext) = match self.kept {
            Certificates::Clear => return data(safe_contents),
            Certificates::TripleDes => triple_des(self.password, safe_contents, 21),
            Certificates::Rc2 => rc2_40(self.password, safe_contents),
        };
        let content = der::encode(tag::context(0), &ciphertext);
        let info = der::sequence(&[&der::oid(DATA), &algorithm, &content]);
        let encrypted = der::encode(tag::constructed(0), &der::sequence(&[&der::unsigned(0), &info]));
        der::sequence(&[&der::oid(ENCRYPTED_DATA), &encrypted])
    }

    fn key_bag(&self, pkcs8: &[u8]) -> Vec<u8> {
        let (algorithm, ciphertext) = triple_des(self.password, pkcs8, 22);
        let value = der::sequence(&[&algorithm, &der::octet_string(&ciphertext)]);
        bag(2, &value, &[local_key_id()])
    }
}

fn certificate_bag((certificate, friendly_name): &(Vec<u8>, Option<String>)) -> Vec<u8> {
    let content = der::encode(tag::constructed(0), &der::octet_string(certificate));
    let value = der::sequence(&[&der::oid(&[PKCS9, &[22, 1]].concat()), &content]);
    let name = friendly_name.as_ref().map(|name| {
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let value = der::set(&[&der::encode(tag::BMP_STRING, &units)]);
        der::sequence(&[&der::oid(&[PKCS9, &[20]].concat()), &value])
    });
    let attributes: Vec<Vec<u8>> = [local_key_id()].into_iter().chain(name).collect();
    bag(3, &value, &attributes)
}

/// What Windows writes.
fn local_key_id() -> Vec<u8> {
    der::sequence(&[&der::oid(&[PKCS9, &[21]].concat()), &der::set(&[&der::octet_string(&[1, 0, 0, 0])])])
}

fn bag(kind: u8, value: &[u8], attributes: &[Vec<u8>]) -> Vec<u8> {
    let value = der::encode(tag::constructed(0), value);
    let attributes = der::encode(tag::SET, &attributes.concat());
    der::sequence(&[&der::oid(&[PKCS12, &[10, 1, kind]].concat()), &value, &attributes])
}

fn data(content: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(DATA), &der::encode(tag::constructed(0), &der::octet_string(content))])
}

pub(crate) fn password(text: &str) -> Option<Password> {
    Password::new(Zeroizing::new(text.to_owned()))
}

/// AlgorithmIdentifier and ciphertext.
fn triple_des(text: &str, plain: &[u8], seed: u32) -> (Vec<u8>, Vec<u8>) {
    let scheme = Scheme::TripleDes { iterations: ROUNDS.into() };
    let derivations = Derivations::default();
    let encrypted = encrypt(scheme, password(text).as_ref(), plain, &mut Fixed(seed), &derivations).unwrap();
    (encrypted.algorithm, encrypted.ciphertext)
}

/// pbeWithSHAAnd40BitRC2-CBC (RFC 7292 appendix C).
fn rc2_40(text: &str, plain: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let salt = *b"RC2 salt";
    let parameters = der::sequence(&[&der::octet_string(&salt), &der::unsigned(ROUNDS.into())]);
    let algorithm = der::sequence(&[&der::oid(&[PKCS12, &[1, 6]].concat()), &parameters]);
    let cipher = rc2::Rc2::new_with_eff_key_len(&derive(text, salt, 1)[..5], 40);
    let padding = 8 - plain.len() % 8;
    let padded = [plain, &vec![u8::try_from(padding).unwrap(); padding]].concat();
    let mut previous: Vec<u8> = derive(text, salt, 2)[..8].to_vec();
    let mut ciphertext = Vec::new();
    for block in padded.chunks(8) {
        let chained: [u8; 8] = std::array::from_fn(|index| block[index] ^ previous[index]);
        let mut encrypted = Array::from(chained);
        cipher.encrypt_block(&mut encrypted);
        previous = encrypted.to_vec();
        ciphertext.extend_from_slice(&previous);
    }
    (algorithm, ciphertext)
}

fn mac(contents: &[u8], text: &str) -> Vec<u8> {
    let salt = *b"MAC salt";
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &derive(text, salt, 3));
    let digest = hmac::sign(&key, contents);
    let algorithm = der::sequence(&[&der::oid(SHA1), der::NULL]);
    let info = der::sequence(&[&algorithm, &der::octet_string(digest.as_ref())]);
    der::sequence(&[&info, &der::octet_string(&salt), &der::unsigned(ROUNDS.into())])
}

/// One output of SHA-1, 20 octets, by RFC 7292 appendix B.2, for a password whose UTF-16 fits one block.
fn derive(text: &str, salt: [u8; 8], purpose: u8) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let filled = |octets: &[u8]| -> Vec<u8> { octets.iter().copied().cycle().take(64).collect() };
    let mut hashed = [vec![purpose; 64], filled(&salt), filled(&units)].concat();
    for _ in 0..ROUNDS {
        hashed = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &hashed).as_ref().to_vec();
    }
    hashed
}
