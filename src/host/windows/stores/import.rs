//! A certificate with its private key put into a store: Windows unpacks the PFX, makes a container for the key, and the
//! certificate goes into the store with the word where its key lies. Of what else is in the PFX nothing goes anywhere.
#![expect(unsafe_code, reason = "Windows' functions are called by pointer; each call says why it may be")]

use super::change::{Writable, named};
use super::container::{Container, Containers};
use super::{Context, Open, last_error, length_of, said};
use crate::host::stores::Import;
use crate::pki::secret::Password;
use std::fmt::Write as _;
use std::io;
use windows_sys::Win32::Foundation::{ERROR_SUCCESS, NTE_BAD_FLAGS, SetLastError};
use windows_sys::Win32::Security::Cryptography::{
    CERT_STORE_ADD_REPLACE_EXISTING, CRYPT_EXPORTABLE, CRYPT_INTEGER_BLOB, CRYPT_MACHINE_KEYSET, CRYPT_USER_KEYSET,
    CertDuplicateCertificateContext, PFXImportCertStore, PKCS12_IMPORT_SILENT,
};
use zeroize::Zeroizing;

/// The certificates, as DER, that came into the store with their key. The provider is the one that the PFX names.
///
/// One that the store has already gets this key and this name in place of its own; its old key stays where it is. After
/// an error there is nothing in the store that was not there before, and no new key; a container that could not be
/// deleted is named in the error.
pub fn import(import: &Import<'_>) -> io::Result<Vec<Vec<u8>>> {
    // Before there is a key.
    let store = Writable::open(import.place)?;
    let before = Containers::list(import.machine_keyset);
    let unpacked = unpack(import)?;
    let mut with_key = Vec::new();
    let outcome = keys_of(&unpacked, &mut with_key).and_then(|()| put(import, &store, &with_key));
    outcome.map_err(|error| undone(error, &with_key, &before))
}

/// A store in memory, and the keys in their containers.
pub(super) fn unpack(import: &Import<'_>) -> io::Result<Open> {
    let keyset = if import.machine_keyset { CRYPT_MACHINE_KEYSET } else { CRYPT_USER_KEYSET };
    let exportable = if import.exportable { CRYPT_EXPORTABLE } else { 0 };
    let password = wide(Some(import.password))?;
    let pfx = CRYPT_INTEGER_BLOB { cbData: length_of(import.pfx)?, pbData: import.pfx.as_ptr().cast_mut() };
    let unpack = |how| {
        // SAFETY: the file is as long as is said and only read, the password ends with a zero, and the store is ours.
        // What an earlier call failed with is forgotten, because Wine does not always say why this one does.
        let handle = unsafe {
            SetLastError(ERROR_SUCCESS);
            PFXImportCertStore(&raw const pfx, password.as_ptr(), keyset | exportable | how)
        };
        if handle.is_null() { Err(last_error()) } else { Ok(Open(handle)) }
    };
    // A policy may want a password for each key (Force strong key protection), which would be asked for in a window.
    let silent = unpack(PKCS12_IMPORT_SILENT);
    let unpacked = match silent {
        // Wine 8 does not know the flag.
        Err(error) if matches!(error.raw_os_error(), None | Some(NTE_BAD_FLAGS)) => unpack(0),
        silent => silent,
    };
    unpacked.map_err(|error| named(error, import.place))
}

/// As far as they could be listed.
pub(super) fn keys_of(unpacked: &Open, with_key: &mut Vec<Context>) -> io::Result<()> {
    let mut certificate = unpacked.after(None)?;
    while let Some(context) = certificate {
        if Container::of(&context)?.is_some() {
            // SAFETY: the context is alive; the new one is given back by its owner.
            with_key.push(Context(unsafe { CertDuplicateCertificateContext(context.0) }));
        }
        certificate = unpacked.after(Some(context))?;
    }
    Ok(())
}

fn put(import: &Import<'_>, store: &Writable, with_key: &[Context]) -> io::Result<Vec<Vec<u8>>> {
    let [certificate] = with_key else {
        let text = format!("the PFX is to hold one certificate with its key, and Windows found {}", with_key.len());
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    };
    if let Some(container) = Container::of(certificate)?.filter(|_| import.machine_keyset) {
        container.say_of_machine(certificate)?;
    }
    if let Some(name) = import.friendly_name {
        certificate.set_friendly_name(name)?;
    }
    let stored = store.put(certificate, CERT_STORE_ADD_REPLACE_EXISTING)?;
    match store.commit() {
        Ok(()) => Ok(vec![certificate.der()]),
        Err(error) => match store.delete(stored).and_then(|()| store.commit()) {
            Ok(()) => Err(error),
            Err(also) => Err(with_text(&error, &format!("{error}; and it could not be taken out again: {also}"))),
        },
    }
}

/// The keys are deleted again that this import made.
pub(super) fn undone(error: io::Error, with_key: &[Context], before: &io::Result<Containers>) -> io::Error {
    let mut text = error.to_string();
    let mut all_gone = true;
    for container in with_key.iter().filter_map(|certificate| Container::of(certificate).ok().flatten()) {
        let gone = match before {
            Ok(before) => before.delete_new(&container).map_err(|error| said(&error)),
            Err(error) => Err(format!("which there were before is not known: {}", said(error))),
        };
        if let Err(why) = gone {
            all_gone = false;
            _ = write!(text, "; and the key stays in the container `{}`, which is not deleted: {why}", container.name);
        }
    }
    if all_gone { error } else { with_text(&error, &text) }
}

fn with_text(error: &io::Error, text: &str) -> io::Error {
    io::Error::new(error.kind(), text)
}

/// Ends with a zero; no password is the empty one.
pub(super) fn wide(password: Option<&Password>) -> io::Result<Zeroizing<Vec<u16>>> {
    let text = password.map_or("", Password::expose);
    if text.contains('\0') {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "for Windows the password would end in its middle"));
    }
    // At once of the size that it takes: what grows leaves copies behind.
    let mut units = Zeroizing::new(Vec::with_capacity(text.len() + 1));
    units.extend(text.encode_utf16().chain([0]));
    Ok(units)
}
