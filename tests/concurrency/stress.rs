//! Sixty-four runs of every kind on one home at once: each ends well, and what is on the disk is what the ledger says.

use crate::support::process::{Ended, Running, run, start};
use crate::support::{Scene, names, placed};
use crate::{all, is_clean};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

const MACHINES: [&str; 3] = ["a.test", "b.test", "c.test"];
const RUNS: usize = 64;

fn of_every_kind(scene: &Scene, number: usize) -> Command {
    let own = format!("m{number}.test");
    let folder = scene.path("signed").join(&own).display().to_string();
    let machine = MACHINES[number / 16 % 3];
    match number % 16 {
        0 | 8 => scene.export(&[&own], &["--format", "pem"]),
        1 | 9 => scene.export(&MACHINES, &["--exists", "keep"]),
        2 => scene.export(&[machine], &["--exists", "replace"]),
        3 => scene.qcert(&["sign", "client", "--out", &folder]),
        4 => scene.qcert(&["renew", "--all", "--same-key"]),
        5 => scene.qcert(&["renew", "--machine", machine, "--same-key"]),
        6 => scene.qcert(&["revoke", machine, "--all", "--reason", "superseded"]),
        7 => scene.qcert(&["crl", "--out", &scene.path("lists").display().to_string()]),
        10 => backup(scene, &format!("{number}.age")),
        11 => backup(scene, "one.age"),
        12 => scene.qcert(&["list", "--live-clients"]),
        13 => scene.qcert(&["list", "--metrics"]),
        14 => scene.qcert(&["list", "--json"]),
        _ => scene.qcert(&["renew"]),
    }
}

fn backup(scene: &Scene, name: &str) -> Command {
    let [file, passphrase] = [name, "passphrase"].map(|name| scene.path(name).display().to_string());
    let mut command = scene.qcert(&["backup", &file, "--exists", "replace", "--work-factor", "1"]);
    command.args(["--backup-passphrase-file", &passphrase]);
    command
}

/// It went well, and nothing was odd but that one had to wait.
fn went_well(ended: Ended) -> Ended {
    let ended = ended.assert_code(0);
    let usual = ["waiting for another qcert", "another run put a later list"];
    let odd =
        ended.stderr.lines().filter(|line| line.contains("WARN") && !usual.iter().any(|text| line.contains(text)));
    assert_eq!(odd.count(), 0, "{}", ended.stderr);
    ended
}

#[test]
fn sixty_four_runs_of_every_kind() {
    let scene = Scene::new();
    scene.run(&MACHINES, &[]).assert_code(0);
    scene.file("passphrase", "of the backups");
    let root = scene.root_bytes();
    for ended in all((0..RUNS).map(|number| start(of_every_kind(&scene, number)))) {
        went_well(ended);
    }
    assert_eq!(scene.root_bytes(), root);
    for machine in MACHINES {
        scene.judge(machine);
    }
    for name in names(&scene.path("")).into_iter().filter(|name| name.contains(".age")) {
        let [file, passphrase] = [&name, "passphrase"].map(|name| scene.path(name).display().to_string());
        run(scene.qcert(&["restore", "--check", &file, "--backup-passphrase-file", &passphrase])).assert_code(0);
    }
    let entries = scene.entries();
    let serials: BTreeSet<_> = entries.iter().map(|entry| (&entry.root, &entry.serial)).collect();
    assert_eq!(serials.len(), entries.len());
    is_clean(&scene);
}

/// Each answer is of one moment: one bundle stands, never two and never half of one.
#[test]
fn a_list_is_whole_while_two_dozen_runs_replace_the_same_bundle() {
    let scene = Scene::with_bundle("same.test");
    let replace = || start(scene.export(&["same.test"], &["--exists", "replace", "--format", "pem"]));
    let mut replacing: Vec<_> = (0..24).map(|_| replace()).collect();
    let mut seen = BTreeSet::new();
    while replacing.iter_mut().any(|running| !running.is_over()) {
        for ended in all((0..2).map(|_| start(scene.qcert(&["list", "--json"])))) {
            let answer = went_well(ended).json();
            let certificates = answer["certificates"].as_array().unwrap();
            assert_eq!(answer["count"], certificates.len());
            assert_eq!(answer["total"], certificates.len());
            let stands = |one: &&Value| one["state"] == "live" && one["confirmed"] == true && one["role"] != "root";
            let standing: Vec<_> = certificates.iter().filter(stands).collect();
            let roles: Vec<_> = standing.iter().map(|one| one["role"].as_str().unwrap()).collect();
            assert_eq!(roles, ["server", "client"], "{answer}");
            assert_eq!(standing[0]["issued_at"], standing[1]["issued_at"], "of two bundles: {answer}");
            seen.insert(certificates.len());
        }
    }
    for running in replacing {
        went_well(running.wait());
    }
    assert!(!seen.is_empty());
    assert_eq!(scene.entries().len(), 1 + 2 * 25);
    scene.assert_ledger_is_true();
}

/// Whoever issues at the moment is told, and may try again; what was put in its place before is made anew.
#[test]
fn a_root_is_replaced_beside_runs_that_issue() {
    let scene = Scene::new();
    scene.run(&MACHINES, &[]).assert_code(0);
    scene.file("passphrase", "of the backup");
    let old = scene.root();
    let issue = |number: usize| match number % 4 {
        0 | 1 => scene.export(&[&format!("m{number}.test")], &[]),
        2 => scene.export(&MACHINES, &["--exists", "replace"]),
        _ => scene.qcert(&["renew", "--all", "--same-key"]),
    };
    let recreate = ["recreate", "--yes", "--backup", "site.age", "--backup-passphrase-file", "passphrase"];
    let before: Vec<_> = (0..8).map(|number| start(issue(number))).collect();
    let recreating = start(scene.qcert(&recreate));
    let runs = before.into_iter().chain((8..16).map(|number| start(issue(number)))).collect::<Vec<_>>();
    for (number, ended) in runs.into_iter().map(Running::wait).enumerate() {
        if ended.status.success() {
            continue;
        }
        assert!(ended.stderr.contains("another run replaced the root"), "{}", ended.stderr);
        run(issue(number)).assert_code(0);
    }
    recreating.wait().assert_code(0);
    assert_ne!(scene.root().sha256(), old.sha256());
    for folder in placed(&scene.out) {
        scene.judge(folder.file_name().unwrap().to_str().unwrap());
    }
    is_clean(&scene);
}
