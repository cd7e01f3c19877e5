//! Names in certificates: the distinguished name with its encoding, and the names of a subjectAltName.
//!
//! Text is as the certificate has it: not escaped for a terminal, not compared here.

use super::super::der::{Reader, Value, dotted, tag};
use std::net::IpAddr;

/// A distinguished name (RFC 5280 4.1.2.4): its encoding, which is what Windows and strict verifiers compare, and its
/// attributes in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName {
    encoding: Vec<u8>,
    relative: Vec<Vec<Attribute>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Dotted.
    pub oid: String,
    /// `None` when it is not text in an encoding that X.520 knows.
    pub text: Option<String>,
    /// Identifier octet and content as encoded.
    pub tag: u8,
    pub content: Vec<u8>,
}

impl DistinguishedName {
    /// `None` when it is not a Name.
    pub fn parse(encoding: &[u8]) -> Option<Self> {
        let mut relative = Vec::new();
        let outer = Reader::new(encoding).expect(tag::SEQUENCE, "a name").ok()?;
        if outer.encoding.len() != encoding.len() {
            return None;
        }
        let mut sets = outer.inside();
        while !sets.is_empty() {
            let mut attributes = Vec::new();
            let mut set = sets.expect(tag::SET, "a relative name").ok()?.inside();
            while !set.is_empty() {
                let mut pair = set.expect(tag::SEQUENCE, "an attribute").ok()?.inside();
                let oid = dotted(pair.expect(tag::OID, "a type").ok()?.content);
                let value = pair.value().ok()?;
                attributes.push(Attribute { oid, text: text(value), tag: value.tag, content: value.content.to_vec() });
            }
            relative.push(attributes);
        }
        Some(Self { encoding: encoding.to_vec(), relative })
    }

    pub fn encoding(&self) -> &[u8] {
        &self.encoding
    }

    pub fn relative(&self) -> &[Vec<Attribute>] {
        &self.relative
    }

    pub fn is_empty(&self) -> bool {
        self.relative.is_empty()
    }

    /// The values of an attribute in order.
    pub fn values(&self, oid: &str) -> impl Iterator<Item = &str> {
        self.relative.iter().flatten().filter(move |attribute| attribute.oid == oid).filter_map(|a| a.text.as_deref())
    }

    pub fn common_name(&self) -> Option<&str> {
        self.values(COMMON_NAME).next()
    }

    /// `DC=example, CN=host-CA`: in the order of the encoding.
    pub fn text(&self) -> String {
        let one = |attribute: &Attribute| match &attribute.text {
            Some(text) => format!("{}={text}", short(&attribute.oid)),
            None => format!("{}=#{}", short(&attribute.oid), super::hexadecimal(&attribute.content)),
        };
        let sets = self.relative.iter().map(|set| set.iter().map(one).collect::<Vec<_>>().join("+"));
        sets.collect::<Vec<_>>().join(", ")
    }
}

pub const COMMON_NAME: &str = "2.5.4.3";
pub const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";

/// RFC 4514 3 and what OpenSSL and Windows show besides.
fn short(oid: &str) -> &str {
    match oid {
        COMMON_NAME => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "GN",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        EMAIL_ADDRESS => "emailAddress",
        other => other,
    }
}

/// The string types of X.520: each in its own encoding.
fn text(value: Value<'_>) -> Option<String> {
    match value.tag {
        0x0c | 0x12 | 0x13 | 0x16 | 0x1a => std::str::from_utf8(value.content).ok().map(str::to_owned),
        // TeletexString: in practice ISO 8859-1, as OpenSSL and Windows read it.
        0x14 => Some(value.content.iter().map(|octet| char::from(*octet)).collect()),
        tag::BMP_STRING => {
            let units = value.content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let even = value.content.len().is_multiple_of(2);
            even.then(|| char::decode_utf16(units).collect::<Result<_, _>>().ok()).flatten()
        }
        0x1c => {
            let points =
                value.content.chunks_exact(4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
            let whole = value.content.len().is_multiple_of(4);
            whole.then(|| points.map(char::from_u32).collect()).flatten()
        }
        _ => None,
    }
}

/// One entry of a subjectAltName or of a name constraint (RFC 5280 4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneralName {
    Dns(String),
    /// Four or sixteen octets; in a constraint twice as many, address and mask. Other lengths are kept as found.
    Ip(Vec<u8>),
    Email(String),
    Directory(DistinguishedName),
    Uri(String),
    /// Of a kind that qcert compares nowhere: its context tag.
    Other(u8),
    /// Of a known kind with content that it cannot have: its context tag.
    Malformed(u8),
}

impl GeneralName {
    /// `None` when it is no GeneralName at all.
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        let ascii = |tag: u8, make: fn(String) -> Self| match std::str::from_utf8(value.content) {
            Ok(text) if text.is_ascii() => make(text.to_owned()),
            _ => Self::Malformed(tag),
        };
        Some(match value.tag {
            0x81 => ascii(1, Self::Email),
            0x82 => ascii(2, Self::Dns),
            0x86 => ascii(6, Self::Uri),
            0x87 => Self::Ip(value.content.to_vec()),
            0xa4 => DistinguishedName::parse(value.content).map_or(Self::Malformed(4), Self::Directory),
            0xa0 | 0xa3 | 0xa5 | 0x88 => Self::Other(value.tag & 0x1f),
            _ => return None,
        })
    }

    /// Of the content of a subjectAltName extension.
    pub fn list(value: &[u8]) -> Option<Vec<Self>> {
        super::content::names(value)
    }

    /// An IP address written as dNSName, as Qlik does: programs that connect by IP look for an iPAddress.
    pub fn is_ip_as_dns(&self) -> bool {
        matches!(self, Self::Dns(name) if name.parse::<IpAddr>().is_ok())
    }

    /// The address of an iPAddress entry.
    pub fn ip_address(&self) -> Option<IpAddr> {
        let Self::Ip(octets) = self else { return None };
        let four = <[u8; 4]>::try_from(&octets[..]).map(IpAddr::from);
        four.or_else(|_| <[u8; 16]>::try_from(&octets[..]).map(IpAddr::from)).ok()
    }
}
