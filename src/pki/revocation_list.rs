//! `RevocationList`: a CRL (RFC 5280 5) as facts. A new one is made in `write`.
//!
//! Read whole or not at all: an entry that was passed over would be a certificate that is not revoked. Whose list it
//! is, only `is_of` says; a name alone proves nothing.

mod reason;
mod write;

pub use reason::Reason;
pub use write::{ListError, NewList, may_sign};

use super::certificate::{Certificate, DistinguishedName, hexadecimal};
use super::der::{DerError, Reader, Value, tag};
use super::signature::{SignatureAlgorithm, SignatureError};
use std::ops::Range;
use time::{Date, Month, OffsetDateTime, Time};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    pub issuer: String,
    pub issuer_name: DistinguishedName,
    pub this_update: OffsetDateTime,
    pub next_update: Option<OffsetDateTime>,
    pub signature: String,
    /// The content of cRLNumber's INTEGER (RFC 5280 5.2.3).
    pub number: Option<Vec<u8>>,
    pub authority_key_id: Option<Vec<u8>>,
    pub revoked: Vec<Revoked>,
    pub der: Vec<u8>,
    signed_part: Range<usize>,
    signature_algorithm: SignatureAlgorithm,
    signature_octets: Vec<u8>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Lower-case hexadecimal without a sign octet.
    pub serial: String,
    pub at: OffsetDateTime,
    /// `None` where none is said, or one that RFC 5280 does not know.
    pub reason: Option<Reason>,
}

impl RevocationList {
    /// From exactly one list.
    pub fn parse(der: &[u8]) -> Result<Self, String> {
        Fields::read(der).map_err(|error| error.to_string())?.into_list(der)
    }

    pub fn number_as_u64(&self) -> Option<u64> {
        let number = self.number.as_deref()?;
        let significant = number.strip_prefix(&[0]).unwrap_or(number);
        let sound = significant.len() <= 8 && number.first().is_some_and(|first| first & 0x80 == 0);
        sound.then(|| significant.iter().fold(0, |sum, octet| sum << 8 | u64::from(*octet)))
    }

    /// Whether this list was signed by the key of `issuer`. Names and dates are not looked at.
    pub fn verify_signed_by(&self, issuer: &Certificate) -> Result<(), SignatureError> {
        let signed_part = self.der.get(self.signed_part.clone()).unwrap_or_default();
        self.signature_algorithm.verify(issuer.public_key(), signed_part, &self.signature_octets)
    }

    /// Roughly how long that takes, in microseconds.
    pub fn verification_cost(&self, issuer: &Certificate) -> u64 {
        self.signature_algorithm.cost(issuer.public_key())
    }

    /// Whether this is a list of `root`: it says so, and its signature proves it.
    pub fn is_of(&self, root: &Certificate) -> bool {
        self.issuer_name.encoding() == root.subject() && self.verify_signed_by(root).is_ok()
    }

    pub fn revokes(&self, serial: &str) -> bool {
        self.revoked.iter().any(|revoked| revoked.serial == serial)
    }
}

/// CertificateList (RFC 5280 5.1), as far as it is looked at.
struct Fields<'a> {
    signed_part: Range<usize>,
    issuer: &'a [u8],
    this_update: Value<'a>,
    next_update: Option<Value<'a>>,
    entries: Option<Value<'a>>,
    extensions: Vec<Extension<'a>>,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(der: &'a [u8]) -> Result<Self, DerError> {
        let mut outer = Reader::new(der).expect(tag::SEQUENCE, "a CRL")?.inside();
        let begin = der.len() - outer.rest().len();
        let whole = outer.expect(tag::SEQUENCE, "its signed part")?;
        let algorithm = outer.expect(tag::SEQUENCE, "its signature algorithm")?.encoding;
        let signature = outer.expect(tag::BIT_STRING, "its signature")?;
        let [0, signature @ ..] = signature.content else { return Err(DerError::Unexpected("its signature")) };
        let mut signed = whole.inside();
        signed.optional(tag::INTEGER)?;
        signed.expect(tag::SEQUENCE, "its signature algorithm")?;
        let issuer = signed.expect(tag::SEQUENCE, "its issuer")?.encoding;
        let this_update = signed.value()?;
        let next_update = match signed.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => Some(signed.value()?),
            _ => None,
        };
        let entries = signed.optional(tag::SEQUENCE)?;
        let extensions = match signed.optional(tag::constructed(0))? {
            Some(wrapped) => extensions(wrapped.inside().expect(tag::SEQUENCE, "its extensions")?)?,
            None => Vec::new(),
        };
        if !signed.is_empty() {
            return Err(DerError::Unexpected("its signed part"));
        }
        let signed_part = begin..begin + whole.encoding.len();
        Ok(Self { signed_part, issuer, this_update, next_update, entries, extensions, algorithm, signature })
    }

    fn into_list(self, der: &[u8]) -> Result<RevocationList, String> {
        let issuer_name = DistinguishedName::parse(self.issuer).ok_or("its issuer cannot be read")?;
        let signature_algorithm =
            SignatureAlgorithm::parse(self.algorithm).ok_or("its signature algorithm cannot be read")?;
        let dates = "its dates cannot be read";
        let mut revoked = Vec::new();
        let mut entries = self.entries.map_or(Reader::new(&[]), |entries| entries.inside());
        while !entries.is_empty() {
            revoked.push(entry(&mut entries).ok_or("one of its entries cannot be read")?);
        }
        let find = |oid: &[u8]| self.extensions.iter().find(|extension| extension.0 == oid).map(|found| found.1);
        Ok(RevocationList {
            issuer: issuer_name.text(),
            issuer_name,
            this_update: time(self.this_update).ok_or(dates)?,
            next_update: self.next_update.map(|next| time(next).ok_or(dates)).transpose()?,
            signature: signature_algorithm.text(),
            number: find(CRL_NUMBER).and_then(|value| content(value, tag::INTEGER)),
            authority_key_id: find(AUTHORITY_KEY_ID).and_then(key_id),
            revoked,
            der: der.to_vec(),
            signed_part: self.signed_part,
            signature_algorithm,
            signature_octets: self.signature.to_vec(),
        })
    }
}

/// 2.5.29.20, .21 and .35.
const CRL_NUMBER: &[u8] = &[0x55, 29, 20];
const REASON_CODE: &[u8] = &[0x55, 29, 21];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 29, 35];

/// Identifier and content.
type Extension<'a> = (&'a [u8], &'a [u8]);

fn extensions(list: Value<'_>) -> Result<Vec<Extension<'_>>, DerError> {
    let mut list = list.inside();
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut fields = list.expect(tag::SEQUENCE, "an extension")?.inside();
        let oid = fields.expect(tag::OID, "an extension's type")?.content;
        fields.optional(tag::BOOLEAN)?;
        found.push((oid, fields.expect(tag::OCTET_STRING, "an extension's content")?.content));
    }
    Ok(found)
}

fn entry(entries: &mut Reader<'_>) -> Option<Revoked> {
    let mut fields = entries.expect(tag::SEQUENCE, "an entry").ok()?.inside();
    let serial = fields.expect(tag::INTEGER, "a serial number").ok()?.content;
    let at = time(fields.value().ok()?)?;
    let extensions = match fields.optional(tag::SEQUENCE).ok()? {
        Some(list) => extensions(list).ok()?,
        None => Vec::new(),
    };
    let reason = extensions.iter().find(|extension| extension.0 == REASON_CODE);
    let number = reason.and_then(|(_, value)| content(value, tag::ENUMERATED));
    let significant = serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(serial);
    fields.is_empty().then(|| Revoked {
        serial: hexadecimal(significant),
        at,
        reason: number.and_then(|octets| if let [number] = octets[..] { Reason::numbered(number) } else { None }),
    })
}

fn content(value: &[u8], wanted: u8) -> Option<Vec<u8>> {
    Reader::new(value).expect(wanted, "the content").ok().map(|value| value.content.to_vec())
}

fn key_id(value: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Reader::new(value).expect(tag::SEQUENCE, "a key identifier").ok()?.inside();
    fields.optional(tag::context(0)).ok()?.map(|id| id.content.to_vec())
}

/// UTCTime or GeneralizedTime in the forms that RFC 5280 4.1.2.5 allows; UTCTime also without seconds, as old programs
/// wrote it.
fn time(value: Value<'_>) -> Option<OffsetDateTime> {
    let digits = value.content.strip_suffix(b"Z").filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let mut pairs = digits.chunks_exact(2).map(|pair| (pair[0] - b'0') * 10 + (pair[1] - b'0'));
    let year = match (value.tag, digits.len()) {
        // Two digits are a year from 1950 to 2049.
        (tag::UTC_TIME, 10 | 12) => pairs.next().map(|year| i32::from(year) + if year < 50 { 2000 } else { 1900 })?,
        (tag::GENERALIZED_TIME, 14) => i32::from(pairs.next()?) * 100 + i32::from(pairs.next()?),
        _ => return None,
    };
    let date = Date::from_calendar_date(year, Month::try_from(pairs.next()?).ok()?, pairs.next()?).ok()?;
    let time = Time::from_hms(pairs.next()?, pairs.next()?, pairs.next().unwrap_or(0)).ok()?;
    Some(date.with_time(time).assume_utc())
}

/// The octets of a serial number as it is shown.
fn octets(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hexadecimal.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let digits = digits.filter(|digits| !digits.is_empty())?;
    // An odd number of digits lacks a zero before them.
    let (first, rest) = digits.split_at(digits.len() % 2);
    Some(first.iter().copied().chain(rest.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1])).collect())
}

#[cfg(test)]
mod tests;
