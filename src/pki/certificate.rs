//! `Certificate`: the bytes of a certificate and the facts that qcert judges by. The door of x509-parser.
//!
//! Parsed completely or not at all, and immutable. Signatures are verified here with the crypto library, because
//! x509-parser's own check calls valid old signatures bad.

use super::der::{Reader, tag};
use super::profile::{MARKER_OID, Role};
use super::validity::{Validity, ValidityError};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384, RsaParameters, UnparsedPublicKey,
};
use std::net::IpAddr;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("it is not a certificate in DER: {0}")]
    Malformed(String),
    #[error("bytes follow the certificate")]
    TrailingBytes,
    #[error("its dates cannot be read: {0}")]
    Dates(#[from] ValidityError),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the signature is not by this key")]
    Mismatch,
    #[error("the signature algorithm {0} cannot be checked")]
    Unsupported(String),
}

/// What basicConstraints says of a certificate (RFC 5280 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    Yes,
    No,
    /// Not said: normal for Qlik's roots made before 2020.
    Unsaid,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    common_name: Option<String>,
    subject_text: String,
    serial: Vec<u8>,
    validity: Validity,
    public_key_info: Vec<u8>,
    public_key: Vec<u8>,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    authority: Authority,
    /// `None` without keyUsage.
    may_sign_certificates: Option<bool>,
    dns_names: Vec<String>,
    ip_addresses: Vec<IpAddr>,
    marker: Option<Role>,
    signed_part: std::ops::Range<usize>,
    signature: Vec<u8>,
    signature_algorithm: String,
}

impl Certificate {
    pub fn parse(der: Vec<u8>) -> Result<Self, CertificateError> {
        let (rest, parsed) =
            X509Certificate::from_der(&der).map_err(|error| CertificateError::Malformed(error.to_string()))?;
        if !rest.is_empty() {
            return Err(CertificateError::TrailingBytes);
        }
        let tbs = &parsed.tbs_certificate;
        let validity = Validity::new(tbs.validity.not_before.to_datetime(), tbs.validity.not_after.to_datetime())?;
        let start = tbs.as_ref().as_ptr() as usize - der.as_ptr() as usize;
        let mut certificate = Self {
            subject: tbs.subject.as_raw().to_vec(),
            issuer: tbs.issuer.as_raw().to_vec(),
            common_name: tbs.subject.iter_common_name().next().and_then(|name| name.as_str().ok()).map(str::to_owned),
            subject_text: tbs.subject.to_string(),
            serial: parsed.raw_serial().to_vec(),
            validity,
            public_key_info: tbs.subject_pki.raw.to_vec(),
            public_key: tbs.subject_pki.subject_public_key.data.to_vec(),
            subject_key_id: None,
            authority_key_id: None,
            authority: Authority::Unsaid,
            may_sign_certificates: None,
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            marker: None,
            signed_part: start..start + tbs.as_ref().len(),
            signature: parsed.signature_value.data.to_vec(),
            signature_algorithm: parsed.signature_algorithm.algorithm.to_id_string(),
            der: Vec::new(),
        };
        certificate.take_extensions(&parsed)?;
        certificate.der = der;
        Ok(certificate)
    }

    fn take_extensions(&mut self, parsed: &X509Certificate<'_>) -> Result<(), CertificateError> {
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::BasicConstraints(constraints) => {
                    self.authority = if constraints.ca { Authority::Yes } else { Authority::No };
                }
                ParsedExtension::KeyUsage(usage) => self.may_sign_certificates = Some(usage.key_cert_sign()),
                ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(id.0.to_vec()),
                ParsedExtension::AuthorityKeyIdentifier(id) => {
                    self.authority_key_id = id.key_identifier.as_ref().map(|id| id.0.to_vec());
                }
                ParsedExtension::SubjectAlternativeName(names) => {
                    for name in &names.general_names {
                        match name {
                            GeneralName::DNSName(name) => self.dns_names.push((*name).to_owned()),
                            GeneralName::IPAddress(octets) => self.ip_addresses.extend(ip_address(octets)),
                            _ => {}
                        }
                    }
                }
                ParsedExtension::ParseError { error } => {
                    return Err(CertificateError::Malformed(format!("extension {}: {error}", extension.oid)));
                }
                _ if extension.oid.iter().is_some_and(|arcs| arcs.eq(MARKER_OID)) => {
                    self.marker = marker(extension.value);
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The subject's encoding, byte for byte.
    pub fn subject(&self) -> &[u8] {
        &self.subject
    }

    pub fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// The subject for people; not escaped for a terminal.
    pub fn subject_text(&self) -> &str {
        &self.subject_text
    }

    /// Lower-case hexadecimal without a sign octet.
    pub fn serial_text(&self) -> String {
        let significant = self.serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(&self.serial);
        hexadecimal(significant)
    }

    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// The SubjectPublicKeyInfo.
    pub fn public_key_info(&self) -> &[u8] {
        &self.public_key_info
    }

    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.subject_key_id.as_deref()
    }

    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.authority_key_id.as_deref()
    }

    pub fn authority(&self) -> Authority {
        self.authority
    }

    pub fn may_sign_certificates(&self) -> Option<bool> {
        self.may_sign_certificates
    }

    pub fn dns_names(&self) -> &[String] {
        &self.dns_names
    }

    pub fn ip_addresses(&self) -> &[IpAddr] {
        &self.ip_addresses
    }

    /// The role that Qlik's marker extension gives.
    pub fn marker(&self) -> Option<Role> {
        self.marker
    }

    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// SHA-1 of the public key (RFC 5280 4.2.1.2, method 1), the form that Windows, OpenSSL and Qlik use.
    pub fn key_id(&self) -> Vec<u8> {
        key_id(&self.public_key)
    }

    /// As Windows shows a thumbprint, in lower case.
    pub fn sha1(&self) -> String {
        hexadecimal(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der).as_ref())
    }

    pub fn sha256(&self) -> String {
        hexadecimal(digest(&SHA256, &self.der).as_ref())
    }

    /// Whether this certificate was signed by the key of `issuer`. Names and dates are not looked at.
    pub fn verify_signed_by(&self, issuer: &Certificate) -> Result<(), SignatureError> {
        let parameters = rsa_parameters(&self.signature_algorithm)
            .ok_or_else(|| SignatureError::Unsupported(self.signature_algorithm.clone()))?;
        UnparsedPublicKey::new(parameters, &issuer.public_key)
            .verify(&self.der[self.signed_part.clone()], &self.signature)
            .map_err(|_| SignatureError::Mismatch)
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

fn rsa_parameters(algorithm: &str) -> Option<&'static RsaParameters> {
    match algorithm {
        "1.2.840.113549.1.1.5" => Some(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        "1.2.840.113549.1.1.11" => Some(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        "1.2.840.113549.1.1.12" => Some(&RSA_PKCS1_2048_8192_SHA384),
        "1.2.840.113549.1.1.13" => Some(&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        _ => None,
    }
}

fn ip_address(octets: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(octets).map(IpAddr::from).or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

/// Qlik wraps the word in an OCTET STRING of its own; a known re-implementation writes the bare word.
fn marker(value: &[u8]) -> Option<Role> {
    let word = match Reader::new(value).expect(tag::OCTET_STRING, "marker") {
        Ok(inner) if inner.encoding.len() == value.len() => inner.content,
        _ => value,
    };
    [Role::Root, Role::Server, Role::Client].into_iter().find(|role| role.marker().as_bytes() == word)
}
