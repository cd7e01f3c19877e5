//! `Certificate`: the bytes of a certificate and the facts that qcert judges by. The door of x509-parser.
//!
//! Immutable. What cannot be read as X.509 at all is refused; what can be read is kept as found, also where it is
//! wrong, or no rule could say so. The writing side asks `is_well_formed`.

mod content;
mod extensions;
mod names;

pub use extensions::{
    AUTHORITY_KEY_ID, AuthorityKeyId, BASIC_CONSTRAINTS, BasicConstraints, Extension, Extensions, KeyUsage, Marker,
    NAME_CONSTRAINTS, NameConstraints, SUBJECT_ALTERNATIVE_NAME, SUBJECT_KEY_ID, extension_name,
};
pub use names::{Attribute, COMMON_NAME, DistinguishedName, EMAIL_ADDRESS, GeneralName};

use super::profile::Role;
use super::public_key::PublicKey;
use super::signature::{SignatureAlgorithm, SignatureError};
use super::thumbprint;
use super::validity::{Validity, ValidityError};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use std::net::IpAddr;
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, X509Certificate, X509Error};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("malformed: {0}")]
    Malformed(String),
    #[error("bytes follow the certificate")]
    TrailingBytes,
    #[error("its dates cannot be used: {0}")]
    Dates(#[from] ValidityError),
}

/// What basicConstraints says of a certificate (RFC 5280 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    Yes,
    No,
    /// Not said: normal for Qlik's roots made before 2020.
    Unsaid,
}

/// How the two dates are written (RFC 5280 4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DateForm {
    Standard,
    /// GeneralizedTime before 2050.
    Early,
    /// Without seconds, with fractions of them or not in UTC, which DER forbids and OpenSSL refuses.
    Malformed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    version: u32,
    subject: DistinguishedName,
    issuer: DistinguishedName,
    serial: Vec<u8>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    date_form: DateForm,
    public_key: PublicKey,
    extensions: Extensions,
    signed_part: std::ops::Range<usize>,
    inner_signature_algorithm: SignatureAlgorithm,
    signature_algorithm: SignatureAlgorithm,
    signature: Vec<u8>,
}

impl Certificate {
    pub fn parse(der: Vec<u8>) -> Result<Self, CertificateError> {
        let malformed = |what: &str| CertificateError::Malformed(what.to_owned());
        let (rest, parsed) = X509Certificate::from_der(&der).map_err(|error| malformed(reason(&error)))?;
        if !rest.is_empty() {
            return Err(CertificateError::TrailingBytes);
        }
        let tbs = &parsed.tbs_certificate;
        let start = tbs.as_ref().as_ptr() as usize - der.as_ptr() as usize;
        let signed_part = start..start + tbs.as_ref().len();
        let fields = raw_fields(&der).ok_or_else(|| malformed("a signature algorithm is malformed"))?;
        Ok(Self {
            version: tbs.version.0.saturating_add(1),
            subject: DistinguishedName::parse(fields.subject).ok_or_else(|| malformed("its subject is malformed"))?,
            issuer: DistinguishedName::parse(fields.issuer).ok_or_else(|| malformed("its issuer is malformed"))?,
            serial: parsed.raw_serial().to_vec(),
            not_before: tbs.validity.not_before.to_datetime(),
            not_after: tbs.validity.not_after.to_datetime(),
            date_form: fields.date_form,
            public_key: PublicKey::parse(tbs.subject_pki.raw)
                .ok_or_else(|| malformed("its public key is malformed"))?,
            extensions: Extensions::new(&parsed),
            signed_part,
            inner_signature_algorithm: fields.inner_algorithm,
            signature_algorithm: fields.algorithm,
            signature: parsed.signature_value.data.to_vec(),
            der,
        })
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// 1, 2 or 3; other numbers as found.
    pub fn version(&self) -> u32 {
        self.version
    }

    pub fn subject_name(&self) -> &DistinguishedName {
        &self.subject
    }

    pub fn issuer_name(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// The subject's encoding, byte for byte.
    pub fn subject(&self) -> &[u8] {
        self.subject.encoding()
    }

    pub fn issuer(&self) -> &[u8] {
        self.issuer.encoding()
    }

    pub fn common_name(&self) -> Option<&str> {
        self.subject.common_name()
    }

    /// The subject for people; not escaped for a terminal.
    pub fn subject_text(&self) -> String {
        self.subject.text()
    }

    /// How messages call it: its common name, else its whole subject.
    pub fn title(&self) -> String {
        self.common_name().map_or_else(|| self.subject_text(), str::to_owned)
    }

    /// The content of the INTEGER, with its sign octet.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// Lower-case hexadecimal without a sign octet.
    pub fn serial_text(&self) -> String {
        let significant = self.serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(&self.serial);
        hexadecimal(significant)
    }

    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    pub fn date_form(&self) -> DateForm {
        self.date_form
    }

    /// The dates, when they are in order and can be written again.
    pub fn validity(&self) -> Result<Validity, ValidityError> {
        Validity::new(self.not_before, self.not_after)
    }

    pub fn is_valid_at(&self, time: OffsetDateTime) -> bool {
        self.not_before <= time && time <= self.not_after
    }

    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The SubjectPublicKeyInfo.
    pub fn public_key_info(&self) -> &[u8] {
        self.public_key.info()
    }

    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.extensions.subject_key_id.as_deref()
    }

    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.extensions.authority_key_id.as_ref()?.key_id.as_deref()
    }

    pub fn authority(&self) -> Authority {
        match self.extensions.basic_constraints {
            Some(BasicConstraints { ca: true, .. }) => Authority::Yes,
            Some(_) => Authority::No,
            None => Authority::Unsaid,
        }
    }

    /// `None` without keyUsage.
    pub fn may_sign_certificates(&self) -> Option<bool> {
        self.extensions.key_usage.map(KeyUsage::key_cert_sign)
    }

    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.alternative_names().iter().filter_map(|name| match name {
            GeneralName::Dns(name) => Some(name.as_str()),
            _ => None,
        })
    }

    pub fn ip_addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.alternative_names().iter().filter_map(GeneralName::ip_address)
    }

    pub fn alternative_names(&self) -> &[GeneralName] {
        self.extensions.alternative_names.as_deref().unwrap_or_default()
    }

    /// The role that Qlik's marker extension gives.
    pub fn marker(&self) -> Option<Role> {
        match self.extensions.marker {
            Some(Marker::Role { role, .. }) => Some(role),
            _ => None,
        }
    }

    pub fn is_self_issued(&self) -> bool {
        self.subject.encoding() == self.issuer.encoding()
    }

    /// Whether every extension could be read and the dates are in order.
    pub fn is_well_formed(&self) -> Result<(), CertificateError> {
        if let Some((oid, why)) = self.extensions.malformed.first() {
            return Err(CertificateError::Malformed(format!("extension {oid}: {why}")));
        }
        self.validity()?;
        Ok(())
    }

    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.signature_algorithm
    }

    /// The algorithm as the signed part names it; RFC 5280 4.1.1.2 wants both the same.
    pub fn inner_signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.inner_signature_algorithm
    }

    /// SHA-1 of the public key (RFC 5280 4.2.1.2, method 1), the form that Windows, OpenSSL and Qlik use.
    pub fn key_id(&self) -> Vec<u8> {
        key_id(self.public_key.key())
    }

    /// As Windows shows a thumbprint, in lower case.
    pub fn sha1(&self) -> String {
        hexadecimal(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der).as_ref())
    }

    pub fn sha256(&self) -> String {
        thumbprint::sha256(&self.der)
    }

    /// Whether this certificate was signed by the key of `issuer`. Names and dates are not looked at.
    pub fn verify_signed_by(&self, issuer: &Certificate) -> Result<(), SignatureError> {
        self.signature_algorithm.verify(&issuer.public_key, &self.der[self.signed_part.clone()], &self.signature)
    }
}

/// What the parser stumbled over, for people.
fn reason(error: &x509_parser::nom::Err<X509Error>) -> &'static str {
    use x509_parser::nom::Err;
    match error {
        Err::Incomplete(_) => "it ends too early",
        Err::Error(error) | Err::Failure(error) => match error {
            X509Error::InvalidVersion => "its version cannot be read",
            X509Error::InvalidSerial => "its serial number cannot be read",
            X509Error::InvalidAlgorithmIdentifier => "a signature algorithm cannot be read",
            X509Error::InvalidX509Name => "its subject or issuer name cannot be read",
            X509Error::InvalidDate => "a date is not one that DER allows",
            X509Error::InvalidSPKI => "its public key cannot be read",
            X509Error::InvalidExtensions | X509Error::DuplicateExtensions => "its extensions cannot be read",
            X509Error::InvalidSignatureValue => "its signature cannot be read",
            _ => "its encoding is not that of a certificate",
        },
    }
}

/// SHA-1 over the content of the subjectPublicKey BIT STRING.
pub fn key_id(public_key: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, public_key).as_ref().to_vec()
}

pub fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        for half in [octet >> 4, octet & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
        text
    })
}

/// What x509-parser keeps no bytes of, or too few: a name that ends in an empty SET comes out short of it.
struct RawFields<'a> {
    /// The algorithm inside the signed part.
    inner_algorithm: SignatureAlgorithm,
    issuer: &'a [u8],
    date_form: DateForm,
    subject: &'a [u8],
    /// The one beside the signature.
    algorithm: SignatureAlgorithm,
}

fn raw_fields(der: &[u8]) -> Option<RawFields<'_>> {
    use super::der::{Reader, tag};
    let mut outer = Reader::new(der).expect(tag::SEQUENCE, "a certificate").ok()?.inside();
    let mut signed = outer.expect(tag::SEQUENCE, "the signed part").ok()?.inside();
    signed.optional(tag::constructed(0)).ok()?;
    signed.expect(tag::INTEGER, "the serial number").ok()?;
    let inner = signed.expect(tag::SEQUENCE, "the algorithm").ok()?.encoding;
    let issuer = signed.expect(tag::SEQUENCE, "the issuer").ok()?.encoding;
    let mut dates = signed.expect(tag::SEQUENCE, "the dates").ok()?.inside();
    let date_form = date_form(dates.value().ok()?).max(date_form(dates.value().ok()?));
    let subject = signed.expect(tag::SEQUENCE, "the subject").ok()?.encoding;
    let beside = outer.expect(tag::SEQUENCE, "the algorithm").ok()?.encoding;
    let (inner_algorithm, algorithm) = (SignatureAlgorithm::parse(inner)?, SignatureAlgorithm::parse(beside)?);
    Some(RawFields { inner_algorithm, issuer, date_form, subject, algorithm })
}

fn date_form(date: super::der::Value<'_>) -> DateForm {
    const UTC_TIME: u8 = 0x17;
    let digits = if date.tag == UTC_TIME { 12 } else { 14 };
    let sound = matches!(date.content.split_last(), Some((b'Z', rest))
        if rest.len() == digits && rest.iter().all(u8::is_ascii_digit));
    if !sound {
        DateForm::Malformed
    } else if date.tag != UTC_TIME && date.content < &b"2050"[..] {
        DateForm::Early
    } else {
        DateForm::Standard
    }
}
