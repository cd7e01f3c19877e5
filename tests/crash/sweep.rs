//! Kills after a time: swept over the whole of a run, with the first milliseconds and the staging in finer steps.

use crate::support::process::{Running, run, start};
use crate::support::{Scene, contents};
use fs_err as fs;
use qcert::pki::judge::Leaves;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

const KILLS: u32 = 20;
const MANY: u32 = 250;

/// When to kill: this long after the start, or after the first stage appeared.
#[derive(Clone, Copy)]
pub(super) enum Moment {
    Started(Duration),
    Staged(Duration),
}

/// Half over the run's duration and somewhat beyond, a quarter early, a quarter around the staging.
pub(super) fn moments(duration: Duration, kills: u32) -> impl Iterator<Item = Moment> {
    (0..kills).map(move |at| match at % 4 {
        0 => Moment::Started(Duration::from_micros(300) * (at / 4)),
        1 => Moment::Staged(Duration::from_micros(500) * (at / 4) * 30 / kills.max(30)),
        _ => Moment::Started(duration * 5 / 4 * at / kills),
    })
}

pub(super) fn kill_at(scene: &Scene, command: Command, moment: Moment) -> bool {
    let mut running = start(command);
    wait_until(scene, &mut running, moment);
    running.kill();
    running.wait().was_killed()
}

fn wait_until(scene: &Scene, running: &mut Running, moment: Moment) {
    let delay = match moment {
        Moment::Started(delay) => delay,
        Moment::Staged(delay) => {
            while !running.is_over() && !has_stage(scene) {
                std::thread::sleep(Duration::from_micros(200));
            }
            delay
        }
    };
    std::thread::sleep(delay);
}

fn has_stage(scene: &Scene) -> bool {
    crate::support::names(&scene.out).iter().any(|name| name.starts_with(".qcert"))
}

pub(super) fn duration(command: Command) -> Duration {
    let begun = Instant::now();
    run(command).assert_code(0);
    begun.elapsed()
}

/// Absent or whole.
fn look(scene: &Scene, machines: &[&str]) {
    for machine in machines {
        if scene.out.join(machine).exists() {
            scene.judge(machine);
        }
    }
    scene.assert_ledger_knows_all();
}

fn look_after_next_run(scene: &Scene, machines: &[&str]) {
    scene.run(machines, &["--exists", "keep"]).assert_code(0);
    for machine in machines {
        scene.judge(machine);
    }
    scene.assert_nothing_is_left();
    scene.assert_no_runs();
    scene.assert_ledger_is_true();
}

fn first_runs(kills: u32) {
    let command = |scene: &Scene| scene.export(&["one.test"], &["--exists", "keep"]);
    let time = duration(command(&Scene::new()));
    for moment in moments(time, kills) {
        let scene = Scene::new();
        kill_at(&scene, command(&scene), moment);
        look(&scene, &["one.test"]);
        let root = scene.root_bytes();
        look_after_next_run(&scene, &["one.test"]);
        assert!(root.is_none() || root == scene.root_bytes());
    }
}

fn new_machines(kills: u32) {
    let scene = Scene::with_bundle("kept.test");
    let time = duration(scene.export(&["a.test", "b.test"], &[]));
    let root = scene.root_bytes();
    for moment in moments(time, kills) {
        for machine in ["a.test", "b.test"] {
            drop(fs::remove_dir_all(scene.out.join(machine)));
        }
        kill_at(&scene, scene.export(&["a.test", "b.test"], &[]), moment);
        look(&scene, &["a.test", "b.test", "kept.test"]);
        look_after_next_run(&scene, &["kept.test"]);
        assert_eq!(root, scene.root_bytes());
    }
    look_after_next_run(&scene, &["a.test", "b.test", "kept.test"]);
}

fn replacements(kills: u32) {
    let machines = ["a.test", "b.test"];
    let scene = Scene::new();
    scene.run(&machines, &[]).assert_code(0);
    let time = duration(scene.export(&machines, &["--exists", "replace"]));
    let root = scene.root_bytes();
    for moment in moments(time, kills) {
        let before = machines.map(|machine| (contents(&scene.out.join(machine)), scene.judge(machine)));
        kill_at(&scene, scene.export(&machines, &["--exists", "replace"]), moment);
        for (machine, (files, leaves)) in machines.iter().zip(&before) {
            old_or_new(files, leaves, &contents(&scene.out.join(machine)), &scene.judge(machine));
        }
        scene.assert_ledger_knows_all();
        look_after_next_run(&scene, &machines);
        assert_eq!(root, scene.root_bytes());
    }
}

/// Either nothing of the bundle changed, or every certificate did.
fn old_or_new(
    old: &BTreeMap<String, Vec<u8>>,
    old_leaves: &Leaves,
    new: &BTreeMap<String, Vec<u8>>,
    new_leaves: &Leaves,
) {
    if old != new {
        for (role, leaf) in old_leaves {
            assert_ne!(leaf.sha256(), new_leaves[role].sha256());
        }
    }
}

fn inits(kills: u32) {
    let command = |scene: &Scene| scene.qcert(&["init", "--host", "site.test"]);
    let time = duration(command(&Scene::new()));
    for moment in moments(time, kills).filter(|moment| matches!(moment, Moment::Started(_))) {
        let scene = Scene::new();
        kill_at(&scene, command(&scene), moment);
        scene.assert_ledger_knows_all();
        let root = scene.root_bytes();
        // Either there is a root by now, or this makes it.
        let next = run(command(&scene));
        assert!(matches!(next.status.code(), Some(0 | 2)), "{}", next.stderr);
        assert!(scene.root_bytes().is_some() && (root.is_none() || root == scene.root_bytes()));
        scene.assert_nothing_is_left();
        look_after_next_run(&scene, &["one.test"]);
    }
}

fn protections(kills: u32) {
    let scene = Scene::with_bundle("kept.test");
    let passphrase = scene.file("passphrase", "a passphrase");
    let protect = ["init", "--protect", "--passphrase-file", &passphrase];
    let open_key = fs::read(scene.home.join("root_key.pem")).unwrap();
    let time = duration(scene.qcert(&protect));
    let certificate = fs::read(scene.home.join("root.pem")).unwrap();
    for moment in moments(time, kills).filter(|moment| matches!(moment, Moment::Started(_))) {
        fs::write(scene.home.join("root_key.pem"), &open_key).unwrap();
        kill_at(&scene, scene.qcert(&protect), moment);
        assert_eq!(certificate, fs::read(scene.home.join("root.pem")).unwrap());
        let next = scene.run(&["kept.test"], &["--exists", "keep", "--passphrase-file", &passphrase]);
        next.assert_code(0);
        let key = fs::read_to_string(scene.home.join("root_key.pem")).unwrap();
        assert!(key.as_bytes() == open_key || key.contains("ENCRYPTED"));
        scene.assert_nothing_is_left();
        scene.assert_no_runs();
    }
}

/// Several runs of one home, all killed at once.
fn groups(rounds: u32) {
    let machines = ["a.test", "b.test", "c.test"];
    let scene = Scene::with_bundle("kept.test");
    let time = duration(scene.export(&machines, &["--exists", "replace"]));
    for moment in moments(time, rounds) {
        let mut runs: Vec<_> =
            machines.iter().map(|machine| start(scene.export(&[machine], &["--exists", "replace"]))).collect();
        wait_until(&scene, &mut runs[0], moment);
        runs.iter_mut().for_each(Running::kill);
        drop(runs);
        look(&scene, &machines);
        look_after_next_run(&scene, &["kept.test"]);
    }
    look_after_next_run(&scene, &machines);
}

#[test]
fn a_killed_first_run() {
    first_runs(KILLS * 2 / 3);
}

#[test]
fn a_killed_run_for_new_machines() {
    new_machines(KILLS * 2);
}

#[test]
fn a_killed_replacement() {
    replacements(KILLS * 2);
}

#[test]
fn a_killed_init() {
    inits(KILLS);
}

#[test]
fn a_killed_protection() {
    protections(KILLS / 2);
}

#[test]
fn several_killed_runs() {
    groups(KILLS / 3);
}

#[test]
#[ignore = "1,350 kills take minutes; for a change to the order of steps"]
fn killed_a_thousand_times() {
    first_runs(MANY);
    new_machines(MANY);
    replacements(MANY);
    inits(MANY);
    protections(MANY);
    groups(MANY / 5);
}
