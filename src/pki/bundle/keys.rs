//! Opens the private keys of a bundle's files, as `bundle` writes them. What others write is `inventory`'s.

use super::super::encryption::{self, Derivations};
use super::super::key::PrivateKey;
use super::super::pem;
use super::super::pfx;
use super::super::profile::Role;
use super::super::secret::{Password, Secret};
use super::{ENCRYPTED_KEY_LABEL, key_file, pfx_file};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFault {
    Missing,
    Password,
    Unreadable(String),
}

/// The key of this role, from a file that the password protects, if there is one.
pub fn open(
    role: Role,
    files: &BTreeMap<String, Secret>,
    password: Option<&Password>,
    derivations: &Derivations,
) -> Result<PrivateKey, KeyFault> {
    let pem = files.get(key_file(role));
    let pfx = files.get(pfx_file(role));
    match (pem, pfx) {
        (Some(pem), _) if is_encrypted(pem) => in_pem(pem.expose(), password, derivations),
        (_, Some(pfx)) => in_pfx(pfx.expose(), password, derivations),
        (Some(pem), None) => in_pem(pem.expose(), password, derivations),
        (None, None) => Err(KeyFault::Missing),
    }
}

fn is_encrypted(pem: &Secret) -> bool {
    pem::decode(pem.expose()).is_ok_and(|blocks| blocks.iter().any(|block| block.label == ENCRYPTED_KEY_LABEL))
}

/// The one key of a PEM file.
pub fn in_pem(bytes: &[u8], password: Option<&Password>, derivations: &Derivations) -> Result<PrivateKey, KeyFault> {
    let mut blocks = pem::decode(bytes).map_err(|error| unreadable(&error))?;
    let block = blocks.pop().filter(|_| blocks.is_empty()).ok_or_else(|| unreadable(&"it is not one PEM key"))?;
    if block.label != ENCRYPTED_KEY_LABEL {
        return PrivateKey::from_der(block.der).map_err(|error| unreadable(&error));
    }
    let password = password.ok_or(KeyFault::Password)?;
    let open =
        encryption::decrypt_private_key(block.der.expose(), password, derivations).map_err(|_| KeyFault::Password)?;
    PrivateKey::from_der(open).map_err(|error| unreadable(&error))
}

fn in_pfx(bytes: &[u8], password: Option<&Password>, derivations: &Derivations) -> Result<PrivateKey, KeyFault> {
    let mut contents = match pfx::read(bytes, password, derivations) {
        Ok(contents) => contents,
        Err(error) if error.is_about_password() => return Err(KeyFault::Password),
        Err(error) => return Err(unreadable(&error)),
    };
    let key =
        contents.keys.pop().filter(|_| contents.keys.is_empty()).ok_or_else(|| unreadable(&"it is not one key"))?;
    PrivateKey::from_der(key.pkcs8).map_err(|error| unreadable(&error))
}

fn unreadable(why: &impl std::fmt::Display) -> KeyFault {
    KeyFault::Unreadable(why.to_string())
}
