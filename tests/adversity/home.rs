//! Homes that are not as they should be: held by others, damaged, newer, incomplete.

use crate::support::process::{run, start};
use crate::support::{Scene, contents};
use fs_err as fs;
use rusqlite::Connection;
use std::time::{Duration, Instant};

#[test]
fn a_home_that_is_a_file() {
    let scene = Scene::new();
    fs::write(&scene.home, "mine").unwrap();
    scene.run(&["one.test"], &[]).assert_error(2, &[&scene.home.display().to_string()]);
    run(scene.qcert(&["init"])).assert_error(2, &[&scene.home.display().to_string()]);
    assert_eq!(fs::read(&scene.home).unwrap(), b"mine");
    assert!(!scene.out.join("one.test").exists());
}

#[test]
fn a_home_below_a_file() {
    let mut scene = Scene::new();
    fs::write(&scene.home, "mine").unwrap();
    scene.home = scene.home.join("deeper");
    scene.run(&["one.test"], &[]).assert_error(2, &[&scene.home.display().to_string()]);
}

#[test]
fn a_home_that_another_run_holds() {
    let scene = Scene::with_bundle("one.test");
    let lock = fs::File::open(scene.home.join("lock")).unwrap().into_parts().0;
    lock.lock().unwrap();
    let begun = Instant::now();
    let running = start(scene.export(&["one.test"], &["--exists", "keep"]));
    std::thread::sleep(Duration::from_secs(2));
    drop(lock);
    let ended = running.wait().assert_code(0);
    assert!(begun.elapsed() > Duration::from_millis(1900));
    assert!(ended.stderr.contains("waiting for another qcert"), "{}", ended.stderr);
}

#[test]
fn a_ledger_that_another_program_holds() {
    let scene = Scene::with_bundle("one.test");
    for journal in ["WAL", "DELETE"] {
        let holder = Connection::open(scene.home.join("ledger.sqlite")).unwrap();
        holder.pragma_update(None, "journal_mode", journal).unwrap();
        holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let running = start(scene.export(&["one.test"], &["--exists", "replace"]));
        std::thread::sleep(Duration::from_millis(1200));
        holder.execute_batch("ROLLBACK").unwrap();
        drop(holder);
        running.wait().assert_code(0);
        scene.judge("one.test");
        scene.assert_ledger_knows_all();
    }
}

#[test]
fn a_ledger_that_is_none_is_left_alone() {
    let scene = Scene::with_bundle("one.test");
    let garbage = "not a database, but long enough to be looked at as one, and it may be somebody's work ".repeat(9);
    let ledger = scene.home.join("ledger.sqlite");
    fs::write(&ledger, &garbage).unwrap();
    let before = contents(&scene.out.join("one.test"));
    let ended = scene.run(&["one.test"], &["--exists", "replace"]);
    let ended = ended.assert_error(2, &["ledger.sqlite", "not a database"]);
    assert!(!ended.stderr.contains("space"), "the hint is about something else: {}", ended.stderr);
    assert_eq!(fs::read(&ledger).unwrap(), garbage.as_bytes());
    assert_eq!(before, contents(&scene.out.join("one.test")));
}

#[test]
fn a_newer_ledger_is_left_alone() {
    let scene = Scene::with_bundle("one.test");
    let ledger = scene.home.join("ledger.sqlite");
    let connection = Connection::open(&ledger).unwrap();
    connection.pragma_update(None, "journal_mode", "DELETE").unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let before = fs::read(&ledger).unwrap();
    scene.run(&["two.test"], &[]).assert_error(2, &["ledger.sqlite", "newer qcert"]);
    assert!(before == fs::read(&ledger).unwrap(), "a newer ledger was changed");
    assert!(!scene.out.join("two.test").exists());
}

#[test]
fn a_lost_ledger_is_begun_anew_and_said() {
    let scene = Scene::with_bundle("one.test");
    let root = scene.root_bytes();
    fs::remove_file(scene.home.join("ledger.sqlite")).unwrap();
    let ended = scene.run(&["two.test"], &[]).assert_code(0);
    assert!(ended.stderr.contains("begun anew"), "{}", ended.stderr);
    assert_eq!(root, scene.root_bytes());
    scene.judge("two.test");
}

#[test]
fn a_root_that_is_not_whole_is_never_made_anew() {
    let scene = Scene::with_bundle("one.test");
    for name in ["root.pem", "root_key.pem"] {
        let path = scene.home.join(name);
        let good = fs::read(&path).unwrap();
        let cut = &good[..good.len() / 2];
        for bad in [None, Some(&b""[..]), Some(b"garbage"), Some(cut), Some(b"-----BEGIN PRIVATE KEY-----\n-----END")] {
            fs::remove_file(&path).unwrap();
            if let Some(bad) = bad {
                fs::write(&path, bad).unwrap();
            }
            let place = scene.home.display().to_string();
            let ended = scene.run(&["two.test"], &[]).assert_error(2, &[&place]);
            assert!(bad.is_some() || ended.stderr.contains(name), "{}", ended.stderr);
            run(scene.qcert(&["init", "--host", "other.test"])).assert_error(2, &[]);
            assert_eq!(fs::read(&path).ok().as_deref(), bad);
            fs::write(&path, &good).unwrap();
        }
    }
    assert!(!scene.out.join("two.test").exists());
    scene.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
}

#[test]
fn a_key_of_another_root() {
    let (scene, other) = (Scene::with_bundle("one.test"), Scene::with_bundle("one.test"));
    fs::copy(other.home.join("root_key.pem"), scene.home.join("root_key.pem")).unwrap();
    scene.run(&["two.test"], &[]).assert_error(2, &[&scene.home.display().to_string()]);
    assert!(!scene.out.join("two.test").exists());
}

/// What would be out of order with what was issued before is not made; what says or withdraws something is done.
#[test]
fn a_clock_that_was_set_back() {
    let scene = Scene::with_bundle("one.test");
    scene.file("passphrase", "of the backup");
    let ledger = Connection::open(scene.home.join("ledger.sqlite")).unwrap();
    ledger.execute("UPDATE certificate SET issued_at = issued_at + 3 * 86400", []).unwrap();
    drop(ledger);
    let issuing: [&[&str]; 5] = [
        &["export", "--machine", "two.test"],
        &["sign", "client", "--out", "client"],
        &["renew", "--all", "--same-key"],
        &["crl", "--out", "lists"],
        &["recreate", "--yes", "--backup", "before.age", "--backup-passphrase-file", "passphrase"],
    ];
    let before = (scene.root_bytes(), contents(&scene.out.join("one.test")));
    for arguments in issuing {
        run(scene.qcert(arguments)).assert_error(2, &["this machine's clock says", "--trust-clock"]);
    }
    let others: [&[&str]; 3] = [
        &["list"],
        &["backup", "site.age", "--backup-passphrase-file", "passphrase", "--work-factor", "1"],
        &["revoke", "one.test", "--all"],
    ];
    for arguments in others {
        run(scene.qcert(arguments)).assert_code(0);
    }
    assert!(before == (scene.root_bytes(), contents(&scene.out.join("one.test"))));
    assert!(!scene.path("before.age").exists() && !scene.path("client").exists());
    // The first brings the ledger back into order.
    run(scene.qcert(&[issuing[0], &["--trust-clock"]].concat())).assert_code(0);
    for arguments in &issuing[1..] {
        run(scene.qcert(arguments)).assert_code(0);
    }
    scene.assert_ledger_is_true();
}

#[test]
fn signing_needs_a_root() {
    let scene = Scene::new();
    let out = scene.path("client").display().to_string();
    for command in [scene.qcert(&["sign", "client", "--out", &out]), scene.qcert(&["init", "--protect"])] {
        run(command).assert_error(2, &["no root", &scene.home.display().to_string()]);
    }
    assert!(!scene.path("client").exists() && !scene.home.join("root.pem").exists());
}
