//! Homes in every state: each gives a clear answer, at once, and is left as it was.

use crate::support::process::{Ended, run, start};
use crate::support::{Scene, contents, is_root, names, skipped};
use fs_err as fs;
use qcert::host::ledger::Ledger;
use rusqlite::Connection;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const QUESTIONS: [&[&str]; 6] =
    [&[], &["--json"], &["--live-clients"], &["--expiring", "30"], &["--expiring", "30", "--json"], &["--metrics"]];
const NOBODY: u32 = 65534;

fn ask(scene: &Scene, question: &[&str]) -> Ended {
    run(scene.qcert(&[&["list"], question].concat()))
}

/// None of the questions is answered, each in these words, and nothing is touched.
#[track_caller]
fn refuses(scene: &Scene, words: &[&str]) {
    let before = contents_if_there(&scene.home);
    for question in QUESTIONS {
        let ended = ask(scene, question).assert_error(2, words);
        if question.contains(&"--json") {
            assert!(ended.json()["error"]["message"].is_string());
        } else {
            assert_eq!(ended.stdout, "");
        }
    }
    assert!(contents_if_there(&scene.home) == before, "the home was changed");
}

fn contents_if_there(folder: &Path) -> Option<Vec<(String, Vec<u8>)>> {
    let read = |name: String| (name.clone(), fs::read(folder.join(&name)).unwrap_or_default());
    folder.exists().then(|| names(folder).into_iter().map(read).collect())
}

fn ledger(scene: &Scene) -> Connection {
    Connection::open(scene.home.join("ledger.sqlite")).unwrap()
}

#[test]
fn no_home_and_no_root() {
    let scene = Scene::new();
    refuses(&scene, &["there is no root", "qcert init"]);
    assert!(!scene.home.exists());
    fs::create_dir(&scene.home).unwrap();
    refuses(&scene, &["there is no root", "qcert init"]);
    drop(Ledger::open(&scene.home.join("ledger.sqlite")).unwrap());
    refuses(&scene, &["there is no root", "qcert init"]);
    fs::remove_dir_all(&scene.home).unwrap();
    fs::write(&scene.home, "mine").unwrap();
    for question in QUESTIONS {
        ask(&scene, question).assert_error(2, &["root"]);
    }
}

#[test]
fn a_home_without_its_ledger() {
    let scene = Scene::with_bundle("one.test");
    let path = scene.home.join("ledger.sqlite");
    let whole = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    refuses(&scene, &["has no ledger", "backup"]);
    drop(Ledger::open(&path).unwrap());
    refuses(&scene, &["does not know the root", "qcert export"]);
    fs::write(&path, whole).unwrap();
    ask(&scene, &[]).assert_code(0);
    // The ledger knows which root is the present one, also while another run puts its files in place.
    fs::rename(scene.home.join("root.pem"), scene.home.join("root.pem.new")).unwrap();
    ask(&scene, &[]).assert_code(0);
}

#[test]
fn a_ledger_that_is_damaged() {
    let scene = Scene::with_bundle("one.test");
    let path = scene.home.join("ledger.sqlite");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, "this is not a database, though it is long enough to be taken for one").unwrap();
    refuses(&scene, &["ledger.sqlite", "damaged", "backup"]);
    // The table's pages are overwritten: the schema can be read, and the rows cannot.
    let mut torn = whole.clone();
    torn.get_mut(4096..).unwrap().fill(0xa5);
    fs::write(&path, &torn).unwrap();
    refuses(&scene, &["ledger.sqlite", "damaged", "backup"]);
    fs::write(&path, &whole[..4096]).unwrap();
    refuses(&scene, &["ledger.sqlite"]);
    fs::write(&path, &whole).unwrap();
    ask(&scene, &[]).assert_code(0);
}

#[test]
fn a_ledger_of_another_version() {
    let scene = Scene::with_bundle("one.test");
    ledger(&scene).pragma_update(None, "user_version", 99).unwrap();
    refuses(&scene, &["made by a newer qcert"]);
}

/// As the first version made it.
fn make_old(scene: &Scene) {
    let old = ledger(scene);
    old.execute_batch(
        "ALTER TABLE certificate RENAME TO new;
         DROP INDEX certificate_machine;
         CREATE TABLE certificate (
             root TEXT NOT NULL, serial TEXT NOT NULL,
             role TEXT NOT NULL CHECK (role IN ('root', 'server', 'client')), machine TEXT NOT NULL,
             profile TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE, issued_at INTEGER NOT NULL,
             not_before INTEGER NOT NULL, not_after INTEGER NOT NULL, folder TEXT NOT NULL,
             state TEXT NOT NULL CHECK (state IN ('issued', 'written')), der BLOB NOT NULL, PRIMARY KEY (root, serial)
         ) STRICT;
         INSERT INTO certificate SELECT root, serial, role, machine, profile, sha256, issued_at, not_before, not_after,
             place, 'written', der FROM new JOIN encoding USING (sha256) ORDER BY id;
         DROP TABLE new; DROP TABLE encoding; DROP TABLE crl;
         CREATE INDEX certificate_machine ON certificate (machine);
         PRAGMA user_version = 1;",
    )
    .unwrap();
}

#[test]
fn a_ledger_of_the_first_version_is_brought_up_to_date() {
    let scene = Scene::with_bundle("one.test");
    let before = ask(&scene, &["--json"]).assert_code(0).stdout;
    make_old(&scene);
    assert_eq!(ask(&scene, &["--json"]).assert_code(0).stdout, before);
    let version: i64 = ledger(&scene).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 2);
}

/// Also what a run that was killed has left is neither finished nor taken away.
#[test]
fn the_home_stays_as_it_is() {
    let scene = Scene::with_bundle("one.test");
    fs::write(scene.home.join("runs/dead.run"), "").unwrap();
    let look =
        || (contents(&scene.out.join("one.test")), contents_if_there(&scene.home), names(&scene.home.join("runs")));
    let before = look();
    for question in QUESTIONS {
        ask(&scene, question).assert_code(0);
        assert!(look() == before, "{question:?}: {:?}", names(&scene.home));
    }
}

/// The home's lock is no matter of those who look, nor is a program that writes.
#[test]
fn nobody_is_waited_for() {
    let scene = Scene::with_bundle("one.test");
    let lock = fs::File::open(scene.home.join("lock")).unwrap().into_parts().0;
    lock.lock().unwrap();
    let writer = ledger(&scene);
    writer.execute_batch("BEGIN IMMEDIATE; UPDATE certificate SET machine = 'other.test'").unwrap();
    let begun = Instant::now();
    for question in QUESTIONS {
        let ended = ask(&scene, question).assert_code(0);
        assert!(!ended.stdout.contains("other.test"), "{}", ended.stdout);
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    writer.execute_batch("ROLLBACK").unwrap();
}

/// A scene of an account that may read its home and not write it.
fn read_only(scene: &Scene, question: &[&str]) -> Ended {
    let mut command = scene.qcert(&[&["list"], question].concat());
    if !is_root() {
        return run(command);
    }
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    command = Command::new(scene.path("qcert"));
    command.args(arguments).current_dir(scene.path("")).uid(NOBODY).gid(NOBODY);
    run(command)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Not below the project: another account may not be allowed to get there.
fn scene_for_nobody() -> Scene {
    let scene = Scene::at(tempfile::tempdir().unwrap());
    scene.run(&["one.test"], &[]).assert_code(0);
    if is_root() {
        fs::copy(env!("CARGO_BIN_EXE_qcert"), scene.path("qcert")).unwrap();
        set_mode(&scene.path("qcert"), 0o755);
        for name in names(&scene.home) {
            chown(scene.home.join(name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        chown(&scene.home, Some(NOBODY), Some(NOBODY)).unwrap();
        set_mode(&scene.path(""), 0o755);
    }
    scene
}

#[test]
fn a_home_that_may_only_be_read() {
    let scene = scene_for_nobody();
    let before = names(&scene.home);
    for (folder, file) in [(0o500, 0o600), (0o500, 0o400), (0o700, 0o400)] {
        set_mode(&scene.home.join("ledger.sqlite"), file);
        set_mode(&scene.home, folder);
        for question in QUESTIONS {
            let ended = read_only(&scene, question).assert_code(0);
            assert!(ended.stdout.contains("one") || question.contains(&"--expiring"), "{question:?}: {}", ended.stdout);
        }
        set_mode(&scene.home, 0o700);
        if file == 0o600 || folder == 0o500 {
            assert_eq!(names(&scene.home), before, "{folder:o} {file:o}");
        }
    }
    // What is old cannot be brought up to date there.
    set_mode(&scene.home.join("ledger.sqlite"), 0o600);
    make_old(&scene);
    if is_root() {
        chown(scene.home.join("ledger.sqlite"), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    set_mode(&scene.home, 0o500);
    read_only(&scene, &[]).assert_error(2, &["older qcert", &scene.home.display().to_string()]);
    set_mode(&scene.home, 0o700);
}

/// A disk that nobody writes: with a clean ledger, and with what a killed run left beside it.
#[test]
fn a_disk_that_can_only_be_read() {
    if !is_root() {
        eprintln!("SKIPPED: only root can mount a home read-only");
        return;
    }
    let scene = Scene::with_bundle("one.test");
    let mount = |options: &str| {
        let mut command = Command::new("mount");
        command.args(["-o", options]).arg(&scene.home).arg(&scene.home).stderr(std::process::Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    for killed in [false, true] {
        if killed {
            // Its rows are in the write-ahead log alone.
            let writer = ledger(&scene);
            writer.execute_batch("UPDATE certificate SET machine = 'late.test' WHERE role <> 'root'").unwrap();
            std::mem::forget(writer);
        }
        if !mount("bind") {
            return skipped("a folder cannot be mounted here");
        }
        assert!(mount("remount,bind,ro"));
        let answers: Vec<_> = QUESTIONS.iter().map(|question| ask(&scene, question)).collect();
        assert!(Command::new("umount").arg("-l").arg(&scene.home).status().unwrap().success());
        for answer in answers {
            let answer = answer.assert_code(0).stdout;
            assert_eq!(answer.contains("late.test"), killed && answer.contains("one.test"), "{answer}");
        }
    }
}

/// Each answer is whole: a bundle is in the list with both of its certificates or not at all.
#[test]
fn while_others_write() {
    let scene = Scene::with_bundle("first.test");
    let lists: Vec<String> = (0..8)
        .map(|run| {
            let names: Vec<_> = (0..6).map(|number| format!("m{run}-{number}.test\n")).collect();
            scene.file(&format!("machines{run}"), names.concat())
        })
        .collect();
    let more = ["--format", "pem", "--machines-from"];
    let mut exports: Vec<_> =
        lists.iter().map(|list| start(scene.export(&[], &[&more[..], &[list.as_str()]].concat()))).collect();
    let mut looked = 0;
    let mut last = 0;
    let begun = Instant::now();
    while last < 3 + 2 * 48 {
        assert!(begun.elapsed() < Duration::from_secs(90), "{last} after {looked} looks");
        let answer = ask(&scene, &["--json"]).assert_code(0).json();
        let certificates = answer["certificates"].as_array().unwrap();
        assert!(certificates.len() >= last && certificates.len() % 2 == 1, "{last}, then {}", certificates.len());
        last = certificates.len();
        looked += 1;
    }
    for export in exports.drain(..) {
        export.wait().assert_code(0);
    }
    assert!(looked > 1, "they were too fast to be looked at");
    ask(&scene, &[]).assert_code(0);
    assert!(!names(&scene.home).iter().any(|name| name.contains("-wal")), "{:?}", names(&scene.home));
}
