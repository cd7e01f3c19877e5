//! `RevocationList`: a CRL (RFC 5280 5) as facts. A door of x509-parser. Its signature is not checked here.

use super::certificate::{DistinguishedName, hexadecimal};
use super::der::{Reader, tag};
use super::signature::SignatureAlgorithm;
use time::OffsetDateTime;
use x509_parser::prelude::{CertificateRevocationList, FromDer};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    pub issuer: String,
    pub this_update: OffsetDateTime,
    pub next_update: Option<OffsetDateTime>,
    pub signature: String,
    /// Hexadecimal serial and date of each.
    pub revoked: Vec<(String, OffsetDateTime)>,
    pub der: Vec<u8>,
}

impl RevocationList {
    /// From exactly one list.
    pub fn parse(der: &[u8]) -> Result<Self, String> {
        let (_, parsed) = CertificateRevocationList::from_der(der).map_err(|error| error.to_string())?;
        let list = &parsed.tbs_cert_list;
        let issuer = DistinguishedName::parse(list.issuer.as_raw()).ok_or("its issuer is malformed")?;
        let signature = algorithm(der).ok_or("its signature algorithm is malformed")?;
        let revoked = list.revoked_certificates.iter().map(|entry| {
            let serial = entry.raw_serial();
            let significant = serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(serial);
            (hexadecimal(significant), entry.revocation_date.to_datetime())
        });
        Ok(Self {
            issuer: issuer.text(),
            this_update: list.this_update.to_datetime(),
            next_update: list.next_update.map(|time| time.to_datetime()),
            signature: signature.text(),
            revoked: revoked.collect(),
            der: der.to_vec(),
        })
    }
}

fn algorithm(der: &[u8]) -> Option<SignatureAlgorithm> {
    let mut outer = Reader::new(der).expect(tag::SEQUENCE, "a CRL").ok()?.inside();
    outer.expect(tag::SEQUENCE, "the signed part").ok()?;
    SignatureAlgorithm::parse(outer.expect(tag::SEQUENCE, "the algorithm").ok()?.encoding)
}
