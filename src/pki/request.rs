//! `Request`: a certificate signing request (PKCS#10, RFC 2986) as facts.
//!
//! What a request asks for is told here and granted nowhere. Read tolerantly, because it is only looked at; `fit_key`
//! is strict, because it comes before a signature.

mod write;

pub use write::{Wish, write};

use super::certificate::{DistinguishedName, GeneralName, SUBJECT_ALTERNATIVE_NAME};
use super::der::{self, DerError, Reader, Value, dotted, tag};
use super::public_key::{KeyAlgorithm, PublicKey};
use super::signature::{SignatureAlgorithm, SignatureError};
use std::net::IpAddr;

/// PKCS#9's, and the one that Microsoft had before.
const EXTENSION_REQUEST: [&str; 2] = ["1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"];
/// As for a certificate: a short encoding may stand for forty times its size in memory.
const LARGEST: usize = 1_300_000;
/// What Windows' key provider and the License Service take (`PrivateKey` has the same limits).
const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The crypto library's limit for an exponent, and Windows'.
const LARGEST_EXPONENT: u64 = u32::MAX as u64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub subject: String,
    pub name: DistinguishedName,
    pub public_key: PublicKey,
    /// The dNSNames that it asks for.
    pub dns_names: Vec<String>,
    /// The iPAddresses.
    pub ip_addresses: Vec<IpAddr>,
    /// Every extension that it asks for.
    pub extensions: Vec<AskedExtension>,
    pub signature: String,
    /// Whether its own key signed it; `None` where that cannot be checked.
    pub signature_fits: Option<bool>,
    pub der: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedExtension {
    /// Dotted.
    pub oid: String,
    /// The content of extnValue.
    pub value: Vec<u8>,
}

/// Why a request is not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    #[error("the request was not signed by its own key: it is damaged, altered or forged")]
    Forged,
    #[error("the request's own signature cannot be checked: {0}")]
    Unchecked(String),
    #[error("the request's key is {0}; Qlik's certificates have RSA keys")]
    NotRsa(String),
    #[error("the request's RSA key has {0} bits")]
    Bits(usize),
    #[error("the request's RSA key has an exponent that programs refuse")]
    Exponent,
}

impl RequestError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Forged => "have it made and sent again; whoever made it must hold the private key",
            Self::Unchecked(_) => "have it made again and signed with SHA-256 with RSA",
            Self::NotRsa(_) => {
                "the License Service and Windows' key provider take RSA only: have it made with an RSA key of 2048 bits"
            }
            Self::Bits(_) => "have it made with an RSA key of 2048 to 8192 bits",
            Self::Exponent => "have it made with the exponent 65537",
        }
    }
}

impl Request {
    /// From exactly one request. `check` allows the work of verifying its signature.
    pub fn parse(der: &[u8], check: bool) -> Result<Self, String> {
        if der.len() > LARGEST {
            return Err(format!("it is larger than {} KB, as no request is", LARGEST / 1000));
        }
        let fields = Fields::read(der).map_err(|error| error.to_string())?;
        let name = DistinguishedName::parse(fields.subject).ok_or("its subject cannot be read")?;
        let public_key = PublicKey::parse(fields.public_key).ok_or("its public key cannot be read")?;
        let algorithm = SignatureAlgorithm::parse(fields.algorithm).ok_or("its signature algorithm cannot be read")?;
        let extensions = fields.extensions.map_err(|_| "the extensions that it asks for cannot be read")?;
        let verified = check.then(|| algorithm.verify(&public_key, fields.signed_part, fields.signature));
        let signature_fits = match verified {
            Some(Ok(())) => Some(true),
            Some(Err(SignatureError::Mismatch | SignatureError::KeyKind)) => Some(false),
            Some(Err(SignatureError::Unsupported(_))) | None => None,
        };
        let mut request = Self {
            subject: name.text(),
            name,
            public_key,
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            extensions,
            signature: algorithm.text(),
            signature_fits,
            der: der.to_vec(),
        };
        for name in request.alternative_names().flatten().flatten().collect::<Vec<_>>() {
            request.ip_addresses.extend(name.ip_address());
            if let GeneralName::Dns(name) = name {
                request.dns_names.push(name);
            }
        }
        Ok(request)
    }

    /// The names of each subjectAltName that it asks for; `None` where one cannot be read.
    pub fn alternative_names(&self) -> impl Iterator<Item = Option<Vec<GeneralName>>> {
        let asked = self.extensions.iter().filter(|extension| extension.oid == SUBJECT_ALTERNATIVE_NAME);
        asked.map(|extension| GeneralName::list(&extension.value))
    }

    /// The key that may be certified, as a PKCS#1 RSAPublicKey: whoever made the request holds it, and Qlik can use it.
    pub fn fit_key(&self) -> Result<Vec<u8>, RequestError> {
        match *self.public_key.algorithm() {
            KeyAlgorithm::Rsa { bits, .. } if !BITS.contains(&bits) => return Err(RequestError::Bits(bits)),
            KeyAlgorithm::Rsa { exponent: Some(exponent @ 3..=LARGEST_EXPONENT), .. } if exponent % 2 == 1 => {}
            KeyAlgorithm::Rsa { .. } => return Err(RequestError::Exponent),
            _ => return Err(RequestError::NotRsa(self.public_key.text())),
        }
        match self.signature_fits {
            // Written anew: what a stranger encoded may be more or other than the two numbers.
            Some(true) => self
                .public_key
                .rsa()
                .map(|(modulus, exponent)| {
                    der::sequence(&[&der::large_unsigned(modulus), &der::large_unsigned(exponent)])
                })
                .ok_or(RequestError::Exponent),
            Some(false) => Err(RequestError::Forged),
            None => Err(RequestError::Unchecked(self.signature.clone())),
        }
    }
}

/// CertificationRequest (RFC 2986 4), as far as it goes.
struct Fields<'a> {
    signed_part: &'a [u8],
    subject: &'a [u8],
    public_key: &'a [u8],
    extensions: Result<Vec<AskedExtension>, DerError>,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(der: &'a [u8]) -> Result<Self, DerError> {
        let mut outer = Reader::new(der).expect(tag::SEQUENCE, "a request")?.inside();
        let signed_part = outer.expect(tag::SEQUENCE, "its signed part")?;
        let algorithm = outer.expect(tag::SEQUENCE, "its signature algorithm")?.encoding;
        let signature = outer.expect(tag::BIT_STRING, "its signature")?;
        let [0, signature @ ..] = signature.content else { return Err(DerError::Unexpected("its signature")) };
        let mut signed = signed_part.inside();
        signed.expect(tag::INTEGER, "its version")?;
        let subject = signed.expect(tag::SEQUENCE, "its subject")?.encoding;
        let public_key = signed.expect(tag::SEQUENCE, "its public key")?.encoding;
        // Not optional, but left out by some.
        let attributes = signed.optional(tag::constructed(0))?;
        let extensions = attributes.map_or(Ok(Vec::new()), asked_extensions);
        Ok(Self { signed_part: signed_part.encoding, subject, public_key, extensions, algorithm, signature })
    }
}

fn asked_extensions(attributes: Value<'_>) -> Result<Vec<AskedExtension>, DerError> {
    let mut asked = Vec::new();
    let mut attributes = attributes.inside();
    while !attributes.is_empty() {
        let mut attribute = attributes.expect(tag::SEQUENCE, "an attribute")?.inside();
        let oid = dotted(attribute.expect(tag::OID, "an attribute's type")?.content);
        let mut values = attribute.expect(tag::SET, "an attribute's values")?.inside();
        while EXTENSION_REQUEST.contains(&oid.as_str()) && !values.is_empty() {
            let mut extensions = values.expect(tag::SEQUENCE, "extensions")?.inside();
            while !extensions.is_empty() {
                let mut extension = extensions.expect(tag::SEQUENCE, "an extension")?.inside();
                let oid = dotted(extension.expect(tag::OID, "an extension's type")?.content);
                extension.optional(tag::BOOLEAN)?;
                let value = extension.expect(tag::OCTET_STRING, "an extension's content")?.content.to_vec();
                asked.push(AskedExtension { oid, value });
            }
        }
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::super::key::{KeySize, PrivateKey};
    use super::*;

    /// 1.2.840.113549.1.1.11
    const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
    /// 1.2.840.113549.1.9.14
    const EXTENSIONS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14];

    fn extension(oid: &[u8], value: &[u8]) -> Vec<u8> {
        der::sequence(&[&der::oid(oid), &der::encode(tag::BOOLEAN, &[0xff]), &der::octet_string(value)])
    }

    fn request(key: &PrivateKey, subject: &[u8], extensions: &[&[u8]], algorithm: &[u8]) -> Vec<u8> {
        let attribute = der::sequence(&[&der::oid(EXTENSIONS), &der::set(&[&der::sequence(extensions)])]);
        let attributes = der::encode(tag::constructed(0), &attribute);
        let signed = der::sequence(&[&der::unsigned(0), subject, &key.public_key_info(), &attributes]);
        let algorithm = der::sequence(&[&der::oid(algorithm), der::NULL]);
        der::sequence(&[&signed, &algorithm, &der::bit_string(&key.sign(&signed).unwrap())])
    }

    #[test]
    fn what_is_asked_for_is_told() {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let name = der::encode(tag::context(2), b"a.example");
        let alternative =
            extension(&[0x55, 29, 17], &der::sequence(&[&name, &der::encode(tag::context(7), &[10, 0, 0, 5])]));
        let authority = extension(&[0x55, 29, 19], &der::sequence(&[&der::encode(tag::BOOLEAN, &[0xff])]));
        // An empty SET at the end of the name, as some scripts write it.
        let subject = der::sequence(&[&der::set(&[])]);
        let bytes = request(&key, &subject, &[&alternative, &authority], SHA256_WITH_RSA);
        let read = Request::parse(&bytes, true).unwrap();
        assert_eq!(read.fit_key().unwrap(), key.public_key());
        assert_eq!(read.dns_names, ["a.example"]);
        assert_eq!(read.name.encoding(), subject);
        assert_eq!(
            read.extensions.iter().map(|asked| asked.oid.as_str()).collect::<Vec<_>>(),
            ["2.5.29.17", "2.5.29.19"]
        );
        assert_eq!(read.ip_addresses, ["10.0.0.5".parse::<IpAddr>().unwrap()]);
    }

    #[test]
    fn only_a_fit_request_may_be_signed() {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let bytes = request(&key, &der::sequence(&[]), &[], SHA256_WITH_RSA);
        assert_eq!(
            Request::parse(&bytes, false).unwrap().fit_key(),
            Err(RequestError::Unchecked("SHA-256 with RSA".into()))
        );
        let mut forged = bytes.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(Request::parse(&forged, true).unwrap().fit_key(), Err(RequestError::Forged));
        let unknown = request(&key, &der::sequence(&[]), &[], &[0x2a, 3]);
        assert_eq!(Request::parse(&unknown, true).unwrap().fit_key(), Err(RequestError::Unchecked("1.2.3".into())));
        for length in 0..bytes.len() {
            assert!(Request::parse(&bytes[..length], true).is_err(), "{length}");
        }
    }
}
