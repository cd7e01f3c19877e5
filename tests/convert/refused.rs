//! What is not converted, and why: nothing appears then, not even a part.

use super::world::{Desk, openssl, site};
use crate::stranger::OPENSSL;
use fs_err as fs;

#[test]
fn input_that_cannot_be_read_whole() {
    let desk = Desk::new();
    let pfx = fs::read(site().path("open/client.pfx")).unwrap();
    let pem = fs::read(site().path("open/client.pem")).unwrap();
    desk.file("cut.pfx", &pfx[..pfx.len() / 2]);
    desk.file("cut.pem", &pem[..pem.len() / 2]);
    desk.file("empty.pem", "");
    desk.file("bent.pfx", {
        let mut bent = pfx.clone();
        let middle = bent.len() / 2;
        bent[middle] ^= 1;
        bent
    });
    for name in ["cut.pfx", "cut.pem", "empty.pem"] {
        desk.convert(&format!("{name} --to der --out new"))
            .assert_error(2, &["cannot read", name, "nothing was written"]);
        // Nor the sound ones beside it.
        desk.convert(&format!("{name} @open/root.pem --to der --out new")).assert_error(2, &[name]);
    }
    // A PFX whose check fails cannot be told from one with a password.
    desk.convert("bent.pfx --to pem --out new").assert_error(2, &["bent.pfx"]);
    desk.file("notes.txt", "to do");
    desk.convert("notes.txt --to pem --out new").assert_error(2, &["no certificate and no key", "qcert inspect"]);
    desk.convert("nowhere.pem --to pem --out new").assert_error(2, &["there is no `nowhere.pem`"]);
    assert!(!desk.path("new").exists());
}

#[test]
fn every_truncation_ends_with_an_error() {
    let desk = Desk::new();
    for name in ["client.pfx", "root.cer", "client_key.pem"] {
        let whole = fs::read(site().path("open").join(name)).unwrap();
        for length in (1..whole.len() - 2).step_by(whole.len() / 23) {
            desk.file(name, &whole[..length]);
            desk.convert(&format!("{name} --to der --out new")).assert_error(2, &[]);
        }
    }
    assert!(!desk.path("new").exists());
}

/// OpenSSL obeys a file that asks for two thousand million rounds, and hangs.
#[test]
fn a_file_that_asks_for_too_much_is_refused() {
    let desk = Desk::new();
    let mut pfx = fs::read(site().path("open/client.pfx")).unwrap();
    // The MAC's iterations end the file: INTEGER 2000 becomes one of as many octets.
    let last = pfx.len() - 2;
    assert_eq!(pfx[last - 2..], [2, 2, 0x07, 0xd0]);
    pfx[last..].copy_from_slice(&[0x7f, 0xff]);
    desk.file("slow.pfx", &pfx);
    desk.convert("slow.pfx --out new").assert_error(2, &["slow.pfx"]);
}

#[test]
fn what_validate_calls_an_error_is_written_only_when_told() {
    let desk = Desk::new();
    for name in ["client.pem", "server_key.pem"] {
        fs::copy(site().path("open").join(name), desk.path(name)).unwrap();
    }
    // The key of another certificate, under the client's names.
    fs::rename(desk.path("server_key.pem"), desk.path("client_key.pem")).unwrap();
    let ended = desk.convert("client.pem client_key.pem --to pfx --out new.pfx");
    ended.assert_error(1, &["(files/key-mismatch)", "`new.pfx` was not written: 1 fault in it"]);
    assert!(!desk.path("new.pfx").exists());

    // An expired certificate of a site's: by the fixture's date long ago.
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate/client-expired");
    for name in ["client.pem", "client_key.pem", "root.pem"] {
        desk.file(name, fs::read(fixture.join(name)).unwrap());
    }
    let all = "client.pem client_key.pem root.pem";
    let ended = desk.convert(&format!("{all} --to der --out new")).assert_code(1);
    assert!(ended.stderr.contains("(validity/expired)"), "{}", ended.stderr);
    assert!(ended.stderr.contains("`--despite-faults` writes it all the same"), "{}", ended.stderr);
    assert!(!desk.path("new").exists());
    let json = desk.convert(&format!("{all} --to der --out new --json")).assert_code(1).json();
    assert_eq!((&json["state"], &json["faults"][0]["rule"]), (&"refused".into(), &"validity/expired".into()));
    let ended = desk.convert(&format!("{all} --to der --out new --despite-faults")).assert_code(0);
    assert!(ended.stderr.contains("warning: ") && ended.stderr.contains("(validity/expired)"), "{}", ended.stderr);
    assert!(desk.path("new/client.cer").exists());
}

/// What nobody wants in a bundle: the root's own key.
#[test]
fn a_root_with_its_key_wants_a_word() {
    let Some(program) = OPENSSL.find() else { return };
    let desk = Desk::new();
    let make = "req -x509 -newkey rsa:2048 -noenc -subj /CN=site-CA -days 9 -keyout root_key.pem -out root.pem";
    openssl(program, &desk, &format!("{make} -addext keyUsage=critical,keyCertSign,cRLSign"));
    let ended = desk.convert("root.pem root_key.pem --to pfx --out root.pfx").assert_code(1);
    assert!(ended.stderr.contains("(files/root-key)"), "{}", ended.stderr);
    desk.convert("root.pem root_key.pem --to pfx --out root.pfx --despite-faults").assert_code(0);
}

#[test]
fn several_identities_in_one_folder_stay_apart_and_are_said() {
    let desk = Desk::new();
    fs::copy(site().path("open/client.pfx"), desk.path("one.pfx")).unwrap();
    desk.convert("@locked/client.pfx --to pfx --out two.pfx --password-file password --open-keys").assert_code(0);
    let ended = desk.convert("one.pfx two.pfx --to pem --out new").assert_code(0);
    assert!(ended.stderr.contains("several client certificates: `client.pem` (from `one.pfx`)"), "{}", ended.stderr);
    let four = ["client-2.pem", "client-2_key.pem", "client.pem", "client_key.pem"];
    assert_eq!(crate::support::names(&desk.path("new"))[1..], four);
    // One file for both would tie either key to either certificate.
    desk.convert("one.pfx two.pfx --to pfx --out both.pfx").assert_error(2, &["this makes 2 files", "--out DIR"]);
}

/// Qlik's own folder with both formats: every export has keys of its own, so the PEM and the PFX are not the same.
#[test]
fn a_folder_of_two_exports() {
    let desk = Desk::new();
    fs::create_dir(desk.path("both")).unwrap();
    for (bundle, name) in [("open", "client.pfx"), ("open", "root.cer")] {
        fs::copy(site().path(bundle).join(name), desk.path("both").join(name)).unwrap();
    }
    desk.convert("@locked/client.pfx --out pem --password-file password --open-keys").assert_code(0);
    for name in ["client.pem", "client_key.pem"] {
        fs::copy(desk.path("pem").join(name), desk.path("both").join(name)).unwrap();
    }
    let pem = desk.convert("both --to pem --out as-pem").assert_code(0);
    assert!(
        pem.stderr.contains("`client.pem` (from `client.pem`), `client-2.pem` (from `client.pfx`)"),
        "{}",
        pem.stderr
    );
    assert_eq!(desk.bytes("as-pem/client.pem"), desk.bytes("pem/client.pem"));
    // What is in the form already keeps its name.
    let pfx = desk.convert("both --to pfx --out as-pfx").assert_code(0);
    assert!(pfx.stderr.contains("several client certificates"), "{}", pfx.stderr);
    assert_eq!(crate::support::names(&desk.path("as-pfx"))[1..], ["client-2.pfx", "client.pfx", "root.cer"]);
    desk.convert("as-pfx/client.pfx --out again").assert_code(0);
    assert_eq!(desk.bytes("again/client.pem"), fs::read(site().path("open/client.pem")).unwrap());
}

#[test]
fn a_file_of_thousands_is_refused_in_time() {
    let desk = Desk::new();
    let pem = fs::read_to_string(site().path("open/root.pem")).unwrap();
    desk.file("many.pem", pem.repeat(2000));
    desk.convert("many.pem --to der").assert_error(2, &["more than 1000 certificates and keys"]);
    desk.file("some.pem", pem.repeat(900));
    desk.convert("some.pem --to der").assert_code(0);
    assert_eq!(crate::support::names(&desk.path("some-der"))[1..], ["root.cer"]);
}

#[test]
fn what_does_not_fit_together_is_said() {
    let desk = Desk::new();
    for (words, said) in [
        ("@open/client.pfx --out one.pem", "this makes 2 files, not one: `client.pem`, `client_key.pem`"),
        ("@open/client.pem --out new", "it was not said into which form to convert"),
        ("@open/client.pem --to pem --pfx legacy --out new", "`--pfx` is about PFX files only"),
        ("@open/client.pem --to pfx --out new.pem", "`new.pem` is no name of a PFX file"),
        ("@open @locked --to pem --out new", "is a folder, and stands beside other paths"),
        ("@open/root.cer --to pem --out - --json", "exclude each other"),
        ("- - --to pem", "cannot all read standard input"),
    ] {
        desk.convert(words).assert_error(2, &[said]);
    }
    desk.convert("@open --to pem --open-keys --new-password-file other").assert_code(2);
    desk.convert("").assert_code(2);
    assert_eq!(crate::support::names(&desk.path("")), ["none", "other", "password"]);
}
