//! The facts of one certificate: its role in Qlik's terms, its dates, what its key belongs to, who signed it.

use super::super::words::rfc3339;
use super::facts::{Context, hex};
use super::kinship::{Break, Issuer};
use crate::pki::certificate::{Authority, Certificate, GeneralName, Marker};
use crate::pki::profile::{CLIENT_NAME, Role};
use crate::pki::public_key::{KeyAlgorithm, PublicKey};
use crate::pki::validity::Validity;
use serde::Serialize;
use time::{Duration, OffsetDateTime};

#[derive(Debug, Serialize)]
pub(super) struct CertificateFacts<'a> {
    /// `root`, `server` or `client`; absent when nothing says it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_word")]
    pub(super) role: Option<Role>,
    /// What says so: `marker` (Qlik's extension), `marker_bare` (the same without its inner OCTET STRING), `name`,
    /// `authority` (a self-signed CA) or `purpose` (extended key usage).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role_from: Option<&'static str>,
    /// A word in Qlik's marker that Qlik does not use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unknown_marker: Option<String>,
    pub(super) subject: String,
    pub(super) issuer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) common_name: Option<&'a str>,
    /// The subjectAltName.
    pub(super) names: Vec<NameFacts>,
    pub(super) not_before: String,
    pub(super) not_after: String,
    /// `valid`, `expired`, `not_yet_valid` or `inverted`.
    pub(super) state: &'static str,
    /// Whole days from `at` to the end; negative when it is past.
    pub(super) days_left: i64,
    /// The moment of making, worked out from the way Qlik dates: seven days back and ten years ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issued_on: Option<String>,
    pub(super) dates_like_qlik: bool,
    /// Hexadecimal, without a sign octet.
    pub(super) serial: String,
    pub(super) version: u32,
    pub(super) key: KeyFacts,
    /// Files with its private key, among those that could be opened; at most 20.
    pub(super) private_keys: Vec<&'a str>,
    pub(super) signature_algorithm: String,
    pub(super) signed_by: SignedBy<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basic_constraints: Option<BasicConstraintsFacts>,
    /// RFC 5280's words; absent without the extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_usage: Option<Vec<&'static str>>,
    /// Dotted; absent without the extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_key_usage: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_constraints: Option<NameConstraintsFacts>,
    /// Sizes in octets of the site's encrypted secrets; empty when there are none.
    site_secrets: &'a [usize],
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authority_key_id: Option<String>,
    extensions: Vec<ExtensionFacts<'a>>,
    pub(super) malformed_extensions: Vec<MalformedFacts<'a>>,
    pub(super) sha256: &'a str,
    /// Windows' thumbprint.
    pub(super) sha1: &'a str,
    /// The other files that hold this certificate; said where it comes first.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) also_in: &'a [&'a str],
    /// The file that holds this certificate first, when this is not the first place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) same_as: Option<&'a str>,
    #[serde(skip)]
    pub(super) certificate: &'a Certificate,
    #[serde(skip)]
    pub(super) issued: Issued,
}

/// What the dates say of the day of making.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Issued {
    /// Both ends agree.
    On(OffsetDateTime),
    /// By the first day alone: the last is that of the root.
    EndsWithRoot(OffsetDateTime),
    NotTold,
}

#[derive(Debug, Serialize)]
pub(super) struct KeyFacts {
    /// `RSA 2048`, `EC P-256`.
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bits: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(super) struct NameFacts {
    /// `dns`, `ip`, `email`, `uri`, `directory`, `other` or `malformed`.
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) value: String,
    /// An IP address written as dNSName, as Qlik does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) ip_as_dns: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct SignedBy<'a> {
    /// `itself`, `issuer` (verified), `broken` (only the name or the key fits), `unchecked` or `missing`.
    pub(super) state: &'static str,
    /// Of `broken` and `unchecked`: why. Of `issuer`: what is odd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
    /// The issuer's SHA-256 thumbprint and first file; not of `missing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct BasicConstraintsFacts {
    ca: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_length: Option<u32>,
    critical: bool,
}

#[derive(Debug, Serialize)]
struct NameConstraintsFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    permitted: Option<Vec<NameFacts>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded: Option<Vec<NameFacts>>,
}

#[derive(Debug, Serialize)]
struct ExtensionFacts<'a> {
    oid: &'a str,
    critical: bool,
    /// qcert reads it.
    known: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct MalformedFacts<'a> {
    pub(super) oid: &'a str,
    pub(super) why: &'a str,
}

impl<'a> CertificateFacts<'a> {
    pub(super) fn new(certificate: &'a Certificate, context: Context<'a>) -> Self {
        // Every certificate of the files is a member: they were gathered from the same objects.
        let place = context.kinship.place(certificate).unwrap_or_default();
        let member = &context.kinship.members[place];
        let is_first = std::ptr::eq(certificate, member.certificate);
        let (role, role_from) = role(certificate, &member.issuer).unzip();
        let issued = issued(certificate, &member.issuer, context);
        let extensions = certificate.extensions();
        Self {
            role,
            role_from,
            unknown_marker: extensions.marker.as_ref().and_then(Marker::unknown_word),
            subject: certificate.subject_text(),
            issuer: certificate.issuer_name().text(),
            common_name: certificate.common_name(),
            names: certificate.alternative_names().iter().map(NameFacts::new).collect(),
            not_before: rfc3339(certificate.not_before()),
            not_after: rfc3339(certificate.not_after()),
            state: state(certificate, context.at),
            days_left: (certificate.not_after() - context.at).whole_days(),
            issued_on: match issued {
                Issued::On(time) | Issued::EndsWithRoot(time) => Some(rfc3339(time)),
                Issued::NotTold => None,
            },
            dates_like_qlik: matches!(issued, Issued::On(_)),
            serial: certificate.serial_text(),
            version: certificate.version(),
            key: KeyFacts::new(certificate.public_key()),
            private_keys: context.private_keys(certificate.public_key()),
            signature_algorithm: certificate.signature_algorithm().text(),
            signed_by: SignedBy::new(&member.issuer, context),
            basic_constraints: extensions.basic_constraints.map(|constraints| BasicConstraintsFacts {
                ca: constraints.ca,
                path_length: constraints.path_length,
                critical: constraints.critical,
            }),
            key_usage: extensions.key_usage.map(|usage| usage.names().collect()),
            extended_key_usage: extensions.extended_key_usage.as_deref(),
            name_constraints: extensions.name_constraints.as_ref().map(|constraints| NameConstraintsFacts {
                permitted: constraints.permitted.as_deref().map(constrained),
                excluded: constraints.excluded.as_deref().map(constrained),
            }),
            site_secrets: &extensions.secrets,
            subject_key_id: certificate.subject_key_id().map(hex),
            authority_key_id: certificate.authority_key_id().map(hex),
            extensions: extensions
                .all
                .iter()
                .map(|one| ExtensionFacts { oid: &one.oid, critical: one.critical, known: one.processed })
                .collect(),
            malformed_extensions: extensions.malformed.iter().map(|(oid, why)| MalformedFacts { oid, why }).collect(),
            sha256: &member.sha256,
            sha1: &member.sha1,
            also_in: if is_first { member.files.get(1..).unwrap_or_default() } else { &[] },
            same_as: (!is_first).then(|| member.file()),
            certificate,
            issued,
        }
    }
}

impl<'a> SignedBy<'a> {
    fn new(issuer: &Issuer, context: Context<'a>) -> Self {
        let members = &context.kinship.members;
        let (state, by, why) = match issuer {
            Issuer::Itself => ("itself", None, None),
            Issuer::Signed { by, name_differs } => {
                ("issuer", Some(*by), name_differs.then(|| "the issuer's name is encoded in another way".to_owned()))
            }
            Issuer::Broken { by, why } => {
                (if why.is_open() { "unchecked" } else { "broken" }, Some(*by), Some(why.text()))
            }
            Issuer::Missing => ("missing", None, None),
        };
        let by = by.map(|by| &members[by]);
        Self { state, why, sha256: by.map(|by| &*by.sha256), file: by.map(super::kinship::Member::file) }
    }
}

impl Break {
    /// Why the link does not hold, as what is true of the certificate below.
    pub(super) fn text(&self) -> String {
        match self {
            Self::OtherKey => "not signed by it: same name, other key".to_owned(),
            Self::Altered => "damaged or altered: name and key id fit, the signature does not".to_owned(),
            Self::OtherName => "signed with its key, but names another issuer".to_owned(),
            Self::KeyKind => "not signed by it: the algorithm is not one of its kind of key".to_owned(),
            Self::CannotBeChecked(algorithm) => format!("not checked: qcert cannot verify {algorithm}"),
            Self::Untried => "not checked: there are too many certificates".to_owned(),
        }
    }
}

impl KeyFacts {
    pub(super) fn new(key: &PublicKey) -> Self {
        let bits = match key.algorithm() {
            KeyAlgorithm::Rsa { bits, .. } | KeyAlgorithm::RsaPss { bits } => Some(*bits),
            _ => None,
        };
        Self { text: key.text(), bits }
    }
}

impl NameFacts {
    fn new(name: &GeneralName) -> Self {
        let (kind, value) = match name {
            GeneralName::Dns(name) => ("dns", name.clone()),
            GeneralName::Email(name) => ("email", name.clone()),
            GeneralName::Uri(name) => ("uri", name.clone()),
            GeneralName::Directory(name) => ("directory", name.text()),
            GeneralName::Ip(octets) => ("ip", name.ip_address().map_or_else(|| hex(octets), |ip| ip.to_string())),
            GeneralName::Other(tag) => ("other", format!("tag {tag}")),
            GeneralName::Malformed(tag) => ("malformed", format!("tag {tag}")),
        };
        Self { kind, value, ip_as_dns: name.is_ip_as_dns() }
    }
}

/// The names of a constraint, where an address has its mask (RFC 5280 4.2.1.10).
pub(super) fn constrained(names: &[GeneralName]) -> Vec<NameFacts> {
    let one = |name: &GeneralName| match name {
        GeneralName::Ip(octets) if matches!(octets.len(), 8 | 32) => {
            let (address, mask) = octets.split_at(octets.len() / 2);
            let part = |octets: &[u8]| GeneralName::Ip(octets.to_vec()).ip_address().map(|ip| ip.to_string());
            let value = format!("{}/{}", part(address).unwrap_or_default(), part(mask).unwrap_or_default());
            NameFacts { kind: "ip", value, ip_as_dns: false }
        }
        other => NameFacts::new(other),
    };
    names.iter().map(one).collect()
}

pub(super) fn state(certificate: &Certificate, at: OffsetDateTime) -> &'static str {
    if certificate.not_after() < certificate.not_before() {
        "inverted"
    } else if at > certificate.not_after() {
        "expired"
    } else if at < certificate.not_before() {
        "not_yet_valid"
    } else {
        "valid"
    }
}

pub(super) const SERVER_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.1";
pub(super) const CLIENT_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.2";

/// The marker first, which is how Qlik finds its certificates; without one what the certificate is.
pub(super) fn role(certificate: &Certificate, issuer: &Issuer) -> Option<(Role, &'static str)> {
    if let Some(Marker::Role { role, bare }) = certificate.extensions().marker {
        return Some((role, if bare { "marker_bare" } else { "marker" }));
    }
    let itself = match issuer {
        Issuer::Itself => true,
        Issuer::Broken { why, .. } => why.is_open() && certificate.is_self_issued(),
        _ => false,
    };
    if itself && certificate.authority() == Authority::Yes {
        return Some((Role::Root, "authority"));
    }
    let name = certificate.common_name().unwrap_or_default();
    if certificate.is_self_issued() && name.ends_with("-CA") {
        return Some((Role::Root, "name"));
    }
    if name == CLIENT_NAME {
        return Some((Role::Client, "name"));
    }
    if certificate.authority() == Authority::Yes {
        return None;
    }
    let purposes = certificate.extensions().extended_key_usage.as_deref()?;
    let has = |wanted: &str| purposes.iter().any(|purpose| purpose == wanted);
    match (has(SERVER_AUTHENTICATION), has(CLIENT_AUTHENTICATION)) {
        (true, false) => Some((Role::Server, "purpose")),
        (false, true) => Some((Role::Client, "purpose")),
        _ => None,
    }
}

/// Qlik dates seven days back and ten calendar years ahead, same time of day (32 of 32 observed).
fn issued(certificate: &Certificate, issuer: &Issuer, context: Context<'_>) -> Issued {
    let Some(made) = certificate.not_before().checked_add(Duration::days(7)) else { return Issued::NotTold };
    match Validity::qlik(made) {
        Ok(validity) if validity.not_after() == certificate.not_after() => Issued::On(made),
        _ => match issuer {
            Issuer::Signed { by, .. }
                if context.kinship.members[*by].certificate.not_after() == certificate.not_after() =>
            {
                Issued::EndsWithRoot(made)
            }
            _ => Issued::NotTold,
        },
    }
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn as_word<S: serde::Serializer>(role: &Option<Role>, serializer: S) -> Result<S::Ok, S::Error> {
    role.map(Role::word).serialize(serializer)
}
