//! The extensions of a certificate as facts. What cannot be read is kept with the reason, so that a rule can say it.

use super::super::der::{Reader, tag};
use super::super::profile::Role;
use super::content;
use super::names::GeneralName;
use x509_parser::prelude::{ParsedExtension, X509Certificate, X509Extension};

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

/// Of a word that Qlik does not use, so much is shown: the longest of its own is `Service`.
const SHOWN: usize = 64;

impl Marker {
    /// The word that Qlik does not use, as text.
    pub fn unknown_word(&self) -> Option<String> {
        let Self::Unknown(word) = self else { return None };
        let shown = word.get(..SHOWN).unwrap_or(word);
        let rest = if shown.len() < word.len() { "…" } else { "" };
        Some(format!("{}{rest}", String::from_utf8_lossy(shown)))
    }
}

impl Extensions {
    pub(super) fn new(certificate: &X509Certificate<'_>) -> Self {
        let mut facts = Self::default();
        for extension in certificate.extensions() {
            let oid = extension.oid.to_id_string();
            let processed = facts.take(&oid, extension);
            facts.all.push(Extension { oid, critical: extension.critical, value: extension.value.to_vec(), processed });
        }
        facts
    }

    /// Whether the extension is one that is read here. Of two with the same identifier the first counts.
    fn take(&mut self, oid: &str, extension: &X509Extension<'_>) -> bool {
        let value = extension.value;
        let sound = match oid {
            MARKER => {
                self.marker = Some(marker(value));
                true
            }
            SECRET_1 | SECRET_2 => {
                self.secrets.push(inner(value).len());
                true
            }
            BASIC_CONSTRAINTS => {
                keep(&mut self.basic_constraints, content::basic_constraints(value, extension.critical))
            }
            KEY_USAGE => keep(&mut self.key_usage, content::key_usage(value).map(|bits| KeyUsage { bits })),
            EXTENDED_KEY_USAGE => keep(&mut self.extended_key_usage, content::purposes(value)),
            SUBJECT_ALTERNATIVE_NAME => keep(&mut self.alternative_names, content::names(value)),
            NAME_CONSTRAINTS => keep(&mut self.name_constraints, content::name_constraints(value)),
            SUBJECT_KEY_ID => keep(&mut self.subject_key_id, content::key_id(value)),
            AUTHORITY_KEY_ID => keep(&mut self.authority_key_id, content::authority_key_id(value)),
            _ => !matches!(extension.parsed_extension(), ParsedExtension::ParseError { .. }),
        };
        if !sound {
            self.malformed.push((oid.to_owned(), "its content is not what the standard says".to_owned()));
        }
        PROCESSED.contains(&oid)
    }

    pub fn find(&self, oid: &str) -> Option<&Extension> {
        self.all.iter().find(|extension| extension.oid == oid)
    }

    pub fn is_critical(&self, oid: &str) -> bool {
        self.find(oid).is_some_and(|extension| extension.critical)
    }
}

/// Whether it could be read.
fn keep<T>(place: &mut Option<T>, read: Option<T>) -> bool {
    let sound = read.is_some();
    if place.is_none() {
        *place = read;
    }
    sound
}

pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(super) const KEY_USAGE: &str = "2.5.29.15";
pub(super) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub const SUBJECT_ALTERNATIVE_NAME: &str = "2.5.29.17";
pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub const SUBJECT_KEY_ID: &str = "2.5.29.14";
pub const AUTHORITY_KEY_ID: &str = "2.5.29.35";
const MARKER: &str = "1.3.6.1.5.5.7.13.3";
const SECRET_1: &str = "1.3.6.1.5.5.7.13.1";
const SECRET_2: &str = "1.3.6.1.5.5.7.13.2";

/// What may be critical: RFC 5280 wants the first five processed; policies narrow only what nobody here asks for;
/// the last three are what OpenSSL passes too.
const PROCESSED: [&str; 13] = [
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    EXTENDED_KEY_USAGE,
    SUBJECT_ALTERNATIVE_NAME,
    NAME_CONSTRAINTS,
    MARKER,
    "2.5.29.32",
    "2.5.29.33",
    "2.5.29.36",
    "2.5.29.54",
    "2.5.29.18",
    "2.5.29.31",
    "2.16.840.1.113730.1.1",
];

/// `basicConstraints`, or the dotted identifier.
pub fn extension_name(oid: &str) -> &str {
    match oid {
        BASIC_CONSTRAINTS => "basicConstraints",
        KEY_USAGE => "keyUsage",
        EXTENDED_KEY_USAGE => "extendedKeyUsage",
        SUBJECT_ALTERNATIVE_NAME => "subjectAltName",
        NAME_CONSTRAINTS => "nameConstraints",
        SUBJECT_KEY_ID => "subjectKeyIdentifier",
        AUTHORITY_KEY_ID => "authorityKeyIdentifier",
        MARKER => "Qlik's role marker",
        "2.5.29.18" => "issuerAltName",
        "2.5.29.31" => "cRLDistributionPoints",
        "2.5.29.32" => "certificatePolicies",
        "2.5.29.33" => "policyMappings",
        "2.5.29.36" => "policyConstraints",
        "2.5.29.54" => "inhibitAnyPolicy",
        "1.3.6.1.5.5.7.1.1" => "authorityInfoAccess",
        "1.3.6.1.5.5.7.1.11" => "subjectInfoAccess",
        other => other,
    }
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
