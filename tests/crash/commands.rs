//! Each command of a site's later life, killed: after a time, and before each step that changes the disk.

use super::steps::{FLUSHES, FOLDERS, PAGES, REMOVALS, RENAMES, WRITES};
use super::trial::{MACHINES, Root, Trial, site};
use crate::support::process::run;
use crate::support::{Scene, names};
use fs_err as fs;
use qcert::pki::pem;
use qcert::pki::revocation_list::RevocationList;
use std::path::Path;
use std::process::Command;
use time::OffsetDateTime;

/// In CI; and in the test that takes minutes.
const KILLS: u32 = 14;
const MANY: u32 = 200;

fn nothing(_: &Scene) {}

fn judge_all(scene: &Scene) {
    for machine in MACHINES {
        scene.judge(machine);
    }
}

const RENEW: Trial = Trial {
    scene: site,
    prepare: nothing,
    command: |scene| scene.qcert(&["renew", "--all", "--same-key"]),
    look: judge_all,
    next: |scene| {
        run(scene.qcert(&["renew", "--all", "--same-key"])).assert_code(0);
        judge_all(scene);
    },
    root: Root::Untouched,
};

const REVOKE: Trial = Trial {
    scene: site,
    // What was revoked cannot be revoked again.
    prepare: |scene| drop(run(scene.qcert(&["renew", "--machine", "a.test", "--same-key"])).assert_code(0)),
    command: revoke,
    look: |scene| assert_ne!(revoked(scene).len(), 1, "one of two is revoked"),
    next: |scene| {
        let before = revoked(scene);
        run(revoke(scene)).assert_code(0);
        let after = revoked(scene);
        assert_eq!(after.len(), 2);
        assert!(before.is_empty() || before == after, "a date was changed");
    },
    root: Root::Untouched,
};

fn revoke(scene: &Scene) -> Command {
    let bundle = scene.out.join("a.test").display().to_string();
    scene.qcert(&["revoke", &bundle, "--all", "--reason", "superseded"])
}

/// Those that stand at their place, and since when they are revoked.
fn revoked(scene: &Scene) -> Vec<(String, OffsetDateTime)> {
    let standing =
        scene.entries().into_iter().filter(|entry| entry.machine == "a.test" && entry.superseded_at.is_none());
    standing.filter_map(|entry| Some((entry.serial, entry.revoked_at?))).collect()
}

const LISTS: [&str; 2] = ["root.crl", "root_crl.pem"];

const LIST: Trial = Trial {
    scene: || {
        let scene = site();
        run(revoke(&scene)).assert_code(0);
        run(list(&scene)).assert_code(0);
        scene
    },
    prepare: nothing,
    command: list,
    look: |scene| drop(lists(scene)),
    next: |scene| {
        let before = lists(scene);
        let said = run(list(scene)).assert_code(0).json();
        let after = lists(scene);
        assert_eq!(after.len(), 2);
        assert!(after.iter().all(|number| said["number"] == *number), "{said} {after:?}");
        assert!(before.iter().all(|old| *old < after[0]), "{before:?} {after:?}");
        run(scene.qcert(&["crl", "--check", "--out", &folder_of_lists(scene)])).assert_code(0);
        assert_eq!(names(Path::new(&folder_of_lists(scene))), LISTS);
    },
    root: Root::Untouched,
};

fn folder_of_lists(scene: &Scene) -> String {
    scene.path("lists").display().to_string()
}

fn list(scene: &Scene) -> Command {
    scene.qcert(&["crl", "--json", "--out", &folder_of_lists(scene)])
}

/// The numbers of the lists that are there, each of which is whole.
fn lists(scene: &Scene) -> Vec<u64> {
    let folder = scene.path("lists");
    let there = LISTS.map(|name| folder.join(name)).into_iter().filter(|path| path.exists());
    there
        .map(|path| {
            let bytes = fs::read(&path).unwrap();
            let der = if bytes[0] == 0x30 { bytes } else { pem::decode(&bytes).unwrap()[0].der.expose().to_vec() };
            let list = RevocationList::parse(&der).unwrap();
            assert!(list.is_of(&scene.root()) && list.revoked.len() == 2);
            list.number_as_u64().unwrap()
        })
        .collect()
}

const BACKUP: Trial = Trial {
    scene: || {
        let scene = site();
        fs::create_dir(scene.path("backups")).unwrap();
        scene.file("passphrase", "of the backup");
        scene
    },
    prepare: nothing,
    command: backup,
    look: |scene| {
        if scene.path("backups/site.age").exists() {
            run(backed_up(scene, &["restore", "--check"])).assert_code(0);
        }
    },
    next: |scene| {
        run(backup(scene)).assert_code(0);
        run(backed_up(scene, &["restore", "--check"])).assert_code(0);
        assert_eq!(names(&scene.path("backups")), ["site.age"]);
    },
    root: Root::Untouched,
};

const RESTORE: Trial = Trial {
    scene: || {
        let scene = (BACKUP.scene)();
        run(backup(&scene)).assert_code(0);
        scene
    },
    prepare: |scene| fs::remove_dir_all(&scene.home).unwrap(),
    command: |scene| backed_up(scene, &["restore"]),
    look: nothing,
    next: |scene| {
        let again = run(backed_up(scene, &["restore"]));
        if again.status.code() != Some(0) {
            again.assert_error(2, &["is not empty"]);
        }
        scene.run(&MACHINES, &["--exists", "keep"]).assert_code(0);
        assert_eq!(scene.entries().len(), 1 + 2 * MACHINES.len());
    },
    root: Root::Restored,
};

const RECREATE: Trial = Trial {
    scene: || {
        let scene = site();
        fs::create_dir(scene.path("backups")).unwrap();
        scene.file("passphrase", "of the backup");
        scene
    },
    prepare: |scene| drop(fs::remove_file(scene.path("backups/site.age"))),
    command: |scene| {
        let [file, passphrase] = ["backups/site.age", "passphrase"].map(|name| scene.path(name).display().to_string());
        scene.qcert(&["recreate", "--yes", "--backup", &file, "--backup-passphrase-file", &passphrase])
    },
    look: nothing,
    next: |scene| {
        // As it says itself: a run that was stopped is finished by this.
        run(scene.qcert(&["renew"])).assert_code(0);
        // The key is the root's, and every bundle is of the root.
        scene.run(&MACHINES, &["--exists", "keep"]).assert_code(0);
        judge_all(scene);
    },
    root: Root::Replaced,
};

fn backup(scene: &Scene) -> Command {
    // As quick as it can be: guessing is not what is tried.
    backed_up(scene, &["backup", "--exists", "replace", "--work-factor", "1"])
}

fn backed_up(scene: &Scene, arguments: &[&str]) -> Command {
    let [file, passphrase] = ["backups/site.age", "passphrase"].map(|name| scene.path(name).display().to_string());
    scene.qcert(&[arguments, &[file.as_str(), "--backup-passphrase-file", passphrase.as_str()]].concat())
}

#[test]
fn a_killed_renewal() {
    RENEW.sweep(KILLS);
}

#[test]
fn a_renewal_killed_at_each_change_of_a_name() {
    RENEW.each_step(&[RENAMES, FOLDERS, REMOVALS]);
}

#[test]
fn a_renewal_killed_at_each_flush_and_write() {
    RENEW.each_step(&[FLUSHES, WRITES]);
}

#[test]
fn a_renewal_interrupted_at_each_step() {
    RENEW.each_step_interrupted(&[RENAMES]);
}

#[test]
fn a_killed_revocation() {
    REVOKE.sweep(KILLS);
    REVOKE.each_step(&[FLUSHES, WRITES]);
}

#[test]
fn a_killed_revocation_list() {
    LIST.sweep(KILLS);
    LIST.each_step(&[RENAMES, FOLDERS, REMOVALS, FLUSHES, WRITES]);
}

#[test]
fn a_revocation_list_interrupted_at_each_step() {
    LIST.each_step_interrupted(&[RENAMES, FLUSHES]);
}

#[test]
fn a_killed_backup() {
    BACKUP.sweep(KILLS);
    BACKUP.each_step(&[RENAMES, FOLDERS, REMOVALS, FLUSHES, WRITES]);
}

#[test]
fn a_killed_restoration() {
    RESTORE.sweep(KILLS);
    RESTORE.each_step(&[RENAMES, FOLDERS, REMOVALS, FLUSHES]);
}

#[test]
fn a_killed_new_root() {
    RECREATE.sweep(KILLS / 2);
}

#[test]
fn a_new_root_killed_at_each_change_of_a_name() {
    RECREATE.each_step(&[RENAMES, FOLDERS]);
}

#[test]
#[ignore = "a backup as slow as it is meant to be, before each of a hundred steps"]
fn each_command_killed_at_each_step() {
    for trial in [RENEW, REVOKE, LIST, BACKUP, RESTORE] {
        trial.each_step(&[WRITES, PAGES]);
    }
    RECREATE.each_step(&[FLUSHES, REMOVALS, WRITES, PAGES]);
    RECREATE.each_step_interrupted(&[RENAMES, FOLDERS]);
}

#[test]
fn a_backup_interrupted_at_each_step() {
    BACKUP.each_step_interrupted(&[RENAMES, FLUSHES]);
}

#[test]
#[ignore = "more than a thousand kills take minutes; for a change to the order of steps"]
fn each_command_killed_a_thousand_times() {
    RENEW.sweep(MANY);
    REVOKE.sweep(MANY);
    LIST.sweep(MANY);
    BACKUP.sweep(MANY);
    RESTORE.sweep(MANY);
    RECREATE.sweep(MANY / 2);
}
