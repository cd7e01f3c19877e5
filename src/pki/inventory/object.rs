//! One DER object into a thing, or into what is wrong with it.

use super::super::certificate::{Certificate, CertificateError};
use super::super::der::{self, DerError, Reader, tag};
use super::super::pfx;
use super::super::public_key::PublicKey;
use super::super::request::Request;
use super::super::revocation_list::RevocationList;
use super::container;
use super::key;
use super::read::Desk;
use super::shape::Shape;
use super::{Damage, What};

/// A certificate of a thousand names has 30 KiB. A short encoding may stand for forty times its size in memory.
const LARGEST_CERTIFICATE: usize = 1_300_000;
/// In rounds of SHA-256: what verifying one signature takes at most.
const WORK_OF_SIGNATURE: u64 = 3000;

/// What stands at the beginning of `bytes`, and how many octets follow it. `hint` is what it should be, by its label
/// or its file's name.
pub(super) fn read(desk: &mut Desk<'_>, bytes: &[u8], hint: Option<&'static str>) -> (What, usize) {
    let damaged = |kind: &'static str, why: &str, cut| {
        (What::Damaged(Damage { kind, why: why.to_owned(), cut, over_limit: false }), 0)
    };
    let Some(shape) = Shape::of(bytes) else {
        let kind = hint.unwrap_or("DER data");
        return match Reader::new(bytes).value() {
            Err(DerError::Truncated) => damaged(kind, "it ends too early", true),
            Err(error) => damaged(kind, &error.to_string(), false),
            Ok(_) => damaged(kind, "its content is none that qcert knows", false),
        };
    };
    if let Err(why) = desk.take(bytes.len()) {
        return (What::Damaged(Damage::over_limit(shape.kind(), why.to_owned())), 0);
    }
    match shape {
        Shape::Pfx => return container::pfx(desk, bytes),
        Shape::Pkcs7 => return container::pkcs7(desk, bytes),
        _ => {}
    }
    let value = match Reader::new(bytes).value() {
        Ok(value) => value,
        Err(DerError::Truncated) => return damaged(shape.kind(), "it ends too early", true),
        Err(DerError::Length) if bytes.get(1) == Some(&0x80) => match pfx::to_der(bytes) {
            Ok(converted) => return (definite(desk, shape, &converted.der), converted.trailing),
            Err(_) => return damaged(shape.kind(), "it is neither DER nor BER", false),
        },
        Err(error) => return damaged(shape.kind(), &error.to_string(), false),
    };
    (definite(desk, shape, value.encoding), bytes.len() - value.encoding.len())
}

/// Of exactly one value.
fn definite(desk: &mut Desk<'_>, shape: Shape, der: &[u8]) -> What {
    let damaged = |why: String| What::Damaged(Damage { kind: shape.kind(), why, cut: false, over_limit: false });
    match shape {
        Shape::Certificate => certificate(der),
        Shape::Request => {
            let check = desk.spend(WORK_OF_SIGNATURE);
            Request::parse(der, check)
                .map_or_else(|why| damaged(in_words(&why)), |request| What::Request(Box::new(request)))
        }
        Shape::RevocationList => RevocationList::parse(der)
            .map_or_else(|why| damaged(in_words(&why)), |list| What::RevocationList(Box::new(list))),
        Shape::PublicKey => match PublicKey::parse(der) {
            Some(key) => What::PublicKey(key),
            None => damaged("its numbers are malformed".to_owned()),
        },
        Shape::Pkcs1PublicKey => match PublicKey::parse(&rsa_public_key(der)) {
            Some(key) => What::PublicKey(key),
            None => damaged("its numbers are malformed".to_owned()),
        },
        _ => What::Key(key::read(desk, shape, der)),
    }
}

pub(super) fn certificate(der: &[u8]) -> What {
    let kind = Shape::Certificate.kind();
    let damaged = |why: String| What::Damaged(Damage { kind, why, cut: false, over_limit: false });
    if der.len() > LARGEST_CERTIFICATE {
        let why = format!("it is larger than {} KB, as no certificate is", LARGEST_CERTIFICATE / 1000);
        return What::Damaged(Damage::over_limit(kind, why));
    }
    match Certificate::parse(der.to_vec()) {
        Ok(certificate) => What::Certificate(Box::new(certificate)),
        Err(CertificateError::Malformed(why)) => damaged(in_words(&why)),
        Err(error) => damaged(error.to_string()),
    }
}

/// x509-parser's errors are names.
fn in_words(why: &str) -> String {
    let Some(name) = ["Parsing Error: ", "Parsing Failure: "].iter().find_map(|start| why.strip_prefix(start)) else {
        return why.to_owned();
    };
    let part = match name {
        "InvalidVersion" => "version",
        "InvalidSerial" => "serial number",
        "InvalidAlgorithmIdentifier" => "signature algorithm",
        "InvalidX509Name" => "subject or issuer",
        "InvalidDate" => "dates",
        "InvalidSPKI" => "public key",
        "InvalidExtensions" | "DuplicateExtensions" | "DuplicateAttributes" | "InvalidAttributes" => "extensions",
        "InvalidSubjectUID" | "InvalidIssuerUID" => "unique identifier",
        "InvalidSignatureValue" => "signature",
        "InvalidTbsCertificate" | "InvalidCertificate" => "outer structure",
        _ => return "its DER cannot be read".to_owned(),
    };
    format!("its {part} cannot be read")
}

/// The SubjectPublicKeyInfo of an RSAPublicKey (RFC 3279 2.3.1).
fn rsa_public_key(pkcs1: &[u8]) -> Vec<u8> {
    let rsa_encryption = der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
    der::sequence(&[&der::sequence(&[&rsa_encryption, der::NULL]), &der::bit_string(pkcs1)])
}

/// Certificates or CRLs in a SET of PKCS#7.
pub(super) fn in_set(desk: &mut Desk<'_>, element: der::Value<'_>, list: bool) -> What {
    match element.tag {
        tag::SEQUENCE if list => definite(desk, Shape::RevocationList, element.encoding),
        tag::SEQUENCE => certificate(element.encoding),
        _ => What::Other("an attribute certificate or a kind of its own".to_owned()),
    }
}
