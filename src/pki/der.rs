//! DER as far as qcert writes and walks it itself: Qlik's extensions, keys and PKCS#12.
//!
//! The reader takes input from strangers: it never allocates by a length it was told, and its depth is the caller's.
//! Certificates are parsed by x509-parser (`certificate.rs`), not here.

/// Universal and context tags in use, as single identifier octets (X.690 8.1.2).
pub mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OID: u8 = 0x06;
    pub const ENUMERATED: u8 = 0x0a;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const BMP_STRING: u8 = 0x1e;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
    /// `[0]` … `[30]`, primitive.
    pub const fn context(number: u8) -> u8 {
        0x80 | number
    }
    /// `[0]` … `[30]`, constructed.
    pub const fn constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DerError {
    #[error("the data ends in the middle of a value")]
    Truncated,
    #[error("a length field is malformed")]
    Length,
    #[error("a tag is malformed")]
    Tag,
    #[error("{0} is missing or of another type")]
    Unexpected(&'static str),
    #[error("a number is malformed or too large")]
    Integer,
}

/// One value: its identifier octet, its content, and the whole encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    pub encoding: &'a [u8],
}

impl<'a> Value<'a> {
    /// Reads the values inside a constructed one.
    pub fn inside(&self) -> Reader<'a> {
        Reader::new(self.content)
    }

    /// A non-negative INTEGER of at most 64 bits.
    pub fn unsigned(&self) -> Result<u64, DerError> {
        match self.content {
            [first, ..] if self.tag == tag::INTEGER && first & 0x80 == 0 => {
                let significant = self.content.strip_prefix(&[0]).unwrap_or(self.content);
                if significant.len() > 8 {
                    return Err(DerError::Integer);
                }
                Ok(significant.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
            }
            _ => Err(DerError::Integer),
        }
    }
}

/// Reads values one after the other, definite lengths only.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(input: &'a [u8]) -> Self {
        Self { rest: input }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub fn value(&mut self) -> Result<Value<'a>, DerError> {
        let [tag, first, ..] = *self.rest else { return Err(DerError::Truncated) };
        if tag & 0x1f == 0x1f {
            return Err(DerError::Tag);
        }
        let (length, header) = match first {
            0..=0x7f => (usize::from(first), 2),
            0x81..=0x84 => {
                let octets = usize::from(first & 0x7f);
                let field = self.rest.get(2..2 + octets).ok_or(DerError::Truncated)?;
                (field.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), 2 + octets)
            }
            _ => return Err(DerError::Length),
        };
        let end = header.checked_add(length).ok_or(DerError::Length)?;
        let encoding = self.rest.get(..end).ok_or(DerError::Truncated)?;
        self.rest = &self.rest[end..];
        Ok(Value { tag, content: &encoding[header..], encoding })
    }

    /// The next value, which must have this tag; `what` names it in the error.
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Value<'a>, DerError> {
        match self.value() {
            Ok(value) if value.tag == tag => Ok(value),
            Ok(_) => Err(DerError::Unexpected(what)),
            Err(error) => Err(error),
        }
    }

    /// The next value if it has this tag; otherwise nothing is read.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, DerError> {
        if self.peek() == Some(tag) { self.value().map(Some) } else { Ok(None) }
    }
}

/// One value from its tag and content.
pub fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let length = content.len();
    if let Ok(short @ 0..0x80) = u8::try_from(length) {
        out.push(short);
    } else {
        let octets = length.to_be_bytes();
        let skip = octets.iter().take_while(|byte| **byte == 0).count();
        #[expect(clippy::cast_possible_truncation, reason = "a usize has at most 8 octets")]
        out.push(0x80 | (octets.len() - skip) as u8);
        out.extend_from_slice(&octets[skip..]);
    }
    out.extend_from_slice(content);
    out
}

pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    encode(tag::SEQUENCE, &parts.concat())
}

pub fn set(parts: &[&[u8]]) -> Vec<u8> {
    encode(tag::SET, &parts.concat())
}

pub fn octet_string(content: &[u8]) -> Vec<u8> {
    encode(tag::OCTET_STRING, content)
}

/// A BIT STRING of whole octets.
pub fn bit_string(content: &[u8]) -> Vec<u8> {
    encode(tag::BIT_STRING, &[&[0], content].concat())
}

/// An OBJECT IDENTIFIER from its already encoded content.
pub fn oid(content: &[u8]) -> Vec<u8> {
    encode(tag::OID, content)
}

/// A non-negative INTEGER.
pub fn unsigned(value: u64) -> Vec<u8> {
    large_unsigned(&value.to_be_bytes())
}

/// A non-negative INTEGER of any size, from its octets with or without zeros before them.
pub fn large_unsigned(octets: &[u8]) -> Vec<u8> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    match &octets[zeros..] {
        [] => encode(tag::INTEGER, &[0]),
        significant @ [first, ..] if first & 0x80 == 0 => encode(tag::INTEGER, significant),
        significant => encode(tag::INTEGER, &[&[0], significant].concat()),
    }
}

pub const NULL: &[u8] = &[tag::NULL, 0];

/// The dotted form of an encoded OBJECT IDENTIFIER, for messages.
pub fn dotted(content: &[u8]) -> String {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc = 0u64;
    for byte in content {
        arc = arc.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.push(first);
                arcs.push(arc - first * 40);
            } else {
                arcs.push(arc);
            }
            arc = 0;
        }
    }
    arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_minimal_and_read_back() {
        for length in [0usize, 1, 127, 128, 255, 256, 65535, 65536] {
            let content = vec![7u8; length];
            let encoded = encode(tag::OCTET_STRING, &content);
            let value = Reader::new(&encoded).value().unwrap();
            assert_eq!(value.content, content);
            assert_eq!(value.encoding, encoded);
        }
        assert_eq!(encode(4, &[0; 128])[..3], [4, 0x81, 128]);
    }

    #[test]
    fn integers_are_minimal_and_positive() {
        for (value, content) in [
            (0u64, vec![0u8]),
            (127, vec![127]),
            (128, vec![0, 128]),
            (65537, vec![1, 0, 1]),
            (u64::MAX, vec![0, 255, 255, 255, 255, 255, 255, 255, 255]),
        ] {
            let encoded = unsigned(value);
            assert_eq!(encoded[2..], content);
            assert_eq!(Reader::new(&encoded).value().unwrap().unsigned(), Ok(value));
        }
    }

    #[test]
    fn broken_input_is_an_error() {
        for input in [
            &b""[..],
            b"\x30",
            b"\x30\x05\x01",
            b"\x30\x80\x00\x00",
            b"\x30\x85\x01\x01\x01\x01\x01",
            b"\x1f\x81\x00",
            b"\x30\x84\xff\xff\xff\xff",
        ] {
            assert!(Reader::new(input).value().is_err(), "{input:02x?}");
        }
    }

    #[test]
    fn object_identifiers_are_dotted() {
        assert_eq!(dotted(&[0x2b, 6, 1, 5, 5, 7, 13, 3]), "1.3.6.1.5.5.7.13.3");
        assert_eq!(dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]), "1.2.840.113549");
        assert_eq!(dotted(&[0x88, 0x37]), "2.999");
    }
}
