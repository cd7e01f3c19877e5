//! What the cases share: reading octets as a file of some name, and a certificate with its key.

mod containers;
mod keys;
mod mutation;
mod others;
mod text;

use crate::workshop::{Workshop, key};
use qcert::pki::encryption::Derivations;
use qcert::pki::inventory::{self, Damage, FileContent, Form, InFile, Key, KeyState, TextFacts, What};
use qcert::pki::profile::Profile;
use qcert::pki::secret::{Password, Secret};
use zeroize::Zeroizing;

pub(crate) fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

pub(crate) fn read_with(name: &str, bytes: &[u8], passwords: &[&str]) -> FileContent {
    let passwords: Vec<_> = passwords.iter().map(|text| password(text)).collect();
    let bytes = Ok(Secret::new(bytes.to_vec()));
    let file = InFile { path: format!("folder/{name}"), bytes, others_may_read: false, tracked_by_git: false };
    inventory::read(file, &passwords, &Derivations::default())
}

pub(crate) fn read(bytes: &[u8]) -> FileContent {
    read_with("file", bytes, &[])
}

/// The root's certificate, DER.
pub(crate) fn root() -> Vec<u8> {
    Workshop::new(Profile::Compatible).authority.certificate().der().to_vec()
}

/// The root's key, PKCS#1 and PKCS#8.
pub(crate) fn root_key() -> (Vec<u8>, Vec<u8>) {
    let key = key("root");
    (key.pkcs1().unwrap().to_vec(), key.pkcs8().expose().to_vec())
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    String::from_utf8(qcert::pki::pem::encode(label, der).expose().to_vec()).unwrap().replace("\r\n", "\n")
}

/// Number of certificates and keys.
pub(crate) fn counts(file: &FileContent) -> (usize, usize) {
    (file.certificates().count(), file.keys().count())
}

pub(crate) fn facts(file: &FileContent) -> TextFacts {
    match file.form {
        Form::Pem(facts) | Form::Base64(facts) => facts,
        ref other => panic!("{other:?}"),
    }
}

pub(crate) fn damages(file: &FileContent) -> Vec<&Damage> {
    let damages = file.objects.iter().filter_map(|object| match &object.what {
        What::Damaged(damage) => Some(damage),
        _ => None,
    });
    damages.collect()
}

pub(crate) fn only_key(file: &FileContent) -> &Key {
    let mut keys = file.keys();
    let key = keys.next().unwrap_or_else(|| panic!("{:?}", file.objects));
    assert!(keys.next().is_none());
    key
}

/// The public half of an open key.
pub(crate) fn public(key: &Key) -> &[u8] {
    match &key.state {
        KeyState::Open(public) => public.info(),
        other => panic!("{other:?}"),
    }
}
