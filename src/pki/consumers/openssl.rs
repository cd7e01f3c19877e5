//! OpenSSL's verdicts, which Node.js and Python pass on, and its own command line. Proved by tests/consumers.rs.
//!
//! The numbers and texts are those of `X509_verify_cert_error_string`; the levels those of SSL_CTX_set_security_level(3).

use super::super::certificate::Certificate;
use super::super::inventory::Key;
use super::super::path::PeerName;
use super::super::profile::Role;
use super::super::report::Answer;
use super::fault::{Digest, Fault, Kind, Whose, weak};
use super::runtime::{Inputs, Runtime, both_ends};
use super::scene::Scene;
use super::slot::{PfxTrouble, Slot, Trouble};
use crate::pki::public_key::KeyAlgorithm;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    both_ends(&CommandLine, scene, Inputs { pfx: true, password: true })
}

/// How OpenSSL is set up by the program that uses it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    /// RSA keys below are refused: 1024 at level 1, 2048 at level 2.
    pub(super) least_bits: usize,
    pub(super) strict: bool,
}

pub(super) fn least_bits_refuse(certificate: &Certificate, least: usize) -> bool {
    matches!(certificate.public_key().algorithm(),
        KeyAlgorithm::Rsa { bits, .. } | KeyAlgorithm::RsaPss { bits } if *bits < least)
}

/// What SSL_CTX_use_certificate says.
pub(super) fn own(certificate: &Certificate, settings: Settings) -> Option<&'static str> {
    if least_bits_refuse(certificate, settings.least_bits) {
        return Some("ee key too small");
    }
    (weak(certificate).is_some() && !certificate.is_self_issued()).then_some("ca md too weak")
}

/// The first error that verification meets.
pub(super) fn reason(fault: &Fault<'_>, settings: Settings) -> Option<(u8, &'static str)> {
    let whose = |whose: Whose, root, leaf| if whose == Whose::Root { root } else { leaf };
    Some(match &fault.kind {
        Kind::UnknownIssuer | Kind::OtherKey { identifiers_differ: true } if fault.shows_root => {
            (19, "self-signed certificate in certificate chain")
        }
        Kind::Malformed { .. }
        | Kind::DuplicateExtension { known: true, .. }
        | Kind::UnknownIssuer
        | Kind::OtherKey { identifiers_differ: true } => (20, "unable to get local issuer certificate"),
        // VERIFY_X509_PARTIAL_CHAIN goes with the strict checks.
        Kind::RootIssuedByAnother if settings.strict => return None,
        Kind::RootIssuedByAnother => (2, "unable to get issuer certificate"),
        Kind::SelfSigned => (18, "self-signed certificate"),
        Kind::SmallKey { bits, .. } if *bits >= settings.least_bits => return None,
        Kind::SmallKey { whose: of, .. } => {
            whose(*of, (67, "CA certificate key too weak"), (66, "EE certificate key too weak"))
        }
        Kind::UnknownCritical(_) => (34, "unhandled critical extension"),
        // Without basicConstraints a certificate of version 1, or one whose keyUsage lets it sign, passes for a CA.
        Kind::NotCa { denied: false, signs, version } if (*signs || *version == 1) && !settings.strict => return None,
        Kind::NotCa { .. } | Kind::MayNotSign => (79, "invalid CA certificate"),
        // Its number is of no interest: only Python is strict, and shows the text.
        Kind::Strict { text, .. } if settings.strict => (0, text),
        Kind::KeyUsage(usage) if usage.key_agreement() => return None,
        Kind::KeyUsage(usage) if fault.role == Role::Server && usage.key_encipherment() => return None,
        Kind::WrongPurpose(_) | Kind::KeyUsage(_) => (26, "unsuitable certificate purpose"),
        Kind::WeakSignature(_) => (68, "CA signature digest algorithm too weak"),
        Kind::OtherName => match fault.name {
            Some(PeerName::Ip(_)) => (64, "IP address mismatch"),
            _ => (62, "hostname mismatch"),
        },
        Kind::OtherKey { .. } => (7, "certificate signature failure"),
        Kind::Expired(_) => (10, "certificate has expired"),
        Kind::NotYetValid(_) => (9, "certificate is not yet valid"),
        Kind::NameConstraint => (47, "permitted subtree violation"),
        Kind::PathLength => (25, "path length constraint exceeded"),
        Kind::DuplicateExtension { .. } | Kind::Strict { .. } | Kind::CommonNameOnly | Kind::Other(_) => return None,
    })
}

/// `openssl s_client` and `openssl pkcs12` of a distribution that sets level 2 (Debian, Ubuntu; OpenSSL from 3.2 on).
struct CommandLine;

const NOTHING: &str = "(it says nothing)";

const LEVEL_2: Settings = Settings { least_bits: 2048, strict: false };

impl Runtime for CommandLine {
    fn file(&self, slot: Slot, trouble: &Trouble) -> Option<String> {
        let what = match slot {
            Slot::Root => {
                return match trouble {
                    Trouble::Missing => Some("No such file or directory".to_owned()),
                    Trouble::ByteOrderMark => None,
                    Trouble::Unreadable(_) => Some("Permission denied".to_owned()),
                    Trouble::Cut | Trouble::Damaged | Trouble::BlankLines => Some("PEM lib".to_owned()),
                    _ => Some("no certificate or crl found".to_owned()),
                };
            }
            Slot::Certificate => "client certificate",
            Slot::Key => "client certificate private key",
        };
        match trouble {
            // The program looks at the content, not at the form.
            Trouble::Binary | Trouble::ByteOrderMark => None,
            Trouble::Missing | Trouble::Unreadable(_) => {
                Some(format!("Could not open file or uri for loading {what} from"))
            }
            _ => Some(format!("Could not read {what} from")),
        }
    }

    fn locked(&self, _: &Key, _: bool) -> String {
        "Could not read client certificate private key from".to_owned()
    }

    fn mismatch(&self) -> String {
        "key values mismatch".to_owned()
    }

    fn own(&self, certificate: &Certificate) -> Option<String> {
        own(certificate, LEVEL_2).map(str::to_owned)
    }

    fn chain(&self, fault: &Fault<'_>) -> Option<String> {
        let (number, text) = reason(fault, LEVEL_2)?;
        Some(format!("verify error:num={number}:{text}"))
    }

    fn pfx(&self, trouble: &PfxTrouble) -> Option<String> {
        Some(match trouble {
            PfxTrouble::Unreadable(_) => "Permission denied".to_owned(),
            // It ends with exit code 1 and not a word.
            PfxTrouble::Empty => NOTHING.to_owned(),
            PfxTrouble::Damaged => "not enough data".to_owned(),
            PfxTrouble::NotPfx => "wrong tag".to_owned(),
            PfxTrouble::WrongPassword => "Mac verify error: invalid password?".to_owned(),
            PfxTrouble::Rc2 => "Algorithm (RC2-40-CBC : 0), Properties ()".to_owned(),
            _ => return None,
        })
    }
}

/// For the word of a digest in another program's text.
pub(super) fn digest_name(digest: Digest) -> &'static str {
    match digest {
        Digest::Md5 => "MD5",
        Digest::Sha1 => "SHA1",
    }
}
