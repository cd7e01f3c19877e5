//! The shapes of Qlik's own export, as OpenSSL shows them: names, marker, encodings, attributes of the PFX.
//!
//! May not verify chains: `openssl.rs` and the other strangers do.

use std::collections::BTreeSet;
use std::path::Path;

use fs_err as fs;

use super::bundle::{Case, Profile};
use super::openssl::pfx;
use super::process::run;
use super::stranger::{OPENSSL, command};

for_every_bundle!(super::shapes::judge);

const EIGHT_FILES: [&str; 8] = [
    "client.pem",
    "client.pfx",
    "client_key.pem",
    "root.cer",
    "root.pem",
    "server.pem",
    "server.pfx",
    "server_key.pem",
];

fn judge(case: &'static Case) {
    let Some(openssl) = OPENSSL.find() else { return };
    judge_files(case);
    judge_certificates(openssl, case);
    judge_text(case);
    judge_attributes(openssl, case);
    judge_that_the_root_key_stays_home(openssl, case);
}

/// Nothing missing and nothing more, but the file that keeps keys out of version control.
fn judge_files(case: &'static Case) {
    let folder = fs::read_dir(&case.bundle().folder).expect("the bundle's folder");
    let names: BTreeSet<_> =
        folder.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    let expected: BTreeSet<_> =
        EIGHT_FILES.iter().map(|&name| name.to_owned()).chain([".gitignore".to_owned()]).collect();
    assert_eq!(names, expected);
}

fn judge_certificates(openssl: &Path, case: &'static Case) {
    let bundle = case.bundle();
    // Qlik's marker is an OCTET STRING in an OCTET STRING: the inner one is what openssl dumps here.
    for (role, marker) in [("root", "0404526F6F74"), ("server", "040753657276696365"), ("client", "0406436C69656E74")] {
        let file = bundle.file(&format!("{role}.pem"));
        let structure = run(command(openssl).args(["asn1parse", "-in"]).arg(&file)).accepted().text();
        let mut lines = structure.lines().skip_while(|line| !line.ends_with(":1.3.6.1.5.5.7.13.3"));
        let value = lines.nth(1).unwrap_or_else(|| panic!("{role}.pem carries no marker\n{structure}"));
        assert!(value.ends_with(&format!("OCTET STRING      [HEX DUMP]:{marker}")), "{role}.pem: marker is {value}");

        let text = run(command(openssl).args(["x509", "-noout", "-text", "-nameopt", "RFC2253", "-in"]).arg(&file));
        let bits = format!("Public-Key: ({} bit)", case.key_bits);
        let text = text.accepted().says(&bits).says("Version: 3").says("Signature Algorithm: sha256WithRSAEncryption");
        let text = text.says("X509v3 Subject Key Identifier").says("X509v3 Authority Key Identifier").text();
        judge_names(case, role, &text);
        assert_eq!(text.contains("CA:TRUE"), role == "root" && case.profile != Profile::Classic, "{role}\n{text}");
        let has_key_usage = role == "root" && case.profile == Profile::Compatible;
        assert_eq!(text.contains("X509v3 Key Usage: critical"), has_key_usage, "{role}\n{text}");
        assert!(!text.contains("Extended Key Usage"), "Qlik's certificates never carry one\n{text}");
    }
    let from_der =
        run(command(openssl).args(["x509", "-inform", "DER", "-in"]).arg(bundle.file("root.cer"))).accepted();
    let pem = fs::read_to_string(bundle.file("root.pem")).expect("root.pem").replace('\r', "");
    assert_eq!(from_der.text().trim(), pem.trim(), "root.cer and root.pem are not the same certificate");
}

fn judge_names(case: &'static Case, role: &str, text: &str) {
    let subject = match role {
        "server" => format!("Subject: CN={}", case.machine),
        "client" => "Subject: CN=QlikClient".to_owned(),
        _ => "-CA".to_owned(),
    };
    assert!(text.lines().any(|line| line.trim().ends_with(&subject)), "{role}: expected {subject}\n{text}");
    let names = text.lines().skip_while(|line| !line.contains("X509v3 Subject Alternative Name")).nth(1).map(str::trim);
    let expected = match (role, case.profile) {
        ("server", Profile::Compatible) if case.is_address() => Some("DNS:127.0.0.1, IP Address:127.0.0.1".to_owned()),
        ("server", Profile::Compatible | Profile::Qlik) => {
            let alias = case.alias.map_or_else(String::new, |alias| format!(", DNS:{alias}"));
            Some(format!("DNS:{}{alias}", case.machine))
        }
        _ => None,
    };
    assert_eq!(names, expected.as_deref(), "alternative names of {role}\n{text}");
}

/// CRLF and 64 columns, one object per file, and the key in the form that Qlik's customers' parsers look for.
fn judge_text(case: &'static Case) {
    let key = if case.locked { "ENCRYPTED PRIVATE KEY" } else { "RSA PRIVATE KEY" };
    let labels = [("root", "CERTIFICATE"), ("server", "CERTIFICATE"), ("client", "CERTIFICATE")];
    for (name, label) in labels.into_iter().chain([("server_key", key), ("client_key", key)]) {
        let text = fs::read_to_string(case.bundle().file(&format!("{name}.pem"))).expect("a PEM file is text");
        let body = text.strip_prefix(&format!("-----BEGIN {label}-----\r\n"));
        let body = body.and_then(|rest| rest.strip_suffix(&format!("\r\n-----END {label}-----\r\n")));
        let body = body.unwrap_or_else(|| panic!("{name} is not one {label} with CRLF:\n{text}"));
        let lines: Vec<_> = body.split("\r\n").collect();
        let (last, full) = lines.split_last().expect("at least one line");
        assert!(full.iter().all(|line| line.len() == 64) && (1..=64).contains(&last.len()), "{name}: not 64 columns");
        assert!(!body.replace("\r\n", "").contains(['\r', '\n']), "{name}: mixed line ends");
    }
}

/// What Windows and Qlik's .NET programs look for in a PFX.
fn judge_attributes(openssl: &Path, case: &'static Case) {
    for (role, friendly_name) in [("server", case.machine), ("client", "QlikClient")] {
        let certificate = pfx(openssl, case, role, &["-nokeys"]).accepted();
        let certificate = certificate.says(&format!("friendlyName: {friendly_name}\n")).says("localKeyID: ").text();
        assert_eq!(certificate.matches("-----BEGIN CERTIFICATE-----").count(), 1, "only the role's own certificate");
        let key = pfx(openssl, case, role, &["-nocerts", "-nodes"]).accepted().says("localKeyID: ");
        let key = key.says("Microsoft CSP Name: Microsoft Enhanced Cryptographic Provider v1.0").text();
        let machine_store = key.contains("Microsoft Local Key set: <No Values>");
        assert_eq!(machine_store, role == "server", "only the server's key belongs to the machine\n{key}");
        let braces = key.lines().find_map(|line| line.trim().strip_prefix("friendlyName: {")?.strip_suffix('}'));
        assert!(braces.is_some_and(|guid| guid.len() == 36), "the key is named by a GUID in braces\n{key}");
        let local_id =
            |text: &str| text.lines().find_map(|line| Some(line.trim().strip_prefix("localKeyID:")?.to_owned()));
        assert_eq!(local_id(&certificate), local_id(&key), "what ties the key to its certificate");
    }
}

/// Every key in every file is the server's or the client's; none is the root's.
fn judge_that_the_root_key_stays_home(openssl: &Path, case: &'static Case) {
    let bundle = case.bundle();
    let modulus = |role: &str| {
        let file = bundle.file(&format!("{role}.pem"));
        run(command(openssl).args(["x509", "-noout", "-modulus", "-in"]).arg(file)).accepted().text()
    };
    let (root, server, client) = (modulus("root"), modulus("server"), modulus("client"));
    assert!(root != server && server != client && client != root, "three certificates, three keys");
    for (role, own) in [("server", &server), ("client", &client)] {
        let mut key = command(openssl);
        key.args(["rsa", "-noout", "-modulus", "-in"]).arg(bundle.file(&format!("{role}_key.pem")));
        key.arg("-passin").arg(format!("file:{}", bundle.password_file.display()));
        assert_eq!(&run(&mut key).accepted().text(), own, "{role}_key.pem");
        let keys = pfx(openssl, case, role, &["-nocerts", "-nodes"]).accepted().text();
        assert_eq!(keys.matches("-----BEGIN").count(), 1, "{role}.pfx holds one key");
    }
    for name in ["root.pem", "root.cer", "server.pem", "client.pem"] {
        let bytes = fs::read(bundle.file(name)).expect("a file of the bundle");
        assert!(!String::from_utf8_lossy(&bytes).contains("PRIVATE KEY"), "{name} holds a key");
    }
}
