//! Windows' certificate stores. Here is what a `Snapshot` is made of, read and never written; `stores/change.rs` and
//! `stores/import.rs` alone write. The calls to Windows' own functions are in these files.
//!
//! What one store or one certificate does not give is kept beside it as its problem: the rest is read all the same.
#![expect(unsafe_code, reason = "Windows' functions are called by pointer; each call says why it may be")]

#[path = "stores/change.rs"]
mod change;
#[path = "stores/container.rs"]
mod container;
#[path = "stores/export.rs"]
mod export;
#[path = "stores/import.rs"]
mod import;
#[path = "stores/key.rs"]
mod key;
#[path = "stores/machine.rs"]
mod machine;
#[path = "stores/trust.rs"]
mod trust;

pub use change::{add, remove, set_friendly_name};
pub use export::export;
pub use import::import;
pub use machine::service_account;
pub use trust::trust;

use crate::pki::snapshot::{Entry, Location, Place, STORES, Schannel, Snapshot, Store, StoreName};
use std::io;
use std::mem::ManuallyDrop;
use std::ptr::null_mut;
use time::OffsetDateTime;
use windows_sys::Win32::Foundation::{CRYPT_E_NOT_FOUND, ERROR_FILE_NOT_FOUND, ERROR_NO_MORE_FILES};
use windows_sys::Win32::Security::Cryptography::{
    CERT_ARCHIVED_PROP_ID, CERT_CONTEXT, CERT_FRIENDLY_NAME_PROP_ID, CERT_STORE_ENUM_ARCHIVED_FLAG,
    CERT_STORE_OPEN_EXISTING_FLAG, CERT_STORE_PROV_SYSTEM_W, CERT_STORE_READONLY_FLAG, CERT_SYSTEM_STORE_CURRENT_USER,
    CERT_SYSTEM_STORE_LOCAL_MACHINE, CertCloseStore, CertCreateCertificateContext, CertEnumCertificatesInStore,
    CertFreeCertificateContext, CertGetCertificateContextProperty, CertOpenStore, HCERTSTORE, X509_ASN_ENCODING,
};

/// Of one store. Six full ones make a snapshot that can still be read.
const MOST_CERTIFICATES: usize = 2000;
/// Octets of one store's certificates.
const MOST_OCTETS: usize = 1_200_000;
/// Octets. Friendly names and the names of key containers take a few hundred; the snapshot cuts what is longer.
const LARGEST_PROPERTY: u32 = 1 << 16;

/// What the stores hold now, as this account sees them.
pub fn snapshot(made_by: String, taken_at: OffsetDateTime) -> io::Result<Snapshot> {
    Ok(Snapshot {
        made_by,
        taken_at,
        computer: machine::computer(),
        domain: machine::domain(),
        account: machine::account(),
        elevated: machine::elevated(),
        system: machine::system(),
        stores: STORES.map(|(location, name)| read(location, name)).into(),
        schannel: Schannel { send_trusted_issuer_list: machine::send_trusted_issuer_list() },
    })
}

fn read(location: Location, name: StoreName) -> Store {
    let (certificates, problem) = match Open::to_read(Place { location, name }) {
        Ok(store) => store.certificates(),
        // There is no such store, and so nothing in it.
        Err(error) if error.raw_os_error() == Some(ERROR_FILE_NOT_FOUND.cast_signed()) => (Vec::new(), None),
        Err(error) => (Vec::new(), Some(said(&error))),
    };
    Store { location, name, problem, certificates }
}

/// What the last call to Windows failed with.
fn last_error() -> io::Error {
    let error = io::Error::last_os_error();
    // "The operation completed successfully" would be no answer.
    if error.raw_os_error() == Some(0) { io::Error::other("Windows did not say why") } else { error }
}

/// With the number as Microsoft writes it and people look for it, `0x80090016`.
fn said(error: &io::Error) -> String {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(code) if code < 0 => text.replace(&format!("(os error {code})"), &format!("(os error 0x{code:08x})")),
        _ => text,
    }
}

struct Open(HCERTSTORE);

impl Open {
    fn to_read(place: Place) -> io::Result<Self> {
        Self::system(place, CERT_STORE_READONLY_FLAG | CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_ENUM_ARCHIVED_FLAG)
    }

    fn system(place: Place, how: u32) -> io::Result<Self> {
        let location = match place.location {
            Location::LocalMachine => CERT_SYSTEM_STORE_LOCAL_MACHINE,
            Location::CurrentUser => CERT_SYSTEM_STORE_CURRENT_USER,
            Location::Other => return Err(unknown(place)),
        };
        if place.name == StoreName::Other {
            return Err(unknown(place));
        }
        let name: Vec<u16> = place.name.word().encode_utf16().chain([0]).collect();
        // SAFETY: the name ends with a zero and lives until the call returns; the handle that comes back is ours.
        let handle = unsafe { CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, location | how, name.as_ptr().cast()) };
        if handle.is_null() { Err(last_error()) } else { Ok(Self(handle)) }
    }

    /// And why these are not all.
    fn certificates(&self) -> (Vec<Entry>, Option<String>) {
        let (mut entries, mut octets) = (Vec::new(), 0);
        let mut certificate = None;
        loop {
            let context = match self.after(certificate) {
                Ok(Some(context)) => context,
                Ok(None) => return (entries, None),
                Err(error) => return (entries, Some(format!("it could not be read to its end: {}", said(&error)))),
            };
            let der = context.der();
            octets += der.len();
            if entries.len() == MOST_CERTIFICATES || octets > MOST_OCTETS {
                return (entries, Some("it holds more certificates than are read".to_owned()));
            }
            entries.push(context.entry(der));
            certificate = Some(context);
        }
    }

    /// The first certificate, or the one after this.
    fn after(&self, before: Option<Context>) -> io::Result<Option<Context>> {
        let before = before.map_or(null_mut(), |context| ManuallyDrop::new(context).0);
        // SAFETY: the store is open, and the context is one that it gave, or none. The call gives it back.
        let next = unsafe { CertEnumCertificatesInStore(self.0, before) };
        if !next.is_null() {
            return Ok(Some(Context(next)));
        }
        let error = last_error();
        if is_end(&error) { Ok(None) } else { Err(error) }
    }

    /// This very certificate.
    fn find(&self, der: &[u8]) -> io::Result<Option<Context>> {
        let mut certificate = self.after(None)?;
        while let Some(context) = certificate {
            if context.der() == der {
                return Ok(Some(context));
            }
            certificate = self.after(Some(context))?;
        }
        Ok(None)
    }

    /// `NotFound`: the store does not have it.
    fn get(&self, der: &[u8], place: Place) -> io::Result<Context> {
        let text = || format!("`{}` does not have it", place.path());
        self.find(der)?.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, text()))
    }
}

fn unknown(place: Place) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("`{}` is no store that this qcert knows", place.path()))
}

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: it was opened, and is closed once.
        unsafe { CertCloseStore(self.0, 0) };
    }
}

/// Microsoft, CertEnumCertificatesInStore: after the last one it fails with CRYPT_E_NOT_FOUND, or ERROR_NO_MORE_FILES
/// where the store is another's.
fn is_end(error: &io::Error) -> bool {
    const NO_MORE: i32 = ERROR_NO_MORE_FILES.cast_signed();
    matches!(error.raw_os_error(), Some(CRYPT_E_NOT_FOUND | NO_MORE))
}

/// A certificate in a store.
struct Context(*mut CERT_CONTEXT);

impl Context {
    /// Of a certificate that is in no store.
    fn new(der: &[u8]) -> io::Result<Self> {
        // SAFETY: the certificate is as long as is said, and copied; the context that comes back is ours.
        let context = unsafe { CertCreateCertificateContext(X509_ASN_ENCODING, der.as_ptr(), length_of(der)?) };
        if context.is_null() { Err(last_error()) } else { Ok(Self(context)) }
    }

    fn der(&self) -> Vec<u8> {
        // SAFETY: the context is not null and ours; its certificate is as long as is said.
        unsafe {
            let CERT_CONTEXT { pbCertEncoded: start, cbCertEncoded: length, .. } = *self.0;
            let length = usize::try_from(length).unwrap_or_default();
            if start.is_null() { Vec::new() } else { std::slice::from_raw_parts(start, length).to_vec() }
        }
    }

    fn entry(&self, der: Vec<u8>) -> Entry {
        let friendly_name = self.property(CERT_FRIENDLY_NAME_PROP_ID).ok().flatten();
        Entry {
            der,
            friendly_name: friendly_name.map(|name| name.text_at(0)).filter(|name| !name.is_empty()),
            archived: self.has(CERT_ARCHIVED_PROP_ID),
            key: key::facts(self),
        }
    }

    fn has(&self, id: u32) -> bool {
        let mut length = 0;
        // SAFETY: the context is ours, and without room only the length is asked for.
        unsafe { CertGetCertificateContextProperty(self.0, id, null_mut(), &raw mut length) != 0 }
    }

    /// `None`: the certificate has no such property.
    fn property(&self, id: u32) -> io::Result<Option<Property>> {
        let mut length = 0;
        // SAFETY: as above.
        if unsafe { CertGetCertificateContextProperty(self.0, id, null_mut(), &raw mut length) } == 0 {
            let error = io::Error::last_os_error();
            return if error.raw_os_error() == Some(CRYPT_E_NOT_FOUND) { Ok(None) } else { Err(error) };
        }
        if length > LARGEST_PROPERTY {
            return Err(io::Error::other("it is larger than any that Windows makes"));
        }
        let mut room = Property::new(length);
        // SAFETY: the room is at least as long as is said, and aligned for whatever is in a property.
        let done =
            unsafe { CertGetCertificateContextProperty(self.0, id, room.words.as_mut_ptr().cast(), &raw mut length) };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        room.length = room.length.min(usize::try_from(length).unwrap_or_default());
        Ok(Some(room))
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: it came from a store, and is given back once.
            unsafe { CertFreeCertificateContext(self.0) };
        }
    }
}

fn length_of(octets: &[u8]) -> io::Result<u32> {
    u32::try_from(octets.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))
}

/// Octets, in words of pointer size: structures lie at the start, and point to what is behind them.
struct Property {
    words: Vec<usize>,
    length: usize,
}

impl Property {
    fn new(length: u32) -> Self {
        let length = usize::try_from(length).unwrap_or_default();
        Self { words: vec![0; length.div_ceil(size_of::<usize>())], length }
    }

    fn octets(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_ne_bytes()).take(self.length).collect()
    }

    /// The zero-ended UTF-16 that begins there.
    fn text_at(&self, start: usize) -> String {
        let octets = self.octets();
        let (units, _) = octets.get(start..).unwrap_or_default().as_chunks::<2>();
        let units = units.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }

    /// The text that a structure in here points to. Nothing is read outside.
    fn text_of(&self, pointer: *const u16) -> Option<String> {
        let start = pointer.addr().checked_sub(self.words.as_ptr().addr())?;
        let text = (start < self.length).then(|| self.text_at(start));
        text.filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
#[path = "stores/tests.rs"]
mod tests;
