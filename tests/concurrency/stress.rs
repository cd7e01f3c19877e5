//! Sixty-four runs of every kind on one home at once: each ends well, and what is on the disk is what the ledger says.

use crate::support::Scene;
use crate::support::process::{Ended, start};
use crate::{all, is_clean};
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
        _ => scene.qcert(&["renew"]),
    }
}

/// It went well, and nothing was odd but that one had to wait.
fn went_well(ended: Ended) -> Ended {
    let ended = ended.assert_code(0);
    let odd = ended.stderr.lines().filter(|line| line.contains("WARN") && !line.contains("waiting for another qcert"));
    assert_eq!(odd.count(), 0, "{}", ended.stderr);
    ended
}

#[test]
fn sixty_four_runs_of_every_kind() {
    let scene = Scene::new();
    scene.run(&MACHINES, &[]).assert_code(0);
    let root = scene.root_bytes();
    for ended in all((0..RUNS).map(|number| start(of_every_kind(&scene, number)))) {
        went_well(ended);
    }
    assert_eq!(scene.root_bytes(), root);
    for machine in MACHINES {
        scene.judge(machine);
    }
    let entries = scene.entries();
    let serials: BTreeSet<_> = entries.iter().map(|entry| (&entry.root, &entry.serial)).collect();
    assert_eq!(serials.len(), entries.len());
    is_clean(&scene);
}
