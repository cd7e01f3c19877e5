//! `renew` makes the like of what was there: looked at by what the certificates say, not by what qcert says of them.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails loudly and reads what was written"
)]

mod support;

use fs_err as fs;
use rusqlite::Connection;
use support::process::run;
use support::{Scene, certificate, contents, names};

/// What stays, and what must not.
fn facts(scene: &Scene, machine: &str) -> (Vec<String>, Vec<String>, Vec<u8>) {
    let server = certificate(&scene.out.join(machine).join("server.pem"));
    let names = server.dns_names().map(str::to_owned).chain(server.ip_addresses().map(|ip| ip.to_string())).collect();
    (vec![server.serial_text(), server.sha256()], names, server.public_key_info().to_vec())
}

fn renew(scene: &Scene, more: &[&str]) -> support::process::Ended {
    run(scene.qcert(&[&["renew"], more].concat()))
}

#[test]
fn names_profile_formats_and_lifetime_stay_and_keys_do_not() {
    let scene = Scene::new();
    let shape = ["--san", "10.0.0.9", "--profile", "qlik", "--format", "pem", "--days", "400", "--key-size", "3072"];
    run(scene.qcert(&["init", "--host", "site.test"])).assert_code(0);
    scene.run(&["m.test"], &shape).assert_code(0);
    let (before, files) = (facts(&scene, "m.test"), names(&scene.out.join("m.test")));
    let life = |scene: &Scene| {
        let server = certificate(&scene.out.join("m.test/server.pem"));
        (server.not_after() - server.not_before()).whole_days()
    };
    let days = life(&scene);
    for (more, same) in [(&["--all"][..], false), (&["--all", "--same-key"], true)] {
        renew(&scene, more).assert_code(0);
        let after = facts(&scene, "m.test");
        assert_ne!(after.0, before.0);
        // The profile `qlik` writes an address as a DNS name alone.
        assert_eq!(after.1, ["m.test", "10.0.0.9"]);
        let last = if same { after.2.clone() } else { before.2.clone() };
        assert_eq!(after.2 == last, same);
        assert_eq!(after.2.len(), before.2.len());
        assert_eq!(names(&scene.out.join("m.test")), files);
        assert_eq!(life(&scene), days);
    }
    scene.assert_ledger_knows_all();
    scene.assert_nothing_is_left();
}

#[test]
fn the_same_key_is_the_same_in_every_file() {
    let scene = Scene::new();
    let password = scene.file("pw.txt", "secret");
    let protect = ["--password-file", password.as_str()];
    scene.run(&["m.test"], &[&protect[..], &["--pem-keys", "plain"]].concat()).assert_code(0);
    let key = fs::read(scene.out.join("m.test/server_key.pem")).unwrap();
    let pfx = fs::read(scene.out.join("m.test/server.pfx")).unwrap();
    renew(&scene, &[&["-m", "m.test", "--same-key"][..], &protect].concat()).assert_code(0);
    assert!(key == fs::read(scene.out.join("m.test/server_key.pem")).unwrap());
    assert!(pfx != fs::read(scene.out.join("m.test/server.pfx")).unwrap());
    renew(&scene, &[&["-m", "m.test"][..], &protect].concat()).assert_code(0);
    assert!(key != fs::read(scene.out.join("m.test/server_key.pem")).unwrap());
}

#[test]
fn a_folder_that_was_moved_away_is_made_again() {
    let scene = Scene::with_bundle("m.test");
    fs::rename(scene.out.join("m.test"), scene.path("elsewhere")).unwrap();
    renew(&scene, &["-m", "m.test", "--same-key"]).assert_error(2, &["not there any more"]);
    assert!(!scene.out.join("m.test").exists());
    renew(&scene, &["-m", "m.test"]).assert_code(0);
    scene.judge("m.test");
}

#[test]
fn one_that_fails_leaves_the_others_alone_and_a_stopped_run_is_gone_on_with() {
    let scene = Scene::new();
    let machines = ["a.test", "b.test", "c.test"];
    scene.run(&machines, &[]).assert_code(0);
    fs::write(scene.out.join("b.test/notes.txt"), "mine").unwrap();
    let untouched = contents(&scene.out.join("b.test"));
    // The ledger counts in seconds.
    let moment = (time::OffsetDateTime::now_utc() + time::Duration::SECOND).replace_nanosecond(0).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let moment = moment.format(&time::format_description::well_known::Rfc3339).unwrap();
    let all = ["--all", "--made-before", &moment];
    let before = machines.map(|machine| facts(&scene, machine).0);
    renew(&scene, &all).assert_code(3);
    assert!(untouched == contents(&scene.out.join("b.test")));
    let between = machines.map(|machine| facts(&scene, machine).0);
    assert!(before[0] != between[0] && before[1] == between[1] && before[2] != between[2]);
    fs::remove_file(scene.out.join("b.test/notes.txt")).unwrap();
    let answer = renew(&scene, &[&all[..], &["--json"]].concat());
    let answer = answer.assert_code(0).json();
    assert_eq!(answer["machines"].as_array().unwrap().len(), 1);
    assert_eq!(answer["machines"][0]["machine"], "b.test");
    assert_eq!(answer["machines"][0]["replaces"][0]["serial"], before[1][0]);
    assert_eq!(between[0], facts(&scene, "a.test").0);
}

#[test]
fn a_bundle_of_a_qcert_that_noted_no_recipe_is_told_and_left() {
    let scene = Scene::with_bundle("m.test");
    let ledger = Connection::open(scene.home.join("ledger.sqlite")).unwrap();
    ledger.execute("UPDATE certificate SET recipe = NULL", []).unwrap();
    drop(ledger);
    let before = contents(&scene.out.join("m.test"));
    renew(&scene, &["--all"]).assert_code(2);
    assert!(before == contents(&scene.out.join("m.test")));
}

#[test]
fn without_a_root_there_is_nothing_to_renew() {
    let scene = Scene::new();
    renew(&scene, &["--all"]).assert_error(2, &["there is no root"]);
    assert!(!scene.home.exists());
}

#[test]
fn a_clock_that_was_set_back_stops_what_issues() {
    let scene = Scene::with_bundle("m.test");
    let ledger = Connection::open(scene.home.join("ledger.sqlite")).unwrap();
    ledger.execute("UPDATE certificate SET issued_at = issued_at + 3 * 86400", []).unwrap();
    drop(ledger);
    let before = contents(&scene.out.join("m.test"));
    for arguments in [&["--all"][..], &["--all", "--same-key"]] {
        renew(&scene, arguments).assert_error(2, &["this machine's clock says", "--trust-clock"]);
    }
    scene.run(&["n.test"], &[]).assert_error(2, &["this machine's clock says"]);
    assert!(before == contents(&scene.out.join("m.test")));
    renew(&scene, &["--all", "--trust-clock"]).assert_code(0);
    scene.judge("m.test");
}

#[test]
fn what_was_revoked_as_a_whole_is_made_anew_only_by_name() {
    let scene = Scene::new();
    scene.run(&["gone.test", "half.test"], &[]).assert_code(0);
    run(scene.qcert(&["revoke", "--machine", "gone.test", "--all"])).assert_code(0);
    run(scene.qcert(&["revoke", "--machine", "half.test", "--role", "client"])).assert_code(0);
    let answer = renew(&scene, &["--all", "--json"]).assert_code(0).json();
    assert_eq!(answer["machines"].as_array().unwrap().len(), 1);
    assert_eq!(answer["machines"][0]["machine"], "half.test");
    let passphrase = scene.file("backup.txt", "correct horse");
    let recreate = ["recreate", "--yes", "--json", "--backup-passphrase-file", &passphrase];
    let answer = run(scene.qcert(&recreate)).assert_code(0).json();
    assert_eq!(answer["machines"].as_array().unwrap().len(), 1);
    assert_eq!((&answer["left"][0]["machine"], &answer["left"][0]["reason"]), (&"gone.test".into(), &"revoked".into()));
    renew(&scene, &["-m", "gone.test"]).assert_code(0);
    scene.judge("gone.test");
}

#[test]
fn no_certificate_is_made_for_a_compromised_key_again() {
    let scene = Scene::with_bundle("m.test");
    run(scene.qcert(&["revoke", "--machine", "m.test", "--role", "client", "--reason", "key-compromise"]))
        .assert_code(0);
    let before = contents(&scene.out.join("m.test"));
    renew(&scene, &["-m", "m.test", "--same-key"]).assert_error(2, &["cannot keep the keys", "as compromised"]);
    assert!(before == contents(&scene.out.join("m.test")));
    renew(&scene, &["-m", "m.test"]).assert_code(0);
}

#[test]
fn a_variable_that_is_set_for_every_command_stops_none() {
    let scene = Scene::new();
    let (file, pass) = (scene.file("pw.txt", "from a file"), scene.file("pass.txt", "a passphrase"));
    run(scene.qcert(&["init", "--host", "site.test", "--passphrase-file", &pass])).assert_code(0);
    let with = |arguments: &[&str]| {
        let mut command = scene.qcert(arguments);
        command.env("QCERT_PASSWORD_FILE", &file).env("QCERT_PASSPHRASE_FILE", &pass);
        command
    };
    let export = with(&["export", "-m", "m.test", "--password-stdin"]);
    support::process::run_with(export, "typed").assert_code(0);
    let typed = scene.file("typed.txt", "typed");
    run(with(&["renew", "-m", "m.test"])).assert_error(2, &["the password is not that of"]);
    run(with(&["renew", "-m", "m.test", "--password-file", &typed])).assert_code(0);
    run(with(&["crl", "--out", "crl"])).assert_code(0);
    run(with(&["crl", "--out", "crl", "--check"])).assert_code(0);
    run(with(&["list"])).assert_code(0);
}
