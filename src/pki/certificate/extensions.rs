//! The extensions of a certificate as facts. What cannot be read is kept with the reason, so that a rule can say it.

use super::super::der::{Reader, tag};
use super::super::profile::{MARKER_OID, Role};
use super::names::GeneralName;
use x509_parser::extensions::GeneralSubtree;
use x509_parser::prelude::{ParsedExtension, X509Certificate};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Dotted.
    pub oid: String,
    pub critical: bool,
    /// The content of extnValue.
    pub value: Vec<u8>,
    /// Whether qcert reads it, hence may pass it when it is critical.
    pub processed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    pub ca: bool,
    pub path_length: Option<u32>,
    pub critical: bool,
}

/// RFC 5280 4.2.1.3, one bit each; bit 0 is digitalSignature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage {
    bits: u16,
}

impl KeyUsage {
    const NAMES: [&'static str; 9] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];

    pub fn key_cert_sign(self) -> bool {
        self.bits & 1 << 5 != 0
    }

    pub fn crl_sign(self) -> bool {
        self.bits & 1 << 6 != 0
    }

    pub fn digital_signature(self) -> bool {
        self.bits & 1 != 0
    }

    pub fn key_encipherment(self) -> bool {
        self.bits & 1 << 2 != 0
    }

    pub fn key_agreement(self) -> bool {
        self.bits & 1 << 4 != 0
    }

    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().enumerate().filter(move |(bit, _)| self.bits & 1 << bit != 0).map(|(_, name)| name)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorityKeyId {
    pub key_id: Option<Vec<u8>>,
    pub has_issuer_or_serial: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// `None` when the field is absent, which permits everything.
    pub permitted: Option<Vec<GeneralName>>,
    pub excluded: Option<Vec<GeneralName>>,
}

/// What the extensions say. A field is `None` when the extension is absent or malformed; `malformed` tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions {
    pub all: Vec<Extension>,
    /// The dotted identifier and what is wrong with it.
    pub malformed: Vec<(String, String)>,
    pub basic_constraints: Option<BasicConstraints>,
    pub key_usage: Option<KeyUsage>,
    /// Dotted.
    pub extended_key_usage: Option<Vec<String>>,
    pub alternative_names: Option<Vec<GeneralName>>,
    pub name_constraints: Option<NameConstraints>,
    pub subject_key_id: Option<Vec<u8>>,
    pub authority_key_id: Option<AuthorityKeyId>,
    pub marker: Option<Marker>,
    /// The sizes of 1.3.6.1.5.5.7.13.1 and .13.2: the site's secrets, encrypted to the server's key.
    pub secrets: Vec<usize>,
}

/// Qlik's role marker and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// The word in an OCTET STRING of its own, as Qlik writes it, or bare, as a known re-implementation does.
    Role { role: Role, bare: bool },
    /// A word that Qlik does not use.
    Unknown(Vec<u8>),
}

const SECRETS: [[u64; 9]; 2] = [[1, 3, 6, 1, 5, 5, 7, 13, 1], [1, 3, 6, 1, 5, 5, 7, 13, 2]];

impl Extensions {
    pub(super) fn new(certificate: &X509Certificate<'_>) -> Self {
        let mut facts = Self::default();
        for extension in certificate.extensions() {
            let oid = extension.oid.to_id_string();
            let arcs = |wanted: &[u64; 9]| extension.oid.iter().is_some_and(|arcs| arcs.eq(wanted.iter().copied()));
            let mut processed = true;
            if arcs(&MARKER_OID) {
                facts.marker = Some(marker(extension.value));
            } else if SECRETS.iter().any(arcs) {
                facts.secrets.push(inner(extension.value).len());
            } else {
                processed = facts.take(extension.parsed_extension(), extension.critical, &oid);
            }
            facts.all.push(Extension { oid, critical: extension.critical, value: extension.value.to_vec(), processed });
        }
        facts
    }

    /// Whether the extension is one that is read here.
    fn take(&mut self, parsed: &ParsedExtension<'_>, critical: bool, oid: &str) -> bool {
        match parsed {
            ParsedExtension::BasicConstraints(constraints) => {
                let (ca, path_length) = (constraints.ca, constraints.path_len_constraint);
                self.basic_constraints = Some(BasicConstraints { ca, path_length, critical });
            }
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(KeyUsage { bits: usage.flags }),
            ParsedExtension::ExtendedKeyUsage(usage) => self.extended_key_usage = Some(purposes(usage)),
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = Some(AuthorityKeyId {
                    key_id: id.key_identifier.as_ref().map(|id| id.0.to_vec()),
                    has_issuer_or_serial: id.authority_cert_issuer.is_some() || id.authority_cert_serial.is_some(),
                });
            }
            ParsedExtension::SubjectAlternativeName(names) => {
                self.alternative_names = Some(names.general_names.iter().map(GeneralName::new).collect());
            }
            ParsedExtension::NameConstraints(constraints) => {
                let subtrees = |trees: &Vec<GeneralSubtree<'_>>| {
                    trees.iter().map(|tree| GeneralName::new(&tree.base)).collect::<Vec<_>>()
                };
                self.name_constraints = Some(NameConstraints {
                    permitted: constraints.permitted_subtrees.as_ref().map(subtrees),
                    excluded: constraints.excluded_subtrees.as_ref().map(subtrees),
                });
            }
            ParsedExtension::ParseError { error } => {
                self.malformed.push((oid.to_owned(), error.to_string()));
            }
            _ => return false,
        }
        true
    }

    pub fn find(&self, oid: &str) -> Option<&Extension> {
        self.all.iter().find(|extension| extension.oid == oid)
    }
}

fn purposes(usage: &x509_parser::extensions::ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "2.5.29.37.0"),
        (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
        (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
        (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ];
    let named = known.into_iter().filter(|(present, _)| *present).map(|(_, oid)| oid.to_owned());
    named.chain(usage.other.iter().map(x509_parser::der_parser::oid::Oid::to_id_string)).collect()
}

/// The content of the OCTET STRING that Qlik wraps these values in once more, or the value itself.
fn inner(value: &[u8]) -> &[u8] {
    match Reader::new(value).expect(tag::OCTET_STRING, "an extension of Qlik") {
        Ok(inner) if inner.encoding.len() == value.len() => inner.content,
        _ => value,
    }
}

fn marker(value: &[u8]) -> Marker {
    let word = inner(value);
    let role = [Role::Root, Role::Server, Role::Client].into_iter().find(|role| role.marker().as_bytes() == word);
    match role {
        Some(role) => Marker::Role { role, bare: word.len() == value.len() },
        None => Marker::Unknown(word.to_vec()),
    }
}
