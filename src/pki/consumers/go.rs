//! Go's crypto/tls and crypto/x509. Proved by tests/consumers.rs on Go 1.19; newer ones put
//! `tls: failed to verify certificate:` in front.

use super::super::certificate::Certificate;
use super::super::inventory::Key;
use super::super::path::PeerName;
use super::super::report::Answer;
use super::fault::{Fault, Kind, Whose};
use super::openssl::{digest_name, least_bits_refuse};
use super::runtime::{Inputs, Runtime, both_ends, is_about_name};
use super::scene::Scene;
use super::slot::{PfxTrouble, Slot, Trouble};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let small = |it: &Certificate| least_bits_refuse(it, 1024);
    match both_ends(&Go, scene, Inputs { pfx: false, password: false }) {
        Answer::Accepts if [scene.root, scene.server, scene.client].into_iter().flatten().any(small) => {
            Answer::AcceptsBut("not from Go 1.24 on: an RSA key has less than 1024 bits".to_owned())
        }
        answer => answer,
    }
}

pub(super) struct Go;

impl Runtime for Go {
    fn file(&self, slot: Slot, trouble: &Trouble) -> Option<String> {
        let input = if slot == Slot::Key { "key" } else { "certificate" };
        Some(match (slot, trouble) {
            (_, Trouble::Missing) => "no such file or directory".to_owned(),
            (_, Trouble::Unreadable(_)) => "permission denied".to_owned(),
            // AppendCertsFromPEM only returns false, which programs do not look at.
            (_, Trouble::BlankLines) => return None,
            (Slot::Root, _) => "x509: certificate signed by unknown authority".to_owned(),
            (Slot::Key, Trouble::Other) => {
                "tls: found a certificate rather than a key in the PEM for the private key".to_owned()
            }
            (Slot::Certificate, Trouble::Other) => "tls: failed to find certificate PEM data in certificate input, \
                                                    but did find a private key; PEM inputs may have been switched"
                .to_owned(),
            (Slot::Certificate, Trouble::Damaged) => "x509: malformed".to_owned(),
            (Slot::Key, Trouble::Damaged) => "tls: failed to parse private key".to_owned(),
            _ => format!("tls: failed to find any PEM data in {input} input"),
        })
    }

    fn locked(&self, _: &Key, _: bool) -> String {
        "tls: failed to parse private key".to_owned()
    }

    fn mismatch(&self) -> String {
        "tls: private key does not match public key".to_owned()
    }

    fn own(&self, _: &Certificate) -> Option<String> {
        None
    }

    fn chain(&self, fault: &Fault<'_>) -> Option<String> {
        let unknown = "x509: certificate signed by unknown authority";
        let because = |reason: &str| format!("{unknown} (possibly because of \"{reason}\"");
        Some(match &fault.kind {
            // A root that it cannot read is left out without a word.
            Kind::Malformed { whose: Whose::Root, .. } | Kind::DuplicateExtension { whose: Whose::Root, .. } => {
                unknown.to_owned()
            }
            Kind::Malformed { alternative_names: true, .. } => "x509: invalid subject alternative names".to_owned(),
            Kind::Malformed { .. } => "x509: ".to_owned(),
            Kind::DuplicateExtension { .. } => "x509: certificate contains duplicate extensions".to_owned(),
            Kind::UnknownIssuer | Kind::SelfSigned => unknown.to_owned(),
            Kind::OtherKey { .. } => because("crypto/rsa: verification error"),
            Kind::UnknownCritical(_) => "x509: unhandled critical extension".to_owned(),
            // Of version 1 no mark is wanted.
            Kind::NotCa { denied: false, version: 1, .. }
            | Kind::RootIssuedByAnother
            | Kind::SmallKey { .. }
            | Kind::Strict { .. }
            | Kind::KeyUsage(_)
            | Kind::Other(_) => return None,
            Kind::NotCa { .. } | Kind::MayNotSign => {
                because("x509: invalid signature: parent certificate cannot sign this kind of certificate")
            }
            Kind::WrongPurpose(_) => "x509: certificate specifies an incompatible key usage".to_owned(),
            Kind::WeakSignature(digest) => {
                let text = format!("x509: cannot verify signature: insecure algorithm {}-RSA", digest_name(*digest));
                format!("{unknown} (possibly because of \"{text}")
            }
            Kind::CommonNameOnly => "x509: certificate relies on legacy Common Name field, use SANs instead".to_owned(),
            Kind::OtherName => other_name(fault),
            Kind::Expired(_) | Kind::NotYetValid(_) => "x509: certificate has expired or is not yet valid".to_owned(),
            Kind::NameConstraint => {
                "x509: a root or intermediate certificate is not authorized to sign for this name".to_owned()
            }
            Kind::PathLength => "x509: too many intermediates for path length constraint".to_owned(),
        })
    }

    fn pfx(&self, _: &PfxTrouble) -> Option<String> {
        None
    }

    /// The leaf's dates and extensions, then the name, then the chain (Certificate.Verify).
    fn rank(&self, fault: &Fault<'_>) -> u8 {
        match &fault.kind {
            Kind::Malformed { .. } | Kind::DuplicateExtension { .. } => 0,
            _ if is_about_name(fault) => 1,
            _ => 2,
        }
    }
}

/// HostnameError.Error (crypto/x509/verify.go).
fn other_name(fault: &Fault<'_>) -> String {
    let (leaf, asked) = (fault.leaf, fault.asked());
    let without = leaf.extensions().alternative_names.is_none();
    if without && leaf.common_name().is_some_and(|own| own.eq_ignore_ascii_case(&asked)) {
        return "x509: certificate relies on legacy Common Name field, use SANs instead".to_owned();
    }
    let addresses: Vec<_> = leaf.ip_addresses().map(|own| own.to_string()).collect();
    let names: Vec<_> = leaf.dns_names().map(str::to_owned).collect();
    match fault.name {
        Some(PeerName::Ip(_)) if addresses.is_empty() => {
            format!("x509: cannot validate certificate for {asked} because it doesn't contain any IP SANs")
        }
        Some(PeerName::Ip(_)) => format!("x509: certificate is valid for {}, not {asked}", addresses.join(", ")),
        _ if names.is_empty() => {
            format!("x509: certificate is not valid for any names, but wanted to match {asked}")
        }
        _ => format!("x509: certificate is valid for {}, not {asked}", names.join(", ")),
    }
}
