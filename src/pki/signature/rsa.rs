//! RSA signatures that the crypto library will not look at, by RFC 8017 itself: the signature is opened with the public
//! key, and what it must hold is built and compared.
//!
//! Bounded: a modulus of 16,384 bits, an exponent of 64.

use super::super::der;
use super::super::public_key::PublicKey;
use super::{Hash, SignatureError};
use num_bigint::BigUint;

const MODULUS_LIMIT: usize = 16_384;
const EXPONENT_LIMIT: u64 = 64;

/// In microseconds, measured: 16,384 bits with an exponent of 64 take 50,000.
pub(super) fn cost(bits: usize, exponent: Option<u64>) -> u64 {
    let size = (bits.min(MODULUS_LIMIT) as u64).div_ceil(2048).max(1);
    let length = exponent.map_or(EXPONENT_LIMIT, |exponent| u64::from(64 - exponent.leading_zeros())).max(17);
    250 * size * size * length / 17
}

/// EMSA-PKCS1-v1_5 (RFC 8017 8.2.2 and 9.2): the whole block is compared, so nothing can hide in it.
pub(super) fn pkcs1(hash: Hash, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    let opened = Opened::new(key, signature)?;
    let algorithm = der::sequence(&[&der::oid(identifier(hash)), der::NULL]);
    let info = der::sequence(&[&algorithm, &der::octet_string(&hash.of(message))]);
    let padding =
        opened.block.len().checked_sub(info.len() + 3).filter(|length| *length >= 8).ok_or(SignatureError::Mismatch)?;
    let expected = [&[0, 1][..], &vec![0xff; padding], &[0], &info].concat();
    if opened.block == expected { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// EMSA-PSS (RFC 8017 8.1.2 and 9.1.2).
pub(super) fn pss(
    hash: Hash,
    mask: Hash,
    salt: usize,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let opened = Opened::new(key, signature)?;
    if pss_holds(hash, mask, salt, message, &opened).is_some_and(|holds| holds) {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

fn pss_holds(hash: Hash, mask: Hash, salt: usize, message: &[u8], opened: &Opened) -> Option<bool> {
    let bits = opened.modulus_bits.checked_sub(1)?;
    // One octet less where the modulus has one bit over whole octets.
    let (surplus, encoded) = opened.block.split_at_checked(opened.block.len().checked_sub(bits.div_ceil(8))?)?;
    let (body, trailer) = encoded.split_at_checked(encoded.len().checked_sub(1)?)?;
    let (masked, wanted) = body.split_at_checked(body.len().checked_sub(hash.size())?)?;
    let unused = u32::try_from(8 * encoded.len() - bits).ok()?;
    let clear = 0xffu8.checked_shr(unused)?;
    if surplus.iter().any(|octet| *octet != 0) || trailer != [0xbc] || masked.first()? & !clear != 0 {
        return Some(false);
    }
    let mut block = masked.to_vec();
    for (octet, stream) in block.iter_mut().zip(mask_stream(mask, wanted, masked.len())) {
        *octet ^= stream;
    }
    *block.first_mut()? &= clear;
    let (padding, salt) = block.split_at_checked(block.len().checked_sub(salt)?)?;
    let (one, zeros) = padding.split_last()?;
    if *one != 1 || zeros.iter().any(|octet| *octet != 0) {
        return Some(false);
    }
    Some(hash.of(&[&[0; 8][..], &hash.of(message), salt].concat()) == wanted)
}

/// MGF1 (RFC 8017 B.2.1).
fn mask_stream(hash: Hash, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0u32..).map(|counter| hash.of(&[seed, &counter.to_be_bytes()].concat()));
    blocks.take(length.div_ceil(hash.size())).flatten().take(length).collect()
}

/// What the signature holds: as many octets as the modulus.
struct Opened {
    block: Vec<u8>,
    modulus_bits: usize,
}

impl Opened {
    fn new(key: &PublicKey, signature: &[u8]) -> Result<Self, SignatureError> {
        let (modulus, exponent) = key.rsa().ok_or(SignatureError::KeyKind)?;
        if modulus.len() > MODULUS_LIMIT / 8 || exponent.len() > 8 {
            return Err(SignatureError::Unsupported(format!("of a key of {}", key.text())));
        }
        let odd = |octets: &[u8]| octets.last().is_some_and(|last| last & 1 == 1);
        if !odd(modulus) || !odd(exponent) || signature.len() != modulus.len() {
            return Err(SignatureError::Mismatch);
        }
        let number = BigUint::from_bytes_be(modulus);
        let value = BigUint::from_bytes_be(signature);
        if value >= number {
            return Err(SignatureError::Mismatch);
        }
        let octets = value.modpow(&BigUint::from_bytes_be(exponent), &number).to_bytes_be();
        let missing = modulus.len().checked_sub(octets.len()).ok_or(SignatureError::Mismatch)?;
        let modulus_bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        Ok(Self { block: [vec![0; missing], octets].concat(), modulus_bits })
    }
}

/// The encoded identifier of the hash (RFC 8017 B.1).
fn identifier(hash: Hash) -> &'static [u8] {
    match hash {
        Hash::Md5 => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5],
        Hash::Sha1 => &[0x2b, 0x0e, 3, 2, 0x1a],
        Hash::Sha224 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4],
        Hash::Sha256 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1],
        Hash::Sha384 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2],
        Hash::Sha512 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3],
        Hash::Sha512Of256 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 6],
    }
}
