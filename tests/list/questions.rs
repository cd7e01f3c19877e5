//! What is asked, and what the exit code says.

use crate::support::process::{Ended, run};
use crate::support::{Scene, certificate};
use rusqlite::Connection;
use serde_json::Value;
use std::io::Read as _;
use std::process::Stdio;

fn list(scene: &Scene, more: &[&str]) -> Ended {
    run(scene.qcert(&[&["list"], more].concat()))
}

fn certificates(ended: &Ended) -> Vec<Value> {
    ended.json()["certificates"].as_array().unwrap().clone()
}

fn change(scene: &Scene, sql: &str) {
    let changed = Connection::open(scene.home.join("ledger.sqlite")).unwrap().execute(sql, []).unwrap();
    assert!(changed > 0, "{sql}");
}

const IN_THE_PAST: &str = "not_before = 1500000000, not_after = 1600000000";

/// What lies on the disk is what the list says, to the second.
#[test]
fn the_files_are_in_the_list() {
    let scene = Scene::new();
    scene.run(&["one.test", "two.test"], &[]).assert_code(0);
    scene.run(&["two.test"], &["--exists", "replace"]).assert_code(0);
    let listed = certificates(&list(&scene, &["--json"]).assert_code(0));
    assert_eq!(listed.len(), 1 + 4 + 2);
    let files =
        ["out/one.test/server", "out/one.test/client", "out/two.test/server", "out/two.test/client", "home/root"];
    for file in files {
        let certificate = certificate(&scene.path(&format!("{file}.pem")));
        let sha256 = certificate.sha256();
        let found: Vec<_> = listed.iter().filter(|listed| listed["sha256"] == sha256.as_str()).collect();
        let [found] = found[..] else { panic!("{file}: {found:?}") };
        assert_eq!(found["serial"], certificate.serial_text());
        assert_eq!((&found["state"], &found["confirmed"]), (&"live".into(), &true.into()), "{file}");
        assert!(scene.path(file).starts_with(found["place"].as_str().unwrap()), "{file}: {found}");
        for (name, time) in [("not_before", certificate.not_before()), ("not_after", certificate.not_after())] {
            let told = found[name].as_str().unwrap();
            let format = &time::format_description::well_known::Rfc3339;
            assert_eq!(time::OffsetDateTime::parse(told, format).unwrap(), time, "{file}");
        }
    }
    let superseded = listed.iter().filter(|listed| listed["state"] == "superseded").count();
    assert_eq!(superseded, 2);
}

/// Every serial in the text is whole, and no line is wider than a terminal of 100 columns.
#[test]
fn the_table_is_readable() {
    let mut scene = Scene::new();
    // A path of usual length: that of the test's own folder is not the list's fault.
    scene.out = "o".into();
    scene.run(&["qliksense-central.subdomain.example", "b.test"], &[]).assert_code(0);
    scene.run(&["b.test"], &["--exists", "replace"]).assert_code(0);
    let text = list(&scene, &[]).assert_code(0).stdout;
    let listed = certificates(&list(&scene, &["--json"]).assert_code(0));
    for listed in &listed {
        assert!(text.contains(listed["serial"].as_str().unwrap()), "{listed}\n{text}");
    }
    for line in text.lines().filter(|line| line.starts_with(' ')) {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(!text.contains('\u{1b}'));
    let colored = list(&scene, &["--color", "always"]).assert_code(0).stdout;
    assert!(colored.contains("\u{1b}[32mlive\u{1b}[0m"), "{colored:?}");
    assert_eq!(list(&scene, &["-q"]).assert_code(0).stdout, "");
}

/// Renewed, revoked, of another place: as long as a client certificate is not over, Qlik takes it.
#[test]
fn live_clients_are_all_that_qlik_takes() {
    let scene = Scene::new();
    scene.run(&["one.test", "two.test"], &[]).assert_code(0);
    scene.run(&["one.test", "two.test"], &["--exists", "replace"]).assert_code(0);
    let sign = scene.path("tool").display().to_string();
    run(scene.qcert(&["sign", "client", "--out", &sign])).assert_code(0);
    let alive = |state: &str| {
        let more: &[&str] = if state.is_empty() { &[] } else { &["--state", state] };
        let listed = certificates(&list(&scene, &[&["--live-clients", "--json"], more].concat()).assert_code(0));
        assert!(listed.iter().all(|listed| listed["role"] == "client"));
        assert!(listed.iter().all(|listed| listed["ended_by"].as_str().unwrap().contains("recreate")));
        listed.len()
    };
    assert_eq!((alive(""), alive("live"), alive("superseded"), alive("revoked")), (5, 3, 2, 0));
    change(&scene, "UPDATE certificate SET revoked_at = 1700000000, reason = 'x' WHERE role = 'client' AND id = 5");
    assert_eq!((alive(""), alive("live"), alive("superseded"), alive("revoked")), (5, 3, 1, 1));
    change(&scene, &format!("UPDATE certificate SET {IN_THE_PAST} WHERE id = 5"));
    assert_eq!((alive(""), alive("revoked")), (4, 0));
    let text = list(&scene, &["--live-clients"]).assert_code(0).stdout;
    assert!(text.contains("\n4 client certificates accepted by Qlik's services: 3 live and 1 superseded;"), "{text}");
    // Nothing is worth more than its root.
    change(&scene, &format!("UPDATE certificate SET {IN_THE_PAST} WHERE role = 'root'"));
    assert_eq!(alive(""), 0);
    let text = list(&scene, &["--live-clients"]).assert_code(0).stdout;
    assert_eq!(text, "no client certificate of this ledger is accepted any more\n");
}

#[test]
fn the_exit_code_says_whether_something_ends() {
    let scene = Scene::new();
    scene.run(&["long.test"], &[]).assert_code(0);
    let text = list(&scene, &["--expiring", "30"]).assert_code(0).stdout;
    assert!(text.starts_with("none of 3 certificates in place ends within 30 days; the next on "), "{text}");
    scene.run(&["short.test"], &["--days", "10"]).assert_code(0);
    let ending =
        |days: &str, code| certificates(&list(&scene, &["--expiring", days, "--json"]).assert_code(code)).len();
    assert_eq!((ending("30", 1), ending("9", 0)), (2, 0));
    list(&scene, &["--expiring", "30"]).assert_code(1);
    list(&scene, &["--expiring", "30", "-q"]).assert_code(1);
    list(&scene, &["--expiring", "30", "-m", "long.test"]).assert_code(0);
    list(&scene, &["--expiring", "30", "-m", "SHORT.test", "--role", "server"]).assert_code(1);
    // A name that is mistyped does not end: that is no answer.
    list(&scene, &["--expiring", "30", "-m", "shrot.test"]).assert_error(2, &["`shrot.test`"]);

    // What is over and still there is the worst of all; what is revoked or superseded is missed by nobody.
    change(&scene, &format!("UPDATE certificate SET {IN_THE_PAST} WHERE machine = 'short.test' AND role = 'server'"));
    assert_eq!((ending("0", 1), ending("30", 1)), (1, 2));
    change(&scene, "UPDATE certificate SET revoked_at = 1700000000 WHERE machine = 'short.test' AND role = 'server'");
    assert_eq!((ending("0", 0), ending("30", 1)), (0, 1));
    scene.run(&["short.test"], &["--exists", "replace"]).assert_code(0);
    assert_eq!(ending("30", 0), 0);

    // The root is the first.
    change(&scene, "UPDATE certificate SET not_after = unixepoch() + 86400 WHERE role = 'root'");
    let text = list(&scene, &["--expiring", "30"]).assert_code(1).stdout;
    assert!(text.lines().next().unwrap().contains("  root    site.test-CA"), "{text}");
    // Each certificate ends with it.
    assert_eq!(ending("30", 1), 5);
    assert!(text.contains("`qcert recreate`"), "{text}");
}

#[test]
fn a_replaced_root_is_said() {
    let scene = Scene::with_bundle("one.test");
    let new = "INSERT INTO certificate (root, serial, role, machine, profile, sha256, issued_at, not_before, not_after, \
               place, written) SELECT 'ff', serial, role, 'new-CA', profile, 'ff', issued_at, not_before, not_after, \
               place, written FROM certificate WHERE role = 'root'";
    change(&scene, new);
    change(&scene, "UPDATE certificate SET superseded_at = 1800000000 WHERE role = 'root' AND sha256 <> 'ff'");
    let listed = certificates(&list(&scene, &["--json", "-m", "one.test"]).assert_code(0));
    assert!(listed.iter().all(|listed| listed["root_replaced"] == true && listed["state"] == "live"), "{listed:?}");
    let text = list(&scene, &[]).assert_code(0).stdout;
    let (present, replaced) = text.split_once("\nunder the root that was replaced on 2027-01-15:\n").unwrap();
    assert!(present.contains("new-CA") && !present.contains("one.test"), "{text}");
    assert!(replaced.contains("site.test-CA") && replaced.contains("one.test"), "{text}");
    assert_eq!(certificates(&list(&scene, &["--json", "--root", "present"]).assert_code(0)).len(), 1);
    assert_eq!(certificates(&list(&scene, &["--json", "--root", "replaced"]).assert_code(0)).len(), 3);
    let live = certificates(&list(&scene, &["--json", "--live-clients"]).assert_code(0));
    assert!(live[0]["ended_by"].as_str().unwrap().contains("trusted roots"), "{live:?}");
}

/// A root that was signed by the one before it is a certificate like the others, and nobody's client.
#[test]
fn what_recreate_made_is_listed() {
    let scene = Scene::with_bundle("one.test");
    let passphrase = scene.file("passphrase", "a passphrase of some length");
    let backup = scene.path("before.backup").display().to_string();
    let recreate = ["recreate", "--yes", "--cross-sign", "--backup", &backup, "--backup-passphrase-file", &passphrase];
    run(scene.qcert(&recreate)).assert_code(0);
    let count = |more: &[&str]| certificates(&list(&scene, &[&["--json"], more].concat()).assert_code(0)).len();
    assert_eq!((count(&[]), count(&["--role", "cross"]), count(&["--root", "replaced"])), (7, 1, 4));
    assert_eq!((count(&["--live-clients"]), count(&["--live-clients", "--root", "present"])), (2, 1));
    list(&scene, &[]).assert_code(0);
    list(&scene, &["--expiring", "30"]).assert_code(0);
    list(&scene, &["--metrics"]).assert_code(0);
}

/// Names come from files and from other people: nothing in them moves a cursor.
#[test]
fn names_do_not_reach_the_terminal_as_they_are() {
    let scene = Scene::with_bundle("one.test");
    change(
        &scene,
        "UPDATE certificate SET machine = 'a' || char(27) || '[31m' || char(10) || 'b' WHERE role = 'client'",
    );
    change(&scene, "UPDATE certificate SET revoked_at = 1, reason = char(27), serial = char(27) WHERE role = 'client'");
    for more in [&[][..], &["--live-clients"], &["--expiring", "36500"]] {
        let ended = list(&scene, more);
        assert!(!ended.stdout.contains('\u{1b}') && !ended.stdout.contains("\nb"), "{:?}", ended.stdout);
    }
    let listed = certificates(&list(&scene, &["--json", "--role", "client"]).assert_code(0));
    assert_eq!(listed[0]["machine"], "a\u{1b}[31m\nb");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let machines: Vec<String> = (0..40).map(|number| format!("machine{number}.test")).collect();
    let scene = Scene::new();
    scene.run(&machines.iter().map(String::as_str).collect::<Vec<_>>(), &["--format", "pem"]).assert_code(0);
    for more in [&[][..], &["--json"], &["--metrics"]] {
        let mut child = scene.qcert(&[&["list"], more].concat()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{more:?}");
    }
}

#[test]
fn questions_that_do_not_go_together() {
    let scene = Scene::with_bundle("one.test");
    let pairs: [&[&str]; 9] = [
        &["--live-clients", "--expiring", "1"],
        &["--live-clients", "--metrics"],
        &["--live-clients", "--role", "server"],
        &["--expiring", "1", "--metrics"],
        &["--expiring", "1", "--state", "live"],
        &["--metrics", "-m", "one.test"],
        &["--metrics", "--json"],
        &["--out", "x.prom"],
        &["--expiring", "-1"],
    ];
    for pair in pairs {
        let ended = list(&scene, pair).assert_code(2);
        assert!(ended.stderr.starts_with("error: "), "{pair:?}: {}", ended.stderr);
    }
    assert!(!scene.path("x.prom").exists());
}
