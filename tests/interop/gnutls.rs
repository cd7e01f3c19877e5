//! GnuTLS: `certtool` verifies every chain, and takes certificate and key out of every PFX.
//!
//! May not shake hands: `visitors.rs` does, with `gnutls-cli`.

use std::path::Path;

use fs_err as fs;

use super::bundle::Case;
use super::process::run;
use super::scratch;
use super::stranger::{CERTTOOL, command};

const SERVER_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.2";

for_every_bundle!(super::gnutls::judge);

fn judge(case: &'static Case) {
    let Some(certtool) = CERTTOOL.find() else { return };
    for (role, purpose) in [("server", SERVER_AUTHENTICATION), ("client", CLIENT_AUTHENTICATION)] {
        judge_chain(certtool, case, role, purpose);
        judge_container(certtool, case, role);
    }
}

/// GnuTLS takes a root that is named to it as trusted at its word, even one that is not marked as an authority.
fn judge_chain(certtool: &Path, case: &'static Case, role: &str, purpose: &str) {
    let bundle = case.bundle();
    let mut verify = command(certtool);
    verify.args(["--verify", "--verify-profile", "medium", "--verify-purpose", purpose]);
    if role == "server" {
        verify.args(["--verify-hostname", case.machine]);
    }
    verify.arg("--load-ca-certificate").arg(bundle.file("root.pem"));
    verify.arg("--infile").arg(bundle.file(&format!("{role}.pem")));
    run(&mut verify).accepted().says("Chain verification output: Verified.");
}

/// `certtool` shows a PFX with its key still locked, and opens that key in a second step.
fn judge_container(certtool: &Path, case: &'static Case, role: &str) {
    let (bundle, place) = (case.bundle(), scratch::own());
    let password = if case.locked { &["--password", case.password()][..] } else { &["--empty-password"] };
    let mut show = command(certtool);
    show.args(["--p12-info", "--inder"]).args(password).arg("--infile").arg(bundle.file(&format!("{role}.pfx")));
    let friendly_name = if role == "server" { case.machine } else { "QlikClient" };
    let (schema, mac) = if case.legacy { ("3DES-SHA1", "MAC: SHA1") } else { ("PBES2-AES256-CBC", "MAC: SHA256") };
    let shown = run(&mut show).accepted().never_says("errors parsing").says(schema).says(mac);
    let shown = shown.says(&format!("Friendly name: {friendly_name}\n")).says("Key ID: ").text();

    let from_container = |label: &str| {
        let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
        let (_, rest) = shown.split_once(&begin).unwrap_or_else(|| panic!("{role}.pfx shows no {label}\n{shown}"));
        let (body, _) = rest.split_once(&end).unwrap_or_else(|| panic!("{role}.pfx shows half a {label}\n{shown}"));
        let file = place.path().join(label);
        fs::write(&file, format!("{begin}{body}{end}\n")).expect("a file to try");
        file
    };
    let certificate = from_container("CERTIFICATE");
    let certificate = run(command(certtool).args(["--certificate-info", "--infile"]).arg(certificate));
    let key = from_container("ENCRYPTED PRIVATE KEY");
    let key = run(command(certtool).args(["--key-info", "--pkcs8"]).args(password).arg("--infile").arg(key));
    let identifier =
        |text: &str| text.lines().find_map(|line| line.trim().strip_prefix("pin-sha256:").map(str::to_owned));
    let (certificate, key) = (identifier(&certificate.accepted().text()), identifier(&key.accepted().text()));
    assert!(key.is_some() && key == certificate, "{role}.pfx: key {key:?} and certificate {certificate:?}");
}
