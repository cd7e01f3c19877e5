//! Certificates put into Windows' stores, named in them and taken out of them. Every call commits what it did, and says
//! what Windows said. Nothing is decided here.
#![expect(unsafe_code, reason = "Windows' functions are called by pointer; each call says why it may be")]

use super::{Context, Open, last_error, said};
use crate::pki::snapshot::{Location, Place, StoreName};
use std::io;
use std::mem::ManuallyDrop;
use std::ptr::{null, null_mut};
use windows_sys::Win32::Foundation::{CRYPT_E_EXISTS, E_ACCESSDENIED, NTE_PERM};
use windows_sys::Win32::Security::Cryptography::{
    CERT_ARCHIVED_PROP_ID, CERT_FRIENDLY_NAME_PROP_ID, CERT_STORE_ADD_NEW, CERT_STORE_CTRL_COMMIT,
    CERT_STORE_CTRL_COMMIT_FORCE_FLAG, CERT_STORE_ENUM_ARCHIVED_FLAG, CRYPT_INTEGER_BLOB,
    CertAddCertificateContextToStore, CertControlStore, CertDeleteCertificateFromStore,
    CertSetCertificateContextProperty,
};

/// `AlreadyExists`: the store has it. What it says of it, such as where its key lies, stays; but what was archived, and
/// so hidden from programs, is shown again.
pub fn add(place: Place, der: &[u8], friendly_name: Option<&str>) -> io::Result<()> {
    let certificate = Context::new(der)?;
    if let Some(name) = friendly_name {
        certificate.set_friendly_name(name)?;
    }
    let store = Writable::open(place)?;
    match store.put(&certificate, CERT_STORE_ADD_NEW) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let there = store.store.get(der, place)?;
            if !there.has(CERT_ARCHIVED_PROP_ID) {
                return Err(error);
            }
            there.show_again().map_err(|error| named(error, place))?;
        }
        outcome => drop(outcome?),
    }
    store.commit()
}

/// `NotFound`: the store does not have it.
pub fn set_friendly_name(place: Place, der: &[u8], name: &str) -> io::Result<()> {
    let store = Writable::open(place)?;
    let certificate = store.store.get(der, place)?;
    certificate.set_friendly_name(name).map_err(|error| named(error, place))?;
    store.commit()
}

/// Its key stays in its container. `NotFound`: the store does not have it.
///
/// Root and CA of the Current User also show what the Local Machine has (Microsoft: Local Machine and Current User
/// Certificate Stores). Such a certificate is not taken from the machine by way of the user: `ResourceBusy`.
pub fn remove(place: Place, der: &[u8]) -> io::Result<()> {
    let store = Writable::open(place)?;
    let certificate = store.store.get(der, place)?;
    if place.location == Location::CurrentUser && place.name != StoreName::My {
        let machine = Place { location: Location::LocalMachine, ..place };
        if Open::to_read(machine)?.find(der)?.is_some() {
            let text = format!("`{}` shows it because `{}` has it", place.path(), machine.path());
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, text));
        }
    }
    store.delete(certificate)?;
    store.commit()
}

/// A store that is open for changes.
pub(super) struct Writable {
    pub(super) store: Open,
    place: Place,
}

impl Writable {
    pub(super) fn open(place: Place) -> io::Result<Self> {
        let store = Open::system(place, CERT_STORE_ENUM_ARCHIVED_FLAG).map_err(|error| named(error, place))?;
        Ok(Self { store, place })
    }

    /// With its properties: friendly name, and where its key lies. What comes back is the store's.
    pub(super) fn put(&self, certificate: &Context, how: u32) -> io::Result<Context> {
        let mut stored = null_mut();
        // SAFETY: the store is open and the context lives; the one that comes back is ours.
        let done = unsafe { CertAddCertificateContextToStore(self.store.0, certificate.0, how, &raw mut stored) };
        if done == 0 { Err(named(last_error(), self.place)) } else { Ok(Context(stored)) }
    }

    pub(super) fn delete(&self, certificate: Context) -> io::Result<()> {
        let certificate = ManuallyDrop::new(certificate);
        // SAFETY: the context is of this store, and given back by the call, also when it fails.
        let done = unsafe { CertDeleteCertificateFromStore(certificate.0) };
        if done == 0 { Err(named(last_error(), self.place)) } else { Ok(()) }
    }

    /// Windows writes each change as it is made, Wine some only now.
    pub(super) fn commit(&self) -> io::Result<()> {
        let how = CERT_STORE_CTRL_COMMIT_FORCE_FLAG;
        // SAFETY: the store is open.
        let done = unsafe { CertControlStore(self.store.0, how, CERT_STORE_CTRL_COMMIT, null()) };
        if done == 0 { Err(named(last_error(), self.place)) } else { Ok(()) }
    }
}

impl Context {
    fn show_again(&self) -> io::Result<()> {
        // SAFETY: the context is ours; without a value the property is taken away.
        let done = unsafe { CertSetCertificateContextProperty(self.0, CERT_ARCHIVED_PROP_ID, 0, null()) };
        if done == 0 { Err(last_error()) } else { Ok(()) }
    }

    pub(super) fn set_friendly_name(&self, name: &str) -> io::Result<()> {
        let mut units: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let size = u32::try_from(size_of_val(units.as_slice())).map_err(io::Error::other)?;
        let blob = CRYPT_INTEGER_BLOB { cbData: size, pbData: units.as_mut_ptr().cast() };
        let id = CERT_FRIENDLY_NAME_PROP_ID;
        // SAFETY: the context is ours; the name is as long as is said, ends with a zero, and is copied.
        let done = unsafe { CertSetCertificateContextProperty(self.0, id, 0, (&raw const blob).cast()) };
        if done == 0 { Err(last_error()) } else { Ok(()) }
    }
}

/// With the right that is missing, if that is what is wrong.
pub(super) fn named(error: io::Error, place: Place) -> io::Error {
    let denied = error.kind() == io::ErrorKind::PermissionDenied
        || matches!(error.raw_os_error(), Some(E_ACCESSDENIED | NTE_PERM));
    let (path, why) = (place.path(), said(&error));
    if denied {
        let right = match place.location {
            Location::LocalMachine => format!("writing `{path}` takes an elevated console (Run as administrator)"),
            _ => format!("this account may not write `{path}`"),
        };
        return io::Error::new(io::ErrorKind::PermissionDenied, format!("{right}: {why}"));
    }
    match error.raw_os_error() {
        Some(CRYPT_E_EXISTS) => io::Error::new(io::ErrorKind::AlreadyExists, format!("`{path}` has it already")),
        Some(code) if code < 0 => io::Error::new(error.kind(), why),
        _ => error,
    }
}
