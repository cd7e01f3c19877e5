//! What `qcert --version` tells, and for qcert.exe its manifest and version, by mingw's `windres`.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a build script reads cargo's variables, starts a compiler, and fails loudly"
)]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

const MANIFEST: &str = "src/qcert.exe.manifest";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={MANIFEST}");
    println!("cargo::rerun-if-env-changed=QCERT_COMMIT");
    let variable = |name: &str| env::var(name).expect(name);
    println!("cargo::rustc-env=QCERT_BUILD={}, {}", commit(&variable("PROFILE")), variable("TARGET"));
    if variable("CARGO_CFG_TARGET_OS") != "windows" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    let folder = variable("OUT_DIR");
    let (script, object) = (Path::new(&folder).join("qcert.rc"), Path::new(&folder).join("qcert.res.o"));
    fs::write(&script, resources(&variable)).expect("the resource script cannot be written");
    let compiler = if variable("HOST").contains("windows") { "windres" } else { "x86_64-w64-mingw32-windres" };
    let status = Command::new(compiler).arg(&script).arg(&object).status();
    let status = status.unwrap_or_else(|error| panic!("{compiler} of binutils-mingw-w64 cannot be started: {error}"));
    assert!(status.success(), "{compiler}: {status}");
    println!("cargo::rustc-link-arg-bins={}", object.display());
}

/// What a program depends on. A change elsewhere makes no other program.
const SOURCES: [&str; 5] = ["src", "build.rs", "Cargo.toml", "Cargo.lock", ".cargo"];

/// The commit and its day, in UTC. Only a release looks: a program that is built to be tried would else be linked anew
/// with every commit.
fn commit(profile: &str) -> String {
    if let Ok(commit) = env::var("QCERT_COMMIT") {
        let known =
            !commit.is_empty() && commit.chars().all(|letter| letter.is_ascii_alphanumeric() || " -".contains(letter));
        assert!(known, "QCERT_COMMIT is no commit: it has letters, digits, `-` and blanks");
        return commit;
    }
    if profile != "release" {
        return "unreleased".into();
    }
    // The sources may lie in a repository that is somebody else's, or in none.
    let here = fs::canonicalize(".").expect("the folder of the sources");
    if git(&["rev-parse", "--show-toplevel"]).and_then(|folder| fs::canonicalize(folder).ok()) != Some(here) {
        return "unknown commit".into();
    }
    watch();
    let day = ["show", "--no-patch", "--format=%H %cd", "--date=format-local:%Y-%m-%d", "HEAD"];
    let status = git(&[&["status", "--porcelain", "--"], &SOURCES[..]].concat());
    match (git(&day), status) {
        (Some(commit), Some(changed)) => {
            let (hash, day) = commit.split_once(' ').unwrap_or((&commit, "unknown day"));
            // As many digits in every clone: how many git would give depends on what else the clone holds.
            let changed = if changed.is_empty() { "" } else { " and changes" };
            format!("{}{changed} {day}", hash.get(..7).unwrap_or(hash))
        }
        _ => "unknown commit".into(),
    }
}

/// Looks again when another commit is taken or made, or a source is changed. Git says where that is written, which in a
/// work tree beside others is not below `.git`.
fn watch() {
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD", "logs/HEAD", "packed-refs"].into_iter().chain(branch.as_deref()) {
        // What is not there would be taken for changed each time.
        if let Some(path) = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

/// What git says, without changing anything; nothing where it cannot.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("--no-optional-locks").args(arguments).env("TZ", "UTC").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// 24 is RT_MANIFEST. A name of 1 is that of a program's own manifest. 0409 and 1200: English, in UTF-16.
fn resources(variable: &impl Fn(&str) -> String) -> String {
    let numbers = ["MAJOR", "MINOR", "PATCH"].map(|part| variable(&format!("CARGO_PKG_VERSION_{part}"))).join(",");
    let (version, description) = (variable("CARGO_PKG_VERSION"), variable("CARGO_PKG_DESCRIPTION"));
    format!(
        r#"1 24 "{MANIFEST}"
1 VERSIONINFO
FILEVERSION {numbers},0
PRODUCTVERSION {numbers},0
FILEOS 0x40004
FILETYPE 1
BEGIN
  BLOCK "StringFileInfo"
  BEGIN
    BLOCK "040904B0"
    BEGIN
      VALUE "FileDescription", "{description}"
      VALUE "FileVersion", "{version}"
      VALUE "InternalName", "qcert"
      VALUE "OriginalFilename", "qcert.exe"
      VALUE "ProductName", "qcert"
      VALUE "ProductVersion", "{version}"
    END
  END
  BLOCK "VarFileInfo"
  BEGIN
    VALUE "Translation", 0x0409, 1200
  END
END
"#
    )
}
