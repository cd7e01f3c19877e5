//! The program itself: its page word for word, hostile folders on the disk, and that nothing is touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FILES: [&str; 5] = ["root.pem", "server.pem", "server_key.pem", "client.pem", "client_key.pem"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn put(folder: &Path, files: &[&str]) {
    fs::create_dir_all(folder).unwrap();
    for file in files {
        fs::copy(fixture("golden/qlik").join(file), folder.join(file)).unwrap();
    }
}

fn qcert(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_qcert"))
        .args(["recreate", "--plan"])
        .args(arguments)
        .current_dir(folder)
        .env("QCERT_HOME", "home")
        .env_remove("QCERT_PASSWORD_FILE")
        .env("TZ", "UTC")
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
}

fn site(folder: &Path) {
    put(&folder.join("exported/.Local Certificates"), &FILES);
    put(&folder.join("exported/nprinting.test"), &["client.pfx", "root.cer"]);
    put(&folder.join("exported/butler.test"), &["client.pem", "client_key.pem", "root.pem"]);
}

#[test]
fn the_page_is_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let arguments = ["--bundle", "exported", "--rim", "rim1.test", "--service-account", "CORP\\svc-qlik", "--markdown"];
    let (code, page) = qcert(folder.path(), &arguments);
    assert_eq!(code, Some(0));
    let path = fixture("recreate_plan").join("plan.md");
    if std::env::var_os("QCERT_UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(fixture("recreate_plan")).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    for (number, (is, was)) in page.lines().zip(golden.lines()).enumerate() {
        assert_eq!(is, was, "line {}", number + 1);
    }
    assert_eq!(page.lines().count(), golden.lines().count());
}

#[test]
fn nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let before = tree(folder.path());
    assert_eq!(qcert(folder.path(), &["--bundle", "exported"]).0, Some(0));
    assert_eq!(qcert(folder.path(), &["--bundle", "exported", "--json"]).0, Some(0));
    assert_eq!(tree(folder.path()), before);
    assert!(!before.iter().any(|path| path.ends_with("home")));
}

fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

/// Folders that are called like commands and markup. Where the system allows no such folder there is nothing to fear.
#[test]
#[cfg(unix)]
fn hostile_folders_are_names_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let hostile = [
        "'; calc; '",
        "$(calc) `x | y & z",
        "a\ncalc\n",
        "``` <b>x</b> **y**",
        "a\u{2019}; calc",
        "\u{202e}x\u{1b}[2J",
    ];
    for name in hostile {
        put(&folder.path().join("exported").join(name), &["client.pem", "client_key.pem"]);
    }
    let run = |form: &[&str]| {
        let (code, said) = qcert(folder.path(), &[&["--bundle", "exported"], form].concat());
        assert_eq!(code, Some(0));
        said
    };
    for said in [run(&[]), run(&["--markdown"])] {
        assert!(!said.contains(['\u{202e}', '\u{1b}']), "{said}");
        assert!(!said.lines().any(|line| line.trim() == "calc"), "{said}");
        assert!(said.contains("cannot be a machine's name"));
    }
    // Outside of code spans and fences there is nothing of them.
    let page = run(&["--markdown"]);
    let mut fenced = false;
    for line in page.lines() {
        fenced ^= line.trim_start().starts_with("```") && !line.trim_start().starts_with("``` ");
        let words = if fenced { String::new() } else { without_spans(line) };
        assert!(!words.contains("calc") && !words.contains("<b>") && !words.contains("**"), "{line}");
    }
    let json = json(folder.path(), &["--bundle", "exported"]);
    let commands: Vec<&str> = json["steps"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|step| step["actions"].as_array().unwrap())
        .filter_map(|action| action["powershell"].as_str())
        .collect();
    assert!(commands.len() > 30 && commands.iter().all(|command| !command.contains("calc")));
}

/// A line without its code spans (CommonMark 6.1: a span ends at as many backticks as it began with).
fn without_spans(line: &str) -> String {
    let mut words = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        words.push_str(&rest[..at]);
        let row = rest[at..].chars().take_while(|character| *character == '`').count();
        let after = &rest[at + row..];
        let runs = after.match_indices('`').map(|(at, _)| at).filter(|at| !after[..*at].ends_with('`'));
        let end = runs.into_iter().find(|at| after[*at..].chars().take_while(|c| *c == '`').count() == row);
        let Some(end) = end else { return words + after };
        rest = &after[end + row..];
    }
    words + rest
}

/// An earlier recreate leaves folders of the old root: the node's own folder decides which is the site's.
#[test]
fn folders_of_another_root_are_set_apart() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let old = folder.path().join("exported/old.test");
    fs::create_dir_all(&old).unwrap();
    for file in FILES {
        fs::copy(fixture("validate/sound-2018").join(file), old.join(file)).unwrap();
    }
    let json = json(folder.path(), &["--bundle", "exported"]);
    assert_eq!(json["cautions"].as_array().unwrap().len(), 1);
    assert!(json["cautions"][0].as_str().unwrap().starts_with("already of another root"), "{json:#}");
    assert!(json["known"].to_string().contains("86265D0B05ED48D9923A6B646E4F6393283E64BC"));
}

#[test]
fn the_secrets_key_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join(".Local Certificates");
    fs::create_dir_all(&local).unwrap();
    for file in ["root.pem", "server.pem"] {
        fs::copy(fixture("validate/sound-2017-with-secrets").join(file), local.join(file)).unwrap();
    }
    let json = json(folder.path(), &["--bundle", ".Local Certificates"]);
    assert!(json["known"].to_string().contains("carries the site's secrets key"), "{json:#}");
    assert!(json["steps"][14]["actions"][0]["do"].as_str().unwrap().contains("with it goes"));
}

fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let (code, said) = qcert(folder, &[arguments, &["--json"]].concat());
    assert_eq!(code, Some(0));
    serde_json::from_str(&said).unwrap()
}

/// The home's machines are in the plan as long as its root is the site's.
#[test]
fn what_the_home_knows_is_in_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_qcert"))
            .args(arguments)
            .current_dir(folder.path())
            .env("QCERT_HOME", "home")
            .env("TZ", "UTC")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["export", "--host", "qlik9.test", "--machine", "tool1.test", "--machine", "tool2.test", "--format", "pfx"]);
    let known = |arguments: &[&str]| {
        let json = json(folder.path(), arguments);
        (json["known"].to_string(), json["steps"][15]["actions"].to_string())
    };
    let (head, programs) = known(&["--machine", "tool3.test"]);
    assert!(head.contains("`qlik9.test`, as the root is named"), "{head}");
    assert!(programs.contains("`tool1.test`: Windows format, without a password"), "{programs}");
    assert!(programs.contains("--machine=tool2.test") && programs.contains("--machine=tool3.test"), "{programs}");
    let before = tree(&folder.path().join("home"));
    let ledger = fs::read(folder.path().join("home/ledger.sqlite")).unwrap();
    // A ledger of the first version is left as it is.
    let connection = rusqlite::Connection::open(folder.path().join("home/ledger.sqlite")).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    let older = fs::read(folder.path().join("home/ledger.sqlite")).unwrap();
    assert!(older != ledger && !known(&[]).0.contains("qlik9.test"));
    assert!(fs::read(folder.path().join("home/ledger.sqlite")).unwrap() == older);
    fs::write(folder.path().join("home/ledger.sqlite"), ledger).unwrap();
    assert!(known(&[]).0.contains("qlik9.test"));
    assert_eq!(tree(&folder.path().join("home")), before);
    // Another site's files: its root decides, and the home has nothing to do with it.
    site(folder.path());
    let (head, programs) = known(&["--bundle", "exported"]);
    assert!(head.contains("`qlik1.test`") && !programs.contains("tool1.test"), "{head}");
}
