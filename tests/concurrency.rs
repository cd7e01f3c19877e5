//! Many runs at once, on one home and one folder: they wait for each other, none fails, none spoils another's work.
//!
//! Nothing here may depend on who comes first.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

mod support;

mod concurrency {
    mod stress;
}

use fs_err as fs;
use qcert::pki::pem;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;
use support::process::{Ended, Running, run, start};
use support::{ROOT_FILES, Scene, certificate, judge_bundle, names};

fn all(runs: impl Iterator<Item = Running>) -> Vec<Ended> {
    let runs: Vec<_> = runs.collect();
    runs.into_iter().map(Running::wait).collect()
}

fn count(scene: &Scene, sql: &str) -> i64 {
    let ledger = Connection::open(scene.home.join("ledger.sqlite")).unwrap();
    ledger.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn is_clean(scene: &Scene) {
    scene.assert_ledger_knows_all();
    scene.assert_nothing_is_left();
    scene.assert_no_runs();
    scene.assert_ledger_is_true();
}

#[test]
fn two_dozen_first_runs_make_one_root() {
    let scene = Scene::new();
    let machines: Vec<_> = (0..24).map(|number| format!("m{number}.test")).collect();
    let ended = all(machines.iter().map(|machine| start(scene.export(&[machine], &["--json"]))));
    let mut serials = BTreeSet::new();
    let mut made = 0;
    for (machine, ended) in machines.iter().zip(ended) {
        let answer = ended.assert_code(0).json();
        made += usize::from(answer["root"]["state"] == "made");
        for leaf in scene.judge(machine).values() {
            serials.insert(leaf.serial_text());
        }
    }
    assert_eq!(made, 1);
    assert_eq!(serials.len(), 48);
    assert_eq!(count(&scene, "SELECT count(*) FROM certificate"), 1 + 2 * 24);
    assert_eq!(count(&scene, "SELECT count(*) FROM certificate WHERE written = 1"), 1 + 2 * 24);
    assert_eq!(count(&scene, "SELECT count(*) FROM certificate WHERE role = 'root'"), 1);
    is_clean(&scene);
}

#[test]
fn runs_that_keep_agree_on_one_bundle() {
    let scene = Scene::new();
    let ended = all((0..6).map(|_| start(scene.export(&["same.test"], &["--exists", "keep", "--json"]))));
    let kept = scene.judge_after(ended, "kept");
    assert_eq!(kept, 5);
}

#[test]
fn runs_that_replace_follow_each_other() {
    for scene in [Scene::new(), Scene::with_bundle("same.test")] {
        for _ in 0..2 {
            let ended = all((0..4).map(|_| start(scene.export(&["same.test"], &["--exists", "replace", "--json"]))));
            scene.judge_after(ended, "replaced");
        }
    }
}

#[test]
fn keeping_and_replacing_go_together() {
    let scene = Scene::with_bundle("same.test");
    let root = scene.root_bytes();
    for _ in 0..3 {
        let how = |number: i32| if number % 2 == 0 { "keep" } else { "replace" };
        let command = |number| scene.export(&["same.test"], &["--exists", how(number), "--json"]);
        let ended = all((0..8).map(|number| start(command(number))));
        scene.judge_after(ended, "kept");
    }
    assert_eq!(root, scene.root_bytes());
}

#[test]
fn of_runs_that_refuse_one_makes_the_bundle() {
    let scene = Scene::new();
    let ended = all((0..6).map(|_| start(scene.export(&["same.test"], &[]))));
    let (made, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(|ended| ended.status.success());
    assert_eq!(made.len(), 1);
    for ended in refused {
        ended.assert_error(2, &["same.test", "already exists"]);
    }
    scene.judge("same.test");
    is_clean(&scene);
}

#[test]
fn several_inits_make_one_root() {
    let scene = Scene::new();
    let ended = all((0..6).map(|_| start(scene.qcert(&["init", "--host", "site.test"]))));
    let (made, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(|ended| ended.status.success());
    assert_eq!(made.len(), 1);
    for ended in refused {
        ended.assert_error(2, &["already a root"]);
    }
    assert_eq!(count(&scene, "SELECT count(*) FROM certificate"), 1);
    is_clean(&scene);
}

#[test]
fn a_passphrase_given_meanwhile_spoils_no_export() {
    let scene = Scene::with_bundle("same.test");
    let passphrase = scene.file("passphrase", "a passphrase");
    let more = ["--exists", "replace", "--passphrase-file", &passphrase];
    let protect = start(scene.qcert(&["init", "--protect", "--passphrase-file", &passphrase]));
    for ended in all((0..4).map(|_| start(scene.export(&["same.test"], &more)))) {
        ended.assert_code(0);
    }
    protect.wait().assert_code(0);
    assert!(fs::read_to_string(scene.home.join("root_key.pem")).unwrap().contains("ENCRYPTED"));
    scene.judge("same.test");
    is_clean(&scene);
}

#[test]
fn two_homes_share_an_out_folder() {
    let (one, mut other) = (Scene::new(), Scene::new());
    other.out.clone_from(&one.out);
    let ended = all((0..8).map(|number| {
        let scene = if number % 2 == 0 { &one } else { &other };
        start(scene.export(&[&format!("m{number}.test")], &[]))
    }));
    for ended in ended {
        ended.assert_code(0);
    }
    for (number, scene) in (0..8).zip([&one, &other].into_iter().cycle()) {
        let machine = format!("m{number}.test");
        judge_bundle(&one.out.join(&machine), &machine, &scene.root());
    }
    assert_eq!(names(&one.out).len(), 8);
    let root = pem::decode(&fs::read(one.home.join("root.pem")).unwrap()).unwrap();
    assert_ne!(root[0].der.expose(), other.root().der());
}

#[test]
fn two_homes_do_not_keep_each_others_bundles() {
    let (one, mut other) = (Scene::with_bundle("same.test"), Scene::with_bundle("own.test"));
    other.out.clone_from(&one.out);
    let root = certificate(&one.home.join(ROOT_FILES[0]));
    run(other.export(&["same.test"], &["--exists", "keep"])).assert_error(2, &["same.test", "another root"]);
    judge_bundle(&one.out.join("same.test"), "same.test", &root);
    assert!(!Path::new(&one.out.join("own.test")).exists());
}

impl Scene {
    /// All went well, and the bundle that stands is whole. How many said this of their machine.
    fn judge_after(&self, ended: Vec<Ended>, state: &str) -> usize {
        let said = ended.into_iter().map(|ended| ended.assert_code(0).json());
        let count = said.filter(|answer| answer["machines"][0]["state"] == state).count();
        self.judge("same.test");
        is_clean(self);
        count
    }
}
