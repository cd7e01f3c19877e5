//! `Waiting`: a machine's keys and requests, as files, until an outside CA has signed; and whether files are that.
//!
//! The keys are written as a bundle's are, for they become a bundle's. Nothing about certificates is decided here.

use super::bundle::{ENCRYPTED_KEY_LABEL, KEY_ITERATIONS, OutFile, Privacy, RSA_KEY_LABEL, key_file};
use super::encryption::{self, Derivations, EncryptionError, Scheme};
use super::entropy::Entropy;
use super::key::{KeyError, PrivateKey};
use super::name::MachineName;
use super::pem::{self, PemError};
use super::pfx::{self, PfxError};
use super::profile::Role;
use super::request::{self, Request, Wish};
use super::secret::{Password, Secret};
use std::collections::BTreeMap;

/// As most CAs' own tools call it (RFC 7468 7).
pub const REQUEST_LABEL: &str = "CERTIFICATE REQUEST";
pub const ROLES: [Role; 2] = [Role::Server, Role::Client];

#[derive(Debug, thiserror::Error)]
pub enum WaitingError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("a private key cannot be encrypted: {0}")]
    Encryption(#[from] EncryptionError),
}

/// Why a key in PEM cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    #[error("it is encrypted and no password was given")]
    PasswordNeeded,
    #[error("it does not open with this password")]
    WrongPassword,
    #[error("it is not one private key")]
    NotOneKey,
    #[error("{0}")]
    Pem(#[from] PemError),
    #[error("{0}")]
    Encryption(EncryptionError),
    #[error("{0}")]
    Pfx(PfxError),
    #[error("{0}")]
    Key(#[from] KeyError),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{0}` cannot be used: {1}")]
    Unusable(&'static str, String),
    #[error("`{0}` is not the request of `{1}`: it is for another key")]
    OtherKey(&'static str, &'static str),
    #[error("`{file}` asks for `{subject}`, not for `CN={wanted}`")]
    Subject { file: &'static str, subject: String, wanted: String },
    #[error("`{file}` does not ask for the name `{name}`")]
    Name { file: &'static str, name: String },
}

/// `None` for the root, which asks nobody.
pub fn request_file(role: Role) -> &'static str {
    match role {
        Role::Server => "server.csr",
        Role::Client => "client.csr",
        Role::Root => "root.csr",
    }
}

pub fn file_names() -> Vec<&'static str> {
    ROLES.into_iter().flat_map(|role| [key_file(role), request_file(role)]).collect()
}

/// One role's key and request. With a password the key is encrypted.
pub fn files(
    wish: &Wish<'_>,
    key: &PrivateKey,
    password: Option<&Password>,
    entropy: &mut impl Entropy,
    derivations: &Derivations,
) -> Result<[OutFile; 2], WaitingError> {
    let key_pem = match password {
        Some(password) => {
            let scheme = Scheme::Aes256 { iterations: KEY_ITERATIONS };
            let encrypted = encryption::encrypt_private_key(key.pkcs8(), password, scheme, entropy, derivations)?;
            pem::encode(ENCRYPTED_KEY_LABEL, &encrypted)
        }
        None => pem::encode(RSA_KEY_LABEL, key.pkcs1()?),
    };
    let request = pem::encode(REQUEST_LABEL, &request::write(wish, key)?);
    Ok([
        OutFile { name: key_file(wish.role), privacy: Privacy::Private, bytes: key_pem },
        OutFile { name: request_file(wish.role), privacy: Privacy::Public, bytes: request },
    ])
}

/// The one private key in a PEM file, in any form that people bring.
pub fn open_key(
    bytes: &Secret,
    password: Option<&Password>,
    derivations: &Derivations,
) -> Result<PrivateKey, KeyFault> {
    let mut blocks = pem::decode(bytes.expose())?;
    blocks.retain(|block| block.label.ends_with("PRIVATE KEY"));
    let block = blocks.pop().filter(|_| blocks.is_empty()).ok_or(KeyFault::NotOneKey)?;
    let dek_info = block.header("DEK-Info").map(str::to_owned);
    if dek_info.is_none() && block.label != ENCRYPTED_KEY_LABEL {
        return Ok(PrivateKey::from_der(block.der)?);
    }
    let password = password.ok_or(KeyFault::PasswordNeeded)?;
    let open = match &dek_info {
        Some(dek_info) => encryption::decrypt_traditional(dek_info, password, block.der.expose()),
        None => encryption::decrypt_private_key(block.der.expose(), password, derivations),
    };
    let open =
        open.map_err(
            |error| {
                if error.is_about_password() { KeyFault::WrongPassword } else { KeyFault::Encryption(error) }
            },
        )?;
    // The traditional form has no integrity check: what is no key was opened with a wrong password.
    PrivateKey::from_der(open).map_err(|error| if dek_info.is_some() { KeyFault::WrongPassword } else { error.into() })
}

/// The one private key in a PFX: of a bundle that was made without PEM files.
pub fn open_pfx_key(
    bytes: &Secret,
    password: Option<&Password>,
    derivations: &Derivations,
) -> Result<PrivateKey, KeyFault> {
    let contents = pfx::read(bytes.expose(), password, derivations).map_err(|error| match password {
        _ if !error.is_about_password() => KeyFault::Pfx(error),
        Some(_) => KeyFault::WrongPassword,
        None => KeyFault::PasswordNeeded,
    })?;
    let mut keys = contents.keys;
    let key = keys.pop().filter(|_| keys.is_empty()).ok_or(KeyFault::NotOneKey)?;
    Ok(PrivateKey::from_der(key.pkcs8)?)
}

/// The one request in a file, which its own key signed.
pub fn open_request(bytes: &Secret) -> Result<Request, String> {
    let mut blocks = pem::decode(bytes.expose()).map_err(|error| error.to_string())?;
    blocks.retain(|block| block.label.ends_with("CERTIFICATE REQUEST"));
    let block = blocks.pop().filter(|_| blocks.is_empty()).ok_or("it is not one certificate request")?;
    let request = Request::parse(block.der.expose(), true)?;
    match request.signature_fits {
        Some(true) => Ok(request),
        Some(false) => Err("its own key did not sign it".to_owned()),
        None => Err(format!("its signature cannot be checked: {}", request.signature)),
    }
}

/// Whether these files are what was wished, whole and fitting.
pub fn judge(
    wish: &Wish<'_>,
    files: &BTreeMap<String, Secret>,
    password: Option<&Password>,
    derivations: &Derivations,
) -> Result<Request, Fault> {
    let (key_name, request_name) = (key_file(wish.role), request_file(wish.role));
    let key = files.get(key_name).ok_or(Fault::Missing(key_name))?;
    let request = files.get(request_name).ok_or(Fault::Missing(request_name))?;
    let key = open_key(key, password, derivations).map_err(|fault| Fault::Unusable(key_name, fault.to_string()))?;
    let request = open_request(request).map_err(|why| Fault::Unusable(request_name, why))?;
    if request.public_key.info() != key.public_key_info() {
        return Err(Fault::OtherKey(request_name, key_name));
    }
    let wanted = wish.common_name();
    if request.name.common_name() != Some(wanted) {
        let subject = request.subject;
        return Err(Fault::Subject { file: request_name, subject, wanted: wanted.to_owned() });
    }
    if wish.role == Role::Server && wish.profile.shape().server_dns_names {
        let asked = |name: &MachineName| request.dns_names.iter().any(|own| own.eq_ignore_ascii_case(name.as_str()));
        let mut names = std::iter::once(wish.machine).chain(wish.aliases);
        if let Some(name) = names.find(|name| !asked(name)) {
            return Err(Fault::Name { file: request_name, name: name.to_string() });
        }
    }
    Ok(request)
}
