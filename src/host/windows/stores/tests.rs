//! What is put into a store by Windows' own functions comes back as it went in, and is taken out again.

use super::*;
use crate::pki::pem;
use std::ptr::null;
use time::macros::datetime;
use windows_sys::Win32::Security::Cryptography::{
    CERT_STORE_ADD_REPLACE_EXISTING, CERT_STORE_CTRL_COMMIT, CERT_STORE_CTRL_COMMIT_FORCE_FLAG, CRYPT_INTEGER_BLOB,
    CertAddEncodedCertificateToStore, CertControlStore, CertDeleteCertificateFromStore,
    CertSetCertificateContextProperty, X509_ASN_ENCODING,
};

const FRIENDLY: &str = "QlikClient \u{fc}ber alles";

fn der() -> Vec<u8> {
    let text = include_bytes!("../../../../fixtures/golden/qlik/client.pem");
    let text = String::from_utf8(text.to_vec()).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    pem::decode_base64(body.as_bytes()).unwrap().expose().to_vec()
}

/// CurrentUser\My, to be written: only here.
struct Written(Open);

impl Written {
    fn open() -> Self {
        let name: Vec<u16> = "My\0".encode_utf16().collect();
        // SAFETY: the name ends with a zero.
        let handle = unsafe {
            CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, name.as_ptr().cast())
        };
        assert!(!handle.is_null(), "{}", io::Error::last_os_error());
        Self(Open(handle))
    }

    fn commit(&self) {
        // SAFETY: the store is open.
        let done =
            unsafe { CertControlStore(self.0.0, CERT_STORE_CTRL_COMMIT_FORCE_FLAG, CERT_STORE_CTRL_COMMIT, null()) };
        assert_ne!(done, 0, "{}", io::Error::last_os_error());
    }

    fn add(&self, der: &[u8]) {
        let mut context = null_mut();
        let mut name: Vec<u16> = FRIENDLY.encode_utf16().chain([0]).collect();
        let size = u32::try_from(name.len() * 2).unwrap();
        let blob = CRYPT_INTEGER_BLOB { cbData: size, pbData: name.as_mut_ptr().cast() };
        // SAFETY: the certificate is as long as is said, the context that comes back is given back, and the name lives.
        unsafe {
            let length = u32::try_from(der.len()).unwrap();
            let how = CERT_STORE_ADD_REPLACE_EXISTING;
            let store = self.0.0;
            let added =
                CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der.as_ptr(), length, how, &raw mut context);
            assert_ne!(added, 0, "{}", io::Error::last_os_error());
            let context = Context(context);
            let id = CERT_FRIENDLY_NAME_PROP_ID;
            assert_ne!(CertSetCertificateContextProperty(context.0, id, 0, (&raw const blob).cast()), 0);
        }
        self.commit();
    }

    fn remove(&self, der: &[u8]) {
        let mut certificate = null_mut();
        // SAFETY: the store is open; each context is handed on once, to the next call or to the one that deletes.
        unsafe {
            loop {
                certificate = CertEnumCertificatesInStore(self.0.0, certificate);
                assert!(!certificate.is_null(), "it is not there to be removed");
                let context = Context(certificate);
                let found = context.der() == der;
                std::mem::forget(context);
                if found {
                    assert_ne!(CertDeleteCertificateFromStore(certificate), 0);
                    break;
                }
            }
        }
        self.commit();
    }
}

fn found(der: &[u8]) -> Option<Entry> {
    let store = read(Location::CurrentUser, StoreName::My);
    assert_eq!(store.problem, None);
    store.certificates.into_iter().find(|entry| entry.der == der)
}

#[test]
fn what_is_put_into_a_store_is_read_from_it() {
    let der = der();
    assert_eq!(found(&der), None, "an earlier test left it");
    Written::open().add(&der);
    let entry = found(&der);
    Written::open().remove(&der);
    let wanted = Entry { der: der.clone(), friendly_name: Some(FRIENDLY.into()), archived: false, key: None };
    assert_eq!(entry, Some(wanted));
    assert_eq!(found(&der), None);
}

#[test]
fn a_snapshot_is_of_this_computer_and_account_and_comes_back_from_its_file() {
    let snapshot = super::snapshot("test".into(), datetime!(2026-11-22 06:00 UTC)).unwrap();
    assert!(!snapshot.computer.is_empty() && snapshot.account.contains('\\'), "{snapshot:?}");
    assert!(snapshot.elevated.is_some() && snapshot.system.is_some());
    assert_eq!(snapshot.stores.len(), 6);
    for store in &snapshot.stores {
        assert_eq!(store.problem, None, "{}", store.path());
    }
    assert_eq!(Snapshot::parse(&snapshot.write()), Ok(snapshot));
}

#[test]
fn only_the_end_of_a_store_is_its_end() {
    assert_eq!(why_it_ended(&io::Error::from_raw_os_error(CRYPT_E_NOT_FOUND)), None);
    assert!(why_it_ended(&io::Error::from_raw_os_error(5)).is_some());
}
