//! There and back: the same root, the same rows, the same earlier roots, and the next run works.

use super::scene::{PASSPHRASE, rows};
use crate::support::process::{run, run_with};
use crate::support::{Scene, names};
use fs_err as fs;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_restored_home_is_the_home_that_was_backed_up() {
    let scene = Scene::with_bundle("one.test");
    let kept = scene.home.join("previous/0123456789abcdef");
    fs::create_dir_all(&kept).unwrap();
    for name in ["root.pem", "root_key.pem"] {
        fs::copy(scene.home.join(name), kept.join(name)).unwrap();
    }
    fs::write(kept.join("cross.pem"), "beside").unwrap();
    fs::write(kept.join("note.txt"), "not qcert's").unwrap();
    let made = run(scene.backup("one.age", &["--json"])).assert_code(0).json();
    assert_eq!((&made["certificates"], &made["previous_roots"], &made["key"]), (&3.into(), &1.into(), &"open".into()));
    assert_eq!(fs::metadata(scene.path("one.age")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(made["size"], fs::metadata(scene.path("one.age")).unwrap().len());

    let sound = run(scene.restore("one.age", "new", &["--check", "--json"])).assert_code(0).json();
    assert_eq!((&sound["state"], &sound["root"]), (&"sound".into(), &made["root"]));
    assert!(!scene.path("new").exists(), "a check wrote something");

    let back = run(scene.restore("one.age", "new", &["--json"])).assert_code(0).json();
    assert_eq!(back["state"], "restored");
    let new = scene.path("new");
    for name in ["root.pem", "root_key.pem", "previous/0123456789abcdef/root_key.pem"] {
        assert_eq!(fs::read(scene.home.join(name)).unwrap(), fs::read(new.join(name)).unwrap(), "{name}");
        let rights = fs::metadata(new.join(name)).unwrap().permissions().mode() & 0o777;
        assert!(!name.ends_with("key.pem") || rights == 0o600, "{name}");
    }
    assert_eq!(names(&new.join("previous/0123456789abcdef")), ["cross.pem", "root.pem", "root_key.pem"]);
    assert_eq!(names(&new), ["ledger.sqlite", "lock", "previous", "root.pem", "root_key.pem", "runs"]);
    assert_eq!(rows(&scene.home), rows(&new));

    // The next run of the restored home signs with the same root.
    run(scene.export_at("new", &[])).assert_code(0);
    scene.judge("two.test");
}

#[test]
fn a_home_that_has_something_is_never_restored_over() {
    let (scene, other) = (Scene::with_bundle("one.test"), Scene::with_bundle("two.test"));
    run(scene.backup("one.age", &[])).assert_code(0);
    let file = scene.path("one.age").display().to_string();
    let before = contents_of_home(&other);
    run(other.restore(&file, "home", &[])).assert_error(2, &["not empty", "home"]);
    assert!(before == contents_of_home(&other));
    // A ledger without its root is somebody's only record.
    for name in ["root.pem", "root_key.pem"] {
        fs::remove_file(other.home.join(name)).unwrap();
    }
    run(other.restore(&file, "home", &[])).assert_error(2, &["root"]);
    assert_eq!(rows(&other.home).len(), 3);
    // Earlier roots are kept where there is no other trace of anything.
    let kept = scene.path("kept");
    fs::create_dir_all(kept.join("previous/0123456789abcdef")).unwrap();
    run(scene.restore("one.age", "kept", &[])).assert_error(2, &["not empty"]);
    // An empty home is none yet.
    fs::create_dir(scene.path("empty")).unwrap();
    fs::write(scene.path("empty/mine.txt"), "mine").unwrap();
    run(scene.restore("one.age", "empty", &[])).assert_code(0);
    assert_eq!(fs::read(scene.path("empty/mine.txt")).unwrap(), b"mine");
}

fn contents_of_home(scene: &Scene) -> Vec<Vec<u8>> {
    ["root.pem", "root_key.pem", "ledger.sqlite"].map(|name| fs::read(scene.home.join(name)).unwrap()).to_vec()
}

#[test]
fn a_key_with_a_passphrase_of_its_own_is_opened_where_it_can_be() {
    let scene = Scene::with_bundle("one.test");
    let own = scene.file("own.txt", "the root's own passphrase");
    run(scene.qcert(&["init", "--protect", "--passphrase-file", &own])).assert_code(0);
    let unopened = run(scene.backup("one.age", &[])).assert_code(0);
    assert!(unopened.stdout.contains("not checked"), "{}", unopened.stdout);
    assert!(unopened.stderr.contains("passphrase of its own"), "{}", unopened.stderr);
    let opened = run(scene.backup("two.age", &["--passphrase-file", &own])).assert_code(0);
    assert!(opened.stdout.contains("fits the root"), "{}", opened.stdout);
    let wrong = scene.file("wrong.txt", "another one");
    run(scene.backup("three.age", &["--passphrase-file", &wrong])).assert_error(2, &["passphrase", "wrong"]);
    assert!(!scene.path("three.age").exists());
    run(scene.restore("two.age", "x", &["--check", "--passphrase-file", &wrong])).assert_error(2, &["root's key"]);
    run(scene.restore("two.age", "new", &[])).assert_code(0);
    run(scene.export_at("new", &["--passphrase-file", &own])).assert_code(0);
}

#[test]
fn the_passphrase_comes_from_a_file_or_from_standard_input_and_is_shown_nowhere() {
    let scene = Scene::with_bundle("one.test");
    run(scene.qcert(&["backup", "one.age"])).assert_error(2, &["no passphrase", "--backup-passphrase-file"]);
    let twice = ["backup", "one.age", "--backup-passphrase-stdin", "--passphrase-file", "-"];
    run_with(scene.qcert(&twice), "x").assert_error(2, &["standard input"]);
    assert!(!scene.path("one.age").exists());
    let command = scene.qcert(&["backup", "one.age", "--work-factor", "4", "--backup-passphrase-stdin", "-vv"]);
    run_with(command, format!("{PASSPHRASE}\n")).assert_code(0).assert_silent_about(&[PASSPHRASE]);
    scene.check("one.age").assert_code(0).assert_silent_about(&[PASSPHRASE]);
    let short =
        run_with(scene.qcert(&["backup", "two.age", "--work-factor", "4", "--backup-passphrase-stdin"]), "seven77");
    assert!(short.assert_code(0).stderr.contains("fewer than 8"));
    run(scene.qcert(&["restore", "one.age", "--check"])).assert_error(2, &["no passphrase"]);
    let wrong = scene.qcert(&["restore", "one.age", "--check", "--backup-passphrase-stdin"]);
    run_with(wrong, "Correct horse battery").assert_error(2, &["does not open"]);
}

#[test]
fn a_file_that_is_there_is_kept_or_replaced_in_one_step() {
    let scene = Scene::with_bundle("one.test");
    scene.file("one.age", "mine");
    run(scene.backup("one.age", &[])).assert_error(2, &["already there", "--exists replace"]);
    assert_eq!(fs::read(scene.path("one.age")).unwrap(), b"mine");
    run(scene.backup("one.age", &["--exists", "replace"])).assert_code(0);
    scene.check("one.age").assert_code(0);
    run(scene.backup("home", &["--exists", "replace"])).assert_error(2, &["folder"]);
    run(scene.backup("-", &[])).assert_error(2, &["standard output"]);
    run(scene.backup("no/such/folder.age", &[])).assert_error(2, &["no/such/folder.age"]);
    let inside = scene.home.join("inside.age").display().to_string();
    assert!(run(scene.backup(&inside, &[])).assert_code(0).stderr.contains("lies in the home itself"));
    scene.assert_no_runs();
    assert!(!names(&scene.path("")).iter().any(|name| name.starts_with(".qcert")));
}

#[test]
fn there_is_nothing_to_back_up_without_a_root() {
    let scene = Scene::new();
    run(scene.backup("one.age", &[])).assert_error(2, &["no root"]);
    assert!(!scene.path("one.age").exists() && !scene.home.exists());
}
