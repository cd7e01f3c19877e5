//! PFX, PEM and DER into each other and back, with and without a password.

use super::strangers::{judge_pair, judge_pfx};
use super::world::{Desk, MACHINE, openssl};
use crate::stranger::OPENSSL;
use crate::support::names;
use fs_err as fs;

/// A bundle, how qcert is told its password, and the file with that for others.
const BUNDLES: [(&str, &str, &str); 2] = [("open", "", "none"), ("locked", "--password-file password", "password")];

#[test]
fn a_pfx_becomes_pem_and_pfx_again() {
    let desk = Desk::new();
    for (bundle, with, password) in BUNDLES {
        for (role, friendly_name) in [("client", "QlikClient"), ("server", MACHINE)] {
            let (pem, again) = (format!("{bundle}-{role}-pem"), format!("{bundle}-{role}.pfx"));
            desk.convert(&format!("@{bundle}/{role}.pfx --out {pem} {with}")).assert_code(0);
            assert_eq!(names(&desk.path(&pem)), [".gitignore", &format!("{role}.pem"), &format!("{role}_key.pem")]);
            judge_pair(&desk, &format!("{pem}/{role}.pem"), &format!("{pem}/{role}_key.pem"), password);
            desk.convert(&format!("{pem} --out {again} {with}")).assert_code(0);
            judge_pfx(&desk, &again, password, friendly_name);
            // What Qlik's console writes, from the same certificate: the very same octets.
            let exported = super::world::site().path(bundle).join(format!("{role}.pem"));
            assert_eq!(fs::read(exported).unwrap(), desk.bytes(&format!("{pem}/{role}.pem")));
        }
    }
}

#[test]
fn a_whole_folder_becomes_pfx() {
    let desk = Desk::new();
    for (bundle, with, password) in BUNDLES {
        let pem = format!("{bundle}-pem");
        desk.convert(&format!("@{bundle} --to pem --out {pem} {with}")).assert_code(0);
        let five = [".gitignore", "client.pem", "client_key.pem", "root.pem", "server.pem", "server_key.pem"];
        assert_eq!(names(&desk.path(&pem)), five);
        let new = format!("{bundle}-pfx");
        desk.convert(&format!("{pem} --to pfx --out {new} {with}")).assert_code(0);
        assert_eq!(names(&desk.path(&new)), [".gitignore", "client.pfx", "root.cer", "server.pfx"]);
        judge_pfx(&desk, &format!("{new}/client.pfx"), password, "QlikClient");
        judge_pfx(&desk, &format!("{new}/server.pfx"), password, MACHINE);
        let root = super::world::site().path(bundle).join("root.cer");
        assert_eq!(fs::read(root).unwrap(), desk.bytes(&format!("{new}/root.cer")));
        // The server's key belongs to the machine, and both to the provider of Qlik's keys.
        if let Some(program) = OPENSSL.find() {
            for (role, is_machines) in [("server", true), ("client", false)] {
                let words = format!("pkcs12 -nocerts -nodes -in {new}/{role}.pfx -passin file:{password}");
                let text = String::from_utf8(openssl(program, &desk, &words)).unwrap();
                assert!(text.contains("Microsoft CSP Name: Microsoft Enhanced Cryptographic Provider v1.0"), "{text}");
                assert_eq!(text.contains("Microsoft Local Key set: <No Values>"), is_machines, "{text}");
            }
        }
        // qcert's own judgement of the whole, as a person would ask for it.
        let all = ["validate", &new, "--password-file", if with.is_empty() { "other" } else { "password" }];
        desk.qcert(&all).assert_code(0);
    }
}

#[test]
fn der_and_back() {
    let desk = Desk::new();
    for (bundle, with, password) in BUNDLES {
        let (der, pem) = (format!("{bundle}-der"), format!("{bundle}-pem"));
        desk.convert(&format!("@{bundle} --to der --out {der} {with}")).assert_code(0);
        let five = [".gitignore", "client.cer", "client_key.der", "root.cer", "server.cer", "server_key.der"];
        assert_eq!(names(&desk.path(&der)), five);
        if let Some(program) = OPENSSL.find() {
            let key = format!("pkey -inform DER -check -noout -in {der}/server_key.der -passin file:{password}");
            openssl(program, &desk, &key);
            openssl(program, &desk, &format!("x509 -inform DER -noout -in {der}/server.cer"));
        }
        desk.convert(&format!("{der} --to pem --out {pem} {with}")).assert_code(0);
        for role in ["client", "server"] {
            judge_pair(&desk, &format!("{pem}/{role}.pem"), &format!("{pem}/{role}_key.pem"), password);
        }
        for name in ["root.pem", "client.pem", "server.pem"] {
            let exported = fs::read(super::world::site().path(bundle).join(name)).unwrap();
            assert_eq!(exported, desk.bytes(&format!("{pem}/{name}")), "{name}");
        }
        if with.is_empty() {
            // An open key is Qlik's PKCS#1, as it came.
            let exported = fs::read(super::world::site().path("open/client_key.pem")).unwrap();
            assert_eq!(exported, desk.bytes(&format!("{pem}/client_key.pem")));
        }
    }
}

#[test]
fn one_file_into_one_file() {
    let desk = Desk::new();
    desk.convert("@open/root.cer --to pem --out root.pem").assert_code(0);
    desk.convert("@open/root.pem --out root.cer").assert_code(0);
    for name in ["root.pem", "root.cer"] {
        assert_eq!(desk.bytes(name), fs::read(super::world::site().path("open").join(name)).unwrap());
    }
    // A pair and its root in one PFX, as some programs want it.
    desk.convert("@open/client.pem @open/client_key.pem @open/root.pem --to pfx --out with-root.pfx").assert_code(0);

    judge_pfx(&desk, "with-root.pfx", "none", "QlikClient");
    if let Some(program) = OPENSSL.find() {
        let found =
            super::strangers::certificates(program, &desk, "pkcs12 -nokeys -in with-root.pfx -passin file:none");
        assert_eq!(found.len(), 2);
    }
}

#[test]
fn every_folder_is_judged_sound_again() {
    let desk = Desk::new();
    for form in ["pem", "pfx"] {
        desk.convert(&format!("@locked --to {form} --password-file password --out {form}")).assert_code(0);
        desk.qcert(&["validate", form, "--password-file", "password"]).assert_code(0);
    }
}

/// Curves as well as RSA: carried as they are.
#[test]
fn keys_of_other_kinds() {
    let Some(program) = OPENSSL.find() else { return };
    let desk = Desk::new();

    for (name, make) in [("ec", "ec -pkeyopt ec_paramgen_curve:P-256"), ("ed", "ed25519")] {
        let request = format!("req -x509 -newkey {make} -noenc -subj /CN=web -days 9 -keyout {name}_key.pem");
        openssl(program, &desk, &format!("{request} -addext basicConstraints=critical,CA:FALSE -out {name}.pem"));
        let both = format!("{name}.pem {name}_key.pem");
        desk.convert(&format!("{both} --to pfx --out {name}.pfx --despite-faults")).assert_code(0);
        judge_pfx(&desk, &format!("{name}.pfx"), "none", "web");
        desk.convert(&format!("{name}.pfx --out {name}-pem --despite-faults")).assert_code(0);
        judge_pair(&desk, &format!("{name}-pem/{name}.pem"), &format!("{name}-pem/{name}_key.pem"), "none");
    }
    // SEC 1, which is wrapped.
    openssl(program, &desk, "ec -in ec_key.pem -out sec1_key.pem");
    assert!(String::from_utf8(desk.bytes("sec1_key.pem")).unwrap().contains("BEGIN EC PRIVATE KEY"));
    desk.convert("ec.pem sec1_key.pem --to pfx --out sec1.pfx --despite-faults").assert_code(0);
    judge_pfx(&desk, "sec1.pfx", "none", "web");
}
