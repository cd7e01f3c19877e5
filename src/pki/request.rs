//! `Request`: a certificate signing request (PKCS#10, RFC 2986) as facts. A door of x509-parser.

use super::certificate::DistinguishedName;
use super::der::{Reader, tag};
use super::public_key::PublicKey;
use super::signature::{SignatureAlgorithm, SignatureError};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub subject: String,
    pub public_key: PublicKey,
    pub dns_names: Vec<String>,
    pub signature: String,
    /// Whether its own key signed it; `None` where that cannot be checked.
    pub signature_fits: Option<bool>,
    pub der: Vec<u8>,
}

impl Request {
    /// From exactly one request. `check` allows the work of verifying its signature.
    pub fn parse(der: &[u8], check: bool) -> Result<Self, String> {
        let malformed = |what: &str| what.to_owned();
        let (_, parsed) = X509CertificationRequest::from_der(der).map_err(|error| error.to_string())?;
        let info = &parsed.certification_request_info;
        let name = DistinguishedName::parse(info.subject.as_raw()).ok_or_else(|| malformed("its subject"))?;
        let public_key = PublicKey::parse(info.subject_pki.raw).ok_or_else(|| malformed("its public key"))?;
        let algorithm = algorithm(der).ok_or_else(|| malformed("its signature algorithm"))?;
        let requested = parsed.requested_extensions().into_iter().flatten();
        let dns_names = requested
            .filter_map(|extension| match extension {
                ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
                _ => None,
            })
            .flatten()
            .filter_map(|name| match name {
                GeneralName::DNSName(name) => Some((*name).to_owned()),
                _ => None,
            })
            .collect();
        let verified = check.then(|| algorithm.verify(&public_key, info.raw, &parsed.signature_value.data));
        let signature_fits = match verified {
            Some(Ok(())) => Some(true),
            Some(Err(SignatureError::Mismatch | SignatureError::KeyKind)) => Some(false),
            Some(Err(SignatureError::Unsupported(_))) | None => None,
        };
        let (subject, signature) = (name.text(), algorithm.text());
        Ok(Self { subject, public_key, dns_names, signature, signature_fits, der: der.to_vec() })
    }
}

fn algorithm(der: &[u8]) -> Option<SignatureAlgorithm> {
    let mut outer = Reader::new(der).expect(tag::SEQUENCE, "a request").ok()?.inside();
    outer.expect(tag::SEQUENCE, "the signed part").ok()?;
    SignatureAlgorithm::parse(outer.expect(tag::SEQUENCE, "the algorithm").ok()?.encoding)
}
