//! OpenSSL verifies every chain and opens every PFX, with nothing but its default provider.
//!
//! May not judge shapes that Qlik has and verifiers do not care about: `shapes.rs` does.

use std::path::Path;

use super::bundle::{ADDRESS_6, Case, OTHER_ROOT, PROFILE_QLIK, Profile, qcert};
use super::process::{Answer, run};
use super::scratch;
use super::stranger::{OPENSSL, command};

for_every_bundle!(super::openssl::judge);

fn judge(case: &'static Case) {
    let Some(openssl) = OPENSSL.find() else { return };
    judge_chains(openssl, case);
    judge_names(openssl, case);
    for role in ["server", "client"] {
        judge_container(openssl, case, role);
        judge_key(openssl, case, role);
    }
}

fn judge_chains(openssl: &Path, case: &'static Case) {
    for (role, purpose) in [("server", "sslserver"), ("client", "sslclient")] {
        let lenient = verify(openssl, case, role, &["-purpose", purpose]);
        let strict = verify(openssl, case, role, &["-purpose", purpose, "-x509_strict"]);
        match case.profile {
            Profile::Compatible => {
                lenient.accepted();
                strict.accepted();
            }
            Profile::Qlik => {
                lenient.accepted();
                strict.refused().says("error 92 at 1 depth lookup").says("key usage");
            }
            Profile::Classic => {
                lenient.refused().says("invalid CA certificate");
                strict.refused();
            }
        }
    }
}

fn judge_names(openssl: &Path, case: &'static Case) {
    let (option, other) =
        if case.is_address() { ("-verify_ip", "127.0.0.2") } else { ("-verify_hostname", "qlik2.example.com") };
    let right = verify(openssl, case, "server", &[option, case.machine]);
    if case.profile == Profile::Classic {
        right.refused().says("invalid CA certificate").never_says("mismatch");
        return;
    }
    right.accepted();
    verify(openssl, case, "server", &[option, other]).refused().says("mismatch");
}

fn judge_container(openssl: &Path, case: &'static Case, role: &str) {
    let answer = pfx(openssl, case, role, &["-info", "-nodes"]).accepted().says("-----BEGIN PRIVATE KEY-----");
    if case.legacy {
        answer.says("MAC: sha1").says("Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC").never_says("RC2");
    } else {
        let shrouded = "Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC";
        answer.says("MAC: sha256").says(shrouded).says("PRF hmacWithSHA256");
    }
    if case.locked {
        let file = case.bundle().file(&format!("{role}.pfx"));
        let mut wrong = command(openssl);
        run(wrong.args(["pkcs12", "-nodes", "-passin", "pass:not this one", "-in"]).arg(file)).refused();
    }
}

/// The PEM key opens with the bundle's password, is sound, and is the key of the certificate.
fn judge_key(openssl: &Path, case: &'static Case, role: &str) {
    let bundle = case.bundle();
    let key = bundle.file(&format!("{role}_key.pem"));
    let mut check = command(openssl);
    check.args(["pkey", "-check", "-pubout", "-in"]).arg(&key);
    if case.locked {
        check.arg("-passin").arg(format!("file:{}", bundle.password_file.display()));
    }
    let key = run(&mut check).accepted().says("Key is valid").text();
    let certificate =
        run(command(openssl).args(["x509", "-noout", "-pubkey", "-in"]).arg(bundle.file(&format!("{role}.pem"))));
    let certificate = certificate.accepted().text();
    assert!(key.contains(certificate.trim()), "{role}_key.pem is not the key of {role}.pem\n{key}\n{certificate}");
    let container = pfx(openssl, case, role, &["-nokeys"]).accepted().text();
    let pem = fs_err::read_to_string(bundle.file(&format!("{role}.pem"))).expect("a PEM file").replace('\r', "");
    assert!(container.contains(pem.trim()), "{role}.pfx holds another certificate than {role}.pem\n{container}");
}

/// `openssl pkcs12` with the bundle's password and without the legacy provider.
pub(crate) fn pfx(openssl: &Path, case: &'static Case, role: &str, options: &[&str]) -> Answer {
    let bundle = case.bundle();
    let mut command = command(openssl);
    command.args(["pkcs12", "-passin"]).arg(format!("file:{}", bundle.password_file.display()));
    run(command.args(options).arg("-in").arg(bundle.file(&format!("{role}.pfx"))))
}

fn verify(openssl: &Path, case: &'static Case, role: &str, options: &[&str]) -> Answer {
    verify_file(openssl, &case.bundle().file("root.pem"), &case.bundle().file(&format!("{role}.pem")), options)
}

pub(crate) fn verify_file(openssl: &Path, root: &Path, certificate: &Path, options: &[&str]) -> Answer {
    let mut command = command(openssl);
    // Without these two openssl would also look into the machine's own store of roots.
    command.args(["verify", "-no-CAfile", "-no-CApath", "-no-CAstore"]).args(options).arg("-CAfile").arg(root);
    run(command.arg(certificate))
}

/// A colon may not stand in a folder's name on Windows, so it is written as a hyphen everywhere.
#[test]
fn an_address_of_the_sixth_version() {
    let Some(openssl) = OPENSSL.find() else { return };
    let options = ["-x509_strict", "-purpose", "sslserver", "-verify_ip"];
    for address in [ADDRESS_6.machine, "FD00:0:0:0:0:0:0:12"] {
        verify(openssl, &ADDRESS_6, "server", &[&options[..], &[address]].concat()).accepted();
    }
    verify(openssl, &ADDRESS_6, "server", &[&options[..], &["fd00::13"]].concat()).refused().says("mismatch");
}

/// `init` first and a single certificate later: what a person does who wants no whole bundle.
#[test]
fn signed_one_at_a_time() {
    let Some(openssl) = OPENSSL.find() else { return };
    let place = scratch::own();
    let home = place.path().join("home");
    run(qcert("init", &home).args(["--host", "central.example.com"])).accepted();
    for (role, purpose) in [("server", "sslserver"), ("client", "sslclient")] {
        let folder = place.path().join(role);
        let mut command = qcert("sign", &home);
        command.arg(role).arg("--out").arg(&folder);
        if role == "server" {
            command.args(["--machine", "node2.example.com"]);
        }
        run(&mut command).accepted();
        let options = ["-x509_strict", "-purpose", purpose];
        verify_file(openssl, &home.join("root.pem"), &folder.join(format!("{role}.pem")), &options).accepted();
    }
}

/// Two roots of one name: only the signature tells them apart, and the strict rules change nothing about that.
#[test]
fn another_root_of_the_same_name_is_refused() {
    let Some(openssl) = OPENSSL.find() else { return };
    let root = PROFILE_QLIK.bundle().file("root.pem");
    let certificate = OTHER_ROOT.bundle().file("client.pem");
    verify_file(openssl, &root, &certificate, &[]).refused();
}
