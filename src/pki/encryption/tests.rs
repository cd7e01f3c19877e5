//! Known answers from other programs, and the refusals. The vectors of scrypt are in `scrypt.rs`.

use super::super::entropy::SystemEntropy;
use super::*;
use zeroize::Zeroizing;

const KEY: &[u8] = b"\x30\x0dprivate key 1";

fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn derived(function: Function, salt: &[u8], length: usize, text: &str) -> Vec<u8> {
    let recipe = Recipe { function, salt: salt.to_vec(), length };
    Derivations::default().key(&recipe, Passphrase::Text(text)).unwrap().expose().to_vec()
}

fn times(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

#[test]
fn a_private_key_comes_back_under_its_password_only() {
    for scheme in [Scheme::Aes256 { iterations: 1000 }, Scheme::TripleDes { iterations: 1000 }] {
        let derivations = Derivations::default();
        let plain = Secret::new(KEY.to_vec());
        let encrypted =
            encrypt_private_key(&plain, &password("Paßwört 🔐"), scheme, &mut SystemEntropy, &derivations).unwrap();
        let decrypted = decrypt_private_key(&encrypted, &password("Paßwört 🔐"), &derivations).unwrap();
        assert_eq!(decrypted.expose(), KEY);
        for attempt in 0..300 {
            // A right padding by chance is still no private key.
            let refused = decrypt_private_key(&encrypted, &password(&attempt.to_string()), &derivations).err();
            assert_eq!(refused, Some(EncryptionError::WrongPasswordOrDamaged));
        }
    }
}

/// RFC 6070 2, and RFC 7914 11 for SHA-256.
#[test]
fn pbkdf2_gives_the_keys_of_the_rfcs() {
    let pbkdf2 = |hash, count| Function::Pbkdf2 { hash, iterations: times(count) };
    let key = derived(pbkdf2(Hash::Sha1, 4096), b"salt", 20, "password");
    assert_eq!(key[..8], [0x4b, 0x00, 0x79, 0x01, 0xb7, 0x65, 0x48, 0x9a]);
    let key = derived(pbkdf2(Hash::Sha256, 1), b"salt", 64, "passwd");
    assert_eq!(key[..8], [0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f]);
    // Python: hashlib.pbkdf2_hmac("sha224", b"password", b"salt", 3, 40)
    let key = derived(pbkdf2(Hash::Sha224, 3), b"salt", 40, "password");
    assert_eq!(key[..8], [0x94, 0x7c, 0xf0, 0x79, 0xcf, 0xc7, 0xf2, 0x01]);
    assert_eq!(key[32..], [0xff, 0x68, 0xcc, 0xa9, 0x2c, 0xf0, 0x5a, 0x6d]);
}

/// From the tests of Bouncy Castle and of OpenSSL ("smeg", pkcs12 section of evpkdf).
#[test]
fn pkcs12_gives_the_keys_of_others() {
    let pkcs12 = |purpose, count| Function::Pkcs12 { hash: Hash::Sha1, purpose, iterations: times(count) };
    let salt = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];
    let key = derived(pkcs12(Purpose::Key, 1), &salt, 24, "smeg");
    assert_eq!(key[..8], [0x8a, 0xaa, 0xe6, 0x29, 0x7b, 0x6c, 0xb0, 0x46]);
    let vector = derived(pkcs12(Purpose::InitializationVector, 1), &salt, 8, "smeg");
    assert_eq!(vector, [0x79, 0x99, 0x3d, 0xfe, 0x04, 0x8d, 0x3b, 0x76]);
}

#[test]
fn a_key_is_derived_once_for_each_password() {
    let derivations = Derivations::default();
    let recipe = Recipe {
        function: Function::Pbkdf2 { hash: Hash::Sha256, iterations: times(10_000) },
        salt: b"salt".to_vec(),
        length: 32,
    };
    let other = Recipe { salt: b"another".to_vec(), ..recipe.clone() };
    derivations.prepare(&[&recipe, &other], Passphrase::Text("one"));
    assert_eq!(derivations.made(), 2);
    let first = derivations.key(&recipe, Passphrase::Text("one")).unwrap();
    assert_eq!(derivations.made(), 2);
    let second = derivations.key(&recipe, Passphrase::Text("two")).unwrap();
    assert_eq!(derivations.made(), 3);
    assert_ne!(first.expose(), second.expose());
}

#[test]
fn what_is_not_supported_is_named() {
    let camellia = der::oid(&[0x2a, 0x83, 0x08, 0x8c, 0x9a, 0x4b, 0x3d, 1, 1, 1, 4]);
    let info = der::sequence(&[&der::sequence(&[&camellia]), &der::octet_string(&[0; 16])]);
    let refused = decrypt_private_key(&info, &password("secret"), &Derivations::default()).err();
    assert_eq!(refused, Some(EncryptionError::Unsupported("1.2.392.200011.61.1.1.1.4".to_owned())));
    let refused = decrypt_traditional("BF-CBC,0011223344556677", &password("secret"), &[0; 16]).err();
    assert_eq!(refused, Some(EncryptionError::Unsupported("BF-CBC".to_owned())));
}

#[test]
fn broken_dek_info_is_malformed() {
    for info in ["", "AES-256-CBC", "AES-256-CBC,", "AES-256-CBC,00", "AES-256-CBC,0", "DES-EDE3-CBC,zz11223344556677"]
    {
        let refused = decrypt_traditional(info, &password("secret"), &[0; 16]).err();
        assert!(matches!(refused, Some(EncryptionError::Malformed(_) | EncryptionError::Unsupported(_))), "{info}");
    }
}

/// Many derivations within the limit of one are refused together.
#[test]
fn the_work_of_one_file_is_bounded() {
    let mut limits = Limits::default();
    for _ in 0..4 {
        limits.admit(1_000_000, 1).unwrap();
    }
    let refused = limits.admit(1, 1);
    let what = "the number of iterations in all";
    assert_eq!(refused, Err(EncryptionError::Limit { what, value: 4_000_001, limit: 4_000_000 }));
}
