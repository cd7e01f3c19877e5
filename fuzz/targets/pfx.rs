//! PFX: as files, and their contents put into an envelope that is in order, so that a change reaches what reads them.

use super::{Counted, PASSWORD, password};
use aws_lc_rs::{digest, hmac};
use qcert::pki::der::{self, tag};
use qcert::pki::encryption::{self, Derivations, Encrypted, Scheme};
use qcert::pki::pfx;

const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 6];
pub(super) const KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 1];
const SHROUDED_KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 2];
const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];

pub(super) fn file_passwords() -> [qcert::pki::secret::Password; 2] {
    [password("wrong"), password(PASSWORD)]
}

pub(super) fn file(data: &[u8]) {
    let survey = pfx::survey(data);
    let read = pfx::read(data, Some(&password(PASSWORD)), &Derivations::default());
    if let (Ok(survey), Ok(read)) = (&survey, &read) {
        assert_eq!(survey.trailing_bytes, read.trailing_bytes);
    }
    super::readers::file("client.pfx", data, &file_passwords());
    super::readers::file("client.pfx", data, &[]);
}

/// The first octet says in what the others lie.
pub(super) fn inside(data: &[u8]) {
    let Some((how, plain)) = data.split_first() else { return };
    let bytes = wrap(*how, plain);
    super::readers::file("client.pfx", &bytes, &[password(PASSWORD)]);
    drop(pfx::survey(&bytes));
}

fn content_info(kind: &[u8], content: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(kind), &der::encode(tag::constructed(0), content)])
}

fn encrypt(how: u8, plain: &[u8]) -> Encrypted {
    let scheme = if how & 1 == 0 { Scheme::Aes256 { iterations: 1 } } else { Scheme::TripleDes { iterations: 1 } };
    let password = password(PASSWORD);
    let encrypted = encryption::encrypt(scheme, Some(&password), plain, &mut Counted(how), &Derivations::default());
    encrypted.expect("what may be encrypted is")
}

/// SafeContents, a private key or all of the contents, open or encrypted, with a MAC or without one.
pub(super) fn wrap(how: u8, plain: &[u8]) -> Vec<u8> {
    let safe = match how >> 1 & 3 {
        0 => content_info(DATA, &der::octet_string(plain)),
        1 => {
            let Encrypted { algorithm, ciphertext } = encrypt(how, plain);
            let content = der::encode(tag::context(0), &ciphertext);
            let info = der::sequence(&[&der::oid(DATA), &algorithm, &content]);
            content_info(ENCRYPTED_DATA, &der::sequence(&[&der::unsigned(0), &info]))
        }
        2 => {
            let Encrypted { algorithm, ciphertext } = encrypt(how, plain);
            let key = der::sequence(&[&algorithm, &der::octet_string(&ciphertext)]);
            let bag = der::sequence(&[&der::oid(SHROUDED_KEY_BAG), &der::encode(tag::constructed(0), &key)]);
            content_info(DATA, &der::octet_string(&der::sequence(&[&bag])))
        }
        _ => plain.to_vec(),
    };
    let contents = der::sequence(&[&safe]);
    let mac = if how & 8 == 0 { mac(&contents) } else { Vec::new() };
    der::sequence(&[&der::unsigned(3), &content_info(DATA, &der::octet_string(&contents)), &mac])
}

/// MacData (RFC 7292 4) of one round, its key derived by appendix B.2: one block of SHA-1.
fn mac(contents: &[u8]) -> Vec<u8> {
    let salt = [7; 8];
    let text: Vec<u8> = PASSWORD.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let filled = |octets: &[u8]| octets.iter().copied().cycle().take(64).collect::<Vec<u8>>();
    let input = [[3; 64].to_vec(), filled(&salt), filled(&text)].concat();
    let key = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &input);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_ref()), contents);
    let algorithm = der::sequence(&[&der::oid(SHA1), der::NULL]);
    let digest_info = der::sequence(&[&algorithm, &der::octet_string(tag.as_ref())]);
    der::sequence(&[&digest_info, &der::octet_string(&salt), &der::unsigned(1)])
}
