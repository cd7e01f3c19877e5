//! A site's certificates go into Windows' stores and out of them again, by qcert.exe alone: installed, kept, refused,
//! replaced, judged and removed, as other commands see it.
//!
//! The stores are the machine's own, so that this is only done under Wine, or where `QCERT_TEST_STORES` asks for it, on
//! an elevated console of a machine that may be spoiled.
#![cfg(windows)]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test starts qcert, says what it skips, and fails loudly"
)]

use std::path::Path;
use std::process::Command;

/// Wine 8 gives no key away, and takes no PFX with a password that is not ASCII.
const BACKUP: [&str; 3] = ["--without-key-backup", "--backup-password-file", "password.txt"];

struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(scene.path().join("password.txt"), "geheim und lang\n").unwrap();
        // Both of one root. Fixed ones, for Wine 8 takes not every key: one in sixty has a number that it stumbles over.
        for (from, to) in [("sound-2022-windows", "first"), ("sound-both-purposes", "second")] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate").join(from);
            std::fs::create_dir(scene.path().join(to)).unwrap();
            for entry in std::fs::read_dir(from).unwrap() {
                let entry = entry.unwrap();
                std::fs::copy(entry.path(), scene.path().join(to).join(entry.file_name())).unwrap();
            }
        }
        scene
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    #[track_caller]
    fn json(&self, code: i32, arguments: &[&str]) -> serde_json::Value {
        let output = Command::new(env!("CARGO_BIN_EXE_qcert"))
            .args(arguments)
            .current_dir(self.path())
            .env("QCERT_HOME", self.path().join("home"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// `state: action role store = state of the step, …`, and what the answer is.
    #[track_caller]
    fn change(&self, code: i32, arguments: &[&str]) -> (String, serde_json::Value) {
        let answer = self.json(code, &[&["store"], arguments, &["--yes", "--json"]].concat());
        let step = |step: &serde_json::Value| {
            let word = |field: &str| step[field].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} = {}", word("action"), word("role"), word("store"), word("state"))
        };
        let steps: Vec<String> = answer["steps"].as_array().unwrap().iter().map(step).collect();
        (format!("{}: {}", answer["state"].as_str().unwrap(), steps.join(", ")), answer)
    }

    /// What `store list` has of the site where Qlik looks. Wine 8 shows Personal of the machine in Personal of the
    /// account as well, so that there only the client is looked at.
    fn listed(&self) -> String {
        let answer = self.json(0, &["store", "list", "--json"]);
        let mut found = Vec::new();
        for store in answer["stores"].as_array().unwrap() {
            let name = store["store"].as_str().unwrap();
            let roles: &[&str] = match name {
                r"LocalMachine\Root" => &["root"],
                r"LocalMachine\My" => &["server"],
                r"CurrentUser\My" => &["client"],
                _ => &[],
            };
            for one in store["certificates"].as_array().unwrap() {
                if let Some(role) = one["role"].as_str().filter(|role| roles.contains(role)) {
                    let key = match &one["private_key"] {
                        serde_json::Value::Null => "without key".to_owned(),
                        key => format!("{} key, machine's {}", key["kind"].as_str().unwrap(), key["machine_keyset"]),
                    };
                    found.push(format!("{role} in {name}, {key}"));
                }
            }
        }
        found.join("; ")
    }
}

impl Drop for Scene {
    /// Whatever a failed test leaves.
    fn drop(&mut self) {
        let root = r"first\root.cer";
        let arguments = ["store", "clean", "--yes", "--root", root, "--backup", "at-the-end"];
        _ = Command::new(env!("CARGO_BIN_EXE_qcert")).args(arguments).args(BACKUP).current_dir(self.path()).output();
    }
}

fn may_be_changed() -> bool {
    let may =
        Path::new(r"C:\windows\system32\wineboot.exe").exists() || std::env::var_os("QCERT_TEST_STORES").is_some();
    if !may {
        eprintln!("SKIPPED: the stores of this machine are not to be changed");
    }
    may
}

#[test]
fn a_site_goes_into_the_stores_and_out_again() {
    if !may_be_changed() {
        return;
    }
    let scene = Scene::new();
    let (first, second) = ("first", "second");
    assert_eq!(scene.listed(), "", "the stores have certificates of Qlik's already");

    let (done, answer) = scene.change(0, &["install", first]);
    let expected =
        r"done: add root LocalMachine\Root = done, add server LocalMachine\My = done, add client CurrentUser\My = done";
    assert_eq!(done, expected);
    assert_eq!(answer["confirmed"], true, "{answer:#}");
    let trust = answer["trust"].as_array().unwrap();
    assert_eq!(trust.len(), 3);
    for one in trust {
        assert_eq!((&one["trusted"], &one["status"], &one["policy"]), (&true.into(), &0.into(), &0.into()), "{one}");
    }
    let there = [
        r"root in LocalMachine\Root, without key",
        r"server in LocalMachine\My, capi key, machine's true",
        r"client in CurrentUser\My, capi key, machine's false",
    ]
    .join("; ");
    assert_eq!(scene.listed(), there);

    let kept = [
        r"unchanged: keep root LocalMachine\Root = kept",
        r"keep server LocalMachine\My = kept",
        r"keep client CurrentUser\My = kept",
    ]
    .join(", ");
    assert_eq!(scene.change(0, &["install", first]).0, kept);

    let (refused, answer) = scene.change(1, &["install", second]);
    assert!(refused.starts_with("refused: "), "{refused}");
    assert!(answer["refusals"][0]["hint"].as_str().unwrap().contains("--replace"), "{answer:#}");
    let (replaced, answer) =
        scene.change(0, &[&["install", second, "--replace", "--backup", "before"], &BACKUP[..]].concat());
    let expected = [
        r"done: keep root LocalMachine\Root = kept",
        r"add server LocalMachine\My = done",
        r"keep client CurrentUser\My = kept",
        r"remove server LocalMachine\My = done",
    ];
    assert_eq!(replaced, expected.join(", "));
    assert_eq!((&answer["confirmed"], &answer["backup"]["certificates"]), (&true.into(), &1.into()), "{answer:#}");
    assert_eq!(scene.listed(), there);
    assert_eq!(scene.change(0, &["install", second]).0, kept);

    scene.json(0, &["store", "snapshot", "stores.json", "--json"]);
    let from_file = scene.json(0, &["store", "list", "--json", "--from", "stores.json"]);
    assert_eq!(from_file["stores"], scene.json(0, &["store", "list", "--json"])["stores"]);

    let root = format!(r"{first}\root.cer");
    let (removed, answer) = scene.change(0, &[&["clean", "--root", &root, "--backup", "all"], &BACKUP[..]].concat());
    let expected = [
        r"done: remove root LocalMachine\Root = done",
        r"remove server LocalMachine\My = done",
        r"remove client CurrentUser\My = done",
    ];
    assert!(removed.starts_with(&expected.join(", ")), "{removed}");
    assert_eq!(answer["confirmed"], true, "{answer:#}");
    assert_eq!(scene.listed(), "");
    assert!(scene.change(0, &["clean", "--root", &root]).0.starts_with("unchanged: "));
}
