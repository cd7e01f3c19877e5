//! Keeps what is said in several places the same: the Rust that is needed, the steps of `.ci` and of the workflows, and
//! the version and its changes.
//!
//! Reads the files as text. That the workflows run can only be seen where they run.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads the project and fails loudly")]

use std::path::Path;

const WORKFLOWS: [&str; 2] = [".github/workflows/ci.yml", ".github/workflows/release.yml"];

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap().replace("\r\n", "\n")
}

/// What stands in quotes behind the one line's beginning.
fn quoted<'a>(text: &'a str, begin: &str) -> &'a str {
    let mut found = text.lines().filter_map(|line| line.trim().strip_prefix(begin));
    let value = found.next().unwrap_or_else(|| unreachable!("no line begins with {begin}"));
    value.trim_matches('"')
}

#[test]
fn everybody_names_the_same_rust() {
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(file("README.md").contains(&format!("\nRust {rust} and a C compiler are all it needs.")));
    for workflow in WORKFLOWS {
        let text = file(workflow);
        assert_eq!(quoted(&text, "RUST: "), rust, "{workflow}");
        // So that what is told to be enough is what is tried, and nothing newer.
        let installs = text.matches("rustup toolchain install \"$RUST\"").count();
        assert_eq!(text.matches("actions/checkout").count(), installs, "{workflow}: a job that takes any Rust");
    }
}

#[test]
fn the_workflows_do_what_is_done_here() {
    let (ci, run) = (file(WORKFLOWS[0]), file(".ci/run"));
    assert!(ci.contains("- run: .ci/run\n"));
    for command in ["cargo clippy --all-targets --locked -- -D warnings", "cargo test --locked"] {
        assert!(run.contains(command) && ci.matches(command).count() >= 2, "{command}");
    }
    let windows = file(".ci/windows");
    let variable = "AWS_LC_SYS_PREBUILT_NASM";
    assert!(windows.contains(&format!("export {variable}=1")) && ci.contains(&format!("{variable}: \"1\"")));
    assert!(file(WORKFLOWS[1]).contains("- run: release/build --check-reproducible"));
    for script in [".ci/run", ".ci/strangers", ".ci/windows", "release/build", "release/sbom"] {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(script).is_file(), "{script}");
    }
}

#[test]
fn advisories_licences_bans_and_sources_are_checked() {
    assert!(file(WORKFLOWS[0]).contains("check advisories bans licenses sources"));
    let deny = file("deny.toml");
    for section in ["[advisories]", "[bans]", "[licenses]", "[sources]"] {
        assert!(deny.contains(section), "{section}");
    }
}

/// An action runs with the sources and the job's rights: it is named by its commit, with its version for people.
#[test]
fn few_actions_and_each_by_its_commit() {
    for workflow in WORKFLOWS {
        let text = file(workflow);
        assert!(text.contains("\npermissions:\n  contents: read\n"), "{workflow}");
        let uses: Vec<&str> = text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, used)| used).collect();
        assert!(!uses.is_empty());
        for used in uses {
            let (name, rest) = used.split_once('@').unwrap();
            assert!(["actions/checkout", "actions/upload-artifact"].contains(&name), "{workflow}: {name}");
            let (commit, version) = rest.split_once(" # v").unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|octet| octet.is_ascii_hexdigit()), "{workflow}: {used}");
            assert!(version.split('.').count() == 3, "{workflow}: {used}");
        }
    }
}

#[test]
fn the_version_has_its_changes() {
    let (changes, version) = (file("CHANGELOG.md"), env!("CARGO_PKG_VERSION"));
    let released = changes.contains(&format!("\n## [{version}] - "));
    let coming = changes.contains("\n## [Unreleased]\n") && changes.contains(version);
    assert!(released || coming, "CHANGELOG.md does not name {version}");
}
