//! The requests, judged by OpenSSL, GnuTLS and Python, and what happens where keys wait already.

use super::super::support::{contents, names};
use super::process::run;
use super::scene::{Desk, MACHINE, WAITING};
use super::stranger::{CERTTOOL, CRYPTOGRAPHY, OPENSSL, command};
use fs_err as fs;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn openssl_verifies_and_reads_them() {
    let Some(openssl) = OPENSSL.find() else { return };
    let desk = Desk::new(&["--san", "10.0.0.5", "--san", "alias.corp", "--san", "fd00::12"]);
    let show = |role: &str| {
        let mut show = command(openssl);
        run(show.args(["req", "-verify", "-noout", "-text", "-in"]).arg(desk.file(&format!("{role}.csr")))).accepted()
    };
    let names = "DNS:host.domain, DNS:10.0.0.5, IP Address:10.0.0.5, DNS:alias.corp, DNS:fd00::12, IP Address:FD00:";
    let server = show("server").says("verify OK").says("Subject: CN = host.domain\n").says(names);
    server.says("Signature Algorithm: sha256WithRSAEncryption").says("1.3.6.1.5.5.7.13.3").says("..Service");
    let client = show("client").says("verify OK").says("Subject: CN = QlikClient\n").says("..Client");
    client.never_says("Alternative").never_says("Key Usage");
}

#[test]
fn gnutls_reads_them() {
    let Some(certtool) = CERTTOOL.find() else { return };
    let desk = Desk::new(&["--san", "10.0.0.5", "--key-size", "3072"]);
    let show = |role: &str| {
        let mut show = command(certtool);
        run(show.args(["--crq-info", "--infile"]).arg(desk.file(&format!("{role}.csr")))).accepted()
    };
    let server = show("server").says("Subject: CN=host.domain\n").says("DNSname: host.domain\n");
    server.says("IPAddress: 10.0.0.5\n").says("(3072 bits)").says("Unknown extension 1.3.6.1.5.5.7.13.3");
    show("client").says("Subject: CN=QlikClient\n").says("Self signature: verified");
}

#[test]
fn python_checks_their_signatures() {
    let Some(python) = CRYPTOGRAPHY.find() else { return };
    let desk = Desk::new(&[]);
    let script = "import sys; from cryptography import x509; \
                  print([x509.load_pem_x509_csr(open(p, 'rb').read()).is_signature_valid for p in sys.argv[1:]])";
    let mut ask = command(python);
    ask.args(["-W", "error", "-c", script]).arg(desk.file("server.csr")).arg(desk.file("client.csr"));
    run(&mut ask).accepted().says("[True, True]");
}

#[test]
fn keys_are_their_owners_alone_and_those_of_their_requests() {
    let Some(openssl) = OPENSSL.find() else { return };
    let desk = Desk::new(&[]);
    assert_eq!(names(&desk.folder()), WAITING);
    for role in ["server", "client"] {
        let (key, request) = (desk.file(&format!("{role}_key.pem")), desk.file(&format!("{role}.csr")));
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        let public = |kind: &str, option: &str, file| {
            run(command(openssl).args([kind, option, "-in"]).arg(file).args(if kind == "req" {
                &["-noout"][..]
            } else {
                &[]
            }))
            .accepted()
            .text()
        };
        assert_eq!(public("pkey", "-pubout", &key), public("req", "-pubkey", &request), "{role}");
    }
}

#[test]
fn a_password_locks_the_keys() {
    let Some(openssl) = OPENSSL.find() else { return };
    let desk = Desk::new(&[]);
    let password = desk.scene.file("pw", "Tüb1ngen\n");
    desk.request("locked.corp", &["--password-file", &password]).assert_code(0).assert_silent_about(&["Tüb1ngen"]);
    let key = desk.scene.out.join("locked.corp/server_key.pem");
    assert!(fs::read_to_string(&key).unwrap().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    let mut open = command(openssl);
    open.args(["pkey", "-check", "-noout", "-in"]).arg(&key).arg("-passin").arg(format!("file:{password}"));
    run(&mut open).accepted().says("Key is valid");
    // What fits is kept, with the right password alone.
    let keep = ["--exists", "keep", "--password-file"];
    desk.request("locked.corp", &[&keep[..], &[&password]].concat()).assert_code(0);
    let other = desk.scene.file("other", "x\n");
    let refused = desk.request("locked.corp", &[&keep[..], &[&other]].concat());
    refused.assert_error(2, &["`server_key.pem` cannot be used: it does not open with this password"]);
    desk.request("locked.corp", &["--exists", "keep"]).assert_error(2, &["it is encrypted and no password was given"]);
}

#[test]
fn keys_that_wait_are_not_lost_unasked() {
    let desk = Desk::new(&[]);
    let before = contents(&desk.folder());
    desk.request(MACHINE, &[]).assert_error(2, &["already exists", "--exists keep"]);
    let kept = desk.request(MACHINE, &["--exists", "keep", "--json"]).assert_code(0).json();
    assert_eq!(kept["machines"][0]["state"], "kept");
    let refused = desk.request(MACHINE, &["--exists", "keep", "--san", "new.corp"]);
    refused.assert_error(2, &["`server.csr` does not ask for the name `new.corp`", "is then worth nothing"]);
    fs::copy(desk.file("client.csr"), desk.file("server.csr")).unwrap();
    let mixed = desk.request(MACHINE, &["--exists", "keep"]);
    mixed.assert_error(2, &["`server.csr` is not the request of `server_key.pem`"]);
    fs::write(desk.file("server.csr"), &before["server.csr"]).unwrap();
    fs::write(desk.file("notes.txt"), "mine").unwrap();
    desk.request(MACHINE, &["--exists", "replace"]).assert_error(2, &["also holds `notes.txt`"]);
    fs::rename(desk.file("notes.txt"), desk.file("server.pem")).unwrap();
    desk.request(MACHINE, &["--exists", "replace"]).assert_error(2, &["holds a bundle: `server.pem`"]);
    fs::remove_file(desk.file("server.pem")).unwrap();
    assert_eq!(contents(&desk.folder()), before);
    desk.request(MACHINE, &["--exists", "replace"]).assert_code(0);
    let after = contents(&desk.folder());
    assert!(after["server_key.pem"] != before["server_key.pem"] && after["client.csr"] != before["client.csr"]);
}

#[test]
fn one_machine_stops_no_other() {
    let desk = Desk::new(&[]);
    let list = desk.scene.file("list", "a.corp\nbad name\nhost.domain\nb.corp\n");
    let ended = desk.run(&["export", "--csr-only", "--out", "out", "--machines-from", &list, "--json"]).assert_code(3);
    let states: Vec<_> = ended.json()["machines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(states, ["requested", "failed", "requested", "failed"]);
    assert_eq!(names(&desk.scene.out), ["a.corp", "b.corp", "host.domain"]);
}

#[test]
fn what_speaks_of_our_own_root_is_refused() {
    let desk = Desk::new(&[]);
    for option in [
        &["--days", "3"][..],
        &["--not-before", "2026-01-01"],
        &["--not-after", "2036-01-01"],
        &["--host", "x.corp"],
        &["--passphrase-stdin"],
        &["--format", "pem"],
        &["--pfx", "legacy"],
        &["--min-days", "3"],
        &["--trust-clock"],
    ] {
        let ended = desk.request("new.corp", option).assert_code(2);
        assert!(ended.stderr.contains("cannot be used with"), "{option:?}: {}", ended.stderr);
    }
    assert_eq!(names(&desk.scene.out), [MACHINE]);
    // A variable that is set for every command is no reason to refuse this one.
    let mut request = desk.scene.qcert(&["export", "--csr-only", "--out", "out", "--machine", "env.corp"]);
    request.env("QCERT_PASSPHRASE_FILE", "not/there");
    assert!(request.output().unwrap().status.success());
}
