//! The own RSA check against signatures that the library makes.

use super::super::public_key::PublicKey;
use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RsaKeyPair};

type Check<'a> = &'a dyn Fn(&[u8], &[u8]) -> Result<(), SignatureError>;

fn key() -> (RsaKeyPair, PublicKey) {
    let pair = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let algorithm = [0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    let info = super::super::der::sequence(&[&algorithm, &super::super::der::bit_string(pair.public_key().as_ref())]);
    (pair, PublicKey::parse(&info).unwrap())
}

#[test]
fn the_own_check_agrees_with_the_library() {
    let (pair, key) = key();
    let sign = |padding: &'static dyn aws_lc_rs::signature::RsaEncoding| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(padding, &SystemRandom::new(), b"message", &mut signature).unwrap();
        signature
    };
    let checks: [(Vec<u8>, Check<'_>); 4] = [
        (sign(&RSA_PKCS1_SHA256), &|message, signature| rsa::pkcs1(Hash::Sha256, &key, message, signature)),
        (sign(&RSA_PKCS1_SHA512), &|message, signature| rsa::pkcs1(Hash::Sha512, &key, message, signature)),
        (sign(&RSA_PSS_SHA256), &|message, signature| {
            rsa::pss(Hash::Sha256, Hash::Sha256, 32, &key, message, signature)
        }),
        (sign(&RSA_PSS_SHA384), &|message, signature| {
            rsa::pss(Hash::Sha384, Hash::Sha384, 48, &key, message, signature)
        }),
    ];
    for (signature, check) in checks {
        assert_eq!(check(b"message", &signature), Ok(()));
        assert_eq!(check(b"massage", &signature), Err(SignatureError::Mismatch));
        for place in [0, 1, 128, 255] {
            let mut altered = signature.clone();
            altered[place] ^= 1;
            assert_eq!(check(b"message", &altered), Err(SignatureError::Mismatch));
        }
        assert_eq!(check(b"message", &signature[1..]), Err(SignatureError::Mismatch));
        assert_eq!(check(b"message", &[0xff; 256]), Err(SignatureError::Mismatch));
        assert_eq!(check(b"message", &[0; 256]), Err(SignatureError::Mismatch));
    }
    let signature = sign(&RSA_PSS_SHA256);
    for (hash, mask, salt) in [(Hash::Sha256, Hash::Sha256, 31), (Hash::Sha256, Hash::Sha1, 32)] {
        assert_eq!(rsa::pss(hash, mask, salt, &key, b"message", &signature), Err(SignatureError::Mismatch));
    }
    assert_eq!(rsa::pss(Hash::Sha256, Hash::Sha256, 1 << 40, &key, b"", &signature), Err(SignatureError::Mismatch));
}

#[test]
fn algorithms_and_keys_that_do_not_go_together() {
    let (_, key) = key();
    let named =
        |oid: &[u8]| SignatureAlgorithm::parse(&super::super::der::sequence(&[&super::super::der::oid(oid)])).unwrap();
    let ecdsa = named(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);
    assert_eq!(ecdsa.text(), "ECDSA with SHA-256");
    assert_eq!(ecdsa.verify(&key, b"", b""), Err(SignatureError::KeyKind));
    let ed448 = named(&[0x2b, 0x65, 0x71]);
    assert_eq!(ed448.verify(&key, b"", b""), Err(SignatureError::Unsupported("Ed448".to_owned())));
    let bare = named(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10]);
    assert_eq!(bare.text(), "RSA-PSS with unknown parameters");
    assert!(named(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4]).is_weak());
}
