//! Certificates of a store as a PFX that Windows makes, with the keys that it gives away. No store is changed.
#![expect(unsafe_code, reason = "Windows' functions are called by pointer; each call says why it may be")]

use super::import::wide;
use super::{Context, Open, last_error};
use crate::pki::secret::{Password, Secret};
use crate::pki::snapshot::Place;
use std::io;
use std::ptr::{null, null_mut};
use windows_sys::Win32::Foundation::{ERROR_SUCCESS, SetLastError};
use windows_sys::Win32::Security::Cryptography::{
    CERT_STORE_ADD_ALWAYS, CERT_STORE_CREATE_NEW_FLAG, CERT_STORE_PROV_MEMORY, CRYPT_INTEGER_BLOB,
    CertAddCertificateContextToStore, CertOpenStore, EXPORT_PRIVATE_KEYS, PFXExportCertStoreEx, PKCS12_EXPORT_SILENT,
};

/// A PFX of these certificates, with the keys that Windows gives away: which, the PFX itself tells. `NotFound`: the store
/// does not have one of them.
pub fn export(place: Place, certificates: &[&[u8]], password: Option<&Password>) -> io::Result<Secret> {
    let password = wide(password)?;
    let store = Open::to_read(place)?;
    let memory = in_memory()?;
    for der in certificates {
        put(&memory, &store.get(der, place)?)?;
    }
    // Without REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY a key that is not given away does not spoil the rest.
    pfx(&memory, &password, EXPORT_PRIVATE_KEYS | PKCS12_EXPORT_SILENT)
}

fn in_memory() -> io::Result<Open> {
    // SAFETY: a store in memory takes no name; the handle that comes back is ours.
    let handle = unsafe { CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, null()) };
    if handle.is_null() { Err(last_error()) } else { Ok(Open(handle)) }
}

fn put(store: &Open, certificate: &Context) -> io::Result<()> {
    // SAFETY: the store is open and the context lives; it is copied with its properties, and none is asked back.
    let done = unsafe { CertAddCertificateContextToStore(store.0, certificate.0, CERT_STORE_ADD_ALWAYS, null_mut()) };
    if done == 0 { Err(last_error()) } else { Ok(()) }
}

/// `password` ends with a zero.
fn pfx(store: &Open, password: &[u16], how: u32) -> io::Result<Secret> {
    let mut blob = CRYPT_INTEGER_BLOB::default();
    let write = |blob: &mut CRYPT_INTEGER_BLOB| {
        // SAFETY: the store is open and the password ends with a zero; there is as much room as is said, or none, for
        // which the call says how much it takes. Wine 8 fails without a reason.
        let done = unsafe {
            SetLastError(ERROR_SUCCESS);
            PFXExportCertStoreEx(store.0, &raw mut *blob, password.as_ptr(), null(), how)
        };
        if done == 0 { Err(last_error()) } else { Ok(()) }
    };
    write(&mut blob)?;
    let mut room = vec![0; usize::try_from(blob.cbData).unwrap_or_default()];
    blob.pbData = room.as_mut_ptr();
    let outcome = write(&mut blob);
    room.truncate(usize::try_from(blob.cbData).unwrap_or_default());
    let pfx = Secret::new(room);
    if pfx.expose().is_empty() {
        outcome?;
        return Err(io::Error::other("Windows wrote an empty PFX"));
    }
    outcome.map(|()| pfx)
}
