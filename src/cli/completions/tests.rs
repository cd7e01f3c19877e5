//! The candidates at a Tab, without a shell. What shells make of them: tests/completions.rs.

use super::*;

/// Only the values, of the last of these words.
fn values(words: &[&str]) -> Vec<String> {
    let words: Vec<OsString> = words.iter().map(OsString::from).collect();
    let lines = candidates(words.len() - 1, &words);
    lines.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn commands_options_and_their_values_are_completed() {
    assert_eq!(values(&["qcert", "reh"]), ["rehearse"]);
    assert_eq!(values(&["qcert", "sto"]), ["store"]);
    assert_eq!(values(&["qcert", "store", "sn"]), ["snapshot"]);
    assert_eq!(values(&["qcert", "list", "--expi"]), ["--expiring"]);
    assert_eq!(values(&["qcert", "list", "--role", "c"]), ["cross", "client"]);
    assert_eq!(values(&["qcert", "list", "--role=s"]), ["--role=server"]);
    assert_eq!(values(&["qcert", "completions", ""])[..4], ["bash", "zsh", "fish", "powershell"]);
}

#[test]
fn what_is_hidden_stays_hidden() {
    assert!(!values(&["qcert", ""]).iter().any(|value| value.starts_with('_')));
    assert!(values(&["qcert", ""]).iter().any(|value| value == "export"));
}

#[test]
fn what_makes_no_sense_has_no_candidates() {
    assert!(values(&["qcert", "no-such-command", "--no-such", "x"]).is_empty());
    assert!(values(&["qcert", "renew", "--home", "/nonexistent", "--machine", ""]).is_empty());
    assert_eq!(candidates(0, &[]), "");
    assert_eq!(candidates(usize::MAX, &["qcert".into()]), "");
}

#[test]
fn the_home_is_the_one_that_the_line_means() {
    let home = |words: &[&str]| home(&words.iter().map(OsString::from).collect::<Vec<_>>());
    assert_eq!(home(&["qcert", "renew", "--home", "a", "--machine", ""]), Some("a".into()));
    assert_eq!(home(&["qcert", "--home=b", "renew"]), Some("b".into()));
    // The word that is being typed is none yet.
    assert_eq!(home(&["qcert", "renew", "--home"]), home(&["qcert"]));
}

#[test]
fn help_is_one_line_behind_a_tab() {
    let lines = candidates(1, &["qcert".into(), "crl".into()]);
    assert_eq!(lines, "crl\tWrite the revocation list, for programs that look at one\n");
}
