//! Python's `ssl`, before and after 3.13 made strict verification the default. Proved by tests/consumers.rs.
//!
//! From 3.10 on Python asks OpenSSL for level 2, whatever the system says.

use super::super::certificate::Certificate;
use super::super::inventory::Key;
use super::super::path::PeerName;
use super::super::report::Answer;
use super::fault::{Fault, Kind, Whose};
use super::openssl::{self, Settings};
use super::runtime::{Inputs, Runtime, both_ends};
use super::scene::Scene;
use super::slot::{PfxTrouble, Slot, Trouble};

pub(super) fn before_3_13(scene: &Scene<'_>) -> Answer {
    both_ends(&Python { strict: false }, scene, Inputs { pfx: false, password: true })
}

pub(super) fn from_3_13(scene: &Scene<'_>) -> Answer {
    let answer = both_ends(&Python { strict: true }, scene, Inputs { pfx: false, password: true });
    match (answer, before_3_13(scene)) {
        // Only the strictness refuses it.
        (Answer::Refuses { error, why, .. }, Answer::Accepts | Answer::AcceptsBut(_)) => {
            let way_out = "switch the strict checks off: `context.verify_flags &= ~ssl.VERIFY_X509_STRICT`, or use a \
                           root with keyUsage"
                .to_owned();
            Answer::Refuses { error, why, way_out }
        }
        (answer, _) => answer,
    }
}

pub(super) struct Python {
    pub(super) strict: bool,
}

impl Python {
    fn settings(&self) -> Settings {
        Settings { least_bits: 2048, strict: self.strict }
    }
}

impl Runtime for Python {
    fn file(&self, slot: Slot, trouble: &Trouble) -> Option<String> {
        Some(match (slot, trouble) {
            (_, Trouble::ByteOrderMark) => return None,
            (_, Trouble::Missing) => "FileNotFoundError: [Errno 2] No such file or directory".to_owned(),
            (_, Trouble::Unreadable(_)) => "PermissionError: [Errno 13] Permission denied".to_owned(),
            (Slot::Root, Trouble::Cut | Trouble::Damaged | Trouble::BlankLines) => "[X509] PEM lib".to_owned(),
            (Slot::Root, _) => "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found".to_owned(),
            _ => "[SSL] PEM lib".to_owned(),
        })
    }

    fn locked(&self, _: &Key, wrong: bool) -> String {
        if wrong { "[SSL] PEM lib" } else { "Enter PEM pass phrase:" }.to_owned()
    }

    fn mismatch(&self) -> String {
        "[X509: KEY_VALUES_MISMATCH] key values mismatch".to_owned()
    }

    fn own(&self, certificate: &Certificate) -> Option<String> {
        let text = openssl::own(certificate, self.settings())?;
        Some(format!("[SSL: {}] {text}", text.to_ascii_uppercase().replace(' ', "_")))
    }

    fn chain(&self, fault: &Fault<'_>) -> Option<String> {
        if matches!(
            fault.kind,
            Kind::Malformed { whose: Whose::Leaf, .. } | Kind::DuplicateExtension { whose: Whose::Leaf, known: true }
        ) {
            return Some("[X509V3: INVALID_CERTIFICATE] invalid certificate".to_owned());
        }
        let (number, text) = openssl::reason(fault, self.settings())?;
        let start = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed:";
        let asked = fault.asked();
        Some(match (number, fault.name) {
            (62, Some(PeerName::Dns(_))) => {
                format!("{start} Hostname mismatch, certificate is not valid for '{asked}'.")
            }
            (64, _) => format!("{start} IP address mismatch, certificate is not valid for '{asked}'."),
            _ => format!("{start} {text}"),
        })
    }

    fn pfx(&self, _: &PfxTrouble) -> Option<String> {
        None
    }
}
