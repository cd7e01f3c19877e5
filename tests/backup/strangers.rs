//! Strangers open what qcert wrote: the age program, and Python with nothing of ours but the format's description.

use super::scene::{PASSPHRASE, found};
use crate::support::process::run;
use crate::support::{Scene, skipped};
use fs_err as fs;
use qcert::pki::{pem, thumbprint};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Python with the `cryptography` package: `.ci/strangers` installs it below target/strangers.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("QCERT_STRANGERS_DIR").unwrap_or_else(|| "target/strangers".into());
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join(named).join("python/bin/python3");
    let knows = |python: &PathBuf| {
        let asked = Command::new(python).args(["-c", "import cryptography, sqlite3"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    [Some(ours), found(&["python3"])].into_iter().flatten().find(knows)
}

#[test]
fn a_backup_opens_without_qcert() {
    let Some(python) = python() else { return skipped("python3 with cryptography is not installed") };
    let age = found(&["age", "rage"]);
    if age.is_none() {
        skipped("age is not installed");
    }
    let scene = Scene::with_bundle("one.test");
    // More than one piece of the envelope, too.
    for large in [false, true] {
        if large {
            let kept = scene.home.join("previous/0123456789abcdef");
            fs::create_dir_all(&kept).unwrap();
            for name in ["root.pem", "root_key.pem"] {
                fs::copy(scene.home.join(name), kept.join(name)).unwrap();
            }
            fs::write(kept.join("large.pem"), vec![b'x'; 300_000]).unwrap();
        }
        run(scene.backup("one.age", &["--exists", "replace"])).assert_code(0);
        let folder = scene.path(if large { "large" } else { "small" });
        fs::create_dir(&folder).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backup/open.py");
        let mut command = Command::new(&python);
        command.arg(script).arg(scene.path("one.age")).arg(PASSPHRASE).arg(&folder).args(&age);
        let answer: serde_json::Value = serde_json::from_str(&run(command).assert_code(0).stdout).unwrap();
        assert_eq!(answer["sound"], true);
        assert_eq!(answer["machines"], serde_json::json!(["site.test-CA", "one.test", "one.test"]));
        assert_eq!(answer["names"][0], "manifest.json");
        // What they took out is a home.
        run(scene.export_at(folder.to_str().unwrap(), &[])).assert_code(0);
        let made = pem::decode(&fs::read(scene.out.join("two.test/root.pem")).unwrap()).unwrap().pop().unwrap();
        assert_eq!(thumbprint::sha256(made.der.expose()), scene.root().sha256());
    }
}

/// The other way round: somebody unpacks a backup, and packs it again with tools of his own.
#[test]
fn what_age_and_tar_packed_is_restored() {
    let (Some(age), Some(tar)) = (found(&["age"]), found(&["tar"])) else {
        return skipped("age or tar is not installed");
    };
    let Some(python) = python() else { return skipped("python3 is not installed") };
    let scene = Scene::with_bundle("one.test");
    run(scene.backup("one.age", &[])).assert_code(0);
    let folder = scene.path("taken");
    fs::create_dir(&folder).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backup/open.py");
    let mut command = Command::new(&python);
    run({
        command.arg(script).arg(scene.path("one.age")).arg(PASSPHRASE).arg(&folder);
        command
    })
    .assert_code(0);
    let mut pack = Command::new(tar);
    pack.args(["--format=ustar", "--create", "--file"]).arg(scene.path("packed.tar")).arg("-C").arg(&folder);
    run({
        pack.args(["manifest.json", "root.pem", "root_key.pem", "ledger.sqlite"]);
        pack
    })
    .assert_code(0);
    let typed = "import os, pty, sys, time\n\
        child, terminal = pty.fork()\n\
        if child == 0:\n    os.execv(sys.argv[1], [sys.argv[1], '-p', '-o', sys.argv[3], sys.argv[2]])\n\
        for _ in range(2):\n    time.sleep(0.5); os.read(terminal, 1024); os.write(terminal, sys.argv[4].encode() + b'\\n')\n\
        try:\n    while os.read(terminal, 1024): pass\n\
        except OSError: pass\n\
        sys.exit(os.waitpid(child, 0)[1])\n";
    let mut seal = Command::new(&python);
    seal.args(["-c", typed]).arg(age).arg(scene.path("packed.tar")).arg(scene.path("packed.age")).arg(PASSPHRASE);
    run(seal).assert_code(0);
    run(scene.restore("packed.age", "new", &[])).assert_code(0);
    assert_eq!(super::scene::rows(&scene.path("new")), super::scene::rows(&scene.home));
}
