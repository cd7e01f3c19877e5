//! Where Windows keeps a private key: the word on it that a certificate carries, which containers there are, and the end of
//! one that should not have been made.
#![expect(unsafe_code, reason = "Windows' functions are called by pointer; each call says why it may be")]

use super::{Context, last_error};
use std::collections::HashSet;
use std::io;
use std::ptr::null;
use windows_sys::Win32::Foundation::{ERROR_NO_MORE_ITEMS, NTE_BAD_KEYSET};
use windows_sys::Win32::Security::Cryptography::{
    CERT_KEY_PROV_INFO_PROP_ID, CRYPT_DELETEKEYSET, CRYPT_FIRST, CRYPT_KEY_PROV_INFO, CRYPT_MACHINE_KEYSET, CRYPT_NEXT,
    CRYPT_SILENT, CRYPT_VERIFYCONTEXT, CertSetCertificateContextProperty, CryptAcquireContextW, CryptGetProvParam,
    CryptReleaseContext, PP_ENUMCONTAINERS, PROV_RSA_FULL,
};

/// Octets. Names of containers have 260 at most (MAX_PATH).
const LONGEST_NAME: usize = 1024;

pub(super) struct Container {
    pub(super) name: String,
    pub(super) provider: String,
    pub(super) machine_keyset: bool,
    pub(super) kind: u32,
    pub(super) specification: u32,
}

impl Container {
    /// `None`: the certificate has no private key here.
    pub(super) fn of(certificate: &Context) -> io::Result<Option<Self>> {
        let Some(property) = certificate.property(CERT_KEY_PROV_INFO_PROP_ID)? else { return Ok(None) };
        if property.length < size_of::<CRYPT_KEY_PROV_INFO>() {
            return Err(io::Error::other("where it lies is said in too few octets"));
        }
        // SAFETY: the property is longer than the structure and aligned for it; every pattern of bits is one.
        let info = unsafe { &*property.words.as_ptr().cast::<CRYPT_KEY_PROV_INFO>() };
        Ok(Some(Self {
            name: property.text_of(info.pwszContainerName).unwrap_or_default(),
            provider: property.text_of(info.pwszProvName).unwrap_or_default(),
            machine_keyset: info.dwFlags & CRYPT_MACHINE_KEYSET != 0,
            kind: info.dwProvType,
            specification: info.dwKeySpec,
        }))
    }

    /// Microsoft, CRYPT_KEY_PROV_INFO: type 0 is CNG.
    pub(super) fn is_of_cng(&self) -> bool {
        self.kind == 0
    }

    /// Writes with the certificate that the key is the machine's, which it is. Windows does so by itself, Wine 8 does not.
    pub(super) fn say_of_machine(&self, certificate: &Context) -> io::Result<()> {
        if self.machine_keyset {
            return Ok(());
        }
        let (mut name, mut provider) = (wide(&self.name), wide(&self.provider));
        let info = CRYPT_KEY_PROV_INFO {
            pwszContainerName: name.as_mut_ptr(),
            pwszProvName: provider.as_mut_ptr(),
            dwProvType: self.kind,
            dwFlags: CRYPT_MACHINE_KEYSET,
            dwKeySpec: self.specification,
            ..Default::default()
        };
        let id = CERT_KEY_PROV_INFO_PROP_ID;
        // SAFETY: the context is ours; both texts end with a zero, and all is copied.
        let done = unsafe { CertSetCertificateContextProperty(certificate.0, id, 0, (&raw const info).cast()) };
        if done == 0 { Err(last_error()) } else { Ok(()) }
    }
}

/// The names of the containers with RSA keys of the old kind, of the machine or of the account. All of Windows' own
/// providers of this type share them.
#[derive(Debug, PartialEq)]
pub(super) struct Containers {
    pub(super) names: HashSet<Vec<u8>>,
    of_machine: bool,
}

impl Containers {
    pub(super) fn list(of_machine: bool) -> io::Result<Self> {
        let how = CRYPT_VERIFYCONTEXT | CRYPT_SILENT | keyset(of_machine);
        let mut provider = 0;
        // SAFETY: without a name no key is opened; the provider that comes back is given back below.
        if unsafe { CryptAcquireContextW(&raw mut provider, null(), null(), PROV_RSA_FULL, how) } == 0 {
            return Err(last_error());
        }
        let names = names(provider);
        // SAFETY: it was opened, and is given back once.
        unsafe { CryptReleaseContext(provider, 0) };
        Ok(Self { names: names?, of_machine })
    }

    /// Deletes a container that is new since then, with the key in it.
    pub(super) fn delete_new(&self, container: &Container) -> io::Result<()> {
        let Container { name, provider, kind, .. } = container;
        if container.is_of_cng() || name.is_empty() || provider.is_empty() {
            return Err(io::Error::other("it is not in a provider of the old kind"));
        }
        // What is not ASCII could be written in several ways.
        if !name.is_ascii() || self.names.iter().any(|other| other.eq_ignore_ascii_case(name.as_bytes())) {
            return Err(io::Error::other("it was there before"));
        }
        let (name, provider) = (wide(name), wide(provider));
        let how = CRYPT_DELETEKEYSET | CRYPT_SILENT | keyset(self.of_machine);
        let mut handle = 0;
        // SAFETY: both texts end with a zero and live until the call returns; after a deletion there is no handle.
        let done = unsafe { CryptAcquireContextW(&raw mut handle, name.as_ptr(), provider.as_ptr(), *kind, how) };
        if done == 0 { Err(last_error()) } else { Ok(()) }
    }
}

fn names(provider: usize) -> io::Result<HashSet<Vec<u8>>> {
    let mut names = HashSet::new();
    let mut which = CRYPT_FIRST;
    loop {
        let mut room = [0; LONGEST_NAME];
        let mut length = u32::try_from(room.len()).unwrap_or_default();
        // SAFETY: the provider is open, and the room as long as is said.
        if unsafe { CryptGetProvParam(provider, PP_ENUMCONTAINERS, room.as_mut_ptr(), &raw mut length, which) } == 0 {
            const NO_MORE: i32 = ERROR_NO_MORE_ITEMS.cast_signed();
            let error = last_error();
            return match error.raw_os_error() {
                Some(NO_MORE | NTE_BAD_KEYSET) => Ok(names),
                _ => Err(error),
            };
        }
        which = CRYPT_NEXT;
        names.insert(room.iter().copied().take_while(|octet| *octet != 0).collect());
    }
}

fn keyset(of_machine: bool) -> u32 {
    if of_machine { CRYPT_MACHINE_KEYSET } else { 0 }
}

/// Ends with a zero.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
