//! `Bundle`: one machine's certificates, and the files that Qlik's console would have written for them.
//!
//! Names, encodings and shapes are Qlik's (observed exports). A bundle never holds the root's private key: it is made
//! from the root's certificate alone.

pub mod keys;

use super::authority::Credential;
use super::certificate::Certificate;
use super::encryption::{Algorithm, Derivations, EncryptionError, Scheme};
use super::entropy::{Entropy, NoEntropy};
use super::key::KeyError;
use super::name::MachineName;
use super::pem;
use super::pfx::{self, PfxEncryption, PfxEntry, PfxError};
use super::profile::{CLIENT_NAME, KEY_PROVIDER, Role};
use super::secret::{Password, Secret};

/// Rounds of PBKDF2 for an encrypted PEM key: what the PFX beside it takes.
pub(super) const KEY_ITERATIONS: u32 = 100_000;

pub const CERTIFICATE_LABEL: &str = "CERTIFICATE";
/// PKCS#1, as Qlik writes open keys.
pub const RSA_KEY_LABEL: &str = "RSA PRIVATE KEY";
pub const ENCRYPTED_KEY_LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// Who may read a file. It travels with the bytes, so that no key is written with a certificate's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    Public,
    Private,
}

#[derive(Debug)]
pub struct OutFile {
    pub name: &'static str,
    pub privacy: Privacy,
    pub bytes: Secret,
}

/// Which files a bundle is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    pub pem: bool,
    pub pfx: bool,
    /// Leaves PEM keys open although there is a password.
    pub plain_pem_keys: bool,
    pub pfx_encryption: PfxEncryption,
}

#[derive(Debug)]
pub struct Bundle<'a> {
    pub machine: &'a MachineName,
    /// The root's certificate, where the bundle carries one.
    pub root: Option<&'a Certificate>,
    pub leaves: Vec<(Role, Credential)>,
}

#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("a private key cannot be encrypted: {0}")]
    Encryption(#[from] EncryptionError),
    #[error("a PFX cannot be written: {0}")]
    Pfx(#[from] PfxError),
    #[error("nothing was drawn for the {0} certificate's files")]
    Unsealed(&'static str),
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
}

pub fn certificate_file(role: Role) -> &'static str {
    match role {
        Role::Root => "root.pem",
        Role::Server => "server.pem",
        Role::Client => "client.pem",
    }
}

/// No bundle has one for the root.
pub fn key_file(role: Role) -> &'static str {
    match role {
        Role::Root => "root_key.pem",
        Role::Server => "server_key.pem",
        Role::Client => "client_key.pem",
    }
}

/// No bundle has one for the root.
pub fn pfx_file(role: Role) -> &'static str {
    match role {
        Role::Root => "root.pfx",
        Role::Server => "server.pfx",
        Role::Client => "client.pfx",
    }
}

pub const ROOT_DER_FILE: &str = "root.cer";

/// The PFX's friendly name: `QlikClient`, by which Qlik's .NET SDK finds it in a store, or the machine's name.
pub fn friendly_name(role: Role, machine: &MachineName) -> &str {
    if role == Role::Server { machine.as_str() } else { CLIENT_NAME }
}

/// The names of the files that a bundle of these roles and this format has.
pub fn file_names(roles: &[Role], with_root: bool, format: Format) -> Vec<&'static str> {
    let mut names = Vec::new();
    if with_root {
        if format.pem {
            names.push(certificate_file(Role::Root));
        }
        if format.pfx {
            names.push(ROOT_DER_FILE);
        }
    }
    for role in roles {
        if format.pem {
            names.extend([certificate_file(*role), key_file(*role)]);
        }
        if format.pfx {
            names.push(pfx_file(*role));
        }
    }
    names
}

/// The random part of a bundle's encryption. It is drawn and its keys are derived before the private keys are there:
/// both are slow, and neither needs the other.
#[derive(Debug)]
pub struct Sealing<'a> {
    password: Option<&'a Password>,
    roles: Vec<RoleSealing>,
}

#[derive(Debug)]
struct RoleSealing {
    role: Role,
    /// `None` leaves the PEM key open.
    pem_key: Option<Algorithm>,
    pfx: Option<(pfx::Draft, String)>,
}

impl<'a> Sealing<'a> {
    pub fn draw(
        roles: &[Role],
        format: Format,
        password: Option<&'a Password>,
        entropy: &mut impl Entropy,
    ) -> Result<Self, BundleError> {
        let scheme = Scheme::Aes256 { iterations: KEY_ITERATIONS };
        let mut drawn = Vec::new();
        for role in roles {
            let encrypted = format.pem && password.is_some() && !format.plain_pem_keys;
            let pem_key = if encrypted { Some(Algorithm::fresh(scheme, entropy)?) } else { None };
            let pfx = if format.pfx {
                let container = key_container(entropy)?;
                Some((pfx::Draft::draw(format.pfx_encryption, password.is_some(), entropy)?, container))
            } else {
                None
            };
            drawn.push(RoleSealing { role: *role, pem_key, pfx });
        }
        Ok(Self { password, roles: drawn })
    }

    /// Derives everything that is slow, at the same time, so that `Bundle::files` finds it in `derivations`.
    pub fn derive(&self, derivations: &Derivations) {
        let recipes: Vec<_> = self
            .roles
            .iter()
            .flat_map(|role| {
                let pem_key = role.pem_key.iter().flat_map(Algorithm::recipes);
                pem_key.chain(role.pfx.iter().flat_map(|(draft, _)| draft.recipes()))
            })
            .collect();
        derivations.prepare(&recipes, self.password.into());
    }

    fn of(&self, role: Role) -> Option<&RoleSealing> {
        self.roles.iter().find(|sealing| sealing.role == role)
    }
}

impl Bundle<'_> {
    /// The files in memory. Certificates are public, everything with a key is private.
    pub fn files(
        &self,
        format: Format,
        sealing: &Sealing<'_>,
        derivations: &Derivations,
    ) -> Result<Vec<OutFile>, BundleError> {
        let mut files = Vec::new();
        let password = sealing.password;
        if let Some(root) = self.root {
            if format.pem {
                files.push(public(certificate_file(Role::Root), pem::encode(CERTIFICATE_LABEL, root.der())));
            }
            // Qlik's Windows format has root.cer, its PEM format root.pem.
            if format.pfx {
                files.push(public(ROOT_DER_FILE, Secret::new(root.der().to_vec())));
            }
        }
        for (role, credential) in &self.leaves {
            let sealing = sealing.of(*role).ok_or(BundleError::Unsealed(role.word()))?;
            let (certificate, key) = (credential.certificate(), credential.key());
            let above: Vec<&[u8]> = credential.intermediates().iter().map(Certificate::der).collect();
            if format.pem {
                let chain = std::iter::once(certificate.der()).chain(above.iter().copied());
                let chain: Vec<u8> =
                    chain.flat_map(|der| pem::encode(CERTIFICATE_LABEL, der).expose().to_vec()).collect();
                files.push(public(certificate_file(*role), Secret::new(chain)));
                let pem = match (&sealing.pem_key, password) {
                    (Some(algorithm), Some(password)) => {
                        let encrypted = algorithm.encrypt_private_key(key.pkcs8(), password, derivations)?;
                        pem::encode(ENCRYPTED_KEY_LABEL, &encrypted)
                    }
                    _ => pem::encode(RSA_KEY_LABEL, key.pkcs1()?),
                };
                files.push(private(key_file(*role), pem));
            }
            if let Some((draft, key_container)) = &sealing.pfx {
                let entry = PfxEntry {
                    certificate: certificate.der(),
                    key_pkcs8: key.pkcs8(),
                    friendly_name: friendly_name(*role, self.machine),
                    key_container,
                    provider: KEY_PROVIDER,
                    machine_keyset: *role == Role::Server,
                };
                files.push(private(
                    pfx_file(*role),
                    Secret::new(draft.write_with(&entry, &above, password, derivations)?),
                ));
            }
        }
        Ok(files)
    }
}

/// A GUID in braces, as Windows names the key containers it makes (9 of 9 observed PFX). A name of one's own would be
/// taken over at import, so that two bundles on one machine would share a container.
pub(super) fn key_container(entropy: &mut impl Entropy) -> Result<String, NoEntropy> {
    let mut octets = entropy.octets::<16>()?;
    // Version 4, variant 1 (RFC 9562 5.4).
    octets[6] = (octets[6] & 0x0f) | 0x40;
    octets[8] = (octets[8] & 0x3f) | 0x80;
    let hex = super::certificate::hexadecimal(&octets).to_ascii_uppercase();
    Ok(format!("{{{}-{}-{}-{}-{}}}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

fn public(name: &'static str, bytes: Secret) -> OutFile {
    OutFile { name, privacy: Privacy::Public, bytes }
}

fn private(name: &'static str, bytes: Secret) -> OutFile {
    OutFile { name, privacy: Privacy::Private, bytes }
}
