//! Texts are joined over files, told with their times, and past where the log went on without them.

use super::*;
use crate::cli::output::Color;
use fs_err as fs;
use std::time::SystemTime;
use tempfile::TempDir;
use time::macros::datetime;

const AT: OffsetDateTime = datetime!(2026-11-22 08:00 UTC);

fn scene(files: &[(&str, &str)]) -> TempDir {
    let scene = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = scene.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.file().set_modified(SystemTime::from(AT)).unwrap();
    }
    scene
}

fn look_into(scene: &TempDir, bounds: Bounds) -> Logs {
    look_within(scene.path(), AT, DAYS, bounds, &Output::new(false, true, 0, Color::Never))
}

fn line(time: &str, message: &str) -> String {
    format!("1\t{time}\tERROR\tQLIK1\tSecurity.Proxy\t8\t40e67960\tCORP\\svc\t{message}\r\n")
}

const KEY: &str = "No private key found for certificate 'CN=qlik1'";

#[test]
fn one_text_in_many_files_is_one_entry() {
    let scene = scene(&[
        ("Proxy/Trace/Q_Security_Proxy_2026-11-20T00.00.00Z.log", &line("20261119T100000.000+0100", KEY).repeat(3)),
        ("Proxy/Trace/Q_Security_Proxy.txt", &line("20261121T100000.000+0100", KEY)),
        ("Repository/Trace/Q_System_Repository.txt", &line("20261122T080000.000+0100", "all is well")),
    ]);
    let logs = look_into(&scene, BOUNDS);
    assert_eq!((logs.looked_at.files, logs.looked_at.lines, logs.findings_count()), (3, 5, 1));
    let entry = &logs.entries[0];
    assert_eq!((entry.name, entry.lines, entry.files), ("no-private-key", 4, 2));
    assert_eq!(entry.first_seen.as_deref(), Some("2026-11-19T10:00:00+01:00"));
    assert_eq!(entry.last_seen.as_deref(), Some("2026-11-21T10:00:00+01:00"));
    // The proxy wrote no more; that the repository did says nothing.
    assert_eq!((entry.silent_days, entry.past), (Some(0), false));
    let seen: Vec<_> = entry.seen.iter().map(|found| (found.file.replace('\\', "/"), found.last_line)).collect();
    assert_eq!(seen[0], ("Proxy/Trace/Q_Security_Proxy.txt".to_owned(), Some(1)));
    assert_eq!(seen[1].1, Some(3));
}

#[test]
fn what_the_service_went_on_without_is_past() {
    let well = line("20261121T090000.000+0100", "all is well");
    let scene = scene(&[
        ("Proxy/Trace/Q_Security_Proxy.txt", &line("20261109T100000.000+0100", KEY)),
        ("Proxy/Trace/Q_System_Proxy.txt", &well),
        ("Engine/Trace/Q.txt", &line("20261110T100000.000+0100", "UNABLE_TO_VERIFY_LEAF_SIGNATURE")),
    ]);
    let logs = look_into(&scene, BOUNDS);
    let told: Vec<_> = logs.entries.iter().map(|entry| (entry.name, entry.silent_days, entry.past)).collect();
    assert_eq!(told, [("unable-to-verify-leaf", Some(0), false), ("no-private-key", Some(11), true)]);
    let mut words = String::new();
    text(&logs, &mut words);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "2 known texts about certificates (3 files",
        "last 2026-11-09 10:00:00 +01:00 (12 days ago); the log goes on for 11 days without it",
        "no longer said: No private key found for certificate (Proxy Service, security log)",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

/// A clock that was years ahead must not make all else past.
#[test]
fn times_after_the_files_own_are_not_believed() {
    let scene = scene(&[
        ("Trace/a.txt", &line("20261121T100000Z", KEY)),
        ("Trace/b.txt", &line("20991121T100000Z", "UNABLE_TO_VERIFY_LEAF_SIGNATURE")),
    ]);
    let logs = look_into(&scene, BOUNDS);
    let told: Vec<_> = logs.entries.iter().map(|entry| (entry.name, entry.last_seen.is_some(), entry.past)).collect();
    assert_eq!(told, [("unable-to-verify-leaf", false, false), ("no-private-key", true, false)]);
    assert!(logs.entries[0].seen[0].first_seen.is_none());
}

#[test]
fn of_a_cut_log_no_line_number_is_claimed() {
    let scene = scene(&[("a.txt", &[&"x\n".repeat(500), KEY, "\n"].concat())]);
    let logs = look_into(&scene, Bounds { of_one: 200, ..BOUNDS });
    assert_eq!((logs.entries[0].seen[0].last_line, logs.looked_at.octets), (None, 200));
    assert!(logs.left_out.iter().any(|left| left.why.contains("only the end") && left.octets > 800));
}

#[test]
fn nothing_of_a_log_or_its_name_is_believed_when_it_is_shown() {
    let scene = scene(&[("R&D.txt", &format!("\u{1b}[31m<script>'\" {KEY}\n"))]);
    let logs = look_into(&scene, BOUNDS);
    let mut words = String::new();
    text(&logs, &mut words);
    assert!(!words.contains('\u{1b}') && words.contains("\\u{1b}[31m"), "{words}");
    let html = page(&logs);
    assert!(!html.contains("<script") && !html.contains("R&D.txt") && html.contains("R&amp;D.txt"), "{html}");
    assert!(html.contains("the log says") && html.contains("qcert inspect server.pfx"), "{html}");
}

#[test]
fn silence_and_no_logs_are_told_apart() {
    let silent = scene(&[("a.txt", "all is well\n")]);
    let logs = look_into(&silent, BOUNDS);
    assert_eq!((logs.why_not(), logs.findings_count()), (None, 0));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(look_into(&empty, BOUNDS).why_not().as_deref(), Some("there are no logs in it"));
    let missing = look(&empty.path().join("x"), AT, DAYS, &Output::new(false, true, 0, Color::Never));
    assert_eq!(missing.why_not().as_deref(), Some("there is no such folder"));
    let mut words = String::new();
    text(&missing, &mut words);
    assert!(words.ends_with("were not looked at: there is no such folder\n"), "{words}");
}
