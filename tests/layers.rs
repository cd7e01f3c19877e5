//! Keeps the walls of src/lib.rs: which room and which file may name which crate or module.
//!
//! Reads the sources as text. What clippy can see in types (`disallowed_methods`) is kept by clippy.toml.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads the project and fails loudly")]

use std::path::{Path, PathBuf};

/// Crates that enter by one file, or by the files whose path begins so.
const DOORS: [(&str, &[&str]); 26] = [
    ("age", &["host/backup/envelope.rs"]),
    ("rcgen", &["pki/authority.rs"]),
    ("x509_parser", &["pki/certificate"]),
    ("base64", &["pki/pem.rs"]),
    ("idna", &["pki/name.rs"]),
    ("md5", &["pki/encryption", "pki/signature"]),
    ("num_bigint", &["pki/signature"]),
    ("rustls_pki_types", &["pki/second_opinion.rs"]),
    ("webpki", &["pki/second_opinion.rs"]),
    ("rc2", &["pki/encryption"]),
    (
        "aws_lc_rs",
        &[
            "pki/key.rs",
            "pki/certificate.rs",
            "pki/signature",
            "pki/entropy.rs",
            "pki/encryption",
            "pki/pfx",
            "pki/inventory/key.rs",
            "pki/thumbprint.rs",
        ],
    ),
    ("zeroize", &["pki/", "host/backup", "host/files.rs", "host/password.rs", "host/reading.rs", "host/windows"]),
    ("rustls", &["host/tls"]),
    ("httparse", &["host/tls"]),
    ("rusqlite", &["host/ledger"]),
    ("rustix", &["host/unix.rs"]),
    ("windows_sys", &["host/windows"]),
    ("rpassword", &["host/password.rs"]),
    ("ctrlc", &["host/interrupt.rs"]),
    ("fs_err", &["host/"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/completions"]),
    ("clap_mangen", &["cli/man.rs"]),
    ("anyhow", &["cli/"]),
    ("indicatif", &["cli/parallel.rs"]),
    ("tracing_subscriber", &["cli/output.rs"]),
];

/// What a room's sources may not name at all.
const WALLS: [(&str, &[&str]); 3] = [
    (
        "pki/",
        &[
            "std::fs",
            "std::env",
            "std::net::Tcp",
            "std::net::Udp",
            "std::process",
            "std::time",
            "std::io",
            "tracing::",
            "crate::cli",
            "crate::host",
            "println!",
            "eprintln!",
        ],
    ),
    (
        "host/",
        &["crate::cli", "crate::pki::authority", "crate::pki::certificate", "crate::pki::pfx", "println!", "eprintln!"],
    ),
    ("cli/", &["std::fs", "std::net", "std::process::Command", "std::env::var", "println!", "eprintln!"]),
];

const LINES: usize = 400;

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(found.len() > 30);
    found
}

/// The lines that are code: no comments, and nothing of a file's own unit tests.
fn code(source: &str) -> impl Iterator<Item = &str> {
    let production = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    production.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}::"))
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':'))
        || line.trim() == format!("use {name};")
}

#[test]
fn crates_enter_by_their_doors() {
    for (file, source) in sources() {
        for line in code(&source) {
            for (name, doors) in DOORS {
                let at_a_door = doors.iter().any(|door| file.starts_with(door));
                assert!(at_a_door || !names_crate(line, name), "{file} names {name}: {line}");
            }
        }
    }
}

#[test]
fn rooms_keep_to_themselves() {
    for (file, source) in sources() {
        for (room, forbidden) in WALLS.iter().filter(|(room, _)| file.starts_with(room)) {
            for line in code(&source) {
                for word in *forbidden {
                    assert!(!line.contains(word), "{file} in {room} names {word}: {line}");
                }
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    for (file, source) in sources() {
        assert!(source.starts_with("//! "), "{file} does not say what it is for");
        let lines = source.lines().count();
        assert!(lines <= LINES, "{file} has {lines} lines, more than {LINES}");
        for word in ["utils", "helper", "Manager"] {
            assert!(!file.contains(word), "{file} has a name that says nothing");
        }
    }
}

#[test]
fn the_wall_would_be_noticed() {
    assert!(names_crate("use rcgen::Issuer;", "rcgen"));
    assert!(names_crate("    let x = rcgen::Issuer::new();", "rcgen"));
    assert!(!names_crate("use crate::pki::xrcgen::Y;", "rcgen"));
    assert!(code("//! std::fs\nfn a() {}\n#[cfg(test)]\nmod tests {\n std::fs\n}").eq(["fn a() {}"]));
}
