//! What some program minds about a certificate and its root, from the facts in them.
//!
//! Says what is so, not who minds it: each program's file does. Signatures are verified here once more, for a finding
//! names the cause and not what each program makes of it.

mod name;
mod signature;

use super::super::certificate::{Authority, Certificate, KeyUsage};
use super::super::finding::{Finding, Severity};
use super::super::path::PeerName;
use super::super::profile::Role;
use super::super::public_key::KeyAlgorithm;
use name::name_kind;
use signature::signature;
pub(super) use signature::weak;
use std::collections::HashSet;
use time::OffsetDateTime;

/// One thing about one end's certificate.
#[derive(Debug, Clone)]
pub(super) struct Fault<'a> {
    pub(super) kind: Kind,
    pub(super) leaf: &'a Certificate,
    /// Whose name the leaf has as issuer, when it is there.
    pub(super) root: Option<&'a Certificate>,
    pub(super) role: Role,
    pub(super) name: Option<&'a PeerName>,
    /// For sentences: `server.pem`.
    pub(super) file: String,
    pub(super) root_file: &'static str,
    /// The end shows a root of its own with its certificate.
    pub(super) shows_root: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    Md5,
    Sha1,
}

/// Which certificate it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Leaf,
    Root,
}

/// In the order in which OpenSSL comes upon them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// An extension cannot be read.
    Malformed {
        whose: Whose,
        alternative_names: bool,
    },
    /// `known`: one that OpenSSL looks at.
    DuplicateExtension {
        whose: Whose,
        known: bool,
    },
    SmallKey {
        whose: Whose,
        bits: usize,
    },
    UnknownIssuer,
    /// The root is itself issued by somebody who is not there.
    RootIssuedByAnother,
    SelfSigned,
    UnknownCritical(Whose),
    /// The root is not marked as one. `signs`: its keyUsage has keyCertSign, which OpenSSL takes for a mark.
    NotCa {
        denied: bool,
        signs: bool,
        version: u32,
    },
    MayNotSign,
    /// What X.509 wants of a certificate and only strict verifiers look at.
    Strict {
        text: &'static str,
        whose: Whose,
    },
    WrongPurpose(Whose),
    KeyUsage(KeyUsage),
    WeakSignature(Digest),
    /// The name asked for is in the common name, and there is no alternative name.
    CommonNameOnly,
    OtherName,
    /// The signature is not by the root's key. Whether the key identifiers already differ decides what is said.
    OtherKey {
        identifiers_differ: bool,
    },
    Expired(Whose),
    NotYetValid(Whose),
    NameConstraint,
    PathLength,
    /// Neither qcert nor any table knows: the rule that found it, or the algorithm.
    Other(String),
}

impl Fault<'_> {
    fn whose(&self, whose: Whose) -> String {
        match whose {
            Whose::Leaf => format!("`{}`", self.file),
            Whose::Root => format!("`{}`", self.root_file),
        }
    }

    pub(super) fn why(&self) -> String {
        let (leaf, root) = (self.whose(Whose::Leaf), self.whose(Whose::Root));
        match &self.kind {
            Kind::Malformed { whose, .. } => format!("an extension of {} cannot be read", self.whose(*whose)),
            Kind::DuplicateExtension { whose, .. } => format!("{} has the same extension twice", self.whose(*whose)),
            Kind::SmallKey { whose, bits } => format!("the key of {} has {bits} bits", self.whose(*whose)),
            Kind::UnknownIssuer => format!("{leaf} was issued by another authority than {root}"),
            Kind::RootIssuedByAnother => format!("{root} is not a root: another authority issued it"),
            Kind::SelfSigned => format!("{leaf} is signed by itself, not by {root}"),
            Kind::UnknownCritical(whose) => format!("{} has a critical extension nobody knows", self.whose(*whose)),
            Kind::NotCa { denied: true, .. } => format!("{root} says that it is not a CA"),
            Kind::NotCa { .. } => {
                format!("{root} does not say that it is a CA (no basicConstraints), as Qlik's roots before 2020")
            }
            Kind::MayNotSign => format!("the keyUsage of {root} does not let it sign certificates"),
            Kind::Strict { text: NO_KEY_USAGE, whose } => {
                format!("{} has no keyUsage, as none of Qlik's has", self.whose(*whose))
            }
            Kind::Strict { whose, .. } => format!("{} lacks what strict verifiers want", self.whose(*whose)),
            Kind::WrongPurpose(whose) => {
                format!("the extended key usage of {} is for something else", self.whose(*whose))
            }
            Kind::KeyUsage(_) => format!("the keyUsage of {leaf} is not for TLS"),
            Kind::WeakSignature(Digest::Md5) => format!("{leaf} is signed with MD5"),
            Kind::WeakSignature(Digest::Sha1) => format!("{leaf} is signed with SHA-1"),
            Kind::CommonNameOnly => format!("{leaf} has no subjectAltName, as Qlik's before 2018"),
            Kind::OtherName => format!("{leaf} is not for {}", self.asked()),
            Kind::OtherKey { identifiers_differ: true } => {
                format!("{leaf} was signed by another root of the same name than {root}")
            }
            Kind::OtherKey { .. } => format!("the signature of {leaf} is not by the key of {root}"),
            Kind::Expired(whose) => format!("{} has expired", self.whose(*whose)),
            Kind::NotYetValid(whose) => format!("{} is not valid yet", self.whose(*whose)),
            Kind::NameConstraint => format!("a name constraint of {root} does not permit {leaf}"),
            Kind::PathLength => format!("the path length of {root} does not permit {leaf}"),
            Kind::Other(what) => format!("{leaf}: {what}"),
        }
    }

    pub(super) fn way_out(&self) -> String {
        match &self.kind {
            Kind::UnknownIssuer | Kind::SelfSigned | Kind::OtherKey { .. } => {
                format!("take `{}` of the site that issued `{}`, or export again", self.root_file, self.file)
            }
            Kind::RootIssuedByAnother => format!("take the site's own root, or add the one above `{}`", self.root_file),
            Kind::NotCa { denied: false, .. } => {
                "make the site's certificates anew on a release of 2020 or later".to_owned()
            }
            Kind::Strict { .. } => {
                "use a root with keyUsage, or switch the strict checks off in this program".to_owned()
            }
            Kind::OtherName => match self.name {
                Some(PeerName::Ip(_)) => {
                    "call the machine by its name, or issue a certificate with its address".to_owned()
                }
                _ => "call the machine by the name in its certificate, or issue one for this name".to_owned(),
            },
            Kind::Expired(Whose::Root)
            | Kind::NotYetValid(Whose::Root)
            | Kind::UnknownCritical(Whose::Root)
            | Kind::Malformed { whose: Whose::Root, .. }
            | Kind::DuplicateExtension { whose: Whose::Root, .. }
            | Kind::SmallKey { whose: Whose::Root, .. }
            | Kind::NotCa { .. }
            | Kind::MayNotSign => "replace the site's root and all that it issued".to_owned(),
            Kind::NotYetValid(Whose::Leaf) => "set the clock, or wait".to_owned(),
            _ => format!("issue `{}` again", self.file),
        }
    }

    /// The name that was asked for.
    pub(super) fn asked(&self) -> String {
        match self.name {
            Some(PeerName::Dns(name)) => name.clone(),
            Some(PeerName::Ip(address)) => address.to_string(),
            None => String::new(),
        }
    }
}

/// What is asked of one end.
#[derive(Debug, Clone)]
pub(super) struct Examination<'a> {
    pub(super) leaf: &'a Certificate,
    pub(super) file: String,
    /// As findings name the leaf's file and the root's.
    pub(super) paths: Vec<&'a str>,
    pub(super) roots: &'a [&'a Certificate],
    /// What the leaf's file holds, which may be its chain.
    pub(super) more: Vec<&'a Certificate>,
    pub(super) root_file: &'static str,
    pub(super) role: Role,
    pub(super) name: Option<&'a PeerName>,
    pub(super) at: OffsetDateTime,
}

pub(super) fn faults<'a>(asked: &Examination<'a>, findings: &[Finding]) -> Vec<Fault<'a>> {
    let leaf = asked.leaf;
    let named: Vec<_> = asked.roots.iter().copied().filter(|root| root.subject() == leaf.issuer()).collect();
    let signed = |root: &&&Certificate| leaf.verify_signed_by(root).is_ok();
    let root = named.iter().find(signed).or(named.first()).copied();
    let shows_root = shows_root(leaf, &asked.more);
    let mut kinds = unreadable(leaf, Whose::Leaf);
    kinds.extend(small_key(leaf, Whose::Leaf));
    match root {
        None if !shows_root
            && asked.more.iter().any(|other| other.subject() == leaf.issuer() && other.der() != leaf.der()) =>
        {
            kinds.push(Kind::Other("there is an intermediate authority, which this table does not follow".to_owned()));
        }
        None if leaf.is_self_issued() => kinds.push(Kind::SelfSigned),
        None => kinds.push(Kind::UnknownIssuer),
        Some(root) if root.der() == leaf.der() => kinds.push(Kind::SelfSigned),
        Some(root) => of_both(asked, root, &mut kinds),
    }
    of_findings(asked, findings, &mut kinds);
    let fault = |kind| Fault {
        kind,
        leaf,
        root,
        role: asked.role,
        name: asked.name,
        file: asked.file.clone(),
        root_file: asked.root_file,
        shows_root,
    };
    kinds.into_iter().map(fault).collect()
}

/// Whether what is shown with `leaf` leads to a root, trusted or not.
pub(super) fn shows_root(leaf: &Certificate, shown: &[&Certificate]) -> bool {
    let mut below = leaf;
    // No chain is longer than what was shown.
    for _ in shown {
        let above =
            shown.iter().find(|other| other.subject() == below.issuer() && below.verify_signed_by(other).is_ok());
        match above {
            Some(root) if root.is_self_issued() => return root.der() != leaf.der(),
            Some(authority) => below = authority,
            None => return false,
        }
    }
    false
}

/// Last arcs of the extensions below 2.5.29 that OpenSSL reads of every certificate.
const READ: [u8; 8] = [14, 15, 17, 19, 30, 31, 35, 37];

fn unreadable(certificate: &Certificate, whose: Whose) -> Vec<Kind> {
    let all = &certificate.extensions().all;
    let malformed = certificate.extensions().malformed.first();
    let malformed = malformed.map(|(oid, _)| Kind::Malformed { whose, alternative_names: oid == "2.5.29.17" });
    let mut seen = HashSet::new();
    let duplicate = all.iter().find(|extension| !seen.insert(&extension.oid)).map(|extension| {
        let known = READ.iter().any(|last| extension.oid == format!("2.5.29.{last}"));
        Kind::DuplicateExtension { whose, known }
    });
    malformed.into_iter().chain(duplicate).collect()
}

fn small_key(certificate: &Certificate, whose: Whose) -> Option<Kind> {
    let bits = match certificate.public_key().algorithm() {
        KeyAlgorithm::Rsa { bits, .. } | KeyAlgorithm::RsaPss { bits } => *bits,
        _ => return None,
    };
    (bits < 2048).then_some(Kind::SmallKey { whose, bits })
}

fn of_both(asked: &Examination<'_>, root: &Certificate, kinds: &mut Vec<Kind>) {
    let leaf = asked.leaf;
    kinds.extend(unreadable(root, Whose::Root));
    if !root.is_self_issued() {
        kinds.push(Kind::RootIssuedByAnother);
    }
    let both = [(leaf, Whose::Leaf), (root, Whose::Root)];
    for (certificate, whose) in both {
        if certificate.extensions().all.iter().any(|extension| extension.critical && !extension.processed) {
            kinds.push(Kind::UnknownCritical(whose));
        }
    }
    let signs = root.may_sign_certificates();
    match root.authority() {
        Authority::Yes if signs == Some(false) => kinds.push(Kind::MayNotSign),
        Authority::Yes => {}
        other => kinds.push(Kind::NotCa {
            denied: other == Authority::No,
            signs: signs == Some(true),
            version: root.version(),
        }),
    }
    kinds.extend(strict(both));
    for (certificate, whose) in both {
        let purposes = certificate.extensions().extended_key_usage.as_deref();
        if purposes.is_some_and(|purposes| !is_for(purposes, asked.role)) {
            kinds.push(Kind::WrongPurpose(whose));
        }
    }
    if let Some(usage) = leaf.extensions().key_usage.filter(|usage| !usage.digital_signature()) {
        kinds.push(Kind::KeyUsage(usage));
    }
    kinds.extend(small_key(root, Whose::Root));
    kinds.extend(weak(leaf).map(Kind::WeakSignature));
    kinds.extend(asked.name.and_then(|name| name_kind(leaf, name)));
    kinds.extend(signature(leaf, root));
    for (certificate, whose) in both {
        if asked.at > certificate.not_after() {
            kinds.push(Kind::Expired(whose));
        } else if asked.at < certificate.not_before() {
            kinds.push(Kind::NotYetValid(whose));
        }
    }
}

fn is_for(purposes: &[String], role: Role) -> bool {
    let wanted = if role == Role::Client { "1.3.6.1.5.5.7.3.2" } else { "1.3.6.1.5.5.7.3.1" };
    purposes.iter().any(|purpose| purpose == wanted || purpose == "2.5.29.37.0")
}

pub(super) const NO_KEY_USAGE: &str = "CA cert does not include key usage extension";

/// X509_V_FLAG_X509_STRICT (OpenSSL's crypto/x509/x509_vfy.c, check_extensions), in its words.
fn strict(both: [(&Certificate, Whose); 2]) -> Option<Kind> {
    both.into_iter().find_map(|(certificate, whose)| {
        let ca = certificate.authority() == Authority::Yes;
        let extensions = certificate.extensions();
        let text = if certificate.version() < 3 {
            return None;
        } else if extensions.basic_constraints.is_some_and(|constraints| ca && !constraints.critical) {
            "Basic Constraints of CA cert not marked critical"
        } else if ca && extensions.key_usage.is_none() {
            NO_KEY_USAGE
        } else if whose == Whose::Leaf && certificate.authority_key_id().is_none() {
            "Missing Authority Key Identifier"
        } else if ca && certificate.subject_key_id().is_none() {
            "Missing Subject Key Identifier"
        } else {
            return None;
        };
        Some(Kind::Strict { text, whose })
    })
}

/// Said above from the facts; of the root's own signature (chain/bad-signature) no program takes notice.
const DERIVED: [&str; 11] = [
    "chain/unknown-issuer",
    "chain/same-name-other-key",
    "chain/bad-signature",
    "chain/self-signed",
    "chain/not-a-ca",
    "chain/may-not-sign",
    "chain/unknown-critical-extension",
    "chain/malformed-extension",
    "chain/duplicate-extension",
    "chain/weak-key",
    "chain/signature-unsupported",
];

/// What only path validation finds, and what is found there that no fact here explains: never passed over.
fn of_findings(asked: &Examination<'_>, findings: &[Finding], kinds: &mut Vec<Kind>) {
    let about_this = |finding: &&Finding| {
        let first = finding.files.first().map(String::as_str);
        finding.severity == Severity::Error && first.is_some_and(|file| asked.paths.contains(&file))
    };
    for finding in findings.iter().filter(about_this) {
        match finding.rule.id {
            "chain/name-constraint" => kinds.push(Kind::NameConstraint),
            "chain/path-length" => kinds.push(Kind::PathLength),
            id if id.starts_with("chain/") && !DERIVED.contains(&id) => kinds.push(Kind::Other(id.to_owned())),
            _ => {}
        }
    }
}
