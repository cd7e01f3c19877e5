//! What must hold whatever happens: no revocation is lost, numbers rise, the key stays closed, nothing is overwritten.

use super::process::run;
use super::site::Site;
use super::stranger::{OPENSSL, command};
use fs_err as fs;
use serde_json::Value;

fn serials(list: &Value) -> Vec<String> {
    let revoked = list["revoked"].as_array().expect("a list");
    let mut serials: Vec<_> = revoked.iter().map(|one| one["serial"].as_str().expect("text").to_owned()).collect();
    serials.sort();
    serials
}

#[test]
fn revoking_opens_no_key() {
    let site = Site::empty();
    site.write("pass.txt", "correct horse");
    site.qcert(&["init", "--host", "site.test", "--passphrase-file", "pass.txt"]).accepted();
    site.qcert(&["sign", "client", "--out", "tool", "--passphrase-file", "pass.txt"]).accepted();
    site.qcert(&["revoke", "./tool"]).accepted();
    site.qcert(&["crl"]).ends_with_code(2).says("passphrase");
    assert!(!site.path("root.crl").exists());
    site.qcert(&["crl", "--check"]).ends_with_code(1);
    site.qcert(&["crl", "--passphrase-file", "pass.txt"]).accepted();
    site.qcert(&["crl", "--check"]).accepted();
}

/// A home that is put back from an older backup does not make anybody trusted again, and numbers still rise.
#[test]
fn a_restored_home_lets_go_of_nothing() {
    let site = Site::new("compatible");
    for name in ["one", "two"] {
        site.qcert(&["sign", "client", "--out", name]).accepted();
    }
    site.qcert(&["revoke", "./one"]).accepted();
    let kept = fs::read(site.path("home/ledger.sqlite")).expect("the ledger");
    site.qcert(&["revoke", "./two"]).accepted();
    let before = site.json(&["crl"]);
    site.qcert(&["crl"]).accepted();
    for name in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
        drop(fs::remove_file(site.path("home").join(name)));
    }
    site.write("home/ledger.sqlite", kept);
    let answer = site.qcert(&["crl"]).accepted().says("warning: the list that lies there revokes 1 certificate");
    answer.says("list 3 of ").says("2 certificates revoked");
    let after = site.json(&["crl"]);
    assert_eq!(after["number"], 4);
    assert_eq!(serials(&after), serials(&before));
}

/// Whatever the order, each run has a number of its own and the highest stays.
#[test]
fn many_runs_at_once() {
    let site = Site::new("compatible");
    for name in 0..8 {
        site.qcert(&["sign", "client", "--out", &format!("client{name}")]).accepted();
    }
    std::thread::scope(|scope| {
        for name in 0..8 {
            let site = &site;
            scope.spawn(move || {
                site.qcert(&["revoke", &format!("./client{name}")]).accepted();
                site.qcert(&["crl"]).accepted();
            });
        }
    });
    let answer = site.qcert(&["crl", "--check", "--json"]).accepted();
    let answer: Value = serde_json::from_slice(&answer.stdout).expect("one JSON value");
    for file in answer["files"].as_array().expect("files") {
        assert_eq!(file["number"], 8, "{answer}");
    }
    assert_eq!(serials(&site.json(&["crl"])).len(), 8);
}

/// A kept bundle is made anew once its certificate is revoked; what replaced it is good.
#[test]
fn a_revoked_bundle_is_not_kept() {
    let site = Site::new("compatible");
    let export = ["export", "--machine", "m.test", "--exists", "keep"];
    site.qcert(&export).accepted();
    site.qcert(&export).accepted().says("m.test: kept");
    site.qcert(&["revoke", "./m.test", "--role", "client"]).accepted();
    site.qcert(&export).accepted().says("m.test: replaced").says("its client certificate was revoked on");
    site.qcert(&export).accepted().says("m.test: kept");
}

/// Serial numbers and thumbprints as other programs show them.
#[test]
fn numbers_are_known_in_every_form() {
    let site = Site::new("compatible");
    let certificate = &site.json(&["sign", "client", "--out", "tool"])["machines"][0]["certificates"][0];
    let (serial, sha256) =
        (certificate["serial"].as_str().expect("text"), certificate["sha256"].as_str().expect("text"));
    let pairs: Vec<_> = serial.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).to_uppercase()).collect();
    site.qcert(&["revoke", &pairs.join(":")]).accepted().says("certificate revoked");
    for text in [serial.to_owned(), format!("00:{}", pairs.join(":")), format!("0x{serial}"), sha256.to_uppercase()] {
        site.qcert(&["revoke", &text]).accepted().says("already revoked").says(serial);
    }
    let certificate = fs::read(site.path("tool/client.pem")).expect("a certificate");
    site.write("copy.txt", certificate);
    site.qcert(&["revoke", "copy.txt"]).accepted().says("already revoked").says(serial);
}

/// Nothing but an earlier list of this root is replaced, and a full answer is given in JSON also when it is no.
#[test]
fn what_lies_there_is_not_overwritten() {
    let (site, other) = (Site::new("compatible").furnished(), Site::new("compatible").furnished());
    let foreign = fs::read(other.path("root_crl.pem")).expect("a list");
    let own = fs::read(site.path("root_crl.pem")).expect("a list");
    let several = [own.clone(), foreign.clone()].concat();
    let key = fs::read(site.path("live/client_key.pem")).expect("a key");
    for bytes in [foreign, several, key, b"text".to_vec(), Vec::new()] {
        site.write("list.pem", &bytes);
        run(&mut site.command(&["crl", "--out", "list.pem"])).ends_with_code(2).says("is not replaced");
        assert_eq!(fs::read(site.path("list.pem")).expect("it is there"), bytes);
        site.qcert(&["crl", "--check", "--out", "list.pem"]).ends_with_code(1);
    }
    site.write("list.pem", &own);
    site.qcert(&["crl", "--out", "list.pem"]).accepted();
}

/// Lists that others made for this root count: their numbers and what they revoke, also what the ledger never had.
#[test]
fn the_list_of_another_program_is_gone_on_with() {
    let Some(openssl) = OPENSSL.find() else { return };
    let site = Site::new("compatible");
    site.qcert(&["sign", "client", "--out", "tool"]).accepted();
    fs::create_dir(site.path("ca")).expect("a folder");
    site.write("ca/index.txt", "R\t361122000000Z\t261122000000Z,keyCompromise\t0ABC\tunknown\t/CN=QlikClient\n");
    site.write("ca/crlnumber", "0100\n");
    let settings = format!(
        "[ca]\ndefault_ca=one\n[one]\ndatabase={0}/index.txt\ncrlnumber={0}/crlnumber\ndefault_md=sha256\n\
         default_crl_days=9\ncrl_extensions=list\n[list]\nauthorityKeyIdentifier=keyid\n",
        site.path("ca").display()
    );
    let settings = site.write("ca.cnf", settings);
    let mut make = command(openssl);
    make.args(["ca", "-gencrl", "-config"]).arg(&settings).arg("-cert").arg(site.root());
    make.arg("-keyfile").arg(site.path("home/root_key.pem")).arg("-out").arg(site.path("root_crl.pem"));
    run(&mut make).accepted();
    site.qcert(&["revoke", "./tool"]).accepted();
    site.qcert(&["crl"]).accepted().says("list 257 of ").says("2 certificates revoked");
    let mut show = command(openssl);
    run(show.args(["crl", "-noout", "-text", "-in"]).arg(site.path("root_crl.pem")))
        .accepted()
        .says("Serial Number: 0ABC");
}

/// What may keep a reader waiting is not read while others wait for the ledger.
#[test]
fn a_pipe_in_the_lists_place_is_refused() {
    let site = Site::new("compatible");
    let made = std::process::Command::new("mkfifo").arg(site.path("pipe.pem")).status();
    assert!(made.is_ok_and(|status| status.success()));
    site.qcert(&["crl", "--out", "pipe.pem"]).ends_with_code(2).says("is not a file");
    site.qcert(&["crl", "--check", "--out", "pipe.pem"]).ends_with_code(1);
}
