//! Bundles of three CAs' certificates, judged by OpenSSL, GnuTLS, Node and Python, and shown in real mutual TLS.

use super::super::support::names;
use super::ca::{KINDS, Kind};
use super::process::run;
use super::scene::{ASSEMBLED, Desk, MACHINE, text};
use super::stranger::{CERTTOOL, NODE, OPENSSL, PYTHON, command, program};
use fs_err as fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

#[test]
fn every_ca_answers_and_strangers_take_the_bundle() {
    for kind in KINDS {
        let desk = Desk::new(&["--san", "10.0.0.5"]);
        let Some(ca) = desk.ca(kind) else { continue };
        desk.signed_by(&ca);
        let ended = desk.assemble(&["--root", &text(&ca.root()), "--json"]).assert_code(0);
        assert_eq!(ended.json()["machines"][0]["state"], "assembled", "{kind:?}");
        assert_eq!(names(&desk.folder()), ASSEMBLED, "{kind:?}");
        for name in ["server_key.pem", "client_key.pem", "server.pfx", "client.pfx"] {
            let mode = fs::metadata(desk.file(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{kind:?}: {name}");
        }
        verified(&desk, kind);
        in_tls(&desk.folder(), "");
    }
}

fn verified(desk: &Desk, kind: Kind) {
    let Some(openssl) = OPENSSL.find() else { return };
    for (role, purpose) in [("server", "sslserver"), ("client", "sslclient")] {
        let mut verify = command(openssl);
        verify.args(["verify", "-no-CAfile", "-no-CApath", "-no-CAstore", "-x509_strict", "-purpose", purpose]);
        if role == "server" {
            verify.args(["-verify_ip", "10.0.0.5"]);
        }
        verify.arg("-CAfile").arg(desk.file("root.pem")).arg(desk.file(&format!("{role}.pem")));
        run(&mut verify).accepted();
        let mut open = command(openssl);
        open.args(["pkcs12", "-info", "-nodes", "-passin", "pass:", "-in"]).arg(desk.file(&format!("{role}.pfx")));
        let name = if role == "server" { MACHINE } else { "QlikClient" };
        let shown = run(&mut open).accepted().says(&format!("friendlyName: {name}\n")).says("localKeyID: 01 00 00 00");
        let shown = shown.says("Microsoft CSP Name: Microsoft Enhanced Cryptographic Provider v1.0").text();
        assert_eq!(shown.matches("BEGIN CERTIFICATE").count(), 1, "{kind:?}: {shown}");
        assert_eq!(shown.contains("Microsoft Local Key set"), role == "server", "{kind:?}: {shown}");
    }
    let Some(certtool) = CERTTOOL.find() else { return };
    let mut verify = command(certtool);
    verify.args(["--verify", "--verify-profile", "medium", "--verify-hostname", MACHINE]);
    verify.arg("--load-ca-certificate").arg(desk.file("root.pem")).arg("--infile").arg(desk.file("server.pem"));
    run(&mut verify).accepted().says("Chain verification output: Verified.");
}

/// Server and client made of one bundle, which trust its root alone: PEM and PFX in Node, PEM in Python.
fn in_tls(folder: &Path, password: &str) {
    if let Some(node) = NODE.find() {
        let mut judge = command(node);
        judge.arg(program("judge.js")).arg(folder).arg(MACHINE).env("JUDGE_PASSWORD", password);
        run(&mut judge).accepted().says("judged");
    }
    if let Some(python) = PYTHON.find() {
        for version in ["1.2", "1.3"] {
            let mut shake = command(python);
            shake.arg(program("handshake.py")).arg("both").arg(folder).args([MACHINE, version, "strict"]);
            run(shake.env("JUDGE_PASSWORD", password)).accepted().says(&format!("TLSv{version} welcome"));
        }
    }
}

#[test]
fn the_password_of_the_keys_protects_the_bundle() {
    let desk = Desk::new(&[]);
    let Some(ca) = desk.ca(Kind::Python) else { return };
    let password = desk.scene.file("pw", "secret words\n");
    desk.request(MACHINE, &["--exists", "replace", "--password-file", &password]).assert_code(0);
    desk.signed_by(&ca);
    desk.assemble(&[]).assert_error(2, &["`server_key.pem`", "it is encrypted and no password was given"]);
    let other = desk.scene.file("other", "x\n");
    desk.assemble(&["--password-file", &other]).assert_error(2, &["it does not open with this password"]);
    desk.assemble(&["--password-file", &password]).assert_code(0).assert_silent_about(&["secret words"]);
    for name in ["server_key.pem", "client_key.pem"] {
        assert!(fs::read_to_string(desk.file(name)).unwrap().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    }
    in_tls(&desk.folder(), "secret words");
    // Asked for open keys once more: another form of the same bundle, made of what is there.
    let plain = ["--password-file", &password, "--pem-keys", "plain", "--pfx", "legacy"];
    let again = desk.run(&[&["assemble", "out/host.domain", "--json"], &plain[..]].concat()).assert_code(0);
    assert_eq!(again.json()["machines"][0]["state"], "assembled");
    assert!(fs::read_to_string(desk.file("client_key.pem")).unwrap().starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    in_tls(&desk.folder(), "secret words");
}

/// The intermediates go along, so that whoever trusts the root alone takes the leaf.
#[test]
fn an_intermediate_is_sent_along_where_that_is_wanted() {
    let desk = Desk::new(&[]);
    let Some(ca) = desk.ca(Kind::Python) else { return };
    let below = ca.intermediate("Issuing CA");
    desk.signed_with(&ca, "Issuing CA", &[], &[]);
    let root = text(&ca.root());
    let incomplete = desk.assemble(&["--root", &root, "--intermediate"]);
    incomplete.assert_error(2, &["no root for the certificate in `signed/server.cer`", "`CN=Issuing CA`", "--from"]);
    let chain = ["--root", &root, "--from", &text(&below)];
    let refused = desk.assemble(&chain);
    refused
        .assert_error(2, &["signed by the intermediate `Issuing CA`, not by the root `root`, as", "`--intermediate`"]);
    let as_root = desk.assemble(&["--root", &text(&below)]);
    as_root.assert_error(2, &["holds no root: `Issuing CA` was issued by `CN=root`"]);
    let ended = desk.assemble(&[&chain[..], &["--intermediate", "--json"]].concat()).assert_code(0);
    assert_eq!(ended.json()["machines"][0]["intermediates"][0], "CN=Issuing CA");
    assert!(ended.stderr.contains("never put it into Windows' root store"), "{}", ended.stderr);
    let count = |name: &str| fs::read_to_string(desk.file(name)).unwrap().matches("BEGIN CERTIFICATE").count();
    assert_eq!(["root.pem", "server.pem", "client.pem"].map(count), [1, 2, 2]);
    if let Some(openssl) = OPENSSL.find() {
        let mut open = command(openssl);
        open.args(["pkcs12", "-nodes", "-passin", "pass:", "-in"]).arg(desk.file("client.pfx"));
        let shown = run(&mut open).accepted().says("subject=CN = Issuing CA").text();
        assert_eq!(shown.matches("BEGIN CERTIFICATE").count(), 2, "{shown}");
        // The key's own certificate is the one that is marked as such.
        assert_eq!(shown.matches("localKeyID").count(), 2, "{shown}");
    }
    if let Some(python) = PYTHON.find() {
        let mut shake = command(python);
        shake.arg(program("handshake.py")).arg("both").arg(desk.folder()).args([MACHINE, "1.3", "strict"]);
        run(shake.env("JUDGE_PASSWORD", "")).accepted().says("TLSv1.3 welcome");
    }
    if let Some(node) = NODE.find() {
        let mut shake = command(node);
        run(shake.arg("-e").arg(NODE_WITH_PFX).arg(desk.folder()).arg(MACHINE)).accepted().says("QlikClient let in");
    }
    let again = desk.assemble(&[&chain[..], &["--intermediate", "--json"]].concat()).assert_code(0);
    assert_eq!(again.json()["machines"][0]["state"], "kept");
}

/// Both sides with their PFX, trusting the root alone.
const NODE_WITH_PFX: &str = "
const [folder, servername] = process.argv.slice(1);
const read = (name) => require('fs').readFileSync(folder + '/' + name);
const tls = require('tls'), ca = read('root.pem');
const server = tls.createServer({ pfx: read('server.pfx'), ca, requestCert: true, rejectUnauthorized: true }, (stream) => {
  console.log(stream.getPeerCertificate().subject.CN + ' let in');
  stream.end();
  server.close();
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  tls.connect({ pfx: read('client.pfx'), ca, host: '127.0.0.1', port, servername })
    .on('error', (error) => { console.error(error); process.exit(1); }).resume();
});
";
