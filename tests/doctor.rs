//! `fixtures/doctor/`: Qlik servers as folders, with one thing wrong each, and sound ones. Holds the tree to the program
//! that makes it, byte for byte, and `qcert doctor` to what each server's `expect` says.
//!
//! `QCERT_UPDATE_FIXTURES=1 cargo test --test doctor` writes the tree anew. The lines of `expect`:
//!
//! ```text
//! # what is wrong with this server, in one sentence
//! run ARGUMENTS         of `qcert doctor`, beside the folder `Sense`
//! verdict VERDICT       sound, faulty or unjudged: exit code 0, 1 or 2
//! left-out SOURCE…      what was asked for and not looked at
//! error RULE PART, PART the rule's identifier and just the parts it was found in; none: it is about the server
//! warning | unjudged | note RULE PART, PART
//! ```
//!
//! Each error, warning and unjudged finding is listed, so there may be no other; notes may.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads and writes fixtures, starts qcert, and fails loudly"
)]

#[path = "workshop/mod.rs"]
mod workshop;

#[allow(dead_code, reason = "shared with the suite that uses all of it")]
#[path = "validate/certificate.rs"]
mod certificate;
#[allow(dead_code, reason = "shared with the suite that uses all of it")]
#[path = "validate/folder.rs"]
mod folder;
#[allow(dead_code, reason = "shared with the suite that uses all of it")]
#[path = "validate/key.rs"]
mod key;
#[allow(dead_code, reason = "shared with the suite that uses all of it")]
#[path = "validate/pfx.rs"]
mod pfx;
#[allow(dead_code, reason = "shared with the suite that uses all of it")]
#[path = "validate/site.rs"]
mod site;
#[allow(dead_code, reason = "shared with the suite that uses all of it")]
#[path = "validate/stores.rs"]
mod stores;
#[allow(dead_code, reason = "shared with the suite that uses all of it")]
#[path = "validate/surroundings.rs"]
mod surroundings;

#[path = "doctor/advice.rs"]
mod advice;
#[path = "doctor/cases.rs"]
mod cases;
#[path = "doctor/command_line.rs"]
mod command_line;
#[path = "doctor/page.rs"]
mod page;
#[path = "doctor/server.rs"]
mod server;
#[path = "doctor/walk.rs"]
mod walk;

use server::Server;
use site::Files;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// By the servers' names; the files by their paths.
type Tree = BTreeMap<String, Files>;

/// Made once in a run.
fn tree() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let mut tree = BTreeMap::new();
        for (name, files) in cases::all().into_iter().map(Server::finish) {
            assert!(tree.insert(name.clone(), files).is_none(), "two servers are called {name}");
        }
        tree
    })
}

fn on_disk(folder: &Path, below: &Path, found: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            on_disk(&path, below, found);
        } else {
            let name = path.strip_prefix(below).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name, fs::read(&path).unwrap());
        }
    }
}

fn write(folder: &Path, files: &Files) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn the_tree_is_what_the_program_makes() {
    let root = workshop::fixture("doctor");
    if std::env::var_os("QCERT_UPDATE_FIXTURES").is_some() {
        _ = fs::remove_dir_all(&root);
        for (name, files) in tree() {
            write(&root.join(name), files);
        }
    }
    let mut found = Files::new();
    on_disk(&root, &root, &mut found);
    let made: Files = tree()
        .iter()
        .flat_map(|(name, files)| files.iter().map(move |(file, bytes)| (format!("{name}/{file}"), bytes.clone())))
        .collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>());
    for (file, bytes) in &made {
        assert!(&found[file] == bytes, "{file} differs");
    }
}

#[test]
fn every_rule_has_a_server() {
    let expectations: Vec<&str> = tree().values().map(|files| std::str::from_utf8(&files["expect"]).unwrap()).collect();
    let rules = qcert::pki::rules::all().map(|rule| rule.id).filter(|id| id.starts_with("host/"));
    let missing: Vec<&str> =
        rules.filter(|id| !expectations.iter().any(|expect| expect.contains(&format!(" {id}")))).collect();
    assert!(missing.is_empty(), "no server shows {missing:?}");
}

#[test]
fn doctor_finds_just_what_is_wrong() {
    let differences: Vec<String> = tree().iter().flat_map(|(name, files)| walk::check(name, files)).collect();
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}
