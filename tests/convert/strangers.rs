//! Other people's programs look at what was written: all that are here.
//!
//! May not use qcert.

use super::world::{Desk, openssl};
use crate::process::run;
use crate::stranger::{CERTTOOL, CRYPTOGRAPHY, KEYTOOL, NODE, OPENSSL, command};
use std::path::Path;

/// The file names the password; it is empty where there is none.
pub(crate) fn judge_pfx(desk: &Desk, pfx: &str, password: &str, friendly_name: &str) {
    let file = desk.path(pfx);
    let secret = std::fs::read_to_string(desk.path(password)).unwrap().trim_end().to_owned();
    if let Some(program) = OPENSSL.find() {
        let text = openssl(program, desk, &format!("pkcs12 -info -nodes -in {pfx} -passin file:{password}"));
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("-----BEGIN PRIVATE KEY-----"), "{text}");
        assert!(friendly_name.is_empty() || text.contains(&format!("friendlyName: {friendly_name}")), "{text}");
    }
    if let Some(python) = CRYPTOGRAPHY.find() {
        let script = "import sys\n\
            from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12\n\
            found = pkcs12.load_pkcs12(open(sys.argv[1], 'rb').read(), sys.argv[2].encode() or None)\n\
            same = lambda one: one.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)\n\
            assert same(found.key.public_key()) == same(found.cert.certificate.public_key())\n\
            name = (found.cert.friendly_name or b'').decode()\n\
            assert name.rstrip(chr(0)) == sys.argv[3], name\n";
        run(command(python).args(["-W", "error", "-c", script]).arg(&file).args([&secret, friendly_name])).accepted();
    }
    if let Some(node) = NODE.find() {
        let script = "require('tls').createSecureContext({pfx: require('fs').readFileSync(process.argv[1]), \
                      passphrase: process.argv[2]})";
        run(command(node).args(["-e", script]).arg(&file).arg(&secret)).accepted();
    }
    if let Some(certtool) = CERTTOOL.find() {
        let mut show = command(certtool);
        show.args(["--p12-info", "--inder"]);
        if secret.is_empty() {
            show.arg("--empty-password")
        } else {
            show.args(["--password", &secret])
        };
        run(show.arg("--infile").arg(&file)).accepted().never_says("errors parsing").says("MAC: SHA");
    }
    // keytool asks on the terminal where the password is empty.
    if let Some(keytool) = KEYTOOL.find().filter(|_| !secret.is_empty()) {
        let mut list = command(keytool);
        list.args(["-J-Duser.language=en", "-list", "-storetype", "PKCS12", "-storepass", &secret, "-keystore"]);
        run(list.arg(&file)).accepted().says("PrivateKeyEntry");
    }
}

/// A certificate and its key in PEM.
pub(crate) fn judge_pair(desk: &Desk, certificate: &str, key: &str, password: &str) {
    let secret = std::fs::read_to_string(desk.path(password)).unwrap().trim_end().to_owned();
    let (certificate_file, key_file) = (desk.path(certificate), desk.path(key));
    if let Some(program) = OPENSSL.find() {
        let of_key = openssl(program, desk, &format!("pkey -check -pubout -in {key} -passin file:{password}"));
        let of_certificate = openssl(program, desk, &format!("x509 -noout -pubkey -in {certificate}"));
        let of_key = String::from_utf8(of_key).unwrap();
        assert!(of_key.contains(String::from_utf8(of_certificate).unwrap().trim()), "{key} is not of {certificate}");
    }
    if let Some(node) = NODE.find() {
        let script = "const read = require('fs').readFileSync, [cert, key, passphrase] = process.argv.slice(1);\
                      require('tls').createSecureContext({cert: read(cert), key: read(key), passphrase})";
        run(command(node).args(["-e", script]).args([&certificate_file, &key_file]).arg(&secret)).accepted();
    }
    if let Some(python) = CRYPTOGRAPHY.find() {
        let script = "import sys\n\
            from cryptography import x509\n\
            from cryptography.hazmat.primitives.serialization import load_pem_private_key\n\
            read = lambda name: open(name, 'rb').read()\n\
            key = load_pem_private_key(read(sys.argv[2]), sys.argv[3].encode() or None)\n\
            assert key.public_key() == x509.load_pem_x509_certificate(read(sys.argv[1])).public_key()\n";
        let mut judge = command(python);
        run(judge.args(["-c", script]).args([&certificate_file, &key_file]).arg(&secret)).accepted();
    }
}

/// The octets of every certificate in a file, as openssl takes them out.
pub(crate) fn certificates(program: &Path, desk: &Desk, options: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(&openssl(program, desk, options)).replace('\r', "");
    let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    blocks.filter_map(|block| Some(block.split_once("-----END")?.0.trim().to_owned())).collect()
}
