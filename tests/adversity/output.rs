//! Streams that are closed, and errors as a program reads them.

use crate::support::Scene;
use crate::support::process::run;
use fs_err as fs;
use std::process::{Command, Stdio};

fn shell(scene: &Scene, script: &str) -> crate::support::process::Ended {
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_qcert")]).current_dir(scene.path(""));
    run(command)
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let scene = Scene::with_bundle("one.test");
    for more in ["", "--json", "-vv"] {
        let export = format!("\"$1\" --home home export --machine one.test --out out --exists keep {more}");
        let ended = shell(&scene, &format!("({export}; echo $? >code) | true; cat code"));
        assert_eq!(ended.stdout, "0\n", "{}", ended.stderr);
        assert!(!ended.stderr.contains("panicked") && !ended.stderr.contains("error:"), "{}", ended.stderr);
        for closed in [">&-", "2>&-", ">&- 2>&-", "<&-"] {
            let ended = shell(&scene, &format!("{export} {closed}; echo $? >code; cat code"));
            assert!(ended.stdout.ends_with("0\n"), "{closed}: {} {}", ended.stdout, ended.stderr);
            assert!(!ended.stderr.contains("panicked"), "{closed}: {}", ended.stderr);
        }
    }
    let ended = shell(&scene, "\"$1\" --help | true; \"$1\" --version >&-; \"$1\" export --help | head -c 1");
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}

#[test]
fn nobody_hears_the_error() {
    let scene = Scene::new();
    let ended = shell(&scene, "\"$1\" --home home export --machine .. --json 2>&- >&-; echo $?");
    assert_eq!(ended.stdout, "2\n");
    let ended = shell(&scene, "(\"$1\" --home home export --machine .. 2>&1; echo $? >code) | true; cat code");
    assert_eq!(ended.stdout, "2\n");
}

#[test]
fn an_error_is_one_json_value_with_message_and_hint() {
    let scene = Scene::new();
    let out = scene.path("c").display().to_string();
    for arguments in [
        &["--json", "export", "--machine", ".."][..],
        &["--json", "export", "--machine", "..", "--machine", "a b"],
        &["--json", "export"],
        &["--json", "sign", "client", "--out", &out],
        &["--json", "init", "--from", "nowhere.pfx"],
        &["--json", "init", "--protect"],
        &["--json", "export", "--machine", "a.test", "--not-after", "2001-01-01"],
    ] {
        let ended = run(scene.qcert(arguments)).assert_error(2, &[]);
        let error = &ended.json()["error"];
        assert!(!error["message"].as_str().unwrap().is_empty());
        assert!(error["hint"].is_string(), "{arguments:?}: {error}");
    }
}

#[test]
fn quiet_is_quiet_but_for_errors() {
    let scene = Scene::new();
    let ended = scene.run(&["one.test"], &["-q"]).assert_code(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    let ended = scene.run(&["one.test"], &["-q"]).assert_error(2, &["already exists"]);
    assert!(ended.stderr.starts_with("error: "));
    assert_eq!(ended.stdout, "");
}

#[test]
fn usage_errors_end_with_2() {
    let scene = Scene::new();
    for arguments in [&["export", "--what"][..], &["destroy"], &["sign", "root", "--out", "x"], &["-q"]] {
        let mut command = scene.qcert(arguments);
        command.stdin(Stdio::null());
        run(command).assert_code(2);
    }
    assert!(!scene.home.exists());
}

/// A run that fails while its threads are just starting ends with its own code: the crypto library aborts a process
/// that ends before a thread's first random octets (src/host/threads.rs). It showed in one of a thousand runs.
#[test]
fn a_run_that_fails_early_ends_with_its_code() {
    let scene = Scene::new();
    fs::write(&scene.home, "a file").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..100 {
                    run(scene.export(&["a.test"], &[])).assert_error(2, &["cannot use the home"]);
                }
            });
        }
    });
}
