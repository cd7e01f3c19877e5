//! `--metrics` is read by those who are to read it: Prometheus' own promtool, its Python library, and a strict reader.

use crate::support::process::{Ended, run, run_with};
use crate::support::{Scene, skipped};
use fs_err as fs;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// All of ours are whole numbers.
type Samples = BTreeMap<(String, BTreeMap<String, String>), i64>;

fn metrics(scene: &Scene, more: &[&str]) -> Ended {
    run(scene.qcert(&[&["list", "--metrics"], more].concat()))
}

/// A scene with names that need escaping.
fn scene() -> Scene {
    let scene = Scene::new();
    scene.run(&["one.test", "two.test"], &["--format", "pem"]).assert_code(0);
    scene.run(&["two.test"], &["--format", "pem", "--exists", "replace"]).assert_code(0);
    let ledger = Connection::open(scene.home.join("ledger.sqlite")).unwrap();
    let odd = "UPDATE certificate SET place = 'C:\\n\"out\"' || char(10) || 'ü\\' WHERE machine = 'one.test'";
    assert_eq!(ledger.execute(odd, []).unwrap(), 2);
    scene
}

/// The grammar of the format's description, and no more than that.
fn read(text: &str) -> Samples {
    let mut samples = Samples::new();
    let (mut help, mut types) = (BTreeSet::new(), BTreeMap::new());
    assert!(text.ends_with('\n') && !text.contains('\r'));
    for line in text.split_terminator('\n') {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, told) = rest.split_once(' ').unwrap();
            assert!(help.insert(name.to_owned()) && !told.is_empty(), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(types.insert(name.to_owned(), samples.len()).is_none() && kind == "gauge", "{line}");
        } else {
            let (name, labels, value) = sample(line);
            assert!(name.starts_with("qcert_") && help.contains(&name) && types.contains_key(&name), "{line}");
            let last = types.iter().max_by_key(|(_, begun)| **begun).unwrap();
            assert!(samples.is_empty() || *last.1 <= samples.len());
            assert!(samples.insert((name, labels), value).is_none(), "twice: {line}");
        }
    }
    assert!(help.iter().eq(types.keys()));
    samples
}

fn sample(line: &str) -> (String, BTreeMap<String, String>, i64) {
    let word = |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap();
    let (name, mut rest) = line.split_at(word(line));
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (label, after) = rest.split_at(word(rest));
            let mut characters = after.strip_prefix("=\"").unwrap().chars();
            let mut value = String::new();
            loop {
                match characters.next().unwrap() {
                    '"' => break,
                    '\\' => value.push(match characters.next().unwrap() {
                        'n' => '\n',
                        plain @ ('\\' | '"') => plain,
                        other => panic!("`\\{other}` is no escape: {line}"),
                    }),
                    plain => value.push(plain),
                }
            }
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            rest = characters.as_str();
            match rest.strip_prefix(',') {
                Some(next) => rest = next,
                None => break rest = rest.strip_prefix('}').unwrap(),
            }
        }
    }
    (name.to_owned(), labels, rest.strip_prefix(' ').unwrap().parse().unwrap())
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_numbers_are_those_of_the_certificates() {
    let scene = scene();
    let samples = read(&metrics(&scene, &[]).assert_code(0).stdout);
    let value = |name: &str, pairs: &[(&str, &str)]| samples[&(format!("qcert_{name}"), labels(pairs))];
    let root = scene.root().not_after().unix_timestamp();
    assert_eq!(value("root_not_after_timestamp_seconds", &[("root", "site.test-CA")]), root);
    assert_eq!(value("certificates", &[("role", "server"), ("state", "live")]), 2);
    assert_eq!(value("certificates", &[("role", "client"), ("state", "superseded")]), 1);
    assert_eq!(value("live_client_keys", &[("root", "present"), ("state", "live")]), 2);
    assert_eq!(value("live_client_keys", &[("root", "present"), ("state", "superseded")]), 1);
    assert_eq!(value("unconfirmed_certificates", &[]), 0);
    let place = scene.out.join("two.test").display().to_string();
    let server = crate::support::certificate(&scene.out.join("two.test/server.pem")).not_after().unix_timestamp();
    for (machine, place) in [("two.test", place.as_str()), ("one.test", "C:\\n\"out\"\nü\\")] {
        let of = [("machine", machine), ("role", "server"), ("place", place)];
        assert_eq!(value("certificate_not_after_timestamp_seconds", &of), server);
    }
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    assert!((now - 60..=now).contains(&value("metrics_timestamp_seconds", &[])));
}

/// `promtool check metrics` also holds the names to Prometheus' own conventions.
#[test]
fn promtool_agrees() {
    let scene = scene();
    let page = metrics(&scene, &[]).assert_code(0).stdout;
    if !Command::new("promtool").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return skipped("promtool is not installed");
    }
    let check = |page: &str| {
        let mut command = Command::new("promtool");
        command.args(["check", "metrics"]);
        run_with(command, page)
    };
    let ended = check(&page).assert_code(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    // It does look.
    assert_ne!(check(&page.replace("\\n", "\n")).status.code(), Some(0));
}

#[test]
fn the_python_library_agrees() {
    let scene = scene();
    let page = metrics(&scene, &[]).assert_code(0).stdout;
    let ours = std::env::var_os("QCERT_STRANGERS_DIR").unwrap_or_else(|| "target/strangers".into());
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join(ours).join("python/bin/python3");
    let python = if ours.exists() { ours } else { "python3".into() };
    if !Command::new(&python).args(["-c", "import prometheus_client"]).output().is_ok_and(|o| o.status.success()) {
        return skipped("prometheus_client for python3 is not installed");
    }
    let program = "import sys, json\nfrom prometheus_client.parser import text_string_to_metric_families as families\n\
                   print(json.dumps([[s.name, s.labels, int(s.value)] for f in families(sys.stdin.read()) for s in f.samples]))";
    let mut command = Command::new(python);
    command.args(["-c", program]).env("PYTHONUTF8", "1");
    let ended = run_with(command, &page).assert_code(0);
    let theirs: Vec<(String, BTreeMap<String, String>, i64)> = serde_json::from_str(&ended.stdout).unwrap();
    let theirs: Samples = theirs.into_iter().map(|(name, labels, value)| ((name, labels), value)).collect();
    assert_eq!(theirs, read(&page));
}

#[test]
fn a_file_is_replaced_in_one_step_and_only_where_it_is_older_metrics() {
    let scene = scene();
    let file = scene.path("qcert.prom");
    let name = file.display().to_string();
    for _ in 0..2 {
        assert_eq!(metrics(&scene, &["--out", &name]).assert_code(0).stdout, "");
        read(&fs::read_to_string(&file).unwrap());
    }
    let beside: Vec<_> =
        crate::support::names(&scene.path("")).into_iter().filter(|name| name.contains("prom")).collect();
    assert_eq!(beside, ["qcert.prom"]);
    fs::write(&file, "mine").unwrap();
    metrics(&scene, &["--out", &name]).assert_error(2, &[&name, "another file"]);
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    metrics(&scene, &["--out", "/nowhere/at/all/qcert.prom"]).assert_error(2, &["/nowhere/at/all/qcert.prom"]);
    // What cannot be read does not look as if all were well: the old numbers stay, with their old time.
    fs::remove_file(&file).unwrap();
    metrics(&scene, &["--out", &name]).assert_code(0);
    let old = fs::read(&file).unwrap();
    fs::write(scene.home.join("ledger.sqlite"), "damaged, and long enough to be looked at as a database").unwrap();
    metrics(&scene, &["--out", &name]).assert_error(2, &["ledger.sqlite"]);
    assert_eq!(fs::read(&file).unwrap(), old);
}
