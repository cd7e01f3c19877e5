//! Holds the tree of dependencies to deny.toml where cargo-deny is not installed: bans, licences, sources, versions.
//!
//! It reads the same lists as cargo-deny and asks cargo itself what is in the tree, for every platform.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads the project and fails loudly")]

use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

fn metadata() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        // Not --offline: what only other platforms need may not be here yet.
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// The names of what is built for any platform. The lock file, and with it `metadata`, also names what a weak feature
/// would bring (cargo issue 10801): ring, by rustls-webpki.
fn built() -> HashSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--target", "all", "--edges", "all", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// What is linked into the program: each crate, with the direct dependency by which it comes, once for each way.
fn linked() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--target", "all", "--edges", "normal", "--prefix", "depth", "--no-dedupe"])
        .args(["--format", " {p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut direct = String::new();
    let mut found = Vec::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0] == "1" {
            words[1].clone_into(&mut direct);
        }
        found.push((words[1].to_owned(), direct.clone()));
    }
    found
}

fn project_file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The strings in quotes of one `key = [...]` list.
fn list(deny: &str, key: &str) -> Vec<String> {
    let start = deny.find(&format!("\n{key} = [")).unwrap();
    let body = &deny[start..start + deny[start..].find(']').unwrap()];
    body.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn text<'a>(package: &'a Value, field: &str) -> &'a str {
    package[field].as_str().unwrap_or_default()
}

#[test]
fn banned_crates_are_not_in_the_tree() {
    let deny = project_file("deny.toml");
    let banned: Vec<&str> =
        deny.lines().filter_map(|line| line.trim().strip_prefix("{ name = \"")?.split('"').next()).collect();
    assert!(banned.contains(&"ring") && banned.len() >= 5);
    let built = built();
    assert!(built.len() > 50 && built.contains("rustls-webpki"));
    for name in banned {
        assert!(!built.contains(name), "{name} is banned");
    }
}

/// Ciphers, hashes, curves, key derivations and generators of others are there for age alone, but for the two that read what is
/// old (docs/dependencies.md).
#[test]
fn there_is_one_crypto_provider() {
    let linked = linked();
    let by = |name: &str| -> HashSet<&str> {
        linked.iter().filter(|(crate_, _)| crate_ == name).map(|(_, direct)| direct.as_str()).collect()
    };
    assert!(by("aws-lc-sys").contains("aws-lc-rs") && linked.len() > 100);
    for name in [
        "aes",
        "aes-gcm",
        "chacha20",
        "chacha20poly1305",
        "poly1305",
        "salsa20",
        "sha2",
        "sha3",
        "hmac",
        "hkdf",
        "pbkdf2",
        "scrypt",
        "p256",
        "curve25519-dalek",
        "x25519-dalek",
        "ml-kem",
        "hpke",
        "rand",
    ] {
        assert_eq!(by(name), HashSet::from(["age"]), "{name}: where it is gone, it goes from this list, too");
    }
    for name in ["md-5", "rc2"] {
        assert_eq!(by(name), HashSet::from([name]));
    }
    for name in
        ["ring", "openssl", "openssl-sys", "boring", "mbedtls", "rsa", "des", "sha1", "ed25519-dalek", "k256", "p384"]
    {
        assert!(by(name).is_empty(), "{name}");
    }
}

#[test]
fn licences_and_sources_are_allowed() {
    let deny = project_file("deny.toml");
    let (licences, registries) = (list(&deny, "allow"), list(&deny, "allow-registry"));
    let packages = metadata();
    assert!(packages.len() > 50);
    for package in packages.iter().filter(|package| text(package, "name") != "qcert") {
        let licence = text(package, "license");
        assert!(allowed(licence, &licences), "{}: licence {licence}", package["name"]);
        let source = text(package, "source");
        let registry = source.strip_prefix("registry+").unwrap_or(source);
        assert!(registries.iter().any(|known| known == registry), "{}: from {source}", package["name"]);
    }
}

#[test]
fn versions_with_known_holes_are_not_used() {
    // The floors of advisories against crates in this tree, for where the advisory database cannot be had.
    let floors = [
        ("anyhow", [1, 0, 103], "RUSTSEC-2026-0190"),
        ("aws-lc-sys", [0, 39, 0], "RUSTSEC-2026-0044 to 0048"),
        ("time", [0, 3, 47], "RUSTSEC-2026-0009"),
        ("tracing-subscriber", [0, 3, 20], "RUSTSEC-2025-0055"),
    ];
    let packages = metadata();
    for (name, floor, advisory) in floors {
        let found: Vec<_> = packages.iter().filter(|package| text(package, "name") == name).collect();
        assert!(!found.is_empty(), "{name} is no longer in the tree: drop its floor");
        for package in found {
            let version: Vec<u32> = text(package, "version").split('.').filter_map(|part| part.parse().ok()).collect();
            assert!(version.as_slice() >= floor.as_slice(), "{name} {}: {advisory}", package["version"]);
        }
    }
}

#[test]
fn every_direct_dependency_is_explained() {
    let explained = project_file("docs/dependencies.md");
    let own = metadata().into_iter().find(|package| text(package, "name") == "qcert").unwrap();
    for dependency in own["dependencies"].as_array().unwrap() {
        let name = text(dependency, "name");
        assert!(explained.contains(&format!("| {name} |")), "docs/dependencies.md does not say why {name} is there");
    }
}

/// Evaluates an SPDX expression: AND binds tighter than OR (SPDX 2.3 annex D).
fn allowed(expression: &str, licences: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let result = either(&tokens, &mut at, licences);
    result && at == tokens.len()
}

fn either(tokens: &[&str], at: &mut usize, licences: &[String]) -> bool {
    let mut result = both(tokens, at, licences);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        result |= both(tokens, at, licences);
    }
    result
}

fn both(tokens: &[&str], at: &mut usize, licences: &[String]) -> bool {
    let mut result = one(tokens, at, licences);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(tokens, at, licences);
    }
    result
}

fn one(tokens: &[&str], at: &mut usize, licences: &[String]) -> bool {
    let Some(token) = tokens.get(*at) else { return false };
    *at += 1;
    if *token == "(" {
        let result = either(tokens, at, licences);
        *at += 1;
        return result;
    }
    let known = licences.iter().any(|licence| licence == token);
    if tokens.get(*at) == Some(&"WITH") {
        // An exception only ever gives more rights.
        *at += 2;
    }
    known
}

#[test]
fn licence_expressions_are_understood() {
    let licences = ["MIT".to_owned(), "ISC".to_owned()];
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("ISC AND (GPL-3.0 OR MIT)", true),
        ("ISC AND GPL-3.0", false),
        ("MIT/GPL-3.0", true),
        ("(GPL-3.0 OR MIT) AND GPL-2.0", false),
        ("", false),
    ] {
        assert_eq!(allowed(expression, &licences), expected, "{expression}");
    }
}
