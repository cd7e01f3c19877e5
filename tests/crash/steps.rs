//! Kills before each single step that changes the disk, one after the other: strace counts them and kills.

use crate::support::process::{Ended, run};
use crate::support::{ROOT_FILES, Scene, skipped};
use fs_err as fs;
use std::process::{Command, Stdio};

/// Families of calls, some of which no run makes, or no processor has. strace counts each call by itself, so the calls
/// of a family are gone through one after the other.
pub(super) const FOLDERS: &str = "?mkdir,mkdirat";
pub(super) const RENAMES: &str = "?rename,?renameat,renameat2";
pub(super) const REMOVALS: &str = "?unlink,unlinkat,?rmdir";
pub(super) const FLUSHES: &str = "fsync,fdatasync";
pub(super) const WRITES: &str = "write";
pub(super) const PAGES: &str = "pwrite64";
/// No run takes so many of one kind.
const STEPS: usize = 1000;

/// Under strace, with `signal` before the `number`th of this call of any one thread.
pub(super) fn traced(scene: &Scene, command: &Command, call: &str, signal: &str, number: usize) -> Ended {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(scene.path("trace")).args(["-e", &format!("trace={call}")]);
    strace.args(["-e", &format!("inject={call}:signal={signal}:when={number}")]);
    strace.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        strace.current_dir(folder);
    }
    run(strace)
}

fn strace_works() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    let works = traced.is_ok_and(|status| status.success());
    if !works {
        skipped("strace is not installed, or may not trace");
    }
    works
}

/// Whether the traced run came to the step.
pub(super) fn was_interrupted(scene: &Scene) -> bool {
    fs::read_to_string(scene.path("trace")).unwrap().contains("SIGINT")
}

/// Runs `one` with ever later interrupts until it says that it was not interrupted any more.
pub(super) fn for_each_interrupt(calls: &str, mut one: impl FnMut(&str, usize) -> bool) {
    if !strace_works() {
        return;
    }
    for call in calls.split(',') {
        assert!((1..60).any(|number| !one(call, number)), "still interrupted");
    }
}

/// Runs `one` with ever later kills until it is not killed any more. The ledger's pages are SQLite's own care: a
/// third of them will do.
pub(super) fn for_each_step(calls: &str, mut one: impl FnMut(&str, usize) -> Ended) {
    if !strace_works() {
        return;
    }
    let mut killed = 0;
    for call in calls.split(',') {
        for number in (1..).step_by(if calls == PAGES { 3 } else { 1 }) {
            let ended = one(call, number);
            if !ended.was_killed() {
                ended.assert_code(0);
                break;
            }
            killed += 1;
            assert!(number < STEPS, "still killed at step {number}");
        }
    }
    assert!(killed > 0, "strace did not count {calls}");
}

fn next_run_works(scene: &Scene) {
    scene.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
    scene.judge("one.test");
    scene.assert_nothing_is_left();
    scene.assert_no_runs();
    scene.assert_ledger_is_true();
}

fn first_runs(calls: &str) {
    for_each_step(calls, |call, number| {
        let scene = Scene::new();
        let ended = traced(&scene, &scene.export(&["one.test"], &[]), call, "KILL", number);
        if scene.out.join("one.test").exists() {
            scene.judge("one.test");
        }
        scene.assert_ledger_knows_all();
        let root = scene.root_bytes();
        next_run_works(&scene);
        assert!(root.is_none() || root == scene.root_bytes());
        ended
    });
}

/// A home's first steps are the same in `init`, which makes fewer keys.
fn inits(calls: &str) {
    for_each_step(calls, |call, number| {
        let scene = Scene::new();
        let init = || scene.qcert(&["init", "--host", "site.test"]);
        let ended = traced(&scene, &init(), call, "KILL", number);
        scene.assert_ledger_knows_all();
        let root = scene.root_bytes();
        let next = run(init());
        if !next.status.success() {
            next.assert_error(2, &["already a root"]);
            // That was said without touching the home. This takes it.
            let out = scene.path("client").display().to_string();
            run(scene.qcert(&["sign", "client", "--out", &out])).assert_code(0);
        }
        assert!(scene.root_bytes().is_some() && (root.is_none() || root == scene.root_bytes()));
        scene.assert_nothing_is_left();
        scene.assert_no_runs();
        ended
    });
}

fn replacements(calls: &str) {
    let scene = Scene::with_bundle("one.test");
    let root = scene.root_bytes();
    for_each_step(calls, |call, number| {
        let command = scene.export(&["one.test"], &["--exists", "replace"]);
        let ended = traced(&scene, &command, call, "KILL", number);
        scene.judge("one.test");
        scene.assert_ledger_knows_all();
        next_run_works(&scene);
        assert_eq!(root, scene.root_bytes());
        ended
    });
}

fn protections(calls: &str) {
    let scene = Scene::with_bundle("one.test");
    let passphrase = scene.file("passphrase", "a passphrase");
    let [certificate, open_key] = scene.root_bytes().unwrap();
    for_each_step(calls, |call, number| {
        fs::write(scene.home.join("root_key.pem"), &open_key).unwrap();
        let command = scene.qcert(&["init", "--protect", "--passphrase-file", &passphrase]);
        let ended = traced(&scene, &command, call, "KILL", number);
        scene.run(&["one.test"], &["--exists", "keep", "--passphrase-file", &passphrase]).assert_code(0);
        assert_eq!(scene.root_bytes().unwrap()[0], certificate);
        scene.assert_nothing_is_left();
        ended
    });
}

/// Before the handler is there nothing is there either; with it nothing is left even without a next run.
fn interrupted(calls: &str, command: fn(&Scene) -> Command) {
    for_each_interrupt(calls, |call, number| {
        let scene = Scene::new();
        let ended = traced(&scene, &command(&scene), call, "INT", number);
        if let Some(code) = ended.status.code() {
            assert!(code == 130 || code == 0, "step {number}: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains("error:"), "step {number}: {}", ended.stderr);
        if scene.out.join("one.test").exists() {
            scene.judge("one.test");
        }
        scene.assert_ledger_knows_all();
        scene.assert_nothing_is_left();
        let names = ROOT_FILES.map(|name| scene.home.join(name).exists());
        assert_eq!(names[0], names[1], "half a root at step {number}");
        was_interrupted(&scene)
    });
}

#[test]
fn a_first_run_killed_at_each_rename_and_new_folder() {
    first_runs(RENAMES);
    first_runs(FOLDERS);
}

#[test]
fn an_init_killed_at_each_rename_flush_and_write() {
    inits(RENAMES);
    inits(FLUSHES);
    inits(WRITES);
}

#[test]
fn an_init_killed_at_each_page_of_the_ledger_and_each_removal() {
    inits(PAGES);
    inits(REMOVALS);
}

#[test]
fn a_replacement_killed_at_each_change_of_a_name() {
    replacements(RENAMES);
    replacements(FOLDERS);
    replacements(REMOVALS);
}

#[test]
fn a_replacement_killed_at_each_flush_and_write() {
    replacements(FLUSHES);
    replacements(WRITES);
}

#[test]
fn a_protection_killed_at_each_rename_and_flush() {
    protections(RENAMES);
    protections(FLUSHES);
}

#[test]
fn a_first_run_interrupted_at_each_step() {
    interrupted(RENAMES, |scene| scene.export(&["one.test"], &[]));
    interrupted(FLUSHES, |scene| scene.qcert(&["init", "--host", "site.test"]));
}
