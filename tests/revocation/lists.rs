//! OpenSSL, GnuTLS and Java verify the lists of every kind of root, and refuse what is on them.

use super::process::{Answer, run};
use super::site::Site;
use super::stranger::{CERTTOOL, JAVA, JAVAC, OPENSSL, command};
use fs_err as fs;
use std::path::Path;

fn verify(openssl: &Path, site: &Site, certificate: &str, options: &[&str]) -> Answer {
    let mut command = command(openssl);
    command.args(["verify", "-no-CAfile", "-no-CApath", "-no-CAstore", "-crl_check"]).args(options);
    command.arg("-CAfile").arg(site.root()).arg("-CRLfile").arg(site.path("root_crl.pem"));
    run(command.arg(site.path(certificate)))
}

fn judge_with_openssl(site: &Site, options: &[&str]) {
    let Some(openssl) = OPENSSL.find() else { return };
    for (file, form) in [("root.crl", "DER"), ("root_crl.pem", "PEM")] {
        let mut show = command(openssl);
        show.args(["crl", "-inform", form, "-noout", "-text", "-verify", "-in"]).arg(site.path(file));
        let shown = run(show.arg("-CAfile").arg(site.root())).accepted().says("verify OK");
        let shown = shown.says("Version 2 (0x1)").says("Key Compromise").text();
        let key_id = |text: &str, name: &str| {
            let line = text.lines().skip_while(|line| !line.contains(name)).nth(1).expect(name).trim().to_owned();
            line.trim_start_matches("keyid:").to_owned()
        };
        let root = run(command(openssl).args(["x509", "-noout", "-text", "-in"]).arg(site.root())).accepted().text();
        assert_eq!(key_id(&shown, "Authority Key Identifier"), key_id(&root, "Subject Key Identifier"));
    }
    for certificate in ["live/client.pem", "localhost/server.pem", "localhost/client.pem"] {
        verify(openssl, site, certificate, options).accepted();
    }
    verify(openssl, site, "revoked/client.pem", options).refused().says("certificate revoked");
}

#[test]
fn openssl_obeys() {
    judge_with_openssl(&Site::new("compatible").furnished(), &["-x509_strict"]);
    // A root without keyUsage may sign lists, as Qlik's own.
    judge_with_openssl(&Site::new("qlik").furnished(), &[]);
}

/// rcgen would lose the repeated DC and OU of such an issuer, and nobody would find its list.
#[test]
fn the_list_of_a_root_that_was_taken_over() {
    let Some(openssl) = OPENSSL.find() else { return };
    let site = Site::empty();
    let (certificate, key) = (site.path("ca.pem"), site.path("ca_key.pem"));
    let mut make = command(openssl);
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650"]);
    make.args([
        "-subj",
        "/DC=example/DC=corp/OU=One/OU=Two/CN=taken.corp-CA",
        "-addext",
        "keyUsage=keyCertSign,cRLSign",
    ]);
    run(make.arg("-out").arg(&certificate).arg("-keyout").arg(&key)).accepted();
    site.qcert(&["init", "--from", "ca.pem", "--key", "ca_key.pem"]).accepted();
    judge_with_openssl(&site.furnished(), &[]);
}

#[test]
fn a_root_that_may_not_sign_lists_says_so() {
    let Some(openssl) = OPENSSL.find() else { return };
    let site = Site::empty();
    let mut make = command(openssl);
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=narrow-CA"]);
    make.args(["-addext", "keyUsage=keyCertSign"]);
    run(make.arg("-out").arg(site.path("ca.pem")).arg("-keyout").arg(site.path("ca_key.pem"))).accepted();
    site.qcert(&["init", "--from", "ca.pem", "--key", "ca_key.pem"]).accepted();
    site.qcert(&["crl"]).ends_with_code(2).says("lacks cRLSign").says("qcert recreate");
    assert!(!site.path("root.crl").exists());
}

/// Every list takes the place of the one before, with a higher number.
#[test]
fn numbers_rise() {
    let Some(openssl) = OPENSSL.find() else { return };
    let site = Site::new("compatible").furnished();
    for number in ["0x02", "0x03"] {
        site.qcert(&["crl"]).accepted();
        let mut show = command(openssl);
        run(show.args(["crl", "-noout", "-crlnumber", "-in"]).arg(site.path("root_crl.pem"))).accepted().says(number);
    }
}

#[test]
fn gnutls_obeys() {
    let Some(certtool) = CERTTOOL.find() else { return };
    for profile in ["compatible", "qlik"] {
        let site = Site::new(profile).furnished();
        let mut list = command(certtool);
        list.arg("--verify-crl").arg("--load-ca-certificate").arg(site.root());
        run(list.arg("--infile").arg(site.path("root_crl.pem"))).accepted().says("Verified");
        let verify = |certificate: &str| {
            let mut verify = command(certtool);
            verify.args(["--verify", "--verify-profile", "medium", "--load-ca-certificate"]).arg(site.root());
            verify.arg("--load-crl").arg(site.path("root_crl.pem"));
            run(verify.arg("--infile").arg(site.path(certificate)))
        };
        verify("live/client.pem").accepted().says("Chain verification output: Verified.");
        verify("revoked/client.pem").refused().says("revoked");
    }
}

#[test]
fn java_obeys() {
    let (Some(java), Some(_)) = (JAVA.find(), JAVAC.find()) else { return };
    let site = Site::new("compatible").furnished();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/revocation/Judge.java");
    let source = site.write("Judge.java", fs::read(program).expect("the program"));
    let judge = |certificate: &str| {
        let mut judge = command(java);
        judge.arg(&source).arg(site.root()).arg(site.path("root.crl"));
        run(judge.arg(site.path(certificate)))
    };
    judge("live/client.pem").accepted().says("good");
    judge("revoked/client.pem").refused().says("KEY_COMPROMISE");
}
