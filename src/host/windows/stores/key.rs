//! What Windows says of a certificate's private key: where it lies, whether this account can open it, and whether it may
//! be taken out. The key itself is never asked for, and nobody is: whatever would show a dialog fails instead.
#![expect(unsafe_code, reason = "Windows' functions are called by pointer; each call says why it may be")]

use super::container::Container;
use super::{Context, last_error, said};
use crate::pki::snapshot::{KeyFacts, KeyKind};
use std::io;
use std::ptr::null;
use windows_sys::Win32::Foundation::{
    CRYPT_E_NO_KEY_PROPERTY, E_ACCESSDENIED, ERROR_ACCESS_DENIED, NTE_BAD_KEYSET, NTE_BAD_PUBLIC_KEY, NTE_NO_KEY,
    NTE_PERM,
};
use windows_sys::Win32::Security::Cryptography::{
    AT_KEYEXCHANGE, AT_SIGNATURE, CERT_NCRYPT_KEY_SPEC, CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG,
    CRYPT_ACQUIRE_COMPARE_KEY_FLAG, CRYPT_ACQUIRE_NO_HEALING, CRYPT_ACQUIRE_SILENT_FLAG, CRYPT_EXPORT,
    CryptAcquireCertificatePrivateKey, CryptDestroyKey, CryptGetKeyParam, CryptGetUserKey, CryptReleaseContext,
    KP_PERMISSIONS, NCRYPT_ALLOW_EXPORT_FLAG, NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG, NCRYPT_EXPORT_POLICY_PROPERTY,
    NCryptFreeObject, NCryptGetProperty,
};

/// `None`: the certificate has no private key here.
pub(super) fn facts(certificate: &Context) -> Option<KeyFacts> {
    let container = match Container::of(certificate) {
        Ok(container) => container?,
        Err(error) => return Some(KeyFacts { problem: Some(said(&error)), ..KeyFacts::default() }),
    };
    let kind = if container.is_of_cng() { KeyKind::Cng } else { KeyKind::Capi };
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let mut facts = KeyFacts {
        provider: some(container.provider),
        kind: Some(kind),
        container: some(container.name),
        machine_keyset: Some(container.machine_keyset),
        ..KeyFacts::default()
    };
    match Opened::of(certificate) {
        Ok(handle) => {
            facts.usable = Some(true);
            match handle.exportable() {
                Ok(exportable) => facts.exportable = Some(exportable),
                Err(error) => {
                    facts.problem = Some(format!("it does not say whether it may be exported: {}", said(&error)));
                }
            }
        }
        Err(error) => {
            facts.usable = is_out_of_reach(&error).then_some(false);
            facts.problem = Some(said(&error));
        }
    }
    Some(facts)
}

/// Whether this account cannot use it, as it stands. All else, such as a card that is not in its reader or a question
/// that was not to be asked, leaves it open.
fn is_out_of_reach(error: &io::Error) -> bool {
    const DENIED: i32 = ERROR_ACCESS_DENIED.cast_signed();
    matches!(
        error.raw_os_error(),
        Some(
            NTE_BAD_KEYSET
                | NTE_BAD_PUBLIC_KEY
                | NTE_NO_KEY
                | NTE_PERM
                | E_ACCESSDENIED
                | DENIED
                | CRYPT_E_NO_KEY_PROPERTY
        )
    )
}

/// Octets of a number of permissions.
const ROOM: u32 = 4;

/// An opened private key.
struct Opened {
    /// Of a provider (CAPI) or of a key (CNG).
    handle: usize,
    specification: u32,
    is_ours: bool,
}

impl Opened {
    fn of(certificate: &Context) -> io::Result<Self> {
        // Healing would write to the store.
        let how = CRYPT_ACQUIRE_SILENT_FLAG
            | CRYPT_ACQUIRE_NO_HEALING
            | CRYPT_ACQUIRE_COMPARE_KEY_FLAG
            | CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG;
        let (mut handle, mut specification, mut is_ours) = (0, 0, 0);
        // SAFETY: the context is not null and lives; the three places are ours and of the kinds that are written.
        let done = unsafe {
            CryptAcquireCertificatePrivateKey(
                certificate.0,
                how,
                null(),
                &raw mut handle,
                &raw mut specification,
                &raw mut is_ours,
            )
        };
        if done == 0 {
            return Err(last_error());
        }
        Ok(Self { handle, specification, is_ours: is_ours != 0 })
    }

    fn exportable(&self) -> io::Result<bool> {
        let mut permissions = [0; ROOM as usize];
        if self.specification == CERT_NCRYPT_KEY_SPEC {
            let mut length = 0;
            // SAFETY: the key is open, and the room is as long as is said.
            let status = unsafe {
                NCryptGetProperty(
                    self.handle,
                    NCRYPT_EXPORT_POLICY_PROPERTY,
                    permissions.as_mut_ptr(),
                    ROOM,
                    &raw mut length,
                    0,
                )
            };
            if status != 0 {
                return Err(io::Error::from_raw_os_error(status));
            }
            let flags = u32::from_le_bytes(permissions);
            return Ok(flags & (NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG) != 0);
        }
        // Wine says 3, which is both.
        let specification = if self.specification == AT_SIGNATURE { AT_SIGNATURE } else { AT_KEYEXCHANGE };
        let (mut key, mut length) = (0, ROOM);
        // SAFETY: the provider is open; the key that it gives is destroyed here, which forgets the handle and not the
        // key; the room is as long as is said.
        unsafe {
            if CryptGetUserKey(self.handle, specification, &raw mut key) == 0 {
                return Err(last_error());
            }
            let done = CryptGetKeyParam(key, KP_PERMISSIONS, permissions.as_mut_ptr(), &raw mut length, 0);
            let error = last_error();
            CryptDestroyKey(key);
            if done == 0 {
                return Err(error);
            }
        }
        Ok(u32::from_le_bytes(permissions) & CRYPT_EXPORT != 0)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !self.is_ours {
            return;
        }
        // SAFETY: the handle is ours, of the kind that is said, and given back once.
        unsafe {
            if self.specification == CERT_NCRYPT_KEY_SPEC {
                NCryptFreeObject(self.handle);
            } else {
                CryptReleaseContext(self.handle, 0);
            }
        }
    }
}
