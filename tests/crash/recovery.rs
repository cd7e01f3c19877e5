//! The states that a killed run can leave in a home, each made by hand, and the next run of each command.

use crate::support::Scene;
use crate::support::process::run;
use fs_err as fs;
use qcert::host::run::Run;
use rusqlite::Connection;

fn unplace(scene: &Scene, name: &str) {
    fs::rename(scene.home.join(name), scene.home.join(format!("{name}.new"))).unwrap();
}

/// The commands that need the root find it, although it was never put in its place.
fn rolls_forward(waiting: &[&str]) {
    let scene = Scene::with_bundle("one.test");
    let root = scene.root_bytes().unwrap();
    let out = scene.path("client").display().to_string();
    let passphrase = scene.file("passphrase", "a passphrase");
    let commands = [
        scene.export(&["two.test"], &["--exists", "keep"]),
        scene.qcert(&["sign", "client", "--out", &out]),
        scene.qcert(&["init", "--protect", "--passphrase-file", &passphrase]),
    ];
    for (at, command) in commands.into_iter().enumerate() {
        for name in waiting {
            unplace(&scene, name);
        }
        run(command).assert_code(0);
        let now = scene.root_bytes().unwrap();
        assert_eq!(now[0], root[0]);
        assert!(at == 2 || now[1] == root[1]);
        scene.assert_nothing_is_left();
    }
}

#[test]
fn a_root_that_is_entered_but_not_placed_is_rolled_forward() {
    rolls_forward(&["root.pem", "root_key.pem"]);
}

#[test]
fn a_root_whose_key_alone_is_placed_is_rolled_forward() {
    rolls_forward(&["root.pem"]);
}

#[test]
fn a_waiting_root_is_not_made_a_second_time() {
    let scene = Scene::with_bundle("one.test");
    let root = scene.root_bytes().unwrap();
    unplace(&scene, "root.pem");
    unplace(&scene, "root_key.pem");
    run(scene.qcert(&["init", "--host", "site.test"])).assert_error(2, &["already a root"]);
    assert_eq!(scene.root_bytes().unwrap(), root);
}

#[test]
fn a_root_that_was_not_entered_is_rolled_back() {
    let scene = Scene::new();
    fs::create_dir(&scene.home).unwrap();
    fs::write(scene.home.join("root_key.pem.new"), "half a key").unwrap();
    scene.run(&["one.test"], &[]).assert_code(0);
    scene.judge("one.test");
    scene.assert_nothing_is_left();
}

#[test]
fn a_swap_in_two_steps_is_finished_or_undone() {
    let scene = Scene::with_bundle("one.test");
    let (target, old) = (scene.out.join("one.test"), scene.out.join(".qcert-dead-0-old"));
    for moved_back in [true, false] {
        let dead = scene.home.join("runs/dead.run");
        let entries = format!("stages {}\0swaps 0 {}\0", scene.out.display(), target.display());
        fs::write(&dead, entries).unwrap();
        if moved_back {
            fs::rename(&target, &old).unwrap();
        } else {
            fs::create_dir(&old).unwrap();
        }
        fs::create_dir(scene.out.join(".qcert-dead-1")).unwrap();
        scene.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
        scene.judge("one.test");
        assert!(!dead.exists());
        scene.assert_nothing_is_left();
    }
}

/// A run that was to write another kind of bundle, and was killed before it could put it in its place.
#[test]
fn a_bundle_that_never_arrived_is_not_renewed_in_place_of_the_one_that_did() {
    let scene = Scene::with_bundle("one.test");
    let ledger = Connection::open(scene.home.join("ledger.sqlite")).unwrap();
    ledger
        .execute_batch(
            "INSERT INTO certificate (root, serial, role, machine, profile, sha256, issued_at, not_before, not_after,
                    place, written, recipe, evidence)
                SELECT root, 'dead' || serial, role, machine, profile, 'dead' || sha256, issued_at, not_before, issued_at,
                    place, 0, replace(recipe, '\"pfx\":\"modern\"', '\"pfx\":null'), 'dead ' || evidence
                FROM certificate WHERE role <> 'root'",
        )
        .unwrap();
    let lone = "UPDATE certificate SET place = place || '-never' WHERE serial LIKE 'dead%'";
    for more in ["", lone] {
        ledger.execute_batch(more).unwrap();
        let due = run(scene.qcert(&["renew", "--json"])).assert_code(0).json();
        assert_eq!(due["machines"].as_array().unwrap().len(), 0, "{due}");
        let renewed = run(scene.qcert(&["renew", "--all", "--json"])).assert_code(0).json();
        assert_eq!(renewed["machines"].as_array().unwrap().len(), 1, "{renewed}");
        assert_eq!(renewed["machines"][0]["replaces"].as_array().unwrap().len(), 2, "{renewed}");
        scene.judge("one.test");
    }
}

#[test]
fn a_living_run_keeps_its_stages() {
    let scene = Scene::with_bundle("one.test");
    let living = Run::begin(&scene.home, "living".into()).unwrap();
    living.stages_in(&scene.out).unwrap();
    let stage = scene.out.join(".qcert-living-0");
    fs::create_dir(&stage).unwrap();
    scene.run(&["one.test"], &["--exists", "replace"]).assert_code(0);
    assert!(stage.exists());
    drop(living);
}
