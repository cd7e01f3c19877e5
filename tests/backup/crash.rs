//! Kills at any moment: no half backup, no half home, and the next run works.

use super::scene::rows;
use crate::support::process::{run, start};
use crate::support::{Scene, names};
use fs_err as fs;
use std::time::{Duration, Instant};

const KILLS: u32 = 12;

fn kill_after(command: std::process::Command, delay: Duration) -> bool {
    let mut running = start(command);
    std::thread::sleep(delay);
    running.kill();
    running.wait().was_killed()
}

fn moments(whole: Duration) -> impl Iterator<Item = Duration> {
    (0..KILLS).map(move |at| whole * 5 / 4 * at / KILLS)
}

fn stages(folder: &std::path::Path) -> Vec<String> {
    names(folder).into_iter().filter(|name| name.starts_with(".qcert")).collect()
}

#[test]
fn a_killed_backup_leaves_the_old_one_or_the_new_one() {
    let scene = Scene::with_bundle("one.test");
    let begun = Instant::now();
    run(scene.backup("first.age", &[])).assert_code(0);
    let whole = begun.elapsed();
    let mut killed = 0;
    for (at, delay) in moments(whole).enumerate() {
        let name = format!("{at}.age");
        killed += u32::from(kill_after(scene.backup(&name, &[]), delay));
        if scene.path(&name).exists() {
            scene.check(&name).assert_code(0);
        }
        killed += u32::from(kill_after(scene.backup("first.age", &["--exists", "replace"]), delay));
        scene.check("first.age").assert_code(0);
    }
    assert!(killed > KILLS / 2, "only {killed} were killed");
    run(scene.backup("last.age", &[])).assert_code(0);
    assert_eq!(stages(&scene.path("")), [""; 0]);
    scene.assert_no_runs();
}

#[test]
fn a_killed_restore_leaves_nothing_or_the_whole() {
    let scene = Scene::with_bundle("one.test");
    let kept = scene.home.join("previous/0123456789abcdef");
    fs::create_dir_all(&kept).unwrap();
    for name in ["root.pem", "root_key.pem"] {
        fs::copy(scene.home.join(name), kept.join(name)).unwrap();
    }
    run(scene.backup("one.age", &[])).assert_code(0);
    let begun = Instant::now();
    run(scene.restore("one.age", "whole", &[])).assert_code(0);
    let whole = begun.elapsed();
    let (mut nothing, mut all) = (0, 0);
    for (at, delay) in moments(whole).chain((0..KILLS).map(|at| whole * 3 / 4 + whole / 4 * at / KILLS)).enumerate() {
        let name = format!("home{at}");
        kill_after(scene.restore("one.age", &name, &[]), delay);
        let home = scene.path(&name);
        // The next run decides: it restores, or it finds everything there.
        let again = run(scene.restore("one.age", &name, &[]));
        match again.status.code() {
            Some(0) => nothing += 1,
            Some(2) => all += 1,
            other => panic!("{other:?}: {}", again.stderr),
        }
        run(scene.export_at(&name, &[])).assert_code(0);
        assert_eq!(names(&home), ["ledger.sqlite", "lock", "previous", "root.pem", "root_key.pem", "runs"]);
        assert_eq!(names(&home.join("previous/0123456789abcdef")), ["root.pem", "root_key.pem"]);
        assert_eq!(rows(&home)[..3], rows(&scene.home)[..]);
    }
    assert!(nothing > 0 && all > 0, "{nothing} had nothing, {all} had all");
}
