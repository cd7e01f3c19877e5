//! Java's JSSE, with a PFX as key store and the root in a trust store. Proved by tests/consumers.rs on Java 17.
//!
//! Of its trust anchor Java looks at basicConstraints and keyUsage (jdk.security.allowNonCaAnchor), at no date and no
//! critical extension.

use super::super::certificate::Certificate;
use super::super::inventory::Key;
use super::super::path::PeerName;
use super::super::profile::Role;
use super::super::report::Answer;
use super::fault::{Digest, Fault, Kind, Whose};
use super::runtime::{Runtime, chain, file, pfx};
use super::scene::Scene;
use super::services::FORBIDDEN;
use super::slot::{PfxTrouble, Slot, Trouble};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    if !scene.bundle.has("client.pfx") {
        return Answer::NothingForIt("it takes `client.pfx`, and the root from `root.cer` or `root.pem`".to_owned());
    }
    let judged = (|| {
        pfx(&Java, scene)?;
        if !scene.bundle.has("root.cer") {
            file(&Java, Slot::Root, scene.bundle.certificates(Slot::Root.name()).trouble.as_ref())?;
        } else if scene.root.is_none() {
            return Err(Answer::Unjudged("`root.cer` cannot be read".to_owned()));
        }
        chain(&Java, &scene.server_faults)?;
        chain(&Java, &scene.pfx_faults)
    })();
    judged.err().unwrap_or(Answer::Accepts)
}

struct Java;

impl Runtime for Java {
    fn file(&self, _: Slot, trouble: &Trouble) -> Option<String> {
        Some(match trouble {
            // keytool and CertificateFactory read both forms.
            Trouble::Binary | Trouble::BlankLines => return None,
            Trouble::Missing => "java.nio.file.NoSuchFileException".to_owned(),
            Trouble::Unreadable(_) => "java.nio.file.AccessDeniedException".to_owned(),
            Trouble::Empty | Trouble::Utf16 => {
                "Could not parse certificate: java.io.IOException: Empty input".to_owned()
            }
            Trouble::ByteOrderMark | Trouble::Cut => {
                "Could not parse certificate: java.io.IOException: Incomplete data".to_owned()
            }
            _ => "java.security.cert.Certificate".to_owned(),
        })
    }

    fn locked(&self, _: &Key, _: bool) -> String {
        String::new()
    }

    fn mismatch(&self) -> String {
        String::new()
    }

    fn own(&self, _: &Certificate) -> Option<String> {
        None
    }

    fn chain(&self, fault: &Fault<'_>) -> Option<String> {
        let failed =
            |why: &str| format!("PKIX path validation failed: java.security.cert.CertPathValidatorException: {why}");
        let anchor = |why: &str| format!("{}{why}", anchor(fault));
        let end = if fault.role == Role::Server { "server" } else { "client" };
        Some(match &fault.kind {
            // It does without a name it cannot read; of a root of version 1 no mark is wanted.
            Kind::Malformed { alternative_names: true, .. } | Kind::NotCa { denied: false, version: 1, .. } => {
                return None;
            }
            Kind::Malformed { .. } => "java.security.cert.CertificateParsingException".to_owned(),
            Kind::DuplicateExtension { .. } => {
                "java.security.cert.CertificateParsingException: java.io.IOException: Duplicate extensions not allowed"
                    .to_owned()
            }
            Kind::UnknownIssuer | Kind::SelfSigned => {
                "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find \
                 valid certification path to requested target"
                    .to_owned()
            }
            Kind::OtherKey { identifiers_differ: true } => failed("Path does not chain with any of the trust anchors"),
            Kind::OtherKey { .. } => failed("signature check failed"),
            Kind::NotCa { .. } => anchor("is not a CA certificate"),
            Kind::MayNotSign => anchor("does not have keyCertSign bit set in KeyUsage extension"),
            Kind::UnknownCritical(Whose::Leaf) => failed("unrecognized critical extension(s)"),
            Kind::WrongPurpose(Whose::Leaf) => {
                format!("Extended key usage does not permit use for TLS {end} authentication")
            }
            Kind::KeyUsage(_) => "KeyUsage does not allow digital signatures".to_owned(),
            Kind::WeakSignature(Digest::Md5) => {
                failed("Algorithm constraints check failed on signature algorithm: MD5withRSA")
            }
            Kind::SmallKey { whose: Whose::Leaf, bits } if *bits < 1024 => {
                failed(&format!("Algorithm constraints check failed on keysize limits: RSA {bits} bit key used"))
            }
            Kind::OtherName => other_name(fault),
            Kind::Expired(Whose::Leaf) | Kind::NotYetValid(Whose::Leaf) => failed("validity check failed"),
            Kind::PathLength => failed("basic constraints check failed: pathLenConstraint violated"),
            _ => return None,
        })
    }

    fn pfx(&self, trouble: &PfxTrouble) -> Option<String> {
        Some(match trouble {
            PfxTrouble::Unreadable(_) => "java.nio.file.AccessDeniedException".to_owned(),
            PfxTrouble::Empty | PfxTrouble::NotPfx => "java.io.IOException".to_owned(),
            PfxTrouble::Damaged => "java.io.EOFException".to_owned(),
            PfxTrouble::WrongPassword => "java.io.IOException: keystore password was incorrect".to_owned(),
            // It connects, and shows no certificate.
            PfxTrouble::WithoutKey | PfxTrouble::WithoutCertificate => FORBIDDEN.to_owned(),
            _ => return None,
        })
    }
}

fn anchor(fault: &Fault<'_>) -> String {
    let one = fault.root.filter(|root| root.subject_name().relative().len() == 1);
    // Other names Java writes by RFC 2253, in another order.
    one.and_then(Certificate::common_name)
        .map_or_else(String::new, |name| format!("TrustAnchor with subject \"CN={name}\" "))
}

/// sun.security.util.HostnameChecker.
fn other_name(fault: &Fault<'_>) -> String {
    let (leaf, asked) = (fault.leaf, fault.asked());
    match fault.name {
        Some(PeerName::Ip(_)) if leaf.extensions().alternative_names.is_none() => {
            "No subject alternative names present".to_owned()
        }
        Some(PeerName::Ip(_)) => format!("No subject alternative names matching IP address {asked} found"),
        _ if leaf.dns_names().next().is_some() => {
            format!("No subject alternative DNS name matching {asked} found.")
        }
        _ => format!("No name matching {asked} found"),
    }
}
