//! Snapshots of certificate stores: what the Repository Service would do, what `inspect` shows of them, and the script
//! that takes one. The fixtures are those of `tests/validate.rs`, whose rules are held there.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test starts qcert and fails loudly")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate").join(format!("stores-{name}/stores.json"))
}

fn qcert(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.env("QCERT_HOME", home.path()).env_remove("QCERT_PASSWORD_FILE").args(arguments).output().unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_slice(&qcert(&[arguments, &["--json"]].concat()).stdout).unwrap()
}

fn inspected(name: &str) -> Value {
    json(&["inspect", fixture(name).to_str().unwrap(), "--at", "2026-06-01"])
}

/// `role action`, and why.
fn start_up(name: &str, at: &str) -> Vec<(String, String)> {
    let report = json(&["validate", fixture(name).to_str().unwrap(), "--at", at])["reports"][0].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let verdicts = report["start_up"].as_array().unwrap().iter();
    verdicts.map(|one| (format!("{} {}", text(&one["role"]), text(&one["action"])), text(&one["why"]))).collect()
}

#[test]
fn the_next_start_follows_qliks_table() {
    let (root, server, client) = ("root keep", "server keep", "client keep");
    let (stop, new_root) = ("root stop", "root create");
    let (other_server, other_client) = ("server delete_and_create", "client delete_and_create");
    let now = "2026-06-01";
    for (name, at, expected, word) in [
        ("sound", now, &[root, server, client][..], "is the only one, and valid"),
        ("archived-client", now, &[root, server, client], "valid"),
        ("cluster-certificate", now, &[root, server, client], "valid"),
        ("two-roots", now, &[stop, server, client], "there are 2"),
        ("root-expired", "2032-02-15", &[stop, server, client], "expired on 2032-02-01"),
        ("root-not-yet-valid", "2022-01-01", &[stop, other_server, other_client], "is not valid before 2022-01-25"),
        ("root-damaged", now, &[stop, server, client], "does not carry its own signature"),
        ("root-missing", now, &[new_root, other_server, other_client], "there is none in"),
        ("root-of-user-only", now, &[new_root, other_server, other_client], "inferred"),
        ("roots-differ", now, &[root, server, client], "inferred"),
        ("server-of-another-root", now, &[root, other_server, client], "was not signed by"),
        ("server-expired", now, &[root, other_server, client], "inferred"),
        ("server-without-key", now, &[root, other_server, client], "has no private key (inferred"),
        ("client-key-not-usable", now, &[root, server, other_client], "the account cannot use"),
        ("client-key-unjudged", now, &[root, server, client], "is not known"),
        ("two-clients-one-expired", now, &[root, server, other_client], "1 valid and 1 invalid"),
        ("two-servers", now, &[root, other_server, client], "there are 2, 2 valid"),
        ("client-missing", now, &[root, server, "client create"], "there is none"),
        ("client-with-the-machine", now, &[root, server, "client create"], "there is none"),
        // Nothing is told of a store that was not read, nor of a machine that is none of a site's.
        ("unread", now, &[root, server], "valid"),
        ("sound-workstation", now, &[], ""),
        ("several-sites", now, &[], ""),
    ] {
        let found = start_up(name, at);
        assert_eq!(found.iter().map(|(told, _)| told.as_str()).collect::<Vec<_>>(), expected, "{name}");
        assert!(word.is_empty() || found.iter().any(|(_, why)| why.contains(word)), "{name}: {found:?}");
    }
}

#[test]
fn what_to_delete_is_told_by_thumbprint() {
    let inspected = inspected("two-roots");
    let stores = inspected["files"][0]["objects"][0]["stores"].as_array().unwrap();
    let root = stores.iter().find(|store| store["store"] == "LocalMachine\\Root").unwrap();
    let thumbprint = |host: &str| {
        let title = format!("{host}-CA");
        let mut roots = root["certificates"].as_array().unwrap().iter();
        let found = roots.find(|one| one["certificate"]["common_name"] == title.as_str()).unwrap();
        found["certificate"]["sha1"].as_str().unwrap().to_owned()
    };
    let (kept, strange) = (thumbprint("qs1.example.com"), thumbprint("qs2.example.com").to_uppercase());
    let report = json(&["validate", fixture("two-roots").to_str().unwrap(), "--at", "2026-06-01"]);
    let fix = report["reports"][0]["findings"][0]["fix"].as_str().unwrap();
    assert!(
        fix.contains(&kept) && fix.contains(&format!("Remove-Item 'Cert:\\LocalMachine\\Root\\{strange}'")),
        "{fix}"
    );
    assert!(!fix.contains(&kept.to_uppercase()), "{fix}");
}

/// All that a person is told to do with these stores.
fn fixes(name: &str, at: &str, rule: &str) -> String {
    let report = json(&["validate", fixture(name).to_str().unwrap(), "--at", at])["reports"][0].clone();
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
    findings.map(|finding| finding["fix"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_private_key_is_deleted_without_being_saved() {
    let now = "2026-06-01";
    for (name, at, rule, told, untold) in [
        ("two-roots-of-one-key", now, "stores/two-roots", "they have one key", "store clean"),
        ("two-roots-both-used", now, "stores/two-roots", "qcert store clean --root", "anew"),
        ("two-roots-other-has-key", now, "stores/two-roots", "delete none before", "Remove-Item"),
        ("two-roots", now, "stores/two-roots", "after a backup", "delete none"),
        (
            "only-key-misplaced",
            now,
            "stores/wrong-store",
            "import that PFX into `CurrentUser\\My`, and only then",
            "anew",
        ),
        ("root-in-personal", now, "stores/wrong-store", "delete it here", "export"),
        (
            "server-as-root",
            now,
            "stores/not-self-signed",
            "which lies in `LocalMachine\\My` as well",
            "LocalMachine\\CA",
        ),
        ("root-expired", "2032-02-15", "stores/root-invalid", "qcert explain recreate", "backup"),
        ("root-damaged", now, "stores/root-invalid", "restore the root from a backup", "delete"),
    ] {
        let fix = fixes(name, at, rule);
        assert!(fix.contains(told) && !fix.contains(untold), "{name}: {fix}");
    }
}

#[test]
fn a_report_says_whose_stores_and_when() {
    let stores = fixture("sound");
    let stores = stores.to_str().unwrap();
    let report = json(&["validate", stores, "--at", "2026-06-01"])["reports"][0].clone();
    assert_eq!(report["snapshot"]["computer"], "QS1");
    assert_eq!(report["snapshot"]["taken_at"], "2026-05-30T08:00:00Z");
    assert_eq!(report["files"].as_array().unwrap().len(), 1);
    assert_eq!(report["chains"].as_array().unwrap().len(), 2);
    let output = qcert(&["validate", stores, "--at", "2026-06-01"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("the stores of QS1 as EXAMPLE\\qlikservice saw them at 2026-05-30T08:00:00Z"), "{text}");
    assert!(text.contains("with these stores the Repository Service would at its next start"), "{text}");
}

/// The bundle is judged by itself, and compared with the machine's stores wherever they lie.
#[test]
fn a_snapshot_elsewhere_is_compared_with_a_bundle() {
    let (stores, bundle) = (fixture("sound"), fixture("beside-another-export"));
    let [stores, folder] = [&stores, bundle.parent().unwrap()].map(|path: &Path| path.to_str().unwrap());
    let answer = json(&["validate", stores, folder, "--at", "2026-06-01"]);
    let reports = answer["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 3);
    let of = |rule: &str| {
        let findings = reports.iter().flat_map(|report| report["findings"].as_array().unwrap());
        findings.filter(|finding| finding["rule"] == rule).map(|finding| finding["files"].clone()).collect::<Vec<_>>()
    };
    // By both snapshots.
    assert_eq!(of("stores/bundle-client").len(), 2);
    assert_eq!(of("files/leftover").len(), 0);
}

#[test]
fn inspect_shows_qliks_certificates_and_counts_the_others() {
    let told = inspected("two-clients");
    let snapshot = &told["files"][0]["objects"][0];
    assert_eq!((&told["files"][0]["form"], &snapshot["kind"]), (&"snapshot".into(), &"snapshot".into()));
    assert_eq!((&snapshot["computer"], &snapshot["elevated"]), (&"QS1".into(), &true.into()));
    let stores = snapshot["stores"].as_array().unwrap();
    let counts: Vec<(&str, usize, u64)> = stores
        .iter()
        .map(|store| {
            let own = store["certificates"].as_array().unwrap().len();
            (store["store"].as_str().unwrap(), own, store["others"].as_u64().unwrap())
        })
        .collect();
    let expected = [
        ("LocalMachine\\Root", 1, 1),
        ("LocalMachine\\My", 1, 1),
        ("LocalMachine\\CA", 0, 1),
        ("CurrentUser\\Root", 1, 1),
        ("CurrentUser\\My", 2, 0),
        ("CurrentUser\\CA", 0, 0),
    ];
    assert_eq!(counts, expected);
    for client in stores[4]["certificates"].as_array().unwrap() {
        assert_eq!((&client["role"], &client["duplicate"]), (&"client".into(), &true.into()));
        assert_eq!((&client["friendly_name"], &client["private_key"]["kind"]), (&"QlikClient".into(), &"capi".into()));
    }
    assert_eq!(stores[1]["certificates"][0]["duplicate"], false);
}

#[test]
fn pem_holds_qliks_certificates_each_once() {
    let certificates = |more: &[&str]| {
        let output = qcert(&[&["inspect", fixture("sound").to_str().unwrap(), "--pem"], more].concat());
        String::from_utf8(output.stdout).unwrap().matches("BEGIN CERTIFICATE").count()
    };
    assert_eq!((certificates(&[]), certificates(&["--role", "root"])), (3, 1));
}

/// Each of Qlik's certificates is held against each root: a file full of them is looked at in part, and that is said.
#[test]
fn a_crowd_of_certificates_is_not_looked_through() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("stores.json");
    let mut snapshot: Value = serde_json::from_slice(&std::fs::read(fixture("sound")).unwrap()).unwrap();
    for (store, changed) in [(0, 1000_u32), (1, 1000)] {
        let certificates = snapshot["stores"][store]["certificates"].as_array_mut().unwrap();
        let one = certificates.last().unwrap().clone();
        let one = if store == 0 { one } else { certificates[1].clone() };
        let der = qcert::pki::pem::decode_base64(one["der"].as_str().unwrap().as_bytes()).unwrap();
        for number in 0..changed {
            // Another signature makes another certificate.
            let mut der = der.expose().to_vec();
            let at = der.len() - 8;
            der[at..at + 4].copy_from_slice(&number.to_be_bytes());
            let mut copy = one.clone();
            copy["der"] = qcert::pki::pem::encode_base64(&der).into();
            certificates.push(copy);
        }
    }
    std::fs::write(&path, snapshot.to_string()).unwrap();
    let begun = std::time::Instant::now();
    let report = json(&["validate", path.to_str().unwrap(), "--at", "2026-06-01"])["reports"][0].clone();
    assert!(begun.elapsed() < std::time::Duration::from_mins(1));
    let findings = report["findings"].as_array().unwrap();
    let of =
        |rule: &str| findings.iter().find(|finding| finding["rule"] == rule).unwrap()["sentence"].as_str().unwrap();
    assert!(of("stores/unread").contains("1970 were not looked at"), "{}", of("stores/unread"));
    assert!(of("stores/two-roots").starts_with("16 Qlik roots") && of("stores/two-roots").contains("8 others"));
}

/// What a stranger writes into a snapshot does not reach the terminal.
#[test]
fn what_a_snapshot_says_is_escaped() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("stores.json");
    let text = std::fs::read_to_string(fixture("two-clients")).unwrap();
    let evil = r"a\u001b]0;x\u0007\u202e\nb";
    let text = text.replace("\"QS1\"", &format!("\"{evil}\"")).replace("\"QlikClient\"", &format!("\"{evil}\""));
    std::fs::write(&path, text.replace("qlikservice", evil).replace("qcert 0.1.0", evil)).unwrap();
    for command in [&["inspect"][..], &["inspect", "-1"], &["validate"]] {
        let shown = qcert(&[command, &[path.to_str().unwrap(), "--at", "2026-06-01"]].concat()).stdout;
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.len() > 100 && !shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{command:?}: {shown:?}");
    }
}

fn fields(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            names.push(name.clone());
            fields(value, names);
        }),
        Value::Array(list) => list.iter().for_each(|value| fields(value, names)),
        _ => {}
    }
}

/// No PowerShell runs here: that the script names what the format has, and does not do what it must not.
#[test]
fn the_script_writes_every_field_and_changes_nothing() {
    let script = include_str!("../src/cli/store/script.ps1");
    assert!(script.is_ascii() && !script.contains('\r') && script.lines().all(|line| line.len() <= 125));
    let mut names = Vec::new();
    fields(&serde_json::from_slice(&std::fs::read(fixture("sound")).unwrap()).unwrap(), &mut names);
    assert!(names.len() > 50);
    for name in names {
        assert!(script.contains(&format!("{name} =")), "{name}");
    }
    for forbidden in [".Export(", "ExportParameters", "ExportPkcs8", "Remove", ".Add(", "Set-Item", "ReadWrite"] {
        assert!(!script.contains(forbidden), "{forbidden}");
    }
}
