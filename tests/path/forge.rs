//! Certificates written octet by octet, so that a test can make every fault there is.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use qcert::pki::certificate::Certificate;
use qcert::pki::der::{self, tag};
use qcert::pki::path::Candidate;
use time::OffsetDateTime;
use time::macros::datetime;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

pub(crate) struct Key(EcdsaKeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    pub(crate) fn info(&self) -> Vec<u8> {
        let algorithm = der::sequence(&[
            &der::oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]),
            &der::oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]),
        ]);
        der::sequence(&[&algorithm, &der::bit_string(self.0.public_key().as_ref())])
    }

    pub(crate) fn id(&self) -> Vec<u8> {
        qcert::pki::certificate::key_id(self.0.public_key().as_ref())
    }
}

/// `ecdsa-with-SHA256`, or with the last arc changed.
pub(crate) fn algorithm(last: u8) -> Vec<u8> {
    der::sequence(&[&der::oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, last])])
}

/// An RSA key of 16,384 bits with an exponent of 64, the costliest that is looked at.
pub(crate) fn costly_key(number: u16) -> Vec<u8> {
    let octets = number.to_be_bytes();
    let modulus = [&[0, 0xff][..], &octets, &[0x5a; 2044], &[0x5b]].concat();
    let exponent = der::encode(tag::INTEGER, &[0, 255, 255, 255, 255, 255, 255, 255, 255]);
    let key = der::sequence(&[&der::encode(tag::INTEGER, &modulus), &exponent]);
    let algorithm = der::sequence(&[&der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), der::NULL]);
    der::sequence(&[&algorithm, &der::bit_string(&key)])
}

/// One relative name an attribute: `CN=a` as UTF8String.
pub(crate) fn name(parts: &[(&[u8], &str)]) -> Vec<u8> {
    let one = |(oid, text): &(&[u8], &str)| {
        der::set(&[&der::sequence(&[&der::oid(oid), &der::encode(0x0c, text.as_bytes())])])
    };
    der::sequence(&[&parts.iter().map(one).collect::<Vec<_>>().concat()])
}

pub(crate) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub(crate) const ORGANISATION: &[u8] = &[0x55, 4, 10];
pub(crate) const EMAIL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

pub(crate) fn common(text: &str) -> Vec<u8> {
    name(&[(COMMON_NAME, text)])
}

pub(crate) fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = der::encode(tag::BOOLEAN, &[0xff]);
    let flag: &[u8] = if critical { &flag } else { &[] };
    der::sequence(&[&der::oid(oid), flag, &der::octet_string(value)])
}

pub(crate) fn ca(path_length: Option<u64>) -> Vec<u8> {
    let length = path_length.map(der::unsigned).unwrap_or_default();
    extension(&[0x55, 0x1d, 19], true, &der::sequence(&[&der::encode(tag::BOOLEAN, &[0xff]), &length]))
}

pub(crate) fn not_ca() -> Vec<u8> {
    extension(&[0x55, 0x1d, 19], true, &der::sequence(&[]))
}

/// Bit 0 is the highest.
pub(crate) fn key_usage(bits: u8) -> Vec<u8> {
    extension(&[0x55, 0x1d, 15], true, &der::bit_string(&[bits]))
}

pub(crate) const SIGN_CERTIFICATES: u8 = 0x04;
pub(crate) const SIGN_LISTS: u8 = 0x02;
pub(crate) const DIGITAL_SIGNATURE: u8 = 0x80;

/// `id-kp-…` by its last arc; 0 is anyExtendedKeyUsage.
pub(crate) fn purposes(last: &[u8]) -> Vec<u8> {
    let one = |last: &u8| match last {
        0 => der::oid(&[0x55, 0x1d, 37, 0]),
        last => der::oid(&[0x2b, 6, 1, 5, 5, 7, 3, *last]),
    };
    extension(&[0x55, 0x1d, 37], false, &der::sequence(&[&last.iter().map(one).collect::<Vec<_>>().concat()]))
}

pub(crate) fn dns(name: &str) -> Vec<u8> {
    der::encode(tag::context(2), name.as_bytes())
}

pub(crate) fn email(name: &str) -> Vec<u8> {
    der::encode(tag::context(1), name.as_bytes())
}

pub(crate) fn uri(name: &str) -> Vec<u8> {
    der::encode(tag::context(6), name.as_bytes())
}

pub(crate) fn ip(octets: &[u8]) -> Vec<u8> {
    der::encode(tag::context(7), octets)
}

pub(crate) fn directory(name: &[u8]) -> Vec<u8> {
    der::encode(tag::constructed(4), name)
}

pub(crate) fn alternative(names: &[Vec<u8>]) -> Vec<u8> {
    extension(&[0x55, 0x1d, 17], false, &der::sequence(&[&names.concat()]))
}

pub(crate) fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Vec<u8> {
    let list = |number: u8, bases: &[Vec<u8>]| {
        let trees: Vec<Vec<u8>> = bases.iter().map(|base| der::sequence(&[base])).collect();
        if trees.is_empty() { Vec::new() } else { der::encode(tag::constructed(number), &trees.concat()) }
    };
    extension(&[0x55, 0x1d, 30], true, &der::sequence(&[&list(0, permitted), &list(1, excluded)]))
}

/// What a certificate says; every field can be wrong.
pub(crate) struct Draft {
    pub(crate) version: u8,
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) from: OffsetDateTime,
    pub(crate) until: OffsetDateTime,
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) outer_algorithm: u8,
    pub(crate) key_ids: bool,
    pub(crate) damaged: bool,
    /// Instead of `from` and `until`.
    pub(crate) dates: Option<[Vec<u8>; 2]>,
    /// Another key than the one given, and a signature that says RSA and holds nothing.
    pub(crate) rsa: Option<Vec<u8>>,
}

impl Draft {
    pub(crate) fn new(issuer: &str, subject: &str) -> Self {
        Self {
            version: 2,
            serial: vec![0x2a, 1],
            issuer: common(issuer),
            subject: common(subject),
            from: datetime!(2020-01-01 00:00 UTC),
            until: datetime!(2040-01-01 00:00 UTC),
            extensions: Vec::new(),
            outer_algorithm: 2,
            key_ids: true,
            damaged: false,
            dates: None,
            rsa: None,
        }
    }

    pub(crate) fn root(name: &str) -> Self {
        Self::new(name, name).with(ca(None)).with(key_usage(SIGN_CERTIFICATES | SIGN_LISTS))
    }

    pub(crate) fn authority(issuer: &str, subject: &str) -> Self {
        Self::new(issuer, subject).with(ca(None)).with(key_usage(SIGN_CERTIFICATES))
    }

    pub(crate) fn leaf(issuer: &str) -> Self {
        Self::new(issuer, "leaf.example.com").with(alternative(&[dns("leaf.example.com")]))
    }

    pub(crate) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    pub(crate) fn dated(mut self, from: OffsetDateTime, until: OffsetDateTime) -> Self {
        (self.from, self.until) = (from, until);
        self
    }

    pub(crate) fn der(&self, key: &Key, by: &Key) -> Vec<u8> {
        let mut extensions = self.extensions.clone();
        if self.key_ids && self.version == 2 {
            extensions.push(extension(&[0x55, 0x1d, 14], false, &der::octet_string(&key.id())));
            let id = der::sequence(&[&der::encode(tag::context(0), &by.id())]);
            extensions.push(extension(&[0x55, 0x1d, 35], false, &id));
        }
        let version = der::encode(tag::constructed(0), &der::encode(tag::INTEGER, &[self.version]));
        let extensions = der::encode(tag::constructed(3), &der::sequence(&[&extensions.concat()]));
        let [from, until] = self.dates.clone().unwrap_or_else(|| [date(self.from), date(self.until)]);
        let signed = der::sequence(&[
            if self.version > 0 { &version } else { &[] },
            &der::encode(tag::INTEGER, &self.serial),
            &self.algorithm(2),
            &self.issuer,
            &der::sequence(&[&from, &until]),
            &self.subject,
            self.rsa.as_ref().unwrap_or(&key.info()),
            if self.version == 2 { &extensions } else { &[] },
        ]);
        let mut signature = by.0.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec();
        if self.damaged {
            let end = signature.len() - 1;
            signature[end] ^= 1;
        }
        if self.rsa.is_some() {
            signature = vec![1; 2048];
        }
        der::sequence(&[&signed, &self.algorithm(self.outer_algorithm), &der::bit_string(&signature)])
    }

    fn algorithm(&self, last: u8) -> Vec<u8> {
        let rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
        if self.rsa.is_some() { der::sequence(&[&der::oid(&rsa), der::NULL]) } else { algorithm(last) }
    }

    pub(crate) fn sign(&self, key: &Key, by: &Key) -> Certificate {
        Certificate::parse(self.der(key, by)).unwrap()
    }
}

/// UTCTime through 2049, GeneralizedTime after (RFC 5280 4.1.2.5).
fn date(time: OffsetDateTime) -> Vec<u8> {
    let rest = format!(
        "{:02}{:02}{:02}{:02}{:02}Z",
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    );
    if (1950..2050).contains(&time.year()) {
        der::encode(0x17, format!("{:02}{rest}", time.year() % 100).as_bytes())
    } else {
        der::encode(0x18, format!("{:04}{rest}", time.year()).as_bytes())
    }
}

pub(crate) fn candidate<'a>(certificate: &'a Certificate, file: &str) -> Candidate<'a> {
    Candidate { certificate, label: format!("`{file}`"), files: vec![file.to_owned()] }
}
