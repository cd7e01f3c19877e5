//! Old encryption: RC2 with 40 bits and 3DES as openssl still writes them, OpenSSL's traditional keys, stray bytes.

use super::strangers::{certificates, judge_pair, judge_pfx};
use super::world::{Desk, PASSWORD, openssl, site};
use crate::process::run;
use crate::stranger::{CRYPTOGRAPHY, NODE, OPENSSL, OPENSSL_WITH_LEGACY, command};
use fs_err as fs;
use std::path::Path;

/// `client.pfx` with its root inside, as old Windows encrypted it.
fn old_pfx(program: &Path, desk: &Desk) {
    let bundle = site().path("open").display().to_string();
    let from = format!("-in {bundle}/client.pem -inkey {bundle}/client_key.pem -certfile {bundle}/root.pem");
    let how = "-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1 -name QlikClient -caname Root";
    openssl(program, desk, &format!("pkcs12 -export {how} {from} -passout file:password -out old.pfx"));
}

#[test]
fn rc2_becomes_aes_and_never_comes_back() {
    let Some(program) = OPENSSL_WITH_LEGACY.find() else { return };
    let desk = Desk::new();
    old_pfx(program, &desk);
    let old = certificates(program, &desk, "pkcs12 -legacy -nokeys -in old.pfx -passin file:password");
    if let Some(node) = NODE.find() {
        let script = "require('tls').createSecureContext({pfx: require('fs').readFileSync(process.argv[1]), \
                      passphrase: process.argv[2]})";
        run(command(node).args(["-e", script]).arg(desk.path("old.pfx")).arg(PASSWORD)).refused();
    }
    for (how, name, mac) in [("modern", "new.pfx", "MAC: sha256"), ("legacy", "2016.pfx", "MAC: sha1")] {
        desk.convert(&format!("old.pfx --pfx {how} --out {name} --password-file password")).assert_code(0);
        judge_pfx(&desk, name, "password", "QlikClient");
        let info = run(command(program)
            .args(["pkcs12", "-info", "-noout", "-passin", "file:password", "-in", name])
            .current_dir(desk.path("")));
        info.accepted().says(mac).never_says("RC2");
        let new = certificates(program, &desk, &format!("pkcs12 -nokeys -in {name} -passin file:password"));
        assert_eq!((old.len(), &new), (2, &old), "both certificates, in their order");
        // Both names, and no name more.
        let text = openssl(program, &desk, &format!("pkcs12 -nokeys -in {name} -passin file:password"));
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("friendlyName: QlikClient") && text.contains("friendlyName: Root"), "{text}");
    }
    // And in pieces.
    desk.convert("old.pfx --out pieces --password-file password").assert_code(0);
    judge_pair(&desk, "pieces/client.pem", "pieces/client_key.pem", "password");
    assert_eq!(desk.bytes("pieces/root.pem"), fs::read(site().path("open/root.pem")).unwrap());
}

#[test]
fn stray_bytes_are_cut_and_said() {
    let desk = Desk::new();
    for (name, with) in [("client.pfx", "--pfx modern --password-file password"), ("root.cer", "--to der")] {
        let mut bytes = fs::read(site().path("locked").join(name)).unwrap();
        bytes.extend([0xa5; 524]);
        desk.file(name, &bytes);
        let ended = desk.convert(&format!("{name} {with} --out new-{name}")).assert_code(0);
        let said = format!("note: 524 stray bytes after the end of `{name}` are cut off");
        assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    }
    assert_eq!(desk.bytes("new-root.cer"), fs::read(site().path("locked/root.cer")).unwrap());
    // Python warns of what follows the end, and `-W error` makes that an error.
    judge_pfx(&desk, "new-client.pfx", "password", "QlikClient");
    if let Some(python) = CRYPTOGRAPHY.find() {
        let script = "import sys\nfrom cryptography.hazmat.primitives.serialization import pkcs12\n\
            pkcs12.load_pkcs12(open(sys.argv[1], 'rb').read(), sys.argv[2].encode())\n";
        let mut before = command(python);
        run(before.args(["-W", "error", "-c", script]).arg(desk.path("client.pfx")).arg(PASSWORD)).refused();
    }
}

#[test]
fn traditional_keys_become_pkcs8() {
    let Some(program) = OPENSSL.find() else { return };
    let desk = Desk::new();
    let key = site().path("open/client_key.pem").display().to_string();
    openssl(program, &desk, &format!("rsa -traditional -aes256 -passout file:password -in {key} -out old_key.pem"));
    assert!(String::from_utf8(desk.bytes("old_key.pem")).unwrap().contains("DEK-Info"));
    desk.convert("old_key.pem @open/client.pem --to pem --out new --password-file password").assert_code(0);
    assert!(String::from_utf8(desk.bytes("new/client_key.pem")).unwrap().contains("BEGIN ENCRYPTED PRIVATE KEY"));
    judge_pair(&desk, "new/client.pem", "new/client_key.pem", "password");
}
