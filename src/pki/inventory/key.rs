//! Private keys in a file: opened if they are encrypted, and their public halves. The door of the crypto library's curves.
//!
//! A key's public half is what it is known by: it is the same octets as in its certificate. No key leaves here but where
//! the caller asked for it (`kept`).

use super::super::der::{self, Reader, Value, tag};
use super::super::encryption::{self, EncryptedPrivateKey, EncryptionError, Limits};
use super::super::key::PrivateKey;
use super::super::public_key::{PublicKey, curve_name};
use super::super::secret::Secret;
use super::read::Desk;
use super::shape::Shape;
use super::{Key, KeyForm, KeyState};
use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521};
use aws_lc_rs::signature::{ECDSA_P256K1_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const ED25519: &[u8] = &[0x2b, 101, 112];
/// The crypto library checks keys of these sizes. Below, the numbers are multiplied here.
const CHECKED_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// In rounds of SHA-256: of the slowest curve, secp256k1.
const WORK_OF_POINT: u64 = 10_000;

pub(super) fn read(desk: &mut Desk<'_>, shape: Shape, bytes: &[u8]) -> Key {
    let (form, state) = match shape {
        Shape::EncryptedKey => return encrypted(desk, bytes),
        Shape::Pkcs1Key => (KeyForm::Pkcs1, pkcs1(desk, bytes)),
        Shape::Sec1Key => (KeyForm::Sec1, sec1(desk, bytes, None)),
        Shape::DsaKey => (KeyForm::Pkcs1, Ok(KeyState::Unsupported("DSA".to_owned()))),
        _ => (KeyForm::Pkcs8, pkcs8(desk, bytes)),
    };
    let state = state.unwrap_or_else(KeyState::Damaged);
    let private = kept(desk, &state, bytes);
    Key { form, encryption: None, state, private }
}

/// The private key in PKCS#8, for a caller that keeps keys. `plain` is the encoding whose state this is.
pub(super) fn kept(desk: &Desk<'_>, state: &KeyState, plain: &[u8]) -> Option<Secret> {
    if !desk.keeps_keys || !matches!(state, KeyState::Open(_)) {
        return None;
    }
    match Shape::of(plain)? {
        Shape::Pkcs8Key => Some(Secret::new(plain.to_vec())),
        Shape::Pkcs1Key => Some(in_pkcs8(&der::sequence(&[&der::oid(RSA), der::NULL]), plain)),
        Shape::Sec1Key => {
            let mut fields = Reader::new(plain).value().ok()?.inside();
            fields.value().ok()?;
            fields.value().ok()?;
            let curve = fields.optional(tag::constructed(0)).ok()??.inside().value().ok()?;
            Some(in_pkcs8(&der::sequence(&[&der::oid(EC), curve.encoding]), plain))
        }
        _ => None,
    }
}

/// PrivateKeyInfo (RFC 5958 2) around a key of its own form.
fn in_pkcs8(algorithm: &[u8], key: &[u8]) -> Secret {
    let inner = Secret::new(der::octet_string(key));
    Secret::new(der::sequence(&[&der::unsigned(0), algorithm, inner.expose()]))
}

/// EncryptedPrivateKeyInfo. How it is encrypted is told in any case.
fn encrypted(desk: &mut Desk<'_>, bytes: &[u8]) -> Key {
    let told = EncryptedPrivateKey::parse(bytes, &mut Limits::none()).map(|key| key.algorithm.to_string());
    let encryption = match &told {
        Ok(told) => Some(told.clone()),
        Err(EncryptionError::Unsupported(identifier)) => Some(identifier.clone()),
        Err(_) => Some("an encryption that cannot be read".to_owned()),
    };
    let (state, private) = unlock(desk, bytes).unwrap_or_else(|error| (state_of(&error), None));
    Key { form: KeyForm::EncryptedPkcs8, encryption, state, private }
}

fn unlock(desk: &mut Desk<'_>, bytes: &[u8]) -> Result<(KeyState, Option<Secret>), EncryptionError> {
    for password in desk.passwords {
        // Each try is work, so each takes its part of what the file may ask for.
        let key = EncryptedPrivateKey::parse(bytes, &mut desk.limits)?;
        desk.limits.spend(work_of_decryption(bytes))?;
        match key.open(password, desk.derivations) {
            Err(EncryptionError::WrongPasswordOrDamaged) => {}
            Err(error) => return Err(error),
            Ok(plain) => {
                let state = plain_key(desk, &plain).unwrap_or_else(KeyState::Damaged);
                let private = kept(desk, &state, plain.expose());
                return Ok((state, private));
            }
        }
    }
    if desk.passwords.is_empty() {
        EncryptedPrivateKey::parse(bytes, &mut Limits::default())?;
        return Ok((KeyState::PasswordNeeded, None));
    }
    Ok((KeyState::WrongPassword, None))
}

fn state_of(error: &EncryptionError) -> KeyState {
    match error {
        EncryptionError::WrongPasswordOrDamaged => KeyState::WrongPassword,
        EncryptionError::Unsupported(what) => KeyState::Unsupported(what.clone()),
        EncryptionError::Limit { .. } => KeyState::Unsupported(error.to_string()),
        _ => KeyState::Damaged(error.to_string()),
    }
}

/// A key with `Proc-Type: 4,ENCRYPTED`; `dek_info` names the cipher.
pub(super) fn read_traditional(desk: &mut Desk<'_>, dek_info: &str, ciphertext: &[u8]) -> Key {
    let cipher = dek_info.split(',').next().unwrap_or_default().trim().to_owned();
    let encryption = Some(format!("{cipher}, traditional (one round of MD5)"));
    let mut state = if desk.passwords.is_empty() { KeyState::PasswordNeeded } else { KeyState::WrongPassword };
    let mut private = None;
    for password in desk.passwords {
        if !desk.spend(work_of_decryption(ciphertext)) {
            state = too_many();
            break;
        }
        match encryption::decrypt_traditional(dek_info, password, ciphertext) {
            Err(EncryptionError::WrongPasswordOrDamaged) => {}
            Err(error) => {
                state = state_of(&error);
                break;
            }
            // There is no integrity check: with a wrong password the padding may fit by chance, and this is no key.
            Ok(plain) if Shape::of(plain.expose()).is_none() => {}
            Ok(plain) => {
                state = plain_key(desk, &plain).unwrap_or_else(KeyState::Damaged);
                private = kept(desk, &state, plain.expose());
                break;
            }
        }
    }
    Key { form: KeyForm::Traditional, encryption, state, private }
}

fn plain_key(desk: &mut Desk<'_>, plain: &Secret) -> Result<KeyState, String> {
    match Shape::of(plain.expose()) {
        Some(Shape::Pkcs1Key) => pkcs1(desk, plain.expose()),
        Some(Shape::Sec1Key) => sec1(desk, plain.expose(), None),
        Some(Shape::Pkcs8Key) => pkcs8(desk, plain.expose()),
        Some(Shape::DsaKey) => Ok(KeyState::Unsupported("DSA".to_owned())),
        _ => Err("what was encrypted is no private key".to_owned()),
    }
}

fn cut(error: der::DerError) -> String {
    error.to_string()
}

/// PrivateKeyInfo (RFC 5958 2).
pub(super) fn pkcs8(desk: &mut Desk<'_>, bytes: &[u8]) -> Result<KeyState, String> {
    let mut fields = Reader::new(bytes).expect(tag::SEQUENCE, "the private key").map_err(cut)?.inside();
    fields.expect(tag::INTEGER, "the key's version").map_err(cut)?;
    let algorithm = fields.expect(tag::SEQUENCE, "the key's algorithm").map_err(cut)?;
    let inner = fields.expect(tag::OCTET_STRING, "the key itself").map_err(cut)?.content;
    let mut parts = algorithm.inside();
    let oid = parts.expect(tag::OID, "the key's algorithm").map_err(cut)?.content;
    match oid {
        // As certificates write it: some writers of keys leave the NULL out.
        RSA => pkcs1(desk, inner),
        RSA_PSS => rsa(desk, inner, algorithm.encoding),
        EC => sec1(desk, inner, Some(parts.value().map_err(cut)?)),
        ED25519 => ed25519(inner),
        other => Ok(KeyState::Unsupported(algorithm_name(other))),
    }
}

fn algorithm_name(oid: &[u8]) -> String {
    let dotted = der::dotted(oid);
    match dotted.as_str() {
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.113549.1.3.1" => "Diffie-Hellman",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.113" => "Ed448",
        other => other,
    }
    .to_owned()
}

fn pkcs1(desk: &mut Desk<'_>, bytes: &[u8]) -> Result<KeyState, String> {
    rsa(desk, bytes, &der::sequence(&[&der::oid(RSA), der::NULL]))
}

/// RSAPrivateKey (RFC 8017 A.1.2): the public half out of its own numbers, when they belong together.
fn rsa(desk: &mut Desk<'_>, pkcs1: &[u8], algorithm: &[u8]) -> Result<KeyState, String> {
    let mut numbers = Reader::new(pkcs1).expect(tag::SEQUENCE, "the RSA key").map_err(cut)?.inside();
    let mut number = |what| numbers.expect(tag::INTEGER, what).map_err(cut);
    number("the version")?;
    let (modulus, exponent) = (number("the modulus")?, number("the exponent")?);
    number("the private exponent")?;
    let (p, q) = (number("a prime")?, number("a prime")?);
    let bits = super::super::public_key::bit_length(modulus.content);
    if bits > *CHECKED_BITS.end() {
        return Ok(KeyState::Unsupported(format!("RSA with {bits} bits")));
    }
    if !desk.spend(work_of_check(bits)) {
        return Ok(too_many());
    }
    let fits = if CHECKED_BITS.contains(&bits) {
        PrivateKey::from_pkcs1(pkcs1).is_ok()
    } else {
        is_product(modulus.content, p.content, q.content)
    };
    if !fits {
        return Err("its numbers do not belong together".to_owned());
    }
    let public = der::sequence(&[modulus.encoding, exponent.encoding]);
    public_key(algorithm, &public)
}

fn too_many() -> KeyState {
    KeyState::Unsupported("one of more keys than qcert checks in one file".to_owned())
}

/// In rounds of SHA-256, of the slowest cipher.
fn work_of_decryption(ciphertext: &[u8]) -> u64 {
    ciphertext.len() as u64 / 2
}

/// In rounds of SHA-256 (measured: half a millisecond for 2048 bits; the third power is an upper bound).
fn work_of_check(bits: usize) -> u64 {
    let kilobits = bits.div_ceil(1024) as u64;
    1000 * kilobits * kilobits * kilobits
}

/// Whether `n` is `p` times `q`, all big-endian.
fn is_product(n: &[u8], p: &[u8], q: &[u8]) -> bool {
    let mut product = zeroize::Zeroizing::new(vec![0u32; p.len() + q.len() + 1]);
    for (i, a) in p.iter().rev().enumerate() {
        let mut carry = 0;
        for (j, b) in q.iter().rev().chain([&0, &0]).enumerate() {
            let Some(place) = product.get_mut(i + j) else { break };
            let sum = *place + u32::from(*a) * u32::from(*b) + carry;
            *place = sum & 0xff;
            carry = sum >> 8;
        }
    }
    let significant =
        |octets: &[u8]| octets.iter().position(|octet| *octet != 0).map_or(0, |zeros| octets.len() - zeros);
    let length = product.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
    length > 0 && length == significant(n) && n.iter().rev().zip(product.iter()).all(|(n, p)| u32::from(*n) == *p)
}

fn public_key(algorithm: &[u8], key: &[u8]) -> Result<KeyState, String> {
    let info = der::sequence(&[algorithm, &der::bit_string(key)]);
    PublicKey::parse(&info).map(KeyState::Open).ok_or_else(|| "its public half cannot be formed".to_owned())
}

/// ECPrivateKey (RFC 5915 3). The curve stands in it, or beside it in PKCS#8.
fn sec1(desk: &mut Desk<'_>, bytes: &[u8], curve: Option<Value<'_>>) -> Result<KeyState, String> {
    let mut fields = Reader::new(bytes).expect(tag::SEQUENCE, "the EC key").map_err(cut)?.inside();
    fields.expect(tag::INTEGER, "the version").map_err(cut)?;
    let scalar = fields.expect(tag::OCTET_STRING, "the key's number").map_err(cut)?.content;
    let inside = fields.optional(tag::constructed(0)).map_err(cut)?;
    let inside = inside.map(|parameters| parameters.inside().value()).transpose().map_err(cut)?;
    let Some(curve) = curve.or(inside) else { return Ok(KeyState::Unsupported("EC without its curve".to_owned())) };
    let written = match fields.optional(tag::constructed(1)).map_err(cut)? {
        Some(bits) => bits.inside().expect(tag::BIT_STRING, "the public half").map_err(cut)?.content.get(1..),
        None => None,
    };
    if !desk.spend(WORK_OF_POINT) {
        return Ok(too_many());
    }
    let name = der::dotted(curve.content);
    let derived = if curve.tag == tag::OID { point(&name, scalar, written) } else { Ok(None) };
    let derived = derived.map_err(|()| "its number is none of its curve".to_owned())?;
    let public = match (&derived, written) {
        (Some(derived), Some(written)) if !is_same_point(derived, written) => {
            return Err("its public half is of another key".to_owned());
        }
        // As it is written, for a certificate may have it compressed as well.
        (_, Some(written)) => written,
        (Some(derived), None) => derived,
        (None, None) if curve.tag == tag::OID => {
            return Ok(KeyState::Unsupported(format!("EC on the curve {}", curve_name(&name))));
        }
        (None, None) => return Ok(KeyState::Unsupported("EC with explicit parameters".to_owned())),
    };
    let algorithm = der::sequence(&[&der::oid(EC), curve.encoding]);
    public_key(&algorithm, public)
}

/// The public point of a private number, uncompressed; `None` on a curve that the library does not have.
fn point(curve: &str, scalar: &[u8], written: Option<&[u8]>) -> Result<Option<Vec<u8>>, ()> {
    let (algorithm, length) = match curve {
        "1.2.840.10045.3.1.7" => (&ECDH_P256, 32),
        "1.3.132.0.34" => (&ECDH_P384, 48),
        "1.3.132.0.35" => (&ECDH_P521, 66),
        "1.3.132.0.10" => return secp256k1(scalar, written),
        _ => return Ok(None),
    };
    let padded = padded(scalar, length).ok_or(())?;
    let key = agreement::PrivateKey::from_private_key(algorithm, padded.expose()).map_err(|_| ())?;
    let point = key.compute_public_key().map_err(|_| ())?;
    Ok(Some(point.as_ref().to_vec()))
}

/// The library derives nothing on this curve, but it checks.
fn secp256k1(scalar: &[u8], written: Option<&[u8]>) -> Result<Option<Vec<u8>>, ()> {
    let (Some(written), Some(scalar)) = (written, padded(scalar, 32)) else { return Ok(None) };
    EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256K1_SHA256_ASN1_SIGNING, scalar.expose(), written)
        .map(|key| Some(key.public_key().as_ref().to_vec()))
        .map_err(|_| ())
}

/// Some writers leave leading zeros out.
fn padded(scalar: &[u8], length: usize) -> Option<Secret> {
    let significant = &scalar[scalar.iter().take_while(|octet| **octet == 0).count()..];
    let zeros = length.checked_sub(significant.len())?;
    let mut padded = Vec::with_capacity(length);
    padded.resize(zeros, 0);
    padded.extend_from_slice(significant);
    Some(Secret::new(padded))
}

/// Whether `written`, which may be compressed (SEC 1 2.3.3), is this uncompressed point.
fn is_same_point(uncompressed: &[u8], written: &[u8]) -> bool {
    match written {
        [sign @ (2 | 3), x @ ..] => {
            let odd = uncompressed.last().is_some_and(|last| last & 1 == 1);
            uncompressed.get(1..=x.len()) == Some(x) && odd == (*sign == 3) && uncompressed.len() == 2 * x.len() + 1
        }
        _ => uncompressed == written,
    }
}

/// RFC 8410 7.
fn ed25519(inner: &[u8]) -> Result<KeyState, String> {
    let seed = Reader::new(inner).expect(tag::OCTET_STRING, "the key's seed").map_err(cut)?.content;
    if seed.len() != 32 {
        return Err("its seed has not 32 octets".to_owned());
    }
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| "its seed is none of this curve".to_owned())?;
    public_key(&der::sequence(&[&der::oid(ED25519)]), pair.public_key().as_ref())
}
