//! BER to DER: definite lengths and OCTET STRINGs in one piece. NSS, Firefox and old Java write PFX in BER.
//!
//! Time is bounded by length times depth, and depth by a constant. It looks into constructed values only, so what an
//! OCTET STRING holds is converted by whoever opens it. What follows the first value is counted, not read.

use super::super::der::{self, DerError, Reader, tag};
use super::PfxError;
use zeroize::Zeroizing;

/// A PFX needs about ten.
const MAX_DEPTH: usize = 32;
const CONSTRUCTED: u8 = 0x20;

pub(in crate::pki) struct Converted {
    pub(in crate::pki) der: Zeroizing<Vec<u8>>,
    /// The octets after the value.
    pub(in crate::pki) trailing: usize,
    /// It was not DER already.
    pub(super) was_ber: bool,
}

pub(in crate::pki) fn to_der(input: &[u8]) -> Result<Converted, PfxError> {
    let mut rest = input;
    // DER is never longer than the BER it comes from, so this does not move and leave octets of a key behind.
    let mut der = Zeroizing::new(Vec::with_capacity(input.len()));
    convert(&mut rest, &mut der, 0)?;
    let was_ber = **der != input[..input.len() - rest.len()];
    Ok(Converted { der, trailing: rest.len(), was_ber })
}

fn convert(rest: &mut &[u8], der: &mut Vec<u8>, depth: usize) -> Result<(), PfxError> {
    if depth > MAX_DEPTH {
        return Err(PfxError::Limit { what: "nesting", value: depth as u64, limit: MAX_DEPTH as u64 });
    }
    let (identifier, length) = header(rest)?;
    let content = match length {
        Some(length) => Some(take(rest, length)?),
        None if identifier & CONSTRUCTED == 0 => return Err(DerError::Length.into()),
        None => None,
    };
    if let Some(content) = content.filter(|_| identifier & CONSTRUCTED == 0) {
        der.extend_from_slice(&Zeroizing::new(der::encode(identifier, content)));
        return Ok(());
    }
    let mut body = Zeroizing::new(Vec::with_capacity(content.map_or(0, <[u8]>::len)));
    match content {
        Some(mut inside) => {
            while !inside.is_empty() {
                convert(&mut inside, &mut body, depth + 1)?;
            }
        }
        None => loop {
            if let Some(after) = rest.strip_prefix(&[0, 0]) {
                *rest = after;
                break;
            }
            convert(rest, &mut body, depth + 1)?;
        },
    }
    let value = if identifier == tag::OCTET_STRING | CONSTRUCTED {
        der::encode(tag::OCTET_STRING, &joined(&body)?)
    } else {
        der::encode(identifier, &body)
    };
    der.extend_from_slice(&Zeroizing::new(value));
    Ok(())
}

/// The content of the OCTET STRINGs that stand in `parts`.
pub(super) fn joined(parts: &[u8]) -> Result<Zeroizing<Vec<u8>>, DerError> {
    let mut content = Zeroizing::new(Vec::with_capacity(parts.len()));
    let mut parts = Reader::new(parts);
    while !parts.is_empty() {
        content.extend_from_slice(parts.expect(tag::OCTET_STRING, "a part of an octet string")?.content);
    }
    Ok(content)
}

/// Identifier octet and length; no length means that an end marker follows.
fn header(rest: &mut &[u8]) -> Result<(u8, Option<usize>), DerError> {
    let [identifier, first] = *take(rest, 2)? else { return Err(DerError::Truncated) };
    if identifier & 0x1f == 0x1f {
        return Err(DerError::Tag);
    }
    let length = match first {
        0..=0x7f => Some(usize::from(first)),
        0x80 => None,
        0x81..=0x88 => {
            let octets = take(rest, usize::from(first & 0x7f))?;
            let length = octets.iter().fold(0u64, |sum, octet| (sum << 8) | u64::from(*octet));
            Some(usize::try_from(length).map_err(|_| DerError::Length)?)
        }
        _ => return Err(DerError::Length),
    };
    Ok((identifier, length))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], DerError> {
    let (taken, after) = rest.split_at_checked(length).ok_or(DerError::Truncated)?;
    *rest = after;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ber: &[u8], der: &[u8], trailing: usize) {
        let converted = to_der(ber).unwrap();
        assert_eq!((&**converted.der, converted.trailing), (der, trailing));
        assert_eq!(converted.was_ber, ber[..ber.len() - trailing] != *der);
    }

    #[test]
    fn ber_becomes_der() {
        check(b"\x30\x03\x02\x01\x03", b"\x30\x03\x02\x01\x03", 0);
        check(b"\x30\x80\x02\x01\x03\x00\x00", b"\x30\x03\x02\x01\x03", 0);
        check(b"\x30\x81\x03\x02\x01\x03stray", b"\x30\x03\x02\x01\x03", 5);
        check(b"\x24\x80\x04\x01a\x24\x80\x04\x01b\x00\x00\x04\x00\x00\x00", b"\x04\x02ab", 0);
        check(b"\x30\x80\xa0\x80\x04\x01a\x00\x00\x00\x00\x00", b"\x30\x05\xa0\x03\x04\x01a", 1);
    }

    #[test]
    fn broken_and_bottomless_input_is_an_error() {
        for input in [
            &b""[..],
            b"\x30",
            b"\x30\x80",
            b"\x30\x80\x02\x01\x03\x00",
            b"\x04\x80\x00\x00",
            b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x30\x89\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            b"\x24\x03\x02\x01\x03",
            b"\x1f\x81\x00\x00",
        ] {
            assert!(to_der(input).is_err(), "{input:02x?}");
        }
        let bottomless = to_der(&[0x30, 0x80].repeat(100_000)).err();
        assert_eq!(bottomless, Some(PfxError::Limit { what: "nesting", value: 33, limit: 32 }));
    }
}
