//! Private keys: open, encrypted, and what lies inside of an encryption with the right password.

use super::readers::file;
use super::{Counted, PASSWORD, password};
use qcert::pki::der;
use qcert::pki::encryption::{self, Derivations, Scheme};
use qcert::pki::inventory::{KeyState, What};
use qcert::pki::key::PrivateKey;
use qcert::pki::secret::Secret;

pub(super) fn open(data: &[u8]) {
    let read = file("client_key.pem", data, &[]);
    for key in read.keys() {
        assert!(!matches!(key.state, KeyState::WrongPassword), "no password was given");
    }
    if let Ok(key) = PrivateKey::from_der(Secret::new(data.to_vec())) {
        let again = PrivateKey::from_der(Secret::new(key.pkcs8().expose().to_vec())).expect("it was one");
        assert_eq!(again.public_key(), key.public_key());
    }
}

pub(super) fn encrypted(data: &[u8]) {
    let password = password(PASSWORD);
    drop(encryption::decrypt_private_key(data, &password, &Derivations::default()));
    let read = file("client_key.pem", data, &[password]);
    for key in read.keys() {
        assert!(!matches!(key.state, KeyState::PasswordNeeded), "a password was given");
    }
}

/// The first octet says how the others are encrypted.
pub(super) fn inside(data: &[u8]) {
    let Some((how, plain)) = data.split_first() else { return };
    let iterations = u32::from(how >> 1 & 3) + 1;
    let scheme = if how & 1 == 0 { Scheme::Aes256 { iterations } } else { Scheme::TripleDes { iterations } };
    let password = password(PASSWORD);
    let derivations = Derivations::default();
    let encrypted = encryption::encrypt(scheme, Some(&password), plain, &mut Counted(*how), &derivations);
    let encrypted = encrypted.expect("what may be encrypted is");
    let info = der::sequence(&[&encrypted.algorithm, &der::octet_string(&encrypted.ciphertext)]);
    if let Ok(read) = encryption::decrypt_private_key(&info, &password, &derivations) {
        assert_eq!(read.expose(), plain);
    }
    let read = file("client_key.pem", &info, &[password]);
    assert!(matches!(read.objects[0].what, What::Key(_)), "{:?}", read.objects);
}
