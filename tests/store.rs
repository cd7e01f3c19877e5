//! `qcert store` by the stores of the machine itself: on Windows what is there, elsewhere the word that there are none.
//! What a snapshot shows is in `tests/cmd/store.case`.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test starts qcert, and fails loudly")]

use std::path::Path;
use std::process::{Command, Output};

fn qcert(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.args(arguments).current_dir(folder).env("QCERT_HOME", folder.join("home")).output().unwrap()
}

#[test]
fn the_script_is_printed_as_it_is() {
    let scene = tempfile::tempdir().unwrap();
    let output = qcert(scene.path(), &["store", "snapshot", "--script"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert_eq!(output.stdout, include_bytes!("../src/cli/store/script.ps1"));
}

#[cfg(not(windows))]
#[test]
fn elsewhere_there_are_no_stores() {
    let scene = tempfile::tempdir().unwrap();
    for arguments in [&["store", "list"][..], &["store", "snapshot"], &["store", "snapshot", "-"]] {
        let output = qcert(scene.path(), arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said.starts_with("error: there are no Windows certificate stores here\nhint: "), "{said}");
        assert!(
            said.contains("--script") && said.contains("qcert validate SNAPSHOT") && output.stdout.is_empty(),
            "{said}"
        );
    }
    assert_eq!(std::fs::read_dir(scene.path()).unwrap().count(), 0);
}

/// The list, the snapshot and the list of the snapshot tell the same.
#[cfg(windows)]
#[test]
fn the_stores_of_this_machine_are_told_alike() {
    let scene = tempfile::tempdir().unwrap();
    let listed = |arguments: &[&str]| -> serde_json::Value {
        let output = qcert(scene.path(), arguments);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let live = listed(&["store", "list", "--all", "--json"]);
    let written = listed(&["store", "snapshot", "stores.json", "--json"]);
    let again = qcert(scene.path(), &["store", "snapshot", "stores.json"]);
    let from_file = listed(&["store", "list", "--all", "--json", "--from", "stores.json"]);
    assert_eq!(again.status.code(), Some(2), "{again:?}");
    assert_eq!(live["stores"], from_file["stores"]);
    for field in ["computer", "domain", "account", "elevated", "system"] {
        assert_eq!(live[field], from_file[field], "{field}");
    }
    for store in written["stores"].as_array().unwrap() {
        assert!(store["problem"].is_null(), "{store}");
    }
    assert_eq!(live["stores"].as_array().unwrap().len(), 6);
}

/// Somebody who calls two sites needs the client certificate and the root of each.
#[test]
fn two_sites_on_a_workstation_are_no_duplicates() {
    let scene = tempfile::tempdir().unwrap();
    for (snapshot, duplicates) in [("stores-several-sites", 0), ("stores-two-clients", 2)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/validate/{snapshot}/stores.json"));
        let output = qcert(scene.path(), &["store", "list", "--json", "--from", path.to_str().unwrap()]);
        let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let stores = listed["stores"].as_array().unwrap().iter();
        let all = stores.flat_map(|store| store["certificates"].as_array().unwrap());
        assert_eq!(all.filter(|one| one["duplicate"] == true).count(), duplicates, "{snapshot}: {listed}");
    }
}
