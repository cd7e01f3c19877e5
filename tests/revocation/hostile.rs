//! Requests that nobody should sign, and requests that ask for too much.

use super::process::run;
use super::site::Site;
use super::stranger::{OPENSSL, command};
use fs_err as fs;
use std::time::{Duration, Instant};

/// A sound request in DER, and the site that may sign it.
fn sound(subject: &str, extensions: Option<&str>) -> Option<(Site, Vec<u8>)> {
    let openssl = OPENSSL.find()?;
    let site = Site::new("compatible");
    let settings = format!(
        "[req]\nprompt=no\ndistinguished_name=name\nreq_extensions=asked\n[name]\nCN={subject}\n[asked]\n{}\n",
        extensions.unwrap_or("basicConstraints=CA:TRUE")
    );
    let settings = site.write("request.cnf", settings);
    let mut make = command(openssl);
    make.args(["req", "-new", "-newkey", "rsa:2048", "-nodes", "-outform", "DER", "-config"]).arg(&settings);
    run(make.arg("-keyout").arg(site.path("key.pem")).arg("-out").arg(site.path("request.der"))).accepted();
    let request = fs::read(site.path("request.der")).expect("a request");
    Some((site, request))
}

/// Whatever octet is bent or wherever it is cut: it is refused, with words, and nothing is left.
#[test]
fn a_bent_or_cut_request_is_never_signed() {
    let Some((site, request)) = sound("q3.test", None) else { return };
    let refuse = |bytes: &[u8]| {
        site.write("bad.der", bytes);
        let answer = site.qcert(&["sign", "client", "--csr", "bad.der", "--out", "x"]).ends_with_code(2);
        answer.says("error: ").says("hint: ");
        assert!(!site.path("x").exists());
    };
    for at in (0..request.len()).step_by(23) {
        let mut bent = request.clone();
        bent[at] ^= 0x11;
        refuse(&bent);
        refuse(&request[..at]);
    }
    refuse(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]);
    refuse(&[0x30; 4096]);
    site.qcert(&["sign", "client", "--csr", "request.der", "--out", "x"]).accepted();
}

#[test]
fn ten_thousand_names_are_not_taken() {
    let names: Vec<_> = (0..10_000).map(|number| format!("DNS.{number}=q{number}.test")).collect();
    let names = names.join("\n");
    let extensions = format!("subjectAltName=@names\n[names]\n{names}");
    let Some((site, _)) = sound("q3.test", Some(&extensions)) else { return };
    let begun = Instant::now();
    let all = ["sign", "server", "--csr", "request.der", "--out", "x", "--accept-names"];
    site.qcert(&all).ends_with_code(2).says("the request asks for 10000 names");
    site.qcert(&["sign", "server", "--csr", "request.der", "--out", "x", "--machine", "q3.test"]).accepted();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(fs::read(site.path("x/server.pem")).expect("a certificate").len() < 4096);
}

#[test]
fn names_that_are_none_are_refused() {
    let extensions = ["DNS:*.test", "DNS:a..b", "DNS:\u{61}/b", "DNS:http://q3.test", "IP:10.0.0.3,DNS:-a"];
    for names in extensions {
        let Some((site, _)) = sound("q3.test", Some(&format!("subjectAltName={names}"))) else { return };
        let answer = site.qcert(&["sign", "server", "--csr", "request.der", "--out", "x", "--accept-names"]);
        answer.ends_with_code(2).says("cannot take the names of the request");
        assert!(!site.path("x").exists());
    }
}

/// A leaf with the root's key would sign like the root.
#[test]
fn a_request_by_the_roots_own_key_is_refused() {
    let Some(openssl) = OPENSSL.find() else { return };
    let site = Site::new("compatible");
    let mut make = command(openssl);
    make.args(["req", "-new", "-subj", "/CN=q3.test", "-key"]).arg(site.path("home/root_key.pem"));
    run(make.arg("-out").arg(site.path("request.csr"))).accepted();
    let answer = site.qcert(&["sign", "client", "--csr", "request.csr", "--out", "x"]).ends_with_code(2);
    answer.says("the key is the root's own");
    assert!(!site.path("x").exists());
}
