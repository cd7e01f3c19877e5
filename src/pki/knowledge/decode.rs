//! Logs of any encoding, piece by piece, to the octets that are searched.
//!
//! UTF-16 of either order becomes UTF-8; in all else NUL octets are dropped, which also reads a log to which
//! PowerShell's `>>` has added UTF-16. Nothing is refused: what is no text becomes something that matches nothing.

/// Enough to see a byte order mark, or the NULs of UTF-16 without one.
const DECIDES: usize = 4;

#[derive(Debug, Clone)]
pub(super) enum Decoder {
    /// The first octets, until there are enough.
    Undecided(Vec<u8>),
    Octets,
    Utf16 {
        unit: fn([u8; 2]) -> u16,
        half: Option<u8>,
    },
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self::Undecided(Vec::with_capacity(DECIDES))
    }

    /// Adds what the piece says to `out`.
    pub(super) fn feed(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Undecided(first) => {
                first.extend_from_slice(piece);
                if first.len() >= DECIDES {
                    self.decide(out);
                }
            }
            Self::Octets if piece.contains(&0) => out.extend(piece.iter().filter(|octet| **octet != 0)),
            Self::Octets => out.extend_from_slice(piece),
            Self::Utf16 { unit, half } => {
                let mut rest = piece;
                if let (Some(first), [second, after @ ..]) = (*half, rest) {
                    push(unit([first, *second]), out);
                    (rest, *half) = (after, None);
                }
                let (pairs, odd) = rest.as_chunks::<2>();
                for pair in pairs {
                    push(unit(*pair), out);
                }
                if let [last] = odd {
                    *half = Some(*last);
                }
            }
        }
    }

    /// Adds what was kept back.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if matches!(self, Self::Undecided(_)) {
            self.decide(out);
        }
    }

    fn decide(&mut self, out: &mut Vec<u8>) {
        let Self::Undecided(first) = self else { return };
        let first = std::mem::take(first);
        let (decoder, rest): (Self, &[u8]) = match &first[..] {
            [0xef, 0xbb, 0xbf, rest @ ..] => (Self::Octets, rest),
            [0xff, 0xfe, rest @ ..] => (Self::Utf16 { unit: u16::from_le_bytes, half: None }, rest),
            [0xfe, 0xff, rest @ ..] => (Self::Utf16 { unit: u16::from_be_bytes, half: None }, rest),
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => (Self::Utf16 { unit: u16::from_le_bytes, half: None }, &first),
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => (Self::Utf16 { unit: u16::from_be_bytes, half: None }, &first),
            all => (Self::Octets, all),
        };
        *self = decoder;
        self.feed(rest, out);
    }
}

fn push(unit: u16, out: &mut Vec<u8>) {
    match u8::try_from(unit) {
        Ok(octet) if octet.is_ascii() => out.push(octet),
        // Half of a pair is no character; it is only ever shown, in an excerpt.
        _ => {
            let character = char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], size: usize) -> String {
        let (mut decoder, mut out) = (Decoder::new(), Vec::new());
        for piece in bytes.chunks(size) {
            decoder.feed(piece, &mut out);
        }
        decoder.finish(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_encoding_reads_alike_however_it_is_cut() {
        let text = "上: error\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for size in [1, 2, 3, 5, 100] {
            assert_eq!(decoded(text.as_bytes(), size), text);
            assert_eq!(decoded(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), size), text);
            assert_eq!(decoded(&[b"\xff\xfe", &little[..]].concat(), size), text);
            assert_eq!(decoded(&[b"\xfe\xff", &big[..]].concat(), size), text);
            assert_eq!(decoded(b"ab", size), "ab");
            assert_eq!(decoded(b"a\0b\0\n\0", size), "ab\n");
            assert_eq!(decoded(b"\0a\0b\0\n", size), "ab\n");
            assert_eq!(decoded(b"first\na\0b\0", size), "first\nab");
            assert_eq!(decoded(b"\xff\xfea\0\x00\xd8", size), "a\u{fffd}");
        }
    }
}
