//! Text out of files as Windows' programs leave them: with a byte order mark, or in UTF-16 (PowerShell's `>`).

use std::borrow::Cow;
use zeroize::Zeroizing;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not text in UTF-8 or UTF-16")]
pub struct NotText;

/// The text without byte order mark.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, NotText> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Every text that qcert reads starts with an ASCII character, which shows UTF-16 without a mark.
        [first, 0, ..] if *first != 0 => utf16(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf16(bytes, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextEncoding {
    #[default]
    Ascii,
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Marked,
    /// As PowerShell's `>` writes: OpenSSL, Node and Python read nothing from it.
    Utf16,
    /// Eight bits of an old code page, such as Windows-1252.
    EightBit,
}

/// Text whose ASCII part matters, such as PEM: never refused. UTF-16 is turned into UTF-8, a mark is cut off; octets that
/// are not UTF-8 stay as they are.
pub fn plain(bytes: &[u8]) -> (TextEncoding, Plain<'_>) {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => (TextEncoding::Utf8Marked, Plain::Same(rest)),
        [0xff, 0xfe, rest @ ..] => (TextEncoding::Utf16, Plain::converted(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => (TextEncoding::Utf16, Plain::converted(rest, u16::from_be_bytes)),
        _ if zeros_alternate(bytes, 1) => (TextEncoding::Utf16, Plain::converted(bytes, u16::from_le_bytes)),
        _ if zeros_alternate(bytes, 0) => (TextEncoding::Utf16, Plain::converted(bytes, u16::from_be_bytes)),
        _ if bytes.is_ascii() => (TextEncoding::Ascii, Plain::Same(bytes)),
        _ if std::str::from_utf8(bytes).is_ok() => (TextEncoding::Utf8, Plain::Same(bytes)),
        _ => (TextEncoding::EightBit, Plain::Same(bytes)),
    }
}

/// Octets of a text; wiped where they are a copy, for it may hold a key.
#[derive(Debug)]
pub enum Plain<'a> {
    Same(&'a [u8]),
    Converted(Zeroizing<Vec<u8>>),
}

impl Plain<'_> {
    pub fn octets(&self) -> &[u8] {
        match self {
            Self::Same(octets) => octets,
            Self::Converted(octets) => octets,
        }
    }

    /// An octet too many at the end, of a file that was cut, is dropped.
    fn converted(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Self {
        let pairs = bytes.as_chunks::<2>().0;
        // Three octets for each unit are enough: the vector does not move and leave a key behind.
        let mut octets = Zeroizing::new(Vec::with_capacity(pairs.len().saturating_mul(3)));
        let mut buffer = [0; 4];
        for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
            let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
            octets.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        }
        Self::Converted(octets)
    }
}

/// Whether the text begins as ASCII in UTF-16 does: a zero in every other octet and nowhere else.
fn zeros_alternate(bytes: &[u8], zero: usize) -> bool {
    let start = &bytes[..bytes.len().min(64)];
    start.len() >= 4 && start.iter().enumerate().all(|(at, octet)| (at % 2 == zero) == (*octet == 0))
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, NotText> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| NotText)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, NotText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(NotText);
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .map(Cow::Owned)
        .map_err(|_| NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_encoding_is_read() {
        let text = "host.domain\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let cases = [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", &little[..]].concat(),
            [b"\xfe\xff", &big[..]].concat(),
            little,
            big,
        ];
        for case in cases {
            assert_eq!(decode(&case).unwrap(), text);
        }
        assert!(decode(b"\xff\xfea").is_err());
        assert!(decode(b"\x80abc").is_err());
    }
}
