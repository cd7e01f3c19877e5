//! The open half of the conformance set as its judges score it: their scripts, and the built program behind the small
//! adapters in `conformance_scripts/`, which anybody may run by hand. `conformance.rs` and `conformance_files.rs` ask
//! the library the same.
//!
//! Scripts and set lie beside the project, not in it. Where they, tar or python3 are missing this says SKIPPED, unless
//! `QCERT_STRANGERS=required`.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test runs scripts, fails loudly and says what it skipped"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The suite left out the intermediate certificate that has the fault: all that can be said is that it is not there.
const WITHOUT_THE_CULPRIT: [&str; 2] =
    ["limbo/rfc5280-ica-ku-keycertsign", "limbo/rfc5280-intermediate-ca-missing-basic-constraints"];

fn beside() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance")
}

/// The unpacked set; `None` where it cannot be had and need not.
fn set() -> Option<&'static Path> {
    static SET: OnceLock<Option<PathBuf>> = OnceLock::new();
    let set = SET.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-scripts");
        std::fs::create_dir_all(&folder).unwrap();
        let succeeds = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
        let archive = beside().join("open.tar.xz");
        if !succeeds(Command::new("python3").arg("--version")) {
            return skipped("python3 is missing");
        }
        if !succeeds(Command::new("tar").arg("-xJf").arg(&archive).arg("-C").arg(&folder)) {
            return skipped(&format!("{} cannot be unpacked, or tar or xz is missing", archive.display()));
        }
        Some(folder)
    });
    set.as_deref()
}

fn skipped(why: &str) -> Option<PathBuf> {
    let required = std::env::var("QCERT_STRANGERS").is_ok_and(|value| value == "required");
    assert!(!required, "required, but {why}");
    println!("SKIPPED: {why}");
    None
}

/// What a script prints about the part of the set, asked of qcert by the adapter.
fn score(script: &str, part: &Path, adapter: &str, options: &[&str]) -> String {
    let adapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance_scripts").join(adapter);
    let mut command = Command::new("python3");
    for variable in ["QCERT_HOME", "QCERT_PASSWORD_FILE", "QCERT_PASSPHRASE_FILE"] {
        command.env_remove(variable);
    }
    command.env("QCERT", env!("CARGO_BIN_EXE_qcert")).env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(beside().join(script)).arg(part).arg("--adapter").arg(adapter).args(options);
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|stream| String::from_utf8_lossy(&stream).into_owned()).concat();
    println!("{script}\n{said}");
    said
}

/// The counts of a Python dictionary: `{'read right': 51, 'refused': 16}`.
fn counts(line: &str) -> BTreeMap<&str, usize> {
    let inside = line.trim_end_matches('}').rsplit('{').next().unwrap();
    let pairs = inside.split(", ").map(|pair| pair.rsplit_once(": ").unwrap_or_else(|| panic!("no counts: {line}")));
    pairs.map(|(name, count)| (name.trim_matches('\''), count.parse().unwrap())).collect()
}

#[test]
fn chains_are_judged_rightly_and_the_reason_is_named() {
    let Some(set) = set() else { return };
    let sets = ["core", "path-building", "pedantic", "weak"];
    let options = ["--sets", &sets.join(","), "--show-wrong", "-j", "4"];
    let said = score("score_chains.py", &set.join("chains"), "chain", &options);

    // Right of judged; what was not judged, and crashes, would follow: `99/100(-1)!1`.
    let row = said.lines().find_map(|line| line.strip_prefix("chain ")).unwrap();
    let cells: Vec<_> = row.split_whitespace().map(|cell| cell.split_once('/').unwrap()).collect();
    assert_eq!(cells.len(), sets.len(), "{row}");
    assert!(cells.iter().all(|(right, judged)| right == judged), "{said}");
    assert!(cells[0].0.parse::<usize>().unwrap() > 90, "the suite is not whole: {row}");

    let named = said.lines().find(|line| line.starts_with("right rejections")).map(counts).unwrap()["named"];
    let unnamed = said.lines().filter_map(|line| line.trim_start().strip_prefix("REASON NOT NAMED "));
    let unnamed: Vec<_> = unnamed.filter(|line| !WITHOUT_THE_CULPRIT.contains(&id(line))).collect();
    assert!(named > 80 && unnamed.len() * 100 <= named, "{named} named, but not\n{}", unnamed.join("\n"));
}

/// A case's identifier has no blanks; the fault follows it.
fn id(line: &str) -> &str {
    line.split(' ').next().unwrap()
}

#[test]
fn pfx_are_read_or_refused_as_listed() {
    let Some(set) = set() else { return };
    let said = score("run_pfx.py", &set.join("pfx"), "pfx", &[]);
    let counts = said.lines().last().map(counts).unwrap();
    let good = |name: &str| ["read right", "refused", "wrong password told"].contains(&name);
    let bad = counts.keys().find(|name| !good(name) && !name.starts_with("optional: "));
    assert!(bad.is_none(), "{said}");
    assert!(counts["read right"] > 40 && counts["refused"] > 10 && counts["wrong password told"] > 40, "{counts:?}");
}

#[test]
fn hostile_files_are_answered_in_time_and_memory() {
    let Some(set) = set() else { return };
    // The adapter holds each run to its 2 s of processor time, for the machine may be busy with other things.
    let options = ["--mem", "256", "--timeout", "20", "-j", "4"];
    let said = score("run_robust.py", &set.join("robust"), "robust", &options);
    let last = said.lines().last().unwrap();
    assert!(last.contains(" 0 not clear"), "{said}");
    assert!(last.split(' ').next().unwrap().parse::<usize>().unwrap() > 900, "the set is not whole: {last}");
}
