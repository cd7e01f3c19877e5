//! Private keys in every form, and their public halves, by which they are matched with certificates.

use super::{only_key, password, pem, public, read, read_with, root, root_key};
use crate::workshop::Fixed;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair as _,
};
use qcert::pki::certificate::Certificate;
use qcert::pki::der::{self, Reader, tag};
use qcert::pki::encryption::{Derivations, Scheme, encrypt_private_key};
use qcert::pki::inventory::{KeyForm, KeyState};
use qcert::pki::secret::Secret;

fn root_public() -> Vec<u8> {
    Certificate::parse(root()).unwrap().public_key_info().to_vec()
}

#[test]
fn an_rsa_key_has_its_certificates_public_half() {
    let (pkcs1, pkcs8) = root_key();
    for (bytes, form) in [
        (pkcs1.clone(), KeyForm::Pkcs1),
        (pkcs8.clone(), KeyForm::Pkcs8),
        (pem("RSA PRIVATE KEY", &pkcs1).into_bytes(), KeyForm::Pkcs1),
        (pem("PRIVATE KEY", &pkcs8).into_bytes(), KeyForm::Pkcs8),
    ] {
        let file = read(&bytes);
        let key = only_key(&file);
        assert_eq!((key.form, &key.encryption, public(key)), (form, &None, &root_public()[..]));
    }
}

#[test]
fn a_key_without_the_null_of_its_algorithm_fits_as_well() {
    let rsa = der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
    let bare = der::sequence(&[&der::unsigned(0), &der::sequence(&[&rsa]), &der::octet_string(&root_key().0)]);
    assert_eq!(public(only_key(&read(&bare))), root_public());
}

#[test]
fn numbers_that_do_not_belong_together_are_damage() {
    let (pkcs1, _) = root_key();
    for place in [40, 300, 600, 800, 1000] {
        let mut bent = pkcs1.clone();
        bent[place] ^= 4;
        assert!(matches!(only_key(&read(&bent)).state, KeyState::Damaged(_)), "{place}");
    }
}

/// Smaller than the crypto library takes: 7 times 11, and 7 times 13 said to be that.
#[test]
fn small_keys_are_multiplied() {
    for (product, fits) in [(77, true), (91, false)] {
        let numbers = [0, product, 17, 53, 7, 11, 5, 3, 2].map(der::unsigned);
        let key = der::sequence(&numbers.iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert_eq!(matches!(only_key(&read(&key)).state, KeyState::Open(_)), fits);
    }
}

/// SEC 1 without and with its public half, from PKCS#8.
fn sec1(pkcs8: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut fields = Reader::new(pkcs8).value().unwrap().inside();
    fields.value().unwrap();
    let mut algorithm = fields.value().unwrap().inside();
    algorithm.value().unwrap();
    let curve = algorithm.value().unwrap();
    let mut parts = fields.value().unwrap().inside().value().unwrap().inside();
    let (version, scalar) = (parts.value().unwrap(), parts.value().unwrap());
    let point = parts.rest();
    let parameters = der::encode(tag::constructed(0), curve.encoding);
    let bare = der::sequence(&[version.encoding, scalar.encoding, &parameters]);
    (bare, der::sequence(&[version.encoding, scalar.encoding, &parameters, point]))
}

#[test]
fn the_public_half_of_a_curve_is_derived() {
    for algorithm in [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING]
    {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref()).unwrap();
        let (bare, whole) = sec1(pkcs8.as_ref());
        for (bytes, form) in [(pkcs8.as_ref(), KeyForm::Pkcs8), (&bare, KeyForm::Sec1), (&whole, KeyForm::Sec1)] {
            let file = read(bytes);
            let key = only_key(&file);
            assert_eq!(key.form, form);
            assert!(public(key).ends_with(pair.public_key().as_ref()));
            assert_eq!(public(key)[..2], public(only_key(&read(&whole)))[..2]);
        }
        let mut bent = whole.clone();
        *bent.last_mut().unwrap() ^= 1;
        assert!(matches!(only_key(&read(&bent)).state, KeyState::Damaged(_)));
    }
}

#[test]
fn an_ed25519_key_has_a_public_half_and_others_are_named() {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    assert!(public(only_key(&read(pkcs8.as_ref()))).ends_with(pair.public_key().as_ref()));
    let of =
        |oid: &[u8]| der::sequence(&[&der::unsigned(0), &der::sequence(&[&der::oid(oid)]), &der::octet_string(b"x")]);
    for (oid, name) in [(&[0x2b, 101, 113][..], "Ed448"), (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], "DSA")] {
        assert_eq!(only_key(&read(&of(oid))).state, KeyState::Unsupported(name.to_owned()));
    }
}

#[test]
fn an_encrypted_key_tells_how_and_opens_with_its_password_only() {
    let (_, pkcs8) = root_key();
    for (scheme, told) in [
        (Scheme::Aes256 { iterations: 1000 }, "AES-256-CBC, PBKDF2 HMAC-SHA256, 1000 rounds"),
        (Scheme::TripleDes { iterations: 1000 }, "3DES, 1000 rounds"),
    ] {
        let plain = Secret::new(pkcs8.clone());
        let encrypted =
            encrypt_private_key(&plain, &password("right"), scheme, &mut Fixed(1), &Derivations::default()).unwrap();
        for bytes in [encrypted.clone(), pem("ENCRYPTED PRIVATE KEY", &encrypted).into_bytes()] {
            let state = |passwords: &[&str]| {
                let file = read_with("x", &bytes, passwords);
                let key = only_key(&file);
                assert_eq!((key.form, key.encryption.as_deref()), (KeyForm::EncryptedPkcs8, Some(told)));
                key.state.clone()
            };
            assert_eq!(state(&[]), KeyState::PasswordNeeded);
            assert_eq!(state(&["wrong", "wrong too"]), KeyState::WrongPassword);
            assert!(matches!(state(&["wrong", "right"]), KeyState::Open(public) if public.info() == root_public()));
        }
    }
}

#[test]
fn rounds_beyond_reason_are_told_and_refused() {
    let plain = Secret::new(root_key().1);
    let scheme = Scheme::Aes256 { iterations: 1_000_001 };
    let encrypted =
        encrypt_private_key(&plain, &password("x"), scheme, &mut Fixed(1), &Derivations::default()).unwrap();
    for passwords in [&[][..], &["x"]] {
        let file = read_with("x", &encrypted, passwords);
        let key = only_key(&file);
        assert!(key.encryption.as_deref().unwrap().ends_with("1000001 rounds"));
        assert!(matches!(&key.state, KeyState::Unsupported(why) if why.contains("1000001")), "{key:?}");
    }
}

#[test]
fn a_traditional_key_without_its_password_is_named() {
    let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,0011223344556677\n\n\
                AAAAAAAAAAA=\n-----END RSA PRIVATE KEY-----\n";
    for (passwords, state) in [(&[][..], KeyState::PasswordNeeded), (&["wrong"], KeyState::WrongPassword)] {
        let file = read_with("x", text.as_bytes(), passwords);
        let key = only_key(&file);
        assert_eq!((key.form, &key.state), (KeyForm::Traditional, &state));
        assert_eq!(key.encryption.as_deref(), Some("DES-CBC, traditional (one round of MD5)"));
    }
}
