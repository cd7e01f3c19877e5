//! Runs `qcert validate` on a copy of one folder and compares what it finds with the folder's `expect`.
//!
//! May not touch the tree: modes, git's index and passwords belong to the copy.

use super::site::Files;
use aws_lc_rs::digest;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What `expect` says.
#[derive(Debug, Default)]
struct Expectation<'a> {
    called: Option<&'a str>,
    modes: Vec<(&'a str, u32)>,
    tracked: Vec<&'a str>,
    beside: Vec<&'a str>,
    password: Option<&'a str>,
    arguments: Vec<&'a str>,
    verdict: &'a str,
    findings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    severity: String,
    rule: String,
    files: Vec<String>,
}

impl Finding {
    /// `found` is this one: its first file is the one, or its files are all these and no others.
    fn is_met_by(&self, found: &Self) -> bool {
        let files = match &self.files[..] {
            [] => true,
            [file] => found.files.first() == Some(file),
            several => several.len() == found.files.len() && several.iter().all(|file| found.files.contains(file)),
        };
        files && self.severity == found.severity && self.rule == found.rule
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.severity, self.rule, self.files.join(" "))
    }
}

fn parse(expect: &str) -> Expectation<'_> {
    let mut expectation = Expectation::default();
    for line in expect.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["called", name] => expectation.called = Some(name),
            ["mode", file, mode] => expectation.modes.push((file, u32::from_str_radix(mode, 8).unwrap())),
            ["git", file] => expectation.tracked.push(file),
            ["beside", file] => expectation.beside.push(file),
            ["password", password] => expectation.password = Some(password),
            ["run", ref arguments @ ..] => expectation.arguments = arguments.to_vec(),
            ["verdict", verdict] => expectation.verdict = verdict,
            [severity @ ("error" | "warning" | "unjudged" | "note"), rule, ref files @ ..] => {
                let files = files.iter().map(|file| (*file).to_owned()).collect();
                expectation.findings.push(Finding { severity: severity.to_owned(), rule: rule.to_owned(), files });
            }
            _ => panic!("not a line of an expect file: {line}"),
        }
    }
    expectation
}

/// The disagreements, one line each; none when validate finds just what it should.
pub(crate) fn check(name: &str, files: &Files) -> Vec<String> {
    let expectation = parse(std::str::from_utf8(&files["expect"]).unwrap());
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let called = expectation.called.unwrap_or(name);
    let folder = scratch.path().join(called);
    lay_out(&folder, files, &expectation);

    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.current_dir(scratch.path()).env("QCERT_HOME", scratch.path().join("home"));
    command.env_remove("QCERT_PASSWORD_FILE").args(["validate", called, "--json"]).args(&expectation.arguments);
    if let Some(password) = expectation.password {
        fs::write(scratch.path().join("password"), password).unwrap();
        command.args(["--password-file", "password"]);
    }
    let output = command.output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let Ok(json) = serde_json::from_str::<Value>(&stdout) else {
        return vec![format!("{name}: no answer in JSON: {stdout}{}", String::from_utf8_lossy(&output.stderr))];
    };
    let mut differences = compare(&expectation, &json["reports"][0]);
    let exit = ["sound", "faulty", "unjudged"].iter().position(|verdict| *verdict == expectation.verdict).unwrap();
    if output.status.code() != i32::try_from(exit).ok() {
        differences.push(format!("exit code {:?}, not {exit}", output.status.code()));
    }
    differences.iter().map(|difference| format!("{name}: {difference}")).collect()
}

fn compare(expectation: &Expectation<'_>, report: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let mut rest: Vec<(Finding, &str)> = report["findings"].as_array().into_iter().flatten().map(finding).collect();
    for expected in &expectation.findings {
        match rest.iter().position(|(found, _)| expected.is_met_by(found)) {
            Some(position) => drop(rest.remove(position)),
            None => differences.push(format!("not found: {expected}")),
        }
    }
    for (found, sentence) in rest.iter().filter(|(found, _)| found.severity != "note") {
        differences.push(format!("found besides: {found} ({sentence})"));
    }
    if report["verdict"] != expectation.verdict {
        differences.push(format!("verdict {}, not {}", report["verdict"], expectation.verdict));
    }
    differences
}

fn finding(json: &Value) -> (Finding, &str) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let last = |path: &Value| text(path).rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let files = json["files"].as_array().into_iter().flatten().map(last).collect();
    let finding = Finding { severity: text(&json["severity"]), rule: text(&json["rule"]), files };
    (finding, json["sentence"].as_str().unwrap_or_default())
}

/// Keys are for their owner alone, unless the folder says otherwise.
fn lay_out(folder: &Path, files: &Files, expectation: &Expectation<'_>) {
    fs::create_dir(folder).unwrap();
    for (name, bytes) in files.iter().filter(|(name, _)| *name != "expect") {
        if expectation.beside.contains(&name.as_str()) {
            fs::write(folder.with_file_name(name), bytes).unwrap();
            continue;
        }
        fs::write(folder.join(name), bytes).unwrap();
        let stated = expectation.modes.iter().find(|(file, _)| file == name).map(|(_, mode)| *mode);
        set_mode(&folder.join(name), stated.unwrap_or(0o600));
    }
    if !expectation.tracked.is_empty() {
        let git = folder.parent().unwrap().join(".git");
        fs::create_dir_all(git.join("objects")).unwrap();
        fs::create_dir_all(git.join("refs")).unwrap();
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        let called = folder.file_name().unwrap().to_str().unwrap();
        fs::write(git.join("index"), git_index(called, &expectation.tracked)).unwrap();
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

/// Version 2 of git's index (gitformat-index), with nothing but names.
fn git_index(folder: &str, files: &[&str]) -> Vec<u8> {
    let mut index = b"DIRC".to_vec();
    index.extend_from_slice(&2u32.to_be_bytes());
    index.extend_from_slice(&u32::try_from(files.len()).unwrap().to_be_bytes());
    let mut paths: Vec<String> = files.iter().map(|file| format!("{folder}/{file}")).collect();
    paths.sort();
    for path in paths {
        let mut entry = vec![0; 60];
        entry[24..28].copy_from_slice(&0o100_644u32.to_be_bytes());
        entry.extend_from_slice(&u16::try_from(path.len()).unwrap().to_be_bytes());
        entry.extend_from_slice(path.as_bytes());
        // One to eight zeros, so that the length is a multiple of eight.
        entry.resize((entry.len() / 8 + 1) * 8, 0);
        index.extend_from_slice(&entry);
    }
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &index);
    [&index, sum.as_ref()].concat()
}
