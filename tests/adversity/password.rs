//! Passwords and passphrases: wrong, missing, not one, asked for twice on one stream; and never shown.

use crate::support::Scene;
use crate::support::process::{run, run_with};
use fs_err as fs;

const SECRET: &str = "S3cret-that-nobody-may-see";

fn protected() -> (Scene, String) {
    let scene = Scene::with_bundle("one.test");
    let passphrase = scene.file("passphrase", format!("{SECRET}\n"));
    let protect = run(scene.qcert(&["init", "--protect", "--passphrase-file", &passphrase, "-vv"]));
    protect.assert_code(0).assert_silent_about(&[SECRET]);
    (scene, passphrase)
}

#[test]
fn the_passphrase_of_the_root() {
    let (scene, right) = protected();
    let root = scene.root_bytes();
    let wrong = scene.file("wrong", "Wr0ng-passphrase");
    let secrets = [SECRET, "Wr0ng-passphrase"];
    let key = scene.home.join("root_key.pem").display().to_string();
    let ended = scene.run(&["two.test"], &["-vv", "--passphrase-file", &wrong]);
    ended.assert_error(2, &["passphrase is wrong", &key]).assert_silent_about(&secrets);
    scene.run(&["two.test"], &[]).assert_error(2, &["no passphrase was given", "--passphrase-file", &key]);
    let ended = run(scene.qcert(&["init", "--protect", "--passphrase-file", &right]));
    ended.assert_error(2, &["already has a passphrase", "--old-passphrase-file"]);
    let change = ["init", "--protect", "--passphrase-file", &right, "--old-passphrase-file", &wrong];
    run(scene.qcert(&change)).assert_error(2, &["passphrase is wrong"]).assert_silent_about(&secrets);
    assert!(!scene.out.join("two.test").exists());
    assert_eq!(root, scene.root_bytes());
    let ended = scene.run(&["two.test"], &["-vv", "--json", "--passphrase-file", &right]);
    ended.assert_code(0).assert_silent_about(&secrets).json();
    scene.judge("two.test");
    let ended = run_with(scene.export(&["three.test"], &["--passphrase-stdin"]), format!("{SECRET}\r\n"));
    ended.assert_code(0);
}

#[test]
fn a_password_file_that_holds_none() {
    let scene = Scene::new();
    let missing = scene.path("missing").display().to_string();
    let folder = scene.path("").display().to_string();
    let files = [
        (missing, "cannot read"),
        (folder, "folder"),
        (scene.file("empty", ""), "empty"),
        (scene.file("line-end", "\n"), "empty"),
        (scene.file("two-lines", format!("{SECRET}\nanother line\n")), "one line"),
        (scene.file("long", SECRET.repeat(50)), "longer than"),
        (scene.file("binary", b"\xff\xfe\x00\xd8S3cret"), "not text"),
    ];
    for (file, word) in files {
        for option in ["--password-file", "--passphrase-file"] {
            let ended = scene.run(&["one.test"], &["-vv", "--json", option, &file]);
            let ended = ended.assert_error(2, &[&file, word]).assert_silent_about(&[SECRET, "another line"]);
            assert!(ended.json()["error"]["message"].as_str().unwrap().contains("password"));
        }
    }
    assert!(!scene.home.exists() && !scene.out.exists(), "passwords are had before any work is done");
}

#[test]
fn standard_input_gives_one_thing() {
    let scene = Scene::new();
    let list = scene.file("list", "one.test");
    for arguments in [
        ["--machines-from", "-", "--password-stdin", "--no-op"],
        ["--password-stdin", "--passphrase-stdin", "--machines-from", &list],
        ["--machines-from", "-", "--passphrase-file", "-"],
        ["--password-file", "-", "--passphrase-stdin", "--no-op"],
    ] {
        let arguments: Vec<_> = arguments.into_iter().filter(|argument| *argument != "--no-op").collect();
        let ended = run_with(scene.export(&["two.test"], &arguments), "one.test\n");
        ended.assert_error(2, &["standard input"]);
    }
    assert!(!scene.home.exists());
}

#[test]
fn a_password_on_standard_input() {
    let scene = Scene::new();
    let ended = run_with(scene.export(&["one.test"], &["-vv", "--password-stdin"]), format!("{SECRET}\n"));
    ended.assert_code(0).assert_silent_about(&[SECRET]);
    let key = fs::read_to_string(scene.out.join("one.test/server_key.pem")).unwrap();
    assert!(key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    // Another password than its own does not make it a bundle to keep.
    scene.run(&["one.test"], &["--exists", "keep"]).assert_error(2, &["does not open with this password"]);
    let ended = run_with(scene.export(&["one.test"], &["--exists", "keep", "--password-stdin"]), SECRET);
    ended.assert_code(0).assert_silent_about(&[SECRET]);
    run_with(scene.export(&["two.test"], &["--password-stdin"]), "").assert_error(2, &["empty"]);
}

#[test]
fn no_key_is_ever_shown() {
    let scene = Scene::new();
    let ended = scene.run(&["one.test"], &["-vv"]).assert_code(0);
    for file in [scene.home.join("root_key.pem"), scene.out.join("one.test/server_key.pem")] {
        let key = fs::read_to_string(file).unwrap();
        let lines: Vec<_> = key.lines().filter(|line| line.len() > 20).map(str::trim).collect();
        assert!(!lines.iter().any(|line| ended.stdout.contains(line) || ended.stderr.contains(line)));
    }
}
