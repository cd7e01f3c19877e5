//! What DER or BER promises to be, by its first few values. Also of what was cut off, as far as it goes.

use super::super::der::tag;
use super::super::pfx;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Certificate,
    Request,
    RevocationList,
    Pkcs7,
    Pfx,
    PublicKey,
    /// An RSAPublicKey by itself (RFC 8017 A.1.1).
    Pkcs1PublicKey,
    Pkcs1Key,
    Sec1Key,
    Pkcs8Key,
    EncryptedKey,
    /// OpenSSL's traditional form of a DSA key.
    DsaKey,
}

impl Shape {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::Request => "a certificate request",
            Self::RevocationList => "a CRL",
            Self::Pkcs7 => "a PKCS#7 file",
            Self::Pfx => "a PFX",
            Self::PublicKey | Self::Pkcs1PublicKey => "a public key",
            Self::Pkcs1Key | Self::Sec1Key | Self::Pkcs8Key | Self::EncryptedKey | Self::DsaKey => "a private key",
        }
    }

    /// PFX: RFC 7292 4. PKCS#8: RFC 5958 2 and 3. PKCS#1: RFC 8017 A.1. SEC 1: RFC 5915 3. PKCS#7: RFC 5652 3. SPKI and
    /// certificates: RFC 5280 4.1. CRL: RFC 5280 5.1. Requests: RFC 2986 4.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        if pfx::looks_like_pfx(bytes) {
            return Some(Self::Pfx);
        }
        let mut outer = Lenient(bytes).next().filter(|outer| outer.tag == tag::SEQUENCE)?.inside();
        let first = outer.next()?;
        let second = outer.next();
        let second_tag = second.as_ref().map(|value| value.tag);
        Some(match (first.tag, second_tag) {
            (tag::INTEGER, Some(tag::SEQUENCE)) => Self::Pkcs8Key,
            (tag::INTEGER, Some(tag::OCTET_STRING)) => Self::Sec1Key,
            (tag::INTEGER, Some(tag::INTEGER)) if first.content == [0] => match outer.take(8).count() {
                4 => Self::DsaKey,
                _ => Self::Pkcs1Key,
            },
            (tag::INTEGER, Some(tag::INTEGER)) if outer.next().is_none() => Self::Pkcs1PublicKey,
            (tag::OID, Some(0xa0)) if first.content.starts_with(PKCS7) => Self::Pkcs7,
            (tag::SEQUENCE, Some(tag::OCTET_STRING)) if first.begins_with(tag::OID) => Self::EncryptedKey,
            (tag::SEQUENCE, Some(tag::BIT_STRING)) if first.begins_with(tag::OID) => Self::PublicKey,
            (tag::SEQUENCE, Some(tag::SEQUENCE) | None) => return Self::of_signed(&first),
            _ => return None,
        })
    }

    /// Of the signed part, which decides between certificate, request and CRL.
    fn of_signed(part: &Lent<'_>) -> Option<Self> {
        let mut fields = part.inside().peekable();
        if fields.peek()?.tag == tag::constructed(0) {
            return Some(Self::Certificate);
        }
        let has_number = fields.next_if(|field| field.tag == tag::INTEGER).is_some();
        let second = fields.next().filter(|field| field.tag == tag::SEQUENCE)?;
        if has_number && !second.begins_with(tag::OID) {
            return Some(Self::Request);
        }
        let times = fields.nth(1);
        match times
            .map(|times| (times.tag, times.begins_with(tag::UTC_TIME) || times.begins_with(tag::GENERALIZED_TIME)))
        {
            Some((tag::UTC_TIME | tag::GENERALIZED_TIME, _)) => Some(Self::RevocationList),
            Some((tag::SEQUENCE, true)) => Some(Self::Certificate),
            _ => has_number.then_some(Self::Certificate),
        }
    }
}

/// 1.2.840.113549.1.7
const PKCS7: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7];

/// Reads values one after the other; the last one may be cut, and lengths may be open.
struct Lenient<'a>(&'a [u8]);

struct Lent<'a> {
    tag: u8,
    content: &'a [u8],
}

impl<'a> Lent<'a> {
    fn inside(&self) -> Lenient<'a> {
        Lenient(self.content)
    }

    fn begins_with(&self, tag: u8) -> bool {
        self.content.first() == Some(&tag)
    }
}

impl<'a> Iterator for Lenient<'a> {
    type Item = Lent<'a>;

    fn next(&mut self) -> Option<Lent<'a>> {
        let [tag, first, ..] = *self.0 else { return None };
        let rest = &self.0[2..];
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // The values after one of open length are not looked for.
            0x80 => (rest.len(), rest),
            0x81..=0x84 => {
                let (field, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (field.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)), rest)
            }
            _ => return None,
        };
        let (content, after) = rest.split_at(length.min(rest.len()));
        self.0 = after;
        Some(Lent { tag, content })
    }
}
