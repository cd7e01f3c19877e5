//! `fixtures/validate/`: folders with one defect each, and sound ones of every age. Holds the tree to the program that
//! makes it, byte for byte, and `qcert validate` to what each folder's `expect` says.
//!
//! `QCERT_UPDATE_FIXTURES=1 cargo test --test validate` writes the tree anew. The lines of `expect`:
//!
//! ```text
//! # what is wrong with this folder, in one sentence
//! called NAME           how the folder is called while it is judged, when its own name is not meant
//! mode FILE OCTAL       the file's mode; all others are 0600, for git keeps no modes
//! git FILE              the file is in the index of the git repository around the folder
//! beside FILE           the file lies beside the folder, to be given with --root or --intermediate
//! password TEXT         what the file given with --password-file holds
//! run ARGUMENTS         of `qcert validate`, beside the folder
//! verdict VERDICT       sound, faulty or unjudged: exit code 0, 1 or 2
//! error RULE FILE…      the rule's identifier and the first file it names; several: just these, in any order
//! warning | unjudged | note RULE FILE…
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

mod validate {
    pub(crate) use super::workshop;

    pub(crate) mod certificate;
    pub(crate) mod folder;
    pub(crate) mod key;
    pub(crate) mod pfx;
    pub(crate) mod site;
    pub(crate) mod walk;

    pub(crate) mod chain;
    pub(crate) mod containers;
    pub(crate) mod contents;
    pub(crate) mod extensions;
    pub(crate) mod names_and_dates;
    pub(crate) mod passwords;
    pub(crate) mod slots;
    pub(crate) mod sound;
    pub(crate) mod stores;
    pub(crate) mod surroundings;
}

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, OnceLock};
use validate::folder::Folder;
use validate::site::Files;
use validate::walk;

/// By the folders' names.
type Tree = BTreeMap<String, Files>;

/// Made once in a run.
fn tree() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(make)
}

fn make() -> Tree {
    let families: [fn() -> Vec<Folder>; 10] = [
        validate::sound::folders,
        validate::slots::folders,
        validate::contents::folders,
        validate::passwords::folders,
        validate::containers::folders,
        validate::chain::folders,
        validate::extensions::folders,
        validate::names_and_dates::folders,
        validate::surroundings::folders,
        validate::stores::folders,
    ];
    let mut tree = BTreeMap::new();
    for folder in families.into_iter().flat_map(|folders| folders()) {
        let (name, files) = folder.finish();
        assert!(tree.insert(name.clone(), files).is_none(), "two folders are called {name}");
    }
    tree
}

/// What lies there; `None` for the bytes of what is not a file in a folder.
fn on_disk(root: &Path) -> BTreeMap<String, Option<Files>> {
    let mut found = BTreeMap::new();
    let entries = |path: &Path| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    for folder in entries(root) {
        let files = folder
            .is_dir()
            .then(|| entries(&folder).iter().map(|file| (name(file), fs::read(file).unwrap())).collect());
        found.insert(name(&folder), files);
    }
    found
}

#[test]
fn the_tree_is_what_the_program_makes() {
    let (root, tree) = (workshop::fixture("validate"), tree());
    if std::env::var_os("QCERT_UPDATE_FIXTURES").is_some() {
        _ = fs::remove_dir_all(&root);
        for (name, files) in tree {
            fs::create_dir_all(root.join(name)).unwrap();
            for (file, bytes) in files {
                fs::write(root.join(name).join(file), bytes).unwrap();
            }
        }
    }
    let found = on_disk(&root);
    let names: Vec<&String> = found.keys().collect();
    assert_eq!(names, tree.keys().collect::<Vec<_>>());
    for (name, files) in tree {
        let Some(Some(found)) = found.get(name) else { panic!("{name} is not a folder") };
        assert_eq!(found.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>(), "in {name}");
        for (file, bytes) in files {
            assert!(&found[file] == bytes, "{name}/{file} differs");
        }
    }
}

/// As many as were promised, and no rule without a folder but those that cannot have one.
#[test]
fn every_rule_has_a_folder() {
    // Too many paths do not fit a small folder; the second opinion has nothing to object to; root reads everything.
    let without = ["chain/too-many-paths", "chain/second-opinion", "files/unreadable"];
    let tree = tree();
    assert!(tree.len() >= 100);
    let expectations: Vec<&str> = tree.values().map(|files| std::str::from_utf8(&files["expect"]).unwrap()).collect();
    let missing: Vec<&str> = qcert::pki::rules::all()
        .map(|rule| rule.id)
        // Of a connection no folder tells: tests/connect.rs and the rules' own tests do. A server has tests/doctor.rs.
        .filter(|id| !without.contains(id) && !id.starts_with("connection/") && !id.starts_with("host/"))
        .filter(|id| !expectations.iter().any(|expect| expect.contains(&format!(" {id}"))))
        .collect();
    assert!(missing.is_empty(), "no folder shows {missing:?}");
}

#[test]
fn validate_finds_just_what_is_wrong() {
    let folders = Mutex::new(on_disk(&workshop::fixture("validate")));
    let differences = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = folders.lock().unwrap().pop_first();
                    let Some((name, files)) = next else { break };
                    let found = walk::check(&name, &files.unwrap());
                    differences.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut differences = differences.into_inner().unwrap();
    differences.sort();
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}
