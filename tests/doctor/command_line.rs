//! What `qcert doctor` takes, and what it refuses: nothing hangs, and nothing is judged against another machine's stores.

use crate::tree;
use crate::walk::lay_out;
use std::path::Path;
use std::process::{Command, Output};

fn doctor(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.current_dir(folder).env("QCERT_HOME", folder.join("home")).env_remove("QCERT_PASSWORD_FILE");
    command.arg("doctor").args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_no_server_is_refused() {
    let scene = tempfile::tempdir().unwrap();
    std::fs::create_dir(scene.path().join("empty")).unwrap();
    std::fs::write(scene.path().join("text"), "a note").unwrap();
    for (arguments, says) in [
        (&["empty"][..], "there is nothing of a Qlik server in `empty`"),
        (&["nowhere"], "there is no `nowhere`\nhint: check the path\n"),
        (&["--logs", "nowhere"], "there is no `nowhere`\nhint: check the path\n"),
        (&["--exported", "-"], "there is no `-`\nhint: check the path\n"),
        (&["--host-cfg", "nowhere"], "hint: check the path; `-` is standard input"),
        (&["empty", "--report", "-"], "`--report` writes a file, and `-` is none"),
        (&["text"], "`text` is not a folder"),
        (&["--stores", "text"], "`text` is no snapshot of certificate stores"),
        (&["--stores", "-", "--host-cfg", "-"], "cannot all read standard input"),
    ] {
        let output = doctor(scene.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains(says) && output.stdout.is_empty(), "{arguments:?}: {}", said(&output));
    }
}

/// What mends it depends on where it lies.
#[test]
fn the_way_out_is_that_of_the_place() {
    for (server, rule, fix) in [
        ("computer-renamed", "host/computer-renamed", "first see that `Sense/stores.json` was taken on this server"),
        ("local-empty", "site/nothing", "rename the folder `.Local Certificates`"),
        ("local-incomplete", "files/missing", "rename the folder `.Local Certificates`"),
        ("host-cfg-short", "host/other-name", "write `cXMxLmV4YW1wbGUuY29t` into Host.cfg"),
        ("host-cfg-twice", "host/other-name", "write `cXMxLmV4YW1wbGUuY29t` into Host.cfg"),
        ("host-cfg-dot-inside", "host/cfg-damaged", "write `cXMxLmV4YW1wbGUuY29t` into Host.cfg"),
    ] {
        let scene = tempfile::tempdir().unwrap();
        lay_out(scene.path(), &tree()[server]);
        let output = doctor(scene.path(), &["Sense", "--at", "2026-06-01", "--json"]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let finding = json["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == rule).unwrap();
        assert!(finding["fix"].as_str().unwrap().contains(fix), "{server}: {finding}");
    }
}

#[cfg(not(windows))]
#[test]
fn elsewhere_a_folder_is_needed() {
    let scene = tempfile::tempdir().unwrap();
    let output = doctor(scene.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.starts_with("error: Qlik Sense Enterprise runs on Windows") && said.contains("hint: "), "{said}");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_host_cfg_holds_nothing_up() {
    let scene = tempfile::tempdir().unwrap();
    lay_out(scene.path(), &tree()["sound"]);
    let cfg = scene.path().join("Sense/Host.cfg");
    std::fs::remove_file(&cfg).unwrap();
    assert!(Command::new("mkfifo").arg(&cfg).status().unwrap().success());
    let output = doctor(scene.path(), &["Sense", "--at", "2026-06-01", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let source = json["sources"].as_array().unwrap().iter().find(|source| source["what"] == "host_cfg").unwrap();
    assert_eq!((output.status.code(), &source["why_not"]), (Some(2), &"it is a pipe, not a file".into()));
}

/// Names are the file system's, and may hold anything.
#[cfg(unix)]
#[test]
fn names_of_folders_are_made_harmless() {
    let scene = tempfile::tempdir().unwrap();
    let server = &tree()["exported-of-another-root"];
    let hostile = "evil\u{1b}[31m\u{202e}.example.com";
    let files = server.iter().map(|(path, bytes)| (path.replace("qs3.example.com", hostile), bytes.clone())).collect();
    lay_out(scene.path(), &files);
    let output = doctor(scene.path(), &["Sense", "--at", "2026-06-01"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("evil\\u{1b}[31m\\u{202e}.example.com") && !told.contains('\u{1b}'), "{told}");
}

/// A log is evidence and no verdict; but logs that were asked for by name and are none were not looked at.
#[test]
fn logs_are_told_and_are_no_fault() {
    let scene = tempfile::tempdir().unwrap();
    lay_out(scene.path(), &tree()["sound-with-logs"]);
    let told = |arguments: &[&str]| -> (Option<i32>, serde_json::Value) {
        let output = doctor(scene.path(), &[&["Sense", "--at", "2026-06-01", "--json"], arguments].concat());
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
    };
    let (code, json) = told(&[]);
    let rules = &json["logs"]["entries"][0]["rules"];
    assert!(rules.as_array().unwrap().contains(&"chain/same-name-other-key".into()), "{json}");
    assert_eq!((code, &json["verdict"]), (Some(0), &"sound".into()));
    let (code, json) = told(&["--no-logs"]);
    assert_eq!((code, &json["logs"]), (Some(0), &serde_json::Value::Null));
    // By themselves they vouch for nothing.
    let output = doctor(scene.path(), &["--logs", "Sense/Log", "--at", "2026-06-01", "--json"]);
    let alone: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &alone["verdict"]), (Some(2), &"unjudged".into()));
    std::fs::create_dir(scene.path().join("none")).unwrap();
    let (code, json) = told(&["--logs", "none"]);
    assert_eq!((code, &json["verdict"]), (Some(2), &"unjudged".into()));
    let logs = json["sources"].as_array().unwrap().iter().find(|source| source["what"] == "logs").unwrap();
    assert_eq!((&logs["looked_at"], &logs["needed"]), (&false.into(), &true.into()));
}
