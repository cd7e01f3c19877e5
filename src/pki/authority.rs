//! `Authority`: a root that can sign, and the certificates it issues. The door of rcgen.
//!
//! rcgen encodes; the shapes are `profile.rs`'s, and the signature is made here. rcgen rebuilds an issuer's name from
//! a map and so loses repeated DC and OU (rcgen issues #81, #300): the issuer's own bytes are put in its place before
//! anything is signed. Time, key and serial are the caller's.

mod cross;

use super::certificate::{Authority as CaFlag, Certificate, CertificateError, key_id};
use super::der::{self, DerError, Reader, tag};
use super::key::{KeyError, PrivateKey};
use super::name::MachineName;
use super::profile::{CLIENT_NAME, MARKER_OID, Profile, Role};
use super::serial::Serial;
use super::signature::SignatureError;
use super::validity::{Validity, ValidityError};
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, Issuer, PKCS_RSA_SHA256, PublicKeyData,
    SerialNumber, SignatureAlgorithm, SigningKey,
};
use std::net::IpAddr;
use time::OffsetDateTime;

/// A certificate and the key that belongs to it.
#[derive(Debug)]
pub struct Credential {
    certificate: Certificate,
    key: PrivateKey,
    /// What stands between the certificate and its root: the issuer first. Nothing, for what a root itself signed.
    between: Vec<Certificate>,
}

/// A credential that may sign certificates.
#[derive(Debug)]
pub struct Authority(Credential);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    #[error("the certificate `{0}` is not a certificate authority")]
    NotAnAuthority(String),
    #[error("the certificate `{0}` may not sign certificates: its keyUsage lacks keyCertSign")]
    MayNotSign(String),
    #[error("the certificate `{0}` is not a root: somebody else issued it")]
    NotSelfSigned(String),
    #[error("the root's own signature does not hold: {0}")]
    Signature(#[from] SignatureError),
    #[error("the root is valid only from {}", .0.date())]
    NotYetValid(OffsetDateTime),
    #[error("the root expired on {}", .0.date())]
    Expired(OffsetDateTime),
    #[error("the key is the root's own")]
    OwnKey,
    #[error("a certificate could not be encoded: {0}")]
    Encoding(String),
    #[error("a certificate could not be encoded: {0}")]
    Structure(#[from] DerError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the new certificate cannot be read back: {0}")]
    Unreadable(#[from] CertificateError),
    #[error("the dates cannot be used: {0}")]
    Dates(#[from] ValidityError),
}

impl AuthorityError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::KeyMismatch => "give the key that was made together with this certificate",
            Self::NotAnAuthority(_) => "give the site's root, `CN=<host>-CA`, not a server or client certificate",
            Self::MayNotSign(_) => "give a root that is allowed to sign certificates",
            Self::NotSelfSigned(_) => {
                "Qlik trusts a self-signed root; an intermediate in Windows' root store breaks its client authentication"
            }
            Self::Signature(_) => "the file is damaged or altered: export the root again",
            Self::NotYetValid(_) => "check this machine's clock",
            Self::Expired(_) => "nothing that an expired root signs is accepted: replace it with `qcert recreate`",
            Self::OwnKey => "a machine's key is never the root's: make a new one",
            Self::Dates(_) => "choose dates that lie in the future and in order",
            _ => "this is a fault of qcert or of the file: please report it",
        }
    }
}

/// What one certificate is to say beyond its profile.
#[derive(Debug)]
pub struct Order<'a> {
    pub role: Role,
    pub profile: Profile,
    /// The machine's name for a server; not used for a client.
    pub machine: &'a MachineName,
    pub aliases: &'a [MachineName],
    pub validity: Validity,
    pub serial: Serial,
}

impl Credential {
    pub fn new(certificate: Certificate, key: PrivateKey) -> Result<Self, AuthorityError> {
        if certificate.public_key_info() != key.public_key_info() {
            return Err(AuthorityError::KeyMismatch);
        }
        Ok(Self { certificate, key, between: Vec::new() })
    }

    #[must_use]
    pub fn with_intermediates(self, between: Vec<Certificate>) -> Self {
        Self { between, ..self }
    }

    pub fn intermediates(&self) -> &[Certificate] {
        &self.between
    }

    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    pub fn key(&self) -> &PrivateKey {
        &self.key
    }
}

impl Authority {
    /// A new self-signed root `CN=<host>-CA`.
    pub fn create(
        host: &MachineName,
        profile: Profile,
        key: PrivateKey,
        validity: Validity,
        serial: Serial,
    ) -> Result<Self, AuthorityError> {
        let shape = profile.shape();
        let own_id = key_id(key.public_key());
        let mut extensions = Vec::new();
        if shape.root_basic_constraints {
            extensions.push(basic_constraints());
        }
        if shape.root_key_usage {
            extensions.push(certificate_signing());
        }
        extensions.extend([subject_key_id(&own_id), authority_key_id(&own_id), marker(Role::Root)]);
        let params = parameters(&root_name(host), validity, serial, extensions);
        let encoder = Encoder(key.public_key().to_vec());
        let unsigned = params.self_signed(&encoder).map_err(|error| AuthorityError::Encoding(error.to_string()))?;
        let certificate = finish(unsigned.der(), None, &key)?;
        Ok(Self(Credential::new(certificate, key)?))
    }

    /// An existing root, however it was made. A root without basicConstraints counts when it carries Qlik's marker,
    /// because Qlik's own had none before 2020.
    pub fn adopt(certificate: Certificate, key: PrivateKey, now: OffsetDateTime) -> Result<Self, AuthorityError> {
        certificate.is_well_formed()?;
        let subject = || certificate.subject_text();
        match certificate.authority() {
            CaFlag::Yes => {}
            CaFlag::Unsaid if certificate.marker() == Some(Role::Root) => {}
            CaFlag::Unsaid | CaFlag::No => return Err(AuthorityError::NotAnAuthority(subject())),
        }
        if certificate.may_sign_certificates() == Some(false) {
            return Err(AuthorityError::MayNotSign(subject()));
        }
        if !certificate.is_self_issued() {
            return Err(AuthorityError::NotSelfSigned(subject()));
        }
        let credential = Credential::new(certificate, key)?;
        credential.certificate.verify_signed_by(&credential.certificate)?;
        let root = &credential.certificate;
        if now < root.not_before() {
            return Err(AuthorityError::NotYetValid(root.not_before()));
        }
        if now > root.not_after() {
            return Err(AuthorityError::Expired(root.not_after()));
        }
        Ok(Self(credential))
    }

    pub fn certificate(&self) -> &Certificate {
        &self.0.certificate
    }

    pub fn key(&self) -> &PrivateKey {
        &self.0.key
    }

    /// A leaf's validity under this root and profile, and whether it ends with the root. A root made yesterday by
    /// another tool also moves the beginning: Qlik's own is dated back as its leaves are.
    pub fn leaf_validity(&self, wanted: Validity, profile: Profile) -> Result<(Validity, bool), ValidityError> {
        if profile.shape().leaf_may_outlive_root {
            return Ok((wanted, false));
        }
        let root = self.0.certificate.validity()?;
        let given = wanted.within(&root)?;
        Ok((given, given.not_after() == root.not_after()))
    }

    /// Signs a server or client certificate for `key`.
    pub fn issue(&self, order: &Order<'_>, key: PrivateKey) -> Result<Credential, AuthorityError> {
        let certificate = self.certify(order, key.public_key())?;
        Credential::new(certificate, key)
    }

    /// Signs a server or client certificate for the private key behind `public_key`, a PKCS#1 RSAPublicKey. Whoever
    /// asks must have shown that he holds it.
    pub fn certify(&self, order: &Order<'_>, public_key: &[u8]) -> Result<Certificate, AuthorityError> {
        if public_key == self.0.key.public_key() {
            return Err(AuthorityError::OwnKey);
        }
        let root = &self.0.certificate;
        let mut extensions = Vec::new();
        let subject = if order.role == Role::Server {
            extensions.extend(alternative_names(order));
            order.machine.as_str()
        } else {
            CLIENT_NAME
        };
        let issuer_id = root.subject_key_id().map_or_else(|| root.key_id(), <[u8]>::to_vec);
        extensions.push(subject_key_id(&key_id(public_key)));
        extensions.push(authority_key_id(&issuer_id));
        extensions.push(marker(order.role));
        let params = parameters(subject, order.validity, order.serial, extensions);
        let unsigned = params
            .signed_by(&Encoder(public_key.to_vec()), &placeholder_issuer(self.0.key.public_key()))
            .map_err(|error| AuthorityError::Encoding(error.to_string()))?;
        finish(unsigned.der(), Some(root.subject()), &self.0.key)
    }
}

/// The common name of a root. Qlik's rule, also where it passes X.520's 64 characters.
pub fn root_name(host: &MachineName) -> String {
    format!("{host}-CA")
}

/// Encodes for rcgen and signs nothing: the signature is made over the finished bytes, in `finish`.
struct Encoder(Vec<u8>);

impl PublicKeyData for Encoder {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Encoder {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(Vec::new())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is rcgen's door")]
fn placeholder_issuer(public_key: &[u8]) -> Issuer<'static, Encoder> {
    Issuer::new(CertificateParams::default(), Encoder(public_key.to_vec()))
}

fn parameters(
    common_name: &str,
    validity: Validity,
    serial: Serial,
    custom_extensions: Vec<CustomExtension>,
) -> CertificateParams {
    let mut distinguished_name = DistinguishedName::new();
    distinguished_name.push(DnType::CommonName, DnValue::Utf8String(common_name.to_owned()));
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name;
    params.not_before = validity.not_before();
    params.not_after = validity.not_after();
    params.serial_number = Some(SerialNumber::from_slice(&serial.integer()));
    params.custom_extensions = custom_extensions;
    params
}

/// Puts the issuer's exact name into the encoded certificate and signs it.
fn finish(encoded: &[u8], issuer: Option<&[u8]>, signer: &PrivateKey) -> Result<Certificate, AuthorityError> {
    let mut certificate = Reader::new(encoded).expect(tag::SEQUENCE, "the certificate")?.inside();
    let to_be_signed = certificate.expect(tag::SEQUENCE, "the part to be signed")?;
    let algorithm = certificate.expect(tag::SEQUENCE, "the signature algorithm")?;
    let signed_part = match issuer {
        None => to_be_signed.encoding.to_vec(),
        Some(issuer) => {
            // TBSCertificate: version, serialNumber, signature, issuer, … (RFC 5280 4.1)
            let mut fields = to_be_signed.inside();
            let before = [fields.value()?, fields.value()?, fields.value()?].map(|field| field.encoding).concat();
            fields.expect(tag::SEQUENCE, "the issuer")?;
            der::sequence(&[&before, issuer, fields.rest()])
        }
    };
    let signature = signer.sign(&signed_part)?;
    let whole = der::sequence(&[&signed_part, algorithm.encoding, &der::bit_string(&signature)]);
    Ok(Certificate::parse(whole)?)
}

fn extension(oid: &[u64], critical: bool, content: Vec<u8>) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(oid, content);
    extension.set_criticality(critical);
    extension
}

fn basic_constraints() -> CustomExtension {
    extension(&[2, 5, 29, 19], true, der::sequence(&[&der::encode(tag::BOOLEAN, &[0xff])]))
}

/// keyCertSign and cRLSign: bits 5 and 6, one unused bit (RFC 5280 4.2.1.3).
fn certificate_signing() -> CustomExtension {
    extension(&[2, 5, 29, 15], true, der::encode(tag::BIT_STRING, &[1, 0b0000_0110]))
}

fn subject_key_id(id: &[u8]) -> CustomExtension {
    extension(&[2, 5, 29, 14], false, der::octet_string(id))
}

/// The key identifier alone, as Qlik writes it, also on the root.
fn authority_key_id(id: &[u8]) -> CustomExtension {
    extension(&[2, 5, 29, 35], false, der::sequence(&[&der::encode(tag::context(0), id)]))
}

/// The role's word in an OCTET STRING of its own, inside the extension's OCTET STRING (observed on all three roles).
fn marker(role: Role) -> CustomExtension {
    extension(&MARKER_OID, false, der::octet_string(role.marker().as_bytes()))
}

fn alternative_names(order: &Order<'_>) -> Option<CustomExtension> {
    let content = alternative_names_content(order.machine, order.aliases, order.profile)?;
    Some(extension(&[2, 5, 29, 17], false, content))
}

/// dNSName is `[2]`, iPAddress `[7]` (RFC 5280 4.2.1.6). An IP goes in as both: Qlik writes it as dNSName.
pub(super) fn alternative_names_content(
    machine: &MachineName,
    aliases: &[MachineName],
    profile: Profile,
) -> Option<Vec<u8>> {
    let shape = profile.shape();
    let mut names = Vec::new();
    let mut seen = Vec::new();
    for name in std::iter::once(machine).chain(aliases) {
        if seen.contains(&name.key()) {
            continue;
        }
        seen.push(name.key());
        if shape.server_dns_names {
            names.push(der::encode(tag::context(2), name.as_str().as_bytes()));
        }
        if let Some(ip) = name.ip().filter(|_| shape.server_ip_addresses) {
            let octets = match ip {
                IpAddr::V4(ip) => ip.octets().to_vec(),
                IpAddr::V6(ip) => ip.octets().to_vec(),
            };
            names.push(der::encode(tag::context(7), &octets));
        }
    }
    (!names.is_empty()).then(|| der::encode(tag::SEQUENCE, &names.concat()))
}
