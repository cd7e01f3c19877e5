//! PFX, PKCS#7, requests and CRLs.

use super::{counts, damages, pem, read, read_with, root};
use crate::workshop::{NOW, Workshop};
use qcert::pki::certificate::Certificate;
use qcert::pki::der::{self, Reader};
use qcert::pki::inventory::{FileContent, Form, PfxContent, PfxPassword, PfxState, What};
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::Profile;
use qcert::pki::revocation_list::Revoked;

fn client_pfx(encryption: PfxEncryption, text: Option<&str>) -> Vec<u8> {
    let password = text.map(super::password);
    let files = Workshop::new(Profile::Qlik).files(encryption, password.as_ref());
    files.into_iter().find(|file| file.name == "client.pfx").unwrap().bytes.expose().to_vec()
}

fn pfx(file: &FileContent) -> &PfxContent {
    match &file.objects[0].what {
        What::Pfx(pfx) => pfx,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pfx_tells_its_encryption_without_its_password() {
    for (encryption, mac, parts) in [
        (PfxEncryption::Modern, "HMAC-SHA256", "AES-256-CBC, PBKDF2 HMAC-SHA256"),
        (PfxEncryption::Legacy, "HMAC-SHA1", "3DES"),
    ] {
        let bytes = client_pfx(encryption, Some("right"));
        for (passwords, state, failed) in [
            (&[][..], PfxState::PasswordNeeded, false),
            (&["wrong"], PfxState::WrongPassword, true),
            (&["wrong", "right"], PfxState::Open(PfxPassword::Given), false),
        ] {
            let file = read_with("client.pfx", &bytes, passwords);
            let pfx = pfx(&file);
            assert_eq!((&pfx.state, pfx.given_passwords_failed), (&state, failed));
            assert_eq!(pfx.mac.as_ref().unwrap().algorithm, mac);
            assert!(pfx.encryption.len() == 2 && pfx.encryption.iter().all(|told| told.starts_with(parts)), "{pfx:?}");
            let open = usize::from(matches!(state, PfxState::Open(_)));
            assert_eq!(counts(&file), (open, open));
        }
    }
}

#[test]
fn the_key_in_a_pfx_is_that_of_its_certificate() {
    let file = read(&client_pfx(PfxEncryption::Modern, None));
    let certificate = file.certificates().next().unwrap();
    assert_eq!(super::public(file.keys().next().unwrap()), certificate.public_key_info());
    let pfx = pfx(&file);
    assert_eq!(pfx.state, PfxState::Open(PfxPassword::Empty));
    assert_eq!(pfx.entries[0].attributes.friendly_name.as_deref(), Some("QlikClient"));
}

#[test]
fn a_needless_password_is_told_beside_what_is_inside() {
    let file = read_with("client.pfx", &client_pfx(PfxEncryption::Modern, None), &["needless"]);
    assert_eq!((&pfx(&file).state, counts(&file)), (&PfxState::Open(PfxPassword::Empty), (1, 1)));
    assert!(pfx(&file).given_passwords_failed);
}

#[test]
fn stray_octets_and_cuts_of_a_pfx_are_told() {
    let bytes = client_pfx(PfxEncryption::Legacy, None);
    let file = read(&[&bytes[..], b"stray"].concat());
    assert_eq!((pfx(&file).trailing_bytes, &file.form), (5, &Form::Binary { trailing_bytes: 5 }));
    for length in [20, 100, bytes.len() - 1] {
        let file = read_with("client.pfx", &bytes[..length], &[]);
        assert!(matches!(damages(&file)[..], [damage] if damage.cut && damage.kind == "a PFX"), "{length} {file:?}");
    }
    // `certutil -encode` writes anything as a certificate.
    let file = read(pem("CERTIFICATE", &bytes).as_bytes());
    assert_eq!(counts(&file), (1, 1));
}

/// ContentInfo with SignedData; each length known or open.
fn pkcs7(certificates: &[u8], open: bool) -> Vec<u8> {
    let of = |oid_end: u8| der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, oid_end]);
    let wrap = |tag: u8, content: &[u8]| {
        if open { [&[tag, 0x80], content, &[0, 0]].concat() } else { der::encode(tag, content) }
    };
    let inner =
        [&der::unsigned(1)[..], &der::set(&[]), &der::sequence(&[&of(1)]), &wrap(0xa0, certificates), &der::set(&[])];
    wrap(0x30, &[of(2), wrap(0xa0, &wrap(0x30, &inner.concat()))].concat())
}

#[test]
fn certificates_come_out_of_pkcs7() {
    let two = [root(), root()].concat();
    for open in [false, true] {
        let bytes = pkcs7(&two, open);
        for file in [read(&bytes), read(pem("PKCS7", &bytes).as_bytes()), read(&[&bytes[..], b"\r\n"].concat())] {
            assert_eq!(counts(&file), (2, 0), "{open} {file:?}");
        }
    }
    let one_bad = pkcs7(&[&root()[..], b"\x30\x03\x02\x01\x00"].concat(), false);
    assert_eq!(counts(&read(&one_bad)), (1, 0));
    let cut = pkcs7(&two, false);
    assert!(damages(&read(&cut[..cut.len() - 9]))[0].cut);
}

#[test]
fn a_certificate_with_octets_after_it_or_cut() {
    let file = read(&[&root()[..], b"\n\n"].concat());
    assert_eq!((&file.form, counts(&file)), (&Form::Binary { trailing_bytes: 2 }, (1, 0)));
    for length in 4..root().len() {
        let file = read_with("root.cer", &root()[..length], &[]);
        assert!(matches!(damages(&file)[..], [damage] if damage.cut && damage.kind == "a certificate"), "{length}");
    }
}

/// As OpenSSL writes a name from `-subj /CN=x/` of some scripts: an empty SET at its end.
#[test]
fn a_name_that_ends_in_an_empty_set_is_read() {
    let bytes = root();
    let name = Certificate::parse(bytes.clone()).unwrap().subject().to_vec();
    let longer = der::sequence(&[&name[2..], &der::set(&[])]);
    let mut outer = Reader::new(&bytes).value().unwrap().inside();
    let mut signed = outer.value().unwrap().inside();
    let mut fields = Vec::new();
    while !signed.is_empty() {
        let field = signed.value().unwrap().encoding;
        fields.push(if field == name { &longer[..] } else { field });
    }
    let bytes = der::sequence(&[&der::sequence(&fields), outer.rest()]);
    let file = read(&bytes);
    assert_eq!(counts(&file), (1, 0), "{file:?}");
    let certificate = file.certificates().next().unwrap();
    assert_eq!((certificate.subject(), certificate.issuer()), (&longer[..], &longer[..]));
    assert!(certificate.common_name().is_some());
}

#[test]
fn a_request_says_whether_its_key_signed_it() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let rsa = rcgen::KeyPair::try_from(super::root_key().1).unwrap();
    let request = |key: &rcgen::KeyPair| {
        let parameters = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        parameters.serialize_request(key).unwrap().der().to_vec()
    };
    let told = |bytes: &[u8]| match &read(bytes).objects[0].what {
        What::Request(request) => (request.dns_names.clone(), request.signature_fits),
        other => panic!("{other:?}"),
    };
    let names = vec!["a.example".to_owned()];
    assert_eq!(told(&request(&rsa)), (names.clone(), Some(true)));
    assert_eq!(told(pem("NEW CERTIFICATE REQUEST", &request(&rsa)).as_bytes()).0, names);
    assert_ne!(told(&request(&key)).1, Some(false));
    let mut forged = request(&rsa);
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(told(&forged).1, Some(false));
}

#[test]
fn a_revocation_list_tells_what_is_revoked() {
    let key = rcgen::KeyPair::try_from(super::root_key().1).unwrap();
    let issuer = rcgen::Issuer::new(rcgen::CertificateParams::default(), key);
    let revoked = rcgen::RevokedCertParams {
        serial_number: rcgen::SerialNumber::from(vec![0x4f, 0x01]),
        revocation_time: NOW,
        reason_code: None,
        invalidity_date: None,
    };
    let parameters = rcgen::CertificateRevocationListParams {
        this_update: NOW,
        next_update: NOW + time::Duration::days(30),
        crl_number: rcgen::SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: vec![revoked],
        key_identifier_method: rcgen::KeyIdMethod::Sha256,
    };
    let der = parameters.signed_by(&issuer).unwrap().der().to_vec();
    for file in [read(&der), read(pem("X509 CRL", &der).as_bytes())] {
        let What::RevocationList(list) = &file.objects[0].what else { panic!("{file:?}") };
        assert_eq!(list.revoked, [Revoked { serial: "4f01".to_owned(), at: NOW, reason: None }]);
        assert_eq!(list.number_as_u64(), Some(1));
        assert_eq!((list.this_update, list.signature.as_str()), (NOW, "SHA-256 with RSA"));
    }
}
