//! Every kind of signature, made by OpenSSL: what it signed is verified, what was altered is not, what cannot be
//! checked is called so by name.
//!
//! Without OpenSSL this says SKIPPED, unless `QCERT_STRANGERS=required`.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test runs a stranger and fails loudly")]

use qcert::pki::certificate::Certificate;
use qcert::pki::pem;
use qcert::pki::signature::SignatureError;
use std::path::Path;
use std::process::Command;

const PSS: &str = "rsa_padding_mode:pss";

/// The key as `openssl genpkey` takes it, how it signs, and the algorithm's name for people.
const CHECKED: [(&[&str], &[&str], &str); 25] = [
    (&["RSA", "rsa_keygen_bits:2048"], &["-sha256"], "SHA-256 with RSA"),
    (&["RSA", "rsa_keygen_bits:1024"], &["-sha1"], "SHA-1 with RSA"),
    (&["RSA", "rsa_keygen_bits:1024"], &["-sha384"], "SHA-384 with RSA"),
    (&["RSA", "rsa_keygen_bits:1536"], &["-sha512"], "SHA-512 with RSA"),
    (&["RSA", "rsa_keygen_bits:512"], &["-sha256"], "SHA-256 with RSA"),
    (&["RSA", "rsa_keygen_bits:1023"], &["-sha256"], "SHA-256 with RSA"),
    (&["RSA", "rsa_keygen_bits:2049"], &["-sha256"], "SHA-256 with RSA"),
    (&["RSA", "rsa_keygen_bits:1024"], &["-md5"], "MD5 with RSA"),
    (&["RSA", "rsa_keygen_bits:1024"], &["-sha224"], "SHA-224 with RSA"),
    (&["RSA", "rsa_keygen_bits:1024"], &["-sha512-256"], "SHA-512/256 with RSA"),
    (&["RSA", "rsa_keygen_bits:1024", "rsa_keygen_pubexp:3"], &["-sha256"], "SHA-256 with RSA"),
    (&["RSA", "rsa_keygen_bits:1024", "rsa_keygen_pubexp:4294967311"], &["-sha256"], "SHA-256 with RSA"),
    (
        &["RSA", "rsa_keygen_bits:2048"],
        &["-sha256", "-sigopt", PSS, "-sigopt", "rsa_pss_saltlen:32"],
        "RSA-PSS with SHA-256",
    ),
    (
        &["RSA", "rsa_keygen_bits:2048"],
        &["-sha256", "-sigopt", PSS, "-sigopt", "rsa_pss_saltlen:0"],
        "RSA-PSS with SHA-256",
    ),
    (
        &["RSA", "rsa_keygen_bits:2048"],
        &["-sha384", "-sigopt", PSS, "-sigopt", "rsa_pss_saltlen:20"],
        "RSA-PSS with SHA-384",
    ),
    (
        &["RSA", "rsa_keygen_bits:1025"],
        &["-sha1", "-sigopt", PSS, "-sigopt", "rsa_pss_saltlen:20"],
        "RSA-PSS with SHA-1",
    ),
    (
        &["RSA", "rsa_keygen_bits:2048"],
        &["-sha256", "-sigopt", PSS, "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha1"],
        "RSA-PSS with SHA-256",
    ),
    (&["RSA-PSS", "rsa_keygen_bits:2048"], &["-sha512"], "RSA-PSS with SHA-512"),
    (&["EC", "ec_paramgen_curve:P-256"], &["-sha1"], "ECDSA with SHA-1"),
    (&["EC", "ec_paramgen_curve:P-256"], &["-sha512"], "ECDSA with SHA-512"),
    (&["EC", "ec_paramgen_curve:P-384"], &["-sha256"], "ECDSA with SHA-256"),
    (&["EC", "ec_paramgen_curve:P-521"], &["-sha224"], "ECDSA with SHA-224"),
    (&["EC", "ec_paramgen_curve:P-521"], &["-sha512"], "ECDSA with SHA-512"),
    (&["EC", "ec_paramgen_curve:secp256k1"], &["-sha256"], "ECDSA with SHA-256"),
    (&["ED25519"], &[], "Ed25519"),
];

const UNSUPPORTED: [(&[&str], &[&str], &str); 5] = [
    (&["ED448"], &[], "Ed448"),
    (&["EC", "ec_paramgen_curve:P-192"], &["-sha256"], "P-192"),
    (&["EC", "ec_paramgen_curve:P-224"], &["-sha256"], "P-224"),
    (&["EC", "ec_paramgen_curve:brainpoolP256r1"], &["-sha256"], "1.3.36.3.3.2.8.1.1.7"),
    (&["EC", "ec_paramgen_curve:P-256", "ec_param_enc:explicit"], &["-sha256"], "explicit parameters"),
];

fn openssl(arguments: &[&str]) -> bool {
    Command::new("openssl").args(arguments).output().is_ok_and(|output| output.status.success())
}

fn self_signed(folder: &Path, key: &[&str], sign: &[&str]) -> Certificate {
    let place = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (key_file, file) = (place("key.pem"), place("certificate.pem"));
    let mut arguments = vec!["genpkey", "-out", &key_file, "-algorithm", key[0]];
    arguments.extend(key[1..].iter().flat_map(|option| ["-pkeyopt", option]));
    assert!(openssl(&arguments), "{arguments:?}");
    let mut arguments = vec!["req", "-x509", "-new", "-key", &key_file, "-subj", "/CN=x", "-out", &file];
    arguments.extend(sign);
    assert!(openssl(&arguments), "{arguments:?}");
    let block = pem::decode(&std::fs::read(file).unwrap()).unwrap().pop().unwrap();
    Certificate::parse(block.der.expose().to_vec()).unwrap()
}

fn altered(certificate: &Certificate) -> Certificate {
    let mut der = certificate.der().to_vec();
    // The common name is the only `x` after an UTF8String's header in it.
    let place = der.windows(3).position(|three| three == [0x0c, 1, b'x']).unwrap();
    der[place + 2] = b'y';
    Certificate::parse(der).unwrap()
}

#[test]
fn what_openssl_signs() {
    if !openssl(&["version"]) {
        let required = std::env::var_os("QCERT_STRANGERS").is_some_and(|value| value == "required");
        assert!(!required, "openssl is missing");
        println!("SKIPPED: openssl is missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (key, sign, name) in CHECKED {
        let certificate = self_signed(folder.path(), key, sign);
        assert_eq!(certificate.signature_algorithm().text(), name);
        assert_eq!(certificate.verify_signed_by(&certificate), Ok(()), "{key:?} {sign:?}");
        let altered = altered(&certificate);
        assert_eq!(altered.verify_signed_by(&certificate), Err(SignatureError::Mismatch), "{key:?} {sign:?}");
    }
    for (key, sign, name) in UNSUPPORTED {
        let certificate = self_signed(folder.path(), key, sign);
        match certificate.verify_signed_by(&certificate) {
            Err(SignatureError::Unsupported(what)) => assert!(what.contains(name), "{what} lacks {name}"),
            other => panic!("{key:?}: {other:?}"),
        }
    }
}
