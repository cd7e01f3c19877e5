//! `qcert rehearse` as a person and a program see it: what works, what fails and why, what could not be played.
//!
//! Calls go over 127.0.0.1 alone; no test waits for a time.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails loudly, and says what it could not do"
)]

mod rehearse {
    pub(crate) mod kinds;
    pub(crate) mod several;
    pub(crate) mod sockets;
}
mod support;

use serde_json::Value;
use std::path::Path;
use support::Scene;
use support::process::{self, Ended};

/// For the fixtures.
const AT: &str = "2026-06-01";

/// A copy of `fixtures/validate/NAME`.
fn fixture(scene: &Scene, name: &str, to: &str) -> String {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate").join(name);
    let folder = scene.path(to);
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name != "expect" {
            std::fs::copy(&path, folder.join(name)).unwrap();
        }
    }
    folder.display().to_string()
}

fn rehearse(scene: &Scene, arguments: &[&str]) -> Ended {
    process::run(scene.qcert(&[&["rehearse"], arguments].concat()))
}

/// The JSON answer, with this verdict and exit code.
#[track_caller]
fn answer(scene: &Scene, arguments: &[&str], verdict: &str) -> Value {
    let code = match verdict {
        "works" => 0,
        "fails" => 1,
        _ => 2,
    };
    let answer = rehearse(scene, &[arguments, &["--json"]].concat()).assert_code(code).json();
    assert_eq!(answer["verdict"], verdict, "{answer:#}");
    answer
}

/// Of the steps that show certificates.
fn steps(answer: &Value) -> Vec<&Value> {
    answer["steps"].as_array().unwrap().iter().filter(|step| step["port"] != 4432).collect()
}

#[track_caller]
fn assert_refused(answer: &Value) {
    for refusal in answer["refusals"].as_array().unwrap() {
        assert_eq!((&refusal["passed"], &refusal["refused"]), (&true.into(), &true.into()), "{refusal:#}");
    }
}

/// Every step fails, and says this.
#[track_caller]
fn assert_all_fail(answer: &Value, words: &str) {
    for step in steps(answer) {
        assert_eq!(step["passed"], false, "{step:#}");
        assert!(step["why"].as_str().unwrap().contains(words), "{step:#}");
    }
}
