//! `docs/rules.md` says what the rules say, the rules are fit to be read, and logs of any size, encoding and intent
//! are looked through in bounded time and memory.
//!
//! `QCERT_UPDATE_DOCS=1 cargo test --test explain` writes the page anew.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads the project, starts qcert, and fails loudly"
)]

use qcert::pki::knowledge::rules_page;
use qcert::pki::rules;
use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

#[test]
fn the_page_of_rules_is_what_the_rules_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let page = rules_page::page();
    if std::env::var_os("QCERT_UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(written == page, "docs/rules.md is old: QCERT_UPDATE_DOCS=1 cargo test --test explain");
}

#[test]
fn every_rule_is_complete_and_its_name_unique() {
    let mut ids = HashSet::new();
    for (family, lists) in rules::FAMILIES {
        assert!(lists.iter().all(|list| !list.is_empty()), "{family}");
        for rule in lists.iter().copied().flatten() {
            assert!(ids.insert(rule.id), "{} is there twice", rule.id);
            let (of, what) = rule.id.split_once('/').unwrap();
            assert_eq!(of, *family, "{}", rule.id);
            let fits = |character: char| character.is_ascii_lowercase() || matches!(character, '-' | '0'..='9');
            assert!(!what.is_empty() && what.chars().all(fits), "{}", rule.id);
            for said in [rule.title, rule.cause, rule.fix, rule.source] {
                assert!(!said.trim().is_empty() && said == said.trim(), "{}", rule.id);
            }
        }
    }
}

fn explain(log: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_qcert"))
        .args(["explain", "--text", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(log).unwrap();
    child.wait_with_output().unwrap()
}

/// The name of each known text, with lines and first line.
fn found(log: &[u8]) -> Vec<(String, u64, u64)> {
    let output = explain(log);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let list = answer["found"].as_array().unwrap();
    assert_eq!(output.status.code(), Some(i32::from(list.is_empty())));
    list.iter()
        .map(|found| {
            let number = |field: &str| found[field].as_u64().unwrap();
            (found["name"].as_str().unwrap().to_owned(), number("lines"), number("first_line"))
        })
        .collect()
}

const LOG: &str = "starting\n\
    Error: unable to verify the first certificate\n\
    \x20 code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'\n\
    The certificate 'CN=q' is invalid because it was not signed correctly by 'CN=qlik1.corp-CA'\n\
    Unkown error when accessing the private key\n";

#[test]
fn a_log_in_utf_16_says_what_it_says_in_utf_8() {
    let expected = [("unable-to-verify-leaf", 2, 2), ("other-root", 1, 4), ("private-key-access", 1, 5)];
    let expected: Vec<_> = expected.map(|(name, lines, first)| (name.to_owned(), lines, first)).into();
    let powershell: Vec<u8> = LOG.replace('\n', "\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(found(LOG.as_bytes()), expected);
    assert_eq!(found(&[b"\xff\xfe", &powershell[..]].concat()), expected);
    assert_eq!(found(&powershell), expected);
}

#[test]
fn hostile_input_is_answered_at_once() {
    let size = 4 << 20;
    let cases: [Vec<u8>; 6] = [
        vec![0; size],
        vec![b'\n'; size],
        b"error 20 at ".repeat(size / 12),
        b"is invalid because it was not signed correctly by 'CN=".repeat(size / 54),
        (0..size).map(|at| u8::try_from(at * 7919 % 251).unwrap()).collect(),
        b"\xff\xfe\x00\xd8".repeat(size / 4),
    ];
    for case in cases {
        let start = Instant::now();
        let output = explain(&case);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }
}
