//! Requests as OpenSSL, GnuTLS, Python's cryptography and Java's keytool write them, signed and verified by OpenSSL.

use super::process::run;
use super::site::Site;
use super::stranger::{CERTTOOL, CRYPTOGRAPHY, KEYTOOL, OPENSSL, command};
use std::path::Path;

/// Signs it as both roles; what comes out verifies, carries the request's key and names, and nothing else of it.
fn judge(openssl: &Path, site: &Site, request: &str) {
    let key = run(command(openssl).args(["req", "-noout", "-pubkey", "-in"]).arg(site.path(request))).accepted().text();
    for (role, purpose) in [("server", "sslserver"), ("client", "sslclient")] {
        let mut arguments = vec!["sign", role, "--csr", request, "--out", role, "--exists", "replace"];
        if role == "server" {
            arguments.push("--accept-names");
        }
        site.qcert(&arguments).accepted();
        let certificate = site.path(role).join(format!("{role}.pem"));
        let mut verify = command(openssl);
        verify.args(["verify", "-no-CAfile", "-no-CApath", "-no-CAstore", "-x509_strict", "-purpose", purpose]);
        if role == "server" {
            verify.args(["-verify_hostname", "q3.test"]);
        }
        run(verify.arg("-CAfile").arg(site.path(role).join("root.pem")).arg(&certificate)).accepted();
        let mut show = command(openssl);
        let text = run(show.args(["x509", "-noout", "-text", "-pubkey", "-in"]).arg(&certificate)).accepted().text();
        assert!(text.contains(key.trim()), "{request}: another key\n{text}");
        for word in ["CA:TRUE", "Certificate Sign", "O = ", "O=", "Extended Key Usage"] {
            assert!(!text.contains(word), "{request}: {word} was taken over\n{text}");
        }
    }
}

#[test]
fn of_openssl() {
    let Some(openssl) = OPENSSL.find() else { return };
    let site = Site::new("compatible");
    for (number, options) in [
        &["-newkey", "rsa:2048", "-sha256"][..],
        &["-newkey", "rsa:3072", "-sha512"],
        &["-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"],
        &["-newkey", "rsa:2048", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign"],
    ]
    .iter()
    .enumerate()
    {
        let name = format!("request{number}.csr");
        let mut make = command(openssl);
        make.args(["req", "-new", "-nodes", "-subj", "/O=Example/CN=q3.test", "-addext"]);
        make.arg("subjectAltName=DNS:q3.test,IP:10.0.0.3").args(*options);
        run(make.arg("-keyout").arg(site.path("key.pem")).arg("-out").arg(site.path(&name))).accepted();
        judge(openssl, &site, &name);
    }
}

#[test]
fn of_gnutls() {
    let (Some(openssl), Some(certtool)) = (OPENSSL.find(), CERTTOOL.find()) else { return };
    let site = Site::new("compatible");
    let key = site.path("key.pem");
    run(command(certtool).args(["--generate-privkey", "--key-type=rsa", "--bits=2048", "--outfile"]).arg(&key))
        .accepted();
    let template = "organization = \"Example\"\ncn = \"q3.test\"\ndns_name = \"q3.test\"\nip_address = \"10.0.0.3\"\n\
                    tls_www_server\nencryption_key\nsigning_key\nchallenge_password = 123456\n";
    let template = site.write("template.cfg", template);
    let mut make = command(certtool);
    make.arg("--generate-request").arg("--load-privkey").arg(&key).arg("--template").arg(&template);
    run(make.arg("--outfile").arg(site.path("request.csr"))).accepted();
    judge(openssl, &site, "request.csr");
}

#[test]
fn of_keytool() {
    let (Some(openssl), Some(keytool)) = (OPENSSL.find(), KEYTOOL.find()) else { return };
    let site = Site::new("compatible");
    let store = site.path("store.p12");
    let shared = ["-storepass", "changeit", "-alias", "q3", "-keystore"];
    let mut make = command(keytool);
    make.args(["-genkeypair", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=q3.test, O=Example"]);
    run(make.args(shared).arg(&store)).accepted();
    let mut ask = command(keytool);
    ask.args(["-certreq", "-ext", "SAN=dns:q3.test,ip:10.0.0.3", "-ext", "BC:critical=ca:true", "-file"]);
    run(ask.arg(site.path("request.csr")).args(shared).arg(&store)).accepted();
    judge(openssl, &site, "request.csr");
}

#[test]
fn of_pythons_cryptography() {
    let (Some(openssl), Some(python)) = (OPENSSL.find(), CRYPTOGRAPHY.find()) else { return };
    let site = Site::new("compatible");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/revocation/request.py");
    run(command(python).arg(program).arg(site.path("request.csr"))).accepted();
    judge(openssl, &site, "request.csr");
}
