//! PEM, written as Qlik writes it and read as users have it.
//!
//! Written: CRLF, 64 columns, final line end, one object a file (observed exports). Read: text around, any line ends,
//! headers, several objects, UTF-16.

mod sections;

pub use sections::{End, Lines, Section, Sections};

use super::secret::Secret;
use super::text;
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use zeroize::Zeroizing;

const COLUMNS: usize = 64;

/// One `BEGIN` … `END` section.
#[derive(Debug)]
pub struct Block {
    pub label: String,
    /// RFC 1421 headers, which OpenSSL's traditional encrypted keys carry.
    pub headers: Vec<(String, String)>,
    pub der: Secret,
}

impl Block {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    #[error("the section `{0}` has no end: the file is cut")]
    NoEnd(String),
    #[error("the section `{0}` is not base64: the file is damaged")]
    Base64(String),
}

pub fn encode(label: &str, der: &[u8]) -> Secret {
    let body = Zeroizing::new(STANDARD.encode(der));
    let mut out = Vec::with_capacity(body.len() + body.len() / COLUMNS * 2 + label.len() * 2 + 40);
    out.extend_from_slice(format!("-----BEGIN {label}-----\r\n").as_bytes());
    for line in body.as_bytes().chunks(COLUMNS) {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("-----END {label}-----\r\n").as_bytes());
    Secret::new(out)
}

/// Every section of the file; none when it is not text.
pub fn decode(bytes: &[u8]) -> Result<Vec<Block>, PemError> {
    let (_, text) = text::plain(bytes);
    let one = |section: Section<'_>| {
        if section.end != End::Proper {
            return Err(PemError::NoEnd(shown(&section.label)));
        }
        let lines = Lines::of(section.body);
        let der = decode_base64(&lines.base64).map_err(|_| PemError::Base64(shown(&section.label)))?;
        Ok(Block { label: section.label, headers: lines.headers, der })
    };
    Sections::new(text.octets()).map(one).collect()
}

/// What is wrong with a base64 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Base64Error {
    #[error("`{0}` is not base64")]
    Character(char),
    /// Characters are missing, at the end or before it.
    #[error("its base64 ends in the middle")]
    Cut,
    #[error("its base64 goes on after its end")]
    Padding,
}

/// In one line; of what is public.
pub fn encode_base64(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

/// Base64 without white space; padding may be missing.
pub fn decode_base64(text: &[u8]) -> Result<Secret, Base64Error> {
    if let Ok(octets) = tolerant().decode(text) {
        return Ok(Secret::new(octets));
    }
    let known = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=');
    let last = text.iter().rposition(|octet| *octet != b'=').unwrap_or_default();
    Err(match text.iter().find(|octet| !known(octet)) {
        Some(octet) if octet.is_ascii() => Base64Error::Character(char::from(*octet)),
        Some(_) => Base64Error::Character(char::REPLACEMENT_CHARACTER),
        None if text[..last].contains(&b'=') => Base64Error::Padding,
        None => Base64Error::Cut,
    })
}

fn tolerant() -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&base64::alphabet::STANDARD, config)
}

/// A label as a message may repeat it.
fn shown(label: &str) -> String {
    label.chars().take(40).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_qlik_writes_it() {
        let pem = encode("CERTIFICATE", &[0x30; 60]);
        let text = std::str::from_utf8(pem.expose()).unwrap();
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(lines.len(), 5);
        assert_eq!((lines[0], lines[1].len(), lines[2].len()), ("-----BEGIN CERTIFICATE-----", 64, 16));
        assert!(text.ends_with("-----END CERTIFICATE-----\r\n"));
        assert!(!text.replace("\r\n", "").contains('\n'));
    }

    #[test]
    fn read_as_users_have_it() {
        let pem = String::from_utf8(encode("A KEY", b"secret").expose().to_vec()).unwrap();
        let unix = pem.replace("\r\n", "\n");
        let utf16: Vec<u8> = pem.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [format!("Bag Attributes\n{pem}text\n{unix}").into_bytes(), [&b"\xff\xfe"[..], &utf16].concat()] {
            let blocks = decode(&bytes).unwrap();
            assert!(!blocks.is_empty());
            assert!(blocks.iter().all(|block| block.label == "A KEY" && block.der.expose() == b"secret"));
        }
    }

    #[test]
    fn headers_and_damage() {
        let text = "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END X-----\n";
        assert_eq!(decode(text.as_bytes()).unwrap()[0].header("DEK-Info"), Some("AES-256-CBC,00"));
        assert_eq!(decode(b"-----BEGIN X-----\nAAAA\n").unwrap_err(), PemError::NoEnd("X".into()));
        assert_eq!(decode(b"-----BEGIN X-----\n!!!!\n-----END X-----").unwrap_err(), PemError::Base64("X".into()));
        assert!(decode(b"\x30\x82").unwrap().is_empty());
    }
}
