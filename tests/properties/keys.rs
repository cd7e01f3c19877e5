//! Keys of every size and kind, and texts around octets of every length.

use super::{draw, passwords, read};
use crate::workshop::{Fixed, fixture};
use qcert::pki::bundle::{ENCRYPTED_KEY_LABEL, RSA_KEY_LABEL};
use qcert::pki::encryption::{self, Derivations, Scheme};
use qcert::pki::entropy::Entropy as _;
use qcert::pki::inventory::{FileContent, KeyState};
use qcert::pki::key::PrivateKey;
use qcert::pki::pem;
use qcert::pki::secret::Secret;

/// The private key in PKCS#8 and its public half.
fn open(file: &FileContent) -> (Vec<u8>, Vec<u8>) {
    let key = file.keys().next().unwrap_or_else(|| panic!("{file:?}"));
    let KeyState::Open(public) = &key.state else { panic!("{key:?}") };
    (key.private.as_ref().unwrap().expose().to_vec(), public.info().to_vec())
}

#[test]
fn keys_of_every_kind_come_back() {
    let known = Derivations::default();
    let passwords = passwords();
    let mut random = Fixed(3);
    for (number, name) in ["rsa512", "rsa1024", "client", "rsa4096", "elliptic", "ed25519"].into_iter().enumerate() {
        let bytes = Secret::new(std::fs::read(fixture("keys").join(name).with_extension("pem")).unwrap());
        let (pkcs8, public) = open(&read("key.pem", &bytes, None, &known));
        let plain = Secret::new(pkcs8.clone());
        for password in [&passwords[number], &passwords[number + 5]] {
            for scheme in [Scheme::Aes256 { iterations: 3 }, Scheme::TripleDes { iterations: 3 }] {
                let locked = encryption::encrypt_private_key(&plain, password, scheme, &mut random, &known).unwrap();
                let again = encryption::decrypt_private_key(&locked, password, &known).unwrap();
                assert!(again.expose() == pkcs8, "{name}");
                for bytes in [pem::encode(ENCRYPTED_KEY_LABEL, &locked), Secret::new(locked)] {
                    assert!(open(&read("key.pem", &bytes, Some(password), &known)) == (pkcs8.clone(), public.clone()));
                }
            }
        }
    }
}

#[test]
fn rsa_keys_have_one_meaning_in_both_encodings() {
    let known = Derivations::default();
    for name in ["client", "server", "rsa4096"] {
        let text = std::fs::read(fixture("keys").join(name).with_extension("pem")).unwrap();
        let key = PrivateKey::from_pkcs1(pem::decode(&text).unwrap()[0].der.expose()).unwrap();
        let pkcs1 = pem::encode(RSA_KEY_LABEL, key.pkcs1().unwrap());
        let pkcs8 = pem::encode("PRIVATE KEY", key.pkcs8().expose());
        let expected = (key.pkcs8().expose().to_vec(), key.public_key_info());
        for bytes in [pkcs1, pkcs8] {
            assert!(open(&read("key.pem", &bytes, None, &known)) == expected, "{name}");
        }
    }
}

#[test]
fn pem_of_every_length_comes_back() {
    let mut random = Fixed(5);
    for length in (0..200).chain([4095, 4096, 4097]) {
        let mut octets = vec![0; length];
        random.fill(&mut octets).unwrap();
        let text = pem::encode("CERTIFICATE", &octets);
        let blocks = pem::decode(text.expose()).unwrap();
        assert!(blocks.len() == 1 && blocks[0].der.expose() == octets, "{length}");
        let base64 = pem::encode_base64(&octets);
        assert!(pem::decode_base64(base64.as_bytes()).unwrap().expose() == octets, "{length}");
        // As editors and mail programs leave it.
        let text = String::from_utf8(text.expose().to_vec()).unwrap();
        let margin = " ".repeat(draw(&mut random, 4));
        let changed = match draw(&mut random, 3) {
            0 => text.replace("\r\n", "\n"),
            1 => text.replace("\r\n", "\r"),
            _ => format!("Bag Attributes: <No Attributes>\n{text}\nafter it"),
        };
        let changed: String = changed.replace("-----BEGIN", &format!("{margin}-----BEGIN"));
        let blocks = pem::decode(changed.as_bytes()).unwrap();
        assert!(blocks.len() == 1 && blocks[0].der.expose() == octets, "{changed}");
    }
}
