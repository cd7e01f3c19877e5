//! The fixed keys, and signatures by them that are the same in every run: also those that no sound library makes.
//!
//! May not make a key: they all lie in fixtures/keys.

use super::workshop::fixture;
use aws_lc_rs::digest;
use md5::{Digest as _, Md5};
use num_bigint::BigUint;
use qcert::pki::der::{self, Reader, tag};
use qcert::pki::pem;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Ecdsa,
    Ed25519,
    /// An identifier that nobody knows, over a signature with SHA-256.
    Unknown,
}

impl Algorithm {
    /// The AlgorithmIdentifier: RFC 3279 2.2.1, RFC 4055 5, RFC 5758 3.2, RFC 8410 3.
    pub(crate) fn identifier(self) -> Vec<u8> {
        let rsa = |last: u8| der::sequence(&[&der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last]), der::NULL]);
        match self {
            Self::Md5 => rsa(4),
            Self::Sha1 => rsa(5),
            Self::Sha256 => rsa(11),
            Self::Ecdsa => der::sequence(&[&der::oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])]),
            Self::Ed25519 => der::sequence(&[&der::oid(&[0x2b, 0x65, 0x70])]),
            // 2.999 is the arc for examples.
            Self::Unknown => der::sequence(&[&der::oid(&[0x88, 0x37, 1, 1])]),
        }
    }

    fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(message).to_vec(),
            Self::Sha1 => digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message).as_ref().to_vec(),
            _ => digest::digest(&digest::SHA256, message).as_ref().to_vec(),
        }
    }

    fn hash_oid(self) -> &'static [u8] {
        match self {
            Self::Md5 => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5],
            Self::Sha1 => &[0x2b, 14, 3, 2, 26],
            _ => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1],
        }
    }
}

#[derive(Debug)]
enum Kind {
    Rsa { modulus: BigUint, exponent: BigUint, public: Vec<u8> },
    Elliptic { secret: BigUint, point: Vec<u8> },
    Edwards(aws_lc_rs::signature::Ed25519KeyPair),
}

#[derive(Debug)]
pub(crate) struct Key {
    /// Of the PEM file.
    pub(crate) label: String,
    /// As the PEM file holds it: PKCS#1, SEC 1, or PKCS#8.
    pub(crate) der: Vec<u8>,
    kind: Kind,
}

/// A key of fixtures/keys, read once.
pub(crate) fn key(name: &str) -> &'static Key {
    static KEYS: OnceLock<Mutex<BTreeMap<String, &'static Key>>> = OnceLock::new();
    let mut keys = KEYS.get_or_init(Mutex::default).lock().unwrap();
    keys.entry(name.to_owned()).or_insert_with(|| Box::leak(Box::new(read(name))))
}

fn read(name: &str) -> Key {
    let file = std::fs::read(fixture("keys").join(name).with_extension("pem")).unwrap();
    let block = pem::decode(&file).unwrap().pop().unwrap();
    let der = block.der.expose().to_vec();
    let mut fields = Reader::new(&der).value().unwrap().inside();
    fields.value().unwrap();
    let kind = match block.label.as_str() {
        "RSA PRIVATE KEY" => {
            let [modulus, public, exponent] = [(); 3].map(|()| fields.value().unwrap());
            let number = |value: der::Value<'_>| BigUint::from_bytes_be(value.content);
            let public = der::sequence(&[modulus.encoding, public.encoding]);
            Kind::Rsa { modulus: number(modulus), exponent: number(exponent), public }
        }
        "EC PRIVATE KEY" => {
            let secret = BigUint::from_bytes_be(fields.value().unwrap().content);
            fields.value().unwrap();
            let point = fields.value().unwrap().inside().expect(tag::BIT_STRING, "the point").unwrap();
            Kind::Elliptic { secret, point: point.content[1..].to_vec() }
        }
        _ => Kind::Edwards(aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(&der).unwrap()),
    };
    Key { label: block.label, der, kind }
}

impl Key {
    /// The content of the subjectPublicKey BIT STRING.
    pub(crate) fn public(&self) -> Vec<u8> {
        use aws_lc_rs::signature::KeyPair as _;
        match &self.kind {
            Kind::Rsa { public, .. } => public.clone(),
            Kind::Elliptic { point, .. } => point.clone(),
            Kind::Edwards(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    fn algorithm(&self) -> Vec<u8> {
        match self.kind {
            Kind::Rsa { .. } => der::sequence(&[&der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), der::NULL]),
            Kind::Elliptic { .. } => {
                let curve = der::oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
                der::sequence(&[&der::oid(EC_PUBLIC_KEY), &curve])
            }
            Kind::Edwards(_) => Algorithm::Ed25519.identifier(),
        }
    }

    /// SubjectPublicKeyInfo.
    pub(crate) fn info(&self) -> Vec<u8> {
        der::sequence(&[&self.algorithm(), &der::bit_string(&self.public())])
    }

    /// The same with the curve's numbers in place of its name (X9.62, as CVE-2020-0601 was exploited with).
    pub(crate) fn explicit_info(&self) -> Vec<u8> {
        let curve = Curve::p256();
        let octets = |number: &BigUint| der::octet_string(&fixed(number, 32));
        let unsigned = |number: &BigUint| der::encode(tag::INTEGER, &[&[0], &fixed(number, 32)[..]].concat());
        let prime_field = der::oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 1, 1]);
        let base = [&[4], &fixed(&curve.base.0, 32)[..], &fixed(&curve.base.1, 32)].concat();
        let parameters = der::sequence(&[
            &der::unsigned(1),
            &der::sequence(&[&prime_field, &unsigned(&curve.prime)]),
            &der::sequence(&[&octets(&curve.a), &octets(&curve.b)]),
            &der::octet_string(&base),
            &unsigned(&curve.order),
            &der::unsigned(1),
        ]);
        let algorithm = der::sequence(&[&der::oid(EC_PUBLIC_KEY), &parameters]);
        der::sequence(&[&algorithm, &der::bit_string(&self.public())])
    }

    /// PrivateKeyInfo (RFC 5208 5).
    pub(crate) fn pkcs8(&self) -> Vec<u8> {
        if self.label == "PRIVATE KEY" {
            return self.der.clone();
        }
        der::sequence(&[&der::unsigned(0), &self.algorithm(), &der::octet_string(&self.der)])
    }

    pub(crate) fn pem(&self) -> Vec<u8> {
        pem::encode(&self.label, &self.der).expose().to_vec()
    }

    /// The content of the signature's BIT STRING. Kept, for most folders hold the same certificates.
    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        static MADE: Mutex<BTreeMap<Vec<u8>, Vec<u8>>> = Mutex::new(BTreeMap::new());
        let question = [&self.public(), &algorithm.identifier(), message].concat();
        let mut made = MADE.lock().unwrap();
        made.entry(question).or_insert_with(|| self.make_signature(algorithm, message)).clone()
    }

    fn make_signature(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let digest = algorithm.digest(message);
        match &self.kind {
            Kind::Rsa { modulus, exponent, .. } => {
                let length = modulus.to_bytes_be().len();
                let padded = pkcs1_padding(algorithm, &digest, length);
                fixed(&BigUint::from_bytes_be(&padded).modpow(exponent, modulus), length)
            }
            Kind::Elliptic { secret, .. } => ecdsa(secret, &digest),
            Kind::Edwards(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];

/// EMSA-PKCS1-v1_5 (RFC 8017 9.2).
fn pkcs1_padding(algorithm: Algorithm, digest: &[u8], length: usize) -> Vec<u8> {
    let hash = der::sequence(&[&der::oid(algorithm.hash_oid()), der::NULL]);
    let info = der::sequence(&[&hash, &der::octet_string(digest)]);
    let filling = vec![0xff; length - info.len() - 3];
    [&[0, 1][..], &filling, &[0], &info].concat()
}

/// Big-endian, filled with zeros to a length.
fn fixed(number: &BigUint, length: usize) -> Vec<u8> {
    let octets = number.to_bytes_be();
    [vec![0; length - octets.len()], octets].concat()
}

type Point = (BigUint, BigUint);

/// FIPS 186-4 D.1.2.3. Slow and not constant-time: for worthless keys only.
struct Curve {
    prime: BigUint,
    order: BigUint,
    a: BigUint,
    b: BigUint,
    base: Point,
}

impl Curve {
    fn p256() -> Self {
        let number = |hexadecimal: &str| BigUint::parse_bytes(hexadecimal.as_bytes(), 16).unwrap();
        let prime = number("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
        Self {
            order: number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
            a: &prime - 3u8,
            b: number("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
            base: (
                number("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
                number("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
            ),
            prime,
        }
    }

    /// Of points that are not each other's negative.
    fn add(&self, left: &Point, right: &Point) -> Point {
        let p = &self.prime;
        let (over, under) = if left == right {
            (&left.0 * &left.0 * 3u8 + &self.a, &left.1 * 2u8)
        } else {
            (&right.1 + p - &left.1, &right.0 + p - &left.0)
        };
        let slope = over * under.modinv(p).unwrap() % p;
        let x = (&slope * &slope + p * 2u8 - &left.0 - &right.0) % p;
        let y = (slope * (&left.0 + p - &x) + p - &left.1) % p;
        (x, y)
    }

    fn multiply_base(&self, factor: &BigUint) -> Point {
        let mut sum: Option<Point> = None;
        for bit in (0..factor.bits()).rev() {
            sum = sum.map(|point| self.add(&point, &point));
            if factor.bit(bit) {
                sum = Some(sum.map_or_else(|| self.base.clone(), |point| self.add(&point, &self.base)));
            }
        }
        sum.unwrap()
    }
}

/// FIPS 186-4 6.4 with a nonce out of key and digest, so that it is the same in every run.
fn ecdsa(secret: &BigUint, digest: &[u8]) -> Vec<u8> {
    let curve = Curve::p256();
    let seed = digest::digest(&digest::SHA256, &[&secret.to_bytes_be(), digest].concat());
    let nonce = BigUint::from_bytes_be(seed.as_ref()) % &curve.order;
    let r = curve.multiply_base(&nonce).0 % &curve.order;
    let s = (BigUint::from_bytes_be(digest) + &r * secret) * nonce.modinv(&curve.order).unwrap() % &curve.order;
    let integer = |number: BigUint| {
        let octets = number.to_bytes_be();
        der::encode(tag::INTEGER, &if octets[0] & 0x80 == 0 { octets } else { [vec![0], octets].concat() })
    };
    der::sequence(&[&integer(r), &integer(s)])
}
