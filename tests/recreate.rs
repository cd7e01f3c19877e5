//! `recreate`: the new root stands, the old one is kept and can be gone back to, every bundle is of the new one; and what
//! a cross-signed root is for, by OpenSSL's word.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails loudly, reads what was written and starts a stranger"
)]

mod support;

use fs_err as fs;
use qcert::pki::pem;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::process::{Ended, run};
use support::{Scene, certificate, contents, names};

fn recreate(scene: &Scene, more: &[&str]) -> Ended {
    let passphrase = scene.file("backup.txt", "correct horse");
    let arguments = ["recreate", "--yes", "--backup-passphrase-file", &passphrase];
    run(scene.qcert(&[&arguments, more].concat()))
}

fn only_previous(scene: &Scene) -> PathBuf {
    let previous = scene.home.join("previous");
    let [name] = &names(&previous)[..] else { panic!("{:?}", names(&previous)) };
    previous.join(name)
}

fn openssl() -> bool {
    let there = Command::new("openssl").arg("version").output().is_ok();
    let required = std::env::var_os("QCERT_STRANGERS").is_some_and(|value| value == "required");
    assert!(there || !required, "openssl is required");
    if !there {
        eprintln!("SKIPPED: openssl is not here");
    }
    there
}

/// What OpenSSL says of a server certificate, told to trust these and to know those.
fn verified(trusted: &Path, known: Option<&Path>, leaf: &Path) -> bool {
    let mut command = Command::new("openssl");
    command.args(["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile"]).arg(trusted);
    if let Some(known) = known {
        command.arg("-untrusted").arg(known);
    }
    command.arg(leaf).output().unwrap().status.success()
}

#[test]
fn everything_is_of_the_new_root_and_the_old_one_is_kept() {
    let scene = Scene::new();
    scene.run(&["a.test", "b.test"], &[]).assert_code(0);
    let (old, root) = (scene.root_bytes().unwrap(), scene.root());
    let answer = recreate(&scene, &["--backup", "before.age", "--json"]).assert_code(0).json();
    assert_ne!(scene.root().sha256(), root.sha256());
    assert_eq!(scene.root().subject(), root.subject());
    for machine in ["a.test", "b.test"] {
        scene.judge(machine);
    }
    let kept = contents(&only_previous(&scene));
    assert_eq!((&kept["root.pem"], &kept["root_key.pem"]), (&old[0], &old[1]));
    assert_eq!(answer["previous"]["sha256"], root.sha256());
    scene.assert_ledger_knows_all();
    scene.assert_nothing_is_left();
    scene.assert_no_runs();
    // The way back: what was before, from the backup.
    let passphrase = scene.file("backup.txt", "correct horse");
    let back = Scene::new();
    let backup = scene.path("before.age").display().to_string();
    run(back.qcert(&["restore", &backup, "--backup-passphrase-file", &passphrase])).assert_code(0);
    assert_eq!(back.root_bytes().unwrap(), old);
}

#[test]
fn a_cross_signed_root_is_followed_by_who_trusts_the_old_one() {
    if !openssl() {
        return;
    }
    let scene = Scene::with_bundle("a.test");
    let old_leaf = scene.file("old.pem", fs::read(scene.out.join("a.test/server.pem")).unwrap());
    recreate(&scene, &["--cross-sign"]).assert_code(0);
    let previous = only_previous(&scene);
    let (old, cross, new) = (previous.join("root.pem"), previous.join("cross.pem"), scene.home.join("root.pem"));
    let leaf = scene.out.join("a.test/server.pem");
    assert!(verified(&new, None, &leaf));
    assert!(!verified(&old, None, &leaf), "the old root signed nothing of this");
    assert!(verified(&old, Some(&cross), &leaf));
    assert!(verified(&old, None, Path::new(&old_leaf)), "what the old root signed stays good where it is trusted");
    assert!(!verified(&new, Some(&cross), Path::new(&old_leaf)), "the new root vouches for nothing of the old");
    let (pem, der) = (fs::read(&cross).unwrap(), fs::read(previous.join("cross.cer")).unwrap());
    assert_eq!(pem::decode(&pem).unwrap()[0].der.expose(), der);
    assert_eq!(certificate(&cross).marker(), None, "Qlik's services stop at two roots");
    scene.assert_ledger_knows_all();
    let ledger = Connection::open(scene.home.join("ledger.sqlite")).unwrap();
    let known = "SELECT count(*) FROM certificate WHERE role = 'cross' AND sha256 = ?1 AND written = 1";
    let count: i64 = ledger.query_row(known, [certificate(&cross).sha256()], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn an_expired_root_or_one_whose_passphrase_is_lost_can_be_replaced() {
    let scene = Scene::new();
    let (first, second) = (scene.file("first.txt", "first passphrase"), scene.file("second.txt", "second passphrase"));
    let short = ["--days", "1", "--not-before", "2020-01-01", "--passphrase-file", first.as_str()];
    scene.run(&["a.test"], &short).assert_code(0);
    // A sealed key is not left open by the way.
    recreate(&scene, &[]).assert_error(2, &["the old root's key has a passphrase"]);
    recreate(&scene, &["--passphrase-file", &second, "--cross-sign"])
        .assert_error(2, &["cannot open the old root's key"]);
    let root = scene.root();
    recreate(&scene, &["--passphrase-file", &second]).assert_code(0);
    assert_ne!(scene.root().sha256(), root.sha256());
    run(scene.qcert(&["sign", "client", "--out", "x", "--passphrase-file", &first])).assert_error(2, &["passphrase"]);
    run(scene.qcert(&["sign", "client", "--out", "x", "--passphrase-file", &second])).assert_code(0);
}

#[test]
fn nothing_is_replaced_without_a_backup() {
    let scene = Scene::with_bundle("a.test");
    let (root, bundle) = (scene.root_bytes(), contents(&scene.out.join("a.test")));
    let nowhere = scene.path("not/there.age").display().to_string();
    let taken = scene.file("taken.age", "mine");
    for target in [&nowhere, &taken, &scene.out.display().to_string()] {
        recreate(&scene, &["--backup", target]).assert_error(2, &["backup"]);
        assert_eq!(scene.root_bytes(), root);
        assert_eq!(contents(&scene.out.join("a.test")), bundle);
        assert!(!scene.home.join("previous").exists());
    }
    assert_eq!(fs::read(&taken).unwrap(), b"mine");
}
