//! The manual pages, as groff shows them.
//!
//! Where groff is not installed that is said to be SKIPPED; with `QCERT_STRANGERS=required` it is a failure.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

mod support;

use fs_err as fs;
use std::process::Command;
use support::process::run;
use support::{Scene, names, skipped};

#[test]
fn every_page_is_shown_without_a_complaint() {
    if !Command::new("groff").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return skipped("groff is not installed");
    }
    let scene = Scene::new();
    run(scene.qcert(&["man", "pages"])).assert_code(0);
    let pages = names(&scene.path("pages"));
    assert!(pages.len() > 20 && pages.contains(&"qcert-export.1".to_owned()), "{pages:?}");
    for page in pages {
        let mut groff = Command::new("groff");
        groff.args(["-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-u"]).arg(scene.path("pages").join(&page));
        let shown = run(groff).assert_code(0);
        assert_eq!(shown.stderr, "", "{page}");
        for heading in ["NAME", "SYNOPSIS", "EXIT CODES"] {
            let found = shown.stdout.lines().any(|line| line == heading);
            // `qcert store` stands for its commands, which have their own.
            assert!(found || heading == "EXIT CODES" && page == "qcert-store.1", "{page} has no {heading}");
        }
        if page == "qcert.1" {
            let example = "qcert explain --text 'ERROR TEXT'    what an error text means";
            assert!(shown.stdout.lines().any(|line| line.trim() == example), "{}", shown.stdout);
        }
    }
}

#[test]
fn pages_replace_pages_and_nothing_else() {
    let scene = Scene::new();
    run(scene.qcert(&["man", "pages"])).assert_code(0);
    let page = scene.path("pages/qcert.1");
    let made = fs::read_to_string(&page).unwrap();
    assert_eq!(run(scene.qcert(&["man"])).assert_code(0).stdout, made);
    fs::write(&page, made.lines().next().unwrap().to_owned() + "\nolder\n").unwrap();
    run(scene.qcert(&["man", "pages"])).assert_code(0);
    assert_eq!(fs::read_to_string(&page).unwrap(), made);
    fs::write(&page, "somebody's").unwrap();
    run(scene.qcert(&["man", "pages"])).assert_error(2, &["qcert.1", "another file of this name is there"]);
    assert_eq!(fs::read_to_string(&page).unwrap(), "somebody's");
}
