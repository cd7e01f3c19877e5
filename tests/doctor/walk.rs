//! Runs `qcert doctor` on a copy of one server and compares what it finds with the server's `expect`.

use crate::site::Files;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

#[derive(Debug, Default)]
struct Expectation<'a> {
    arguments: Vec<&'a str>,
    verdict: &'a str,
    left_out: Vec<&'a str>,
    findings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    severity: String,
    rule: String,
    parts: Vec<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.severity, self.rule, self.parts.join(", "))
    }
}

fn parse(expect: &str) -> Expectation<'_> {
    let mut expectation = Expectation::default();
    for line in expect.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap();
        match word {
            "run" => expectation.arguments = rest.split(' ').collect(),
            "verdict" => expectation.verdict = rest,
            "left-out" => expectation.left_out = rest.split(' ').collect(),
            "error" | "warning" | "unjudged" | "note" => {
                let (rule, parts) = rest.split_once(' ').unwrap_or((rest, ""));
                let parts = parts.split(", ").filter(|part| !part.is_empty()).map(str::to_owned).collect();
                expectation.findings.push(Finding { severity: word.to_owned(), rule: rule.to_owned(), parts });
            }
            _ => panic!("not a line of an expect file: {line}"),
        }
    }
    expectation
}

/// The disagreements, one line each; none when doctor finds just what it should.
pub(crate) fn check(name: &str, files: &Files) -> Vec<String> {
    let expectation = parse(std::str::from_utf8(&files["expect"]).unwrap());
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    lay_out(scratch.path(), files);
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.current_dir(scratch.path()).env("QCERT_HOME", scratch.path().join("home"));
    command.env_remove("QCERT_PASSWORD_FILE").args(["doctor", "--json"]).args(&expectation.arguments);
    let output = command.output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let Ok(json) = serde_json::from_str::<Value>(&stdout) else {
        return vec![format!("{name}: no answer in JSON: {stdout}{}", String::from_utf8_lossy(&output.stderr))];
    };
    let mut differences = compare(&expectation, &json);
    let exit = ["sound", "faulty", "unjudged"].iter().position(|verdict| *verdict == expectation.verdict).unwrap();
    if output.status.code() != i32::try_from(exit).ok() {
        differences.push(format!("exit code {:?}, not {exit}", output.status.code()));
    }
    differences.iter().map(|difference| format!("{name}: {difference}")).collect()
}

fn compare(expectation: &Expectation<'_>, json: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let mut rest: Vec<(Finding, &str)> = json["findings"].as_array().into_iter().flatten().map(finding).collect();
    for expected in &expectation.findings {
        match rest.iter().position(|(found, _)| found == expected) {
            Some(position) => drop(rest.remove(position)),
            None => differences.push(format!("not found: {expected}")),
        }
    }
    // Elsewhere a file's rights are those of the folder that it is made in.
    rest.retain(|(found, _)| cfg!(unix) || found.rule != "files/key-readable");
    for (found, sentence) in rest {
        if found.severity != "note" || expectation.findings.iter().any(|expected| expected.rule == found.rule) {
            differences.push(format!("found besides: {found} ({sentence})"));
        }
    }
    if json["verdict"] != expectation.verdict {
        differences.push(format!("verdict {}, not {}", json["verdict"], expectation.verdict));
    }
    let is_left_out = |source: &&Value| source["needed"] == true && source["looked_at"] == false;
    let left_out = json["sources"].as_array().into_iter().flatten().filter(is_left_out);
    let left_out: Vec<_> = left_out.map(|source| source["what"].as_str().unwrap()).collect();
    if left_out != expectation.left_out {
        differences.push(format!("left out {left_out:?}, not {:?}", expectation.left_out));
    }
    differences
}

fn finding(json: &Value) -> (Finding, &str) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // A folder in a folder has Windows' separator there.
    let parts = json["of"].as_array().into_iter().flatten().map(|part| text(part).replace('\\', "/")).collect();
    let finding = Finding { severity: text(&json["severity"]), rule: text(&json["rule"]), parts };
    (finding, json["sentence"].as_str().unwrap_or_default())
}

/// Keys are for their owner alone, as git does not keep modes.
pub(crate) fn lay_out(folder: &Path, files: &Files) {
    crate::write(folder, files);
    #[cfg(unix)]
    for name in files.keys() {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}
