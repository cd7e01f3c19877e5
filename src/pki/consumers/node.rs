//! Node.js, from 17 on: OpenSSL 3 at level 1, with errors of its own. Proved by tests/consumers.rs on Node 20.

use super::super::certificate::{Certificate, GeneralName};
use super::super::inventory::{Key, KeyForm};
use super::super::path::PeerName;
use super::super::report::Answer;
use super::fault::{Fault, Kind};
use super::openssl::{self, Settings};
use super::runtime::{Inputs, Runtime, both_ends};
use super::scene::Scene;
use super::slot::{PfxTrouble, Slot, Trouble};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    both_ends(&Node, scene, Inputs { pfx: true, password: true })
}

pub(super) struct Node;

const LEVEL_1: Settings = Settings { least_bits: 1024, strict: false };

/// As `console.error` shows it: the message, and its code.
fn coded(message: &str, code: &str) -> String {
    format!("{message} ({code})")
}

impl Runtime for Node {
    fn file(&self, slot: Slot, trouble: &Trouble) -> Option<String> {
        let no_entry = || "ENOENT: no such file or directory".to_owned();
        let denied = || "EACCES: permission denied".to_owned();
        match (slot, trouble) {
            (_, Trouble::ByteOrderMark) => None,
            (_, Trouble::Missing) => Some(no_entry()),
            (_, Trouble::Unreadable(_)) => Some(denied()),
            // Taken without a word; it then trusts nobody.
            (Slot::Root, _) => Some(coded("unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE")),
            (Slot::Key, _) => Some(coded("error:1E08010C:DECODER routines::unsupported", "ERR_OSSL_UNSUPPORTED")),
            (Slot::Certificate, Trouble::Damaged) => Some("asn1 encoding routines".to_owned()),
            (Slot::Certificate, Trouble::Cut | Trouble::BlankLines) => {
                Some(coded("error:04800066:PEM routines::bad end line", "ERR_OSSL_PEM_BAD_END_LINE"))
            }
            (Slot::Certificate, _) => {
                Some(coded("error:0480006C:PEM routines::no start line", "ERR_OSSL_PEM_NO_START_LINE"))
            }
        }
    }

    fn locked(&self, key: &Key, _: bool) -> String {
        // Single DES is not in OpenSSL 3 without its legacy provider.
        let single_des = |cipher: &String| cipher.starts_with("DES-CBC,");
        if key.form == KeyForm::Traditional && key.encryption.as_ref().is_some_and(single_des) {
            return coded("error:0308010C:digital envelope routines::unsupported", "ERR_OSSL_EVP_UNSUPPORTED");
        }
        coded("error:1C800064:Provider routines::bad decrypt", "ERR_OSSL_BAD_DECRYPT")
    }

    fn mismatch(&self) -> String {
        let message = "error:05800074:x509 certificate routines::key values mismatch";
        coded(message, "ERR_OSSL_X509_KEY_VALUES_MISMATCH")
    }

    fn own(&self, certificate: &Certificate) -> Option<String> {
        openssl::own(certificate, LEVEL_1).map(str::to_owned)
    }

    fn chain(&self, fault: &Fault<'_>) -> Option<String> {
        // It goes on after an error and reports the last.
        match fault.kind {
            Kind::OtherName => return Some(coded(&other_name(fault), "ERR_TLS_CERT_ALTNAME_INVALID")),
            Kind::MayNotSign => return Some(coded("key usage does not include certificate signing", "UNSPECIFIED")),
            _ => {}
        }
        let (number, text) = openssl::reason(fault, LEVEL_1)?;
        Some(match number {
            2 => coded(text, "UNABLE_TO_GET_ISSUER_CERT"),
            7 => coded(text, "CERT_SIGNATURE_FAILURE"),
            9 => coded(text, "CERT_NOT_YET_VALID"),
            10 => coded(text, "CERT_HAS_EXPIRED"),
            18 => coded(text, "DEPTH_ZERO_SELF_SIGNED_CERT"),
            19 => coded(text, "SELF_SIGNED_CERT_IN_CHAIN"),
            20 => coded("unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
            25 => coded(text, "PATH_LENGTH_EXCEEDED"),
            26 | 79 => coded("unsuitable certificate purpose", "INVALID_PURPOSE"),
            _ => coded(text, "UNSPECIFIED"),
        })
    }

    fn pfx(&self, trouble: &PfxTrouble) -> Option<String> {
        Some(match trouble {
            PfxTrouble::Unreadable(_) => "EACCES: permission denied".to_owned(),
            PfxTrouble::Empty | PfxTrouble::Damaged => "not enough data".to_owned(),
            PfxTrouble::NotPfx => "wrong tag".to_owned(),
            PfxTrouble::WithoutMac => "mac absent".to_owned(),
            PfxTrouble::WrongPassword => "mac verify failure".to_owned(),
            PfxTrouble::Rc2 => coded("Unsupported PKCS12 PFX data", "ERR_CRYPTO_UNSUPPORTED_OPERATION"),
            PfxTrouble::WithoutKey => coded("Unable to load private key from PFX data", "ERR_CRYPTO_OPERATION_FAILED"),
            PfxTrouble::WithoutCertificate => {
                coded("Unable to load certificate from PFX data", "ERR_CRYPTO_OPERATION_FAILED")
            }
            _ => return None,
        })
    }
}

/// `checkServerIdentity` (lib/tls.js).
fn other_name(fault: &Fault<'_>) -> String {
    let leaf = fault.leaf;
    let start = "Hostname/IP does not match certificate's altnames:";
    if let Some(PeerName::Ip(address)) = fault.name {
        let own: Vec<_> = leaf.ip_addresses().map(|own| own.to_string()).collect();
        return format!("{start} IP: {address} is not in the cert's list: {}", own.join(", ")).trim_end().to_owned();
    }
    let asked = fault.asked();
    if leaf.alternative_names().is_empty() {
        return format!("{start} Host: {asked}. is not cert's CN: {}", leaf.common_name().unwrap_or_default());
    }
    let shown = |name: &GeneralName| match name {
        GeneralName::Dns(name) => format!("DNS:{name}"),
        other => other.ip_address().map_or_else(|| "…".to_owned(), |address| format!("IP Address:{address}")),
    };
    let own: Vec<_> = leaf.alternative_names().iter().map(shown).collect();
    format!("{start} Host: {asked}. is not in the cert's altnames: {}", own.join(", "))
}
