//! A disk that is full at one point of a run or another: small file systems in memory, mounted by root.

use crate::support::disk::Disk;
use crate::support::process::{Ended, run};
use crate::support::{Scene, contents, skipped};
use fs_err as fs;
use std::path::Path;
use std::process::Command;

fn says_full(ended: Ended, place: &Path) {
    ended.assert_error(2, &[&place.display().to_string(), "space"]);
}

/// Whether it went well; otherwise it says that this place is full.
fn done_or_full(ended: Ended, place: &Path) -> bool {
    let done = ended.status.success();
    if !done {
        says_full(ended, place);
    }
    done
}

#[test]
fn the_out_folder_is_full() {
    let mut failures = 0;
    let mut scene = Scene::with_bundle("kept.test");
    for pages in 1..14 {
        scene.out = scene.path(&format!("out{pages}"));
        let Some(disk) = Disk::mount(&scene.out, 4 * pages) else { return };
        if done_or_full(scene.run(&["one.test"], &[]), &scene.out) {
            scene.judge("one.test");
        } else {
            failures += 1;
            assert!(!scene.out.join("one.test").exists());
            scene.assert_nothing_is_left();
        }
        scene.assert_ledger_knows_all();
        if pages % 4 == 0 {
            disk.grow();
            scene.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
            scene.judge("one.test");
        }
    }
    assert!(failures > 5, "{failures}");
}

/// Where a list or a backup lies and there is no room for another: that one stays.
#[test]
fn the_place_of_a_list_and_of_a_backup_is_full() {
    let scene = Scene::with_bundle("one.test");
    scene.file("passphrase", "of the backup");
    let place = scene.path("place");
    let Some(disk) = Disk::mount(&place, 128) else { return };
    let write = || [run(scene.qcert(&["crl", "--out", "place"])), run(backup(&scene))];
    for ended in write() {
        ended.assert_code(0);
    }
    fs::write(place.join("filler"), vec![0; 1 << 20]).unwrap_err();
    let before = contents(&place);
    for ended in write() {
        says_full(ended, Path::new("place"));
    }
    assert!(before == contents(&place));
    disk.grow();
    for ended in write() {
        ended.assert_code(0);
    }
    assert!(before != contents(&place));
}

fn backup(scene: &Scene) -> Command {
    let more = ["--backup-passphrase-file", "passphrase", "--work-factor", "1", "--exists", "replace"];
    scene.qcert(&[&["backup", "place/site.age"][..], &more].concat())
}

#[test]
fn a_backup_is_put_back_on_a_full_disk() {
    let mut failures = 0;
    let mut scene = Scene::with_bundle("one.test");
    scene.file("passphrase", "of the backup");
    fs::create_dir(scene.path("place")).unwrap();
    run(backup(&scene)).assert_code(0);
    let (root, entries) = (scene.root_bytes(), scene.entries().len());
    for pages in (0..45).step_by(4) {
        scene.home = scene.path(&format!("home{pages}"));
        let Some(disk) = Disk::mount(&scene.home, 4 * (pages + 1)) else { return };
        let restore = || run(scene.qcert(&["restore", "place/site.age", "--backup-passphrase-file", "passphrase"]));
        let done = done_or_full(restore(), &scene.home);
        disk.grow();
        if !done {
            failures += 1;
            scene.assert_nothing_is_left();
            restore().assert_code(0);
        }
        assert!(root == scene.root_bytes());
        assert_eq!(scene.entries().len(), entries);
        scene.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
        scene.assert_ledger_is_true();
    }
    assert!(failures > 5, "{failures}");
}

fn scene_out_moves(scene: &Scene) {
    fs::rename(&scene.out, scene.path("before")).unwrap();
}

#[test]
fn a_replacement_does_not_fit() {
    for pages in [10, 15] {
        let scene = Scene::with_bundle("one.test");
        scene_out_moves(&scene);
        let Some(disk) = Disk::mount(&scene.out, 4 * pages) else { return };
        scene.run(&["one.test"], &[]).assert_code(0);
        let before = contents(&scene.out.join("one.test"));
        says_full(scene.run(&["one.test"], &["--exists", "replace"]), &scene.out);
        says_full(run(scene.qcert(&["renew", "--all", "--same-key"])), &scene.out);
        assert_eq!(before, contents(&scene.out.join("one.test")));
        scene.assert_nothing_is_left();
        disk.grow();
        scene.run(&["one.test"], &["--exists", "replace"]).assert_code(0);
        assert_ne!(before, contents(&scene.out.join("one.test")));
        scene.judge("one.test");
    }
}

#[test]
fn a_new_home_is_full() {
    let mut failures = 0;
    for pages in (0..36).step_by(3) {
        let scene = Scene::new();
        let Some(disk) = Disk::mount(&scene.home, 4 * (pages + 1)) else { return };
        if !done_or_full(scene.run(&["one.test"], &[]), &scene.home) {
            failures += 1;
            scene.assert_nothing_is_left();
        }
        scene.assert_ledger_knows_all();
        let root = scene.root_bytes();
        disk.grow();
        scene.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
        assert!(root.is_none() || root == scene.root_bytes());
        scene.judge("one.test");
        scene.assert_ledger_knows_all();
    }
    assert!(failures > 5, "{failures}");
}

/// A home on a disk of its own that has ever less room: the command does all it is to do, or nothing.
fn a_home_runs_full(command: fn(&Scene) -> Command) {
    let scene = Scene::new();
    let Some(disk) = Disk::mount(&scene.home, 256) else { return };
    scene.run(&["one.test"], &[]).assert_code(0);
    let root = scene.root_bytes();
    let filler = scene.home.join("filler");
    fs::write(&filler, vec![0; 1 << 20]).unwrap_err();
    let mut failures = 0;
    for room in [0, 4, 16, 32, 40] {
        let before = contents(&scene.out.join("one.test"));
        let length = fs::metadata(&filler).unwrap().len();
        fs::OpenOptions::new().write(true).open(&filler).unwrap().file().set_len(length - room * 1024).unwrap();
        if !done_or_full(run(command(&scene)), &scene.home) {
            failures += 1;
            assert_eq!(before, contents(&scene.out.join("one.test")));
        }
        scene.judge("one.test");
        assert_eq!(root, scene.root_bytes());
        scene.assert_ledger_knows_all();
        scene.assert_nothing_is_left();
        drop(fs::OpenOptions::new().append(true).open(&filler).and_then(|file| file.file().set_len(length)));
    }
    assert!(failures > 0);
    disk.grow();
    run(command(&scene)).assert_code(0);
    scene.judge("one.test");
    scene.assert_ledger_is_true();
}

/// Wholly the old root or wholly the new one, and never without the backup.
#[test]
fn a_new_root_does_not_fit() {
    let scene = Scene::new();
    let Some(disk) = Disk::mount(&scene.home, 256) else { return };
    scene.run(&["one.test"], &[]).assert_code(0);
    scene.file("passphrase", "of the backup");
    let recreate = |place: &str| {
        run(scene.qcert(&["recreate", "--yes", "--backup", place, "--backup-passphrase-file", "passphrase"]))
    };
    let small = scene.path("small");
    let Some(_small) = Disk::mount(&small, 16) else { return };
    let before = (scene.root_bytes(), contents(&scene.out.join("one.test")));
    recreate("small/site.age").assert_error(2, &["the root was not replaced", "small/site.age"]);
    let filler = scene.home.join("filler");
    fs::write(&filler, vec![0; 1 << 20]).unwrap_err();
    let length = fs::metadata(&filler).unwrap().len();
    for room in [4, 12, 20] {
        fs::OpenOptions::new().write(true).open(&filler).unwrap().file().set_len(length - room * 1024).unwrap();
        says_full(recreate(&format!("{room}.age")), &scene.home);
        assert!(before == (scene.root_bytes(), contents(&scene.out.join("one.test"))));
        scene.assert_nothing_is_left();
        drop(fs::OpenOptions::new().append(true).open(&filler).and_then(|file| file.file().set_len(length)));
    }
    disk.grow();
    recreate("site.age").assert_code(0);
    scene.judge("one.test");
    scene.assert_ledger_is_true();
}

#[test]
fn a_used_home_is_full() {
    a_home_runs_full(|scene| scene.export(&["one.test"], &["--exists", "replace"]));
    a_home_runs_full(|scene| scene.qcert(&["renew", "--all", "--same-key"]));
    a_home_runs_full(|scene| scene.qcert(&["revoke", "one.test", "--all"]));
    a_home_runs_full(|scene| scene.qcert(&["crl", "--out", &scene.path("lists").display().to_string()]));
}

#[test]
fn the_answer_has_no_room() {
    if !Path::new("/dev/full").exists() {
        return skipped("there is no /dev/full");
    }
    let scene = Scene::with_bundle("one.test");
    let mut command = scene.export(&["one.test"], &["--exists", "keep"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap().into_parts().0;
    let mut child = command.stdout(full).stderr(std::process::Stdio::null()).spawn().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    run(scene.export(&["one.test"], &["--exists", "keep"])).assert_code(0);
}
