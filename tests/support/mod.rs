//! What the suites that break things share: a scene of a home and an out folder, children with a deadline, and the
//! look at what lies on the disk afterwards.
//!
//! May not write outside of its temporary folders, leave a child behind, or repair what a run left.
#![allow(dead_code, reason = "each suite is a program of its own and uses its part")]

pub(crate) mod disk;
pub(crate) mod process;
pub(crate) mod truth;

use fs_err as fs;
use process::Ended;
use qcert::host::ledger::Ledger;
use qcert::host::stage;
use qcert::pki::bundle::Format;
use qcert::pki::certificate::Certificate;
use qcert::pki::encryption::Derivations;
use qcert::pki::judge::{self, Expectation, Leaves};
use qcert::pki::name::{MachineName, Underscore};
use qcert::pki::pem;
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::Role;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use time::OffsetDateTime;

/// All that lies in a bundle folder.
pub(crate) const BUNDLE: [&str; 9] = [
    ".gitignore",
    "client.pem",
    "client.pfx",
    "client_key.pem",
    "root.cer",
    "root.pem",
    "server.pem",
    "server.pfx",
    "server_key.pem",
];
pub(crate) const ROOT_FILES: [&str; 2] = ["root.pem", "root_key.pem"];

/// A home, an out folder beside it, and a place for files; gone when dropped.
pub(crate) struct Scene {
    folder: TempDir,
    pub(crate) home: PathBuf,
    pub(crate) out: PathBuf,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::at(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    pub(crate) fn at(folder: TempDir) -> Self {
        let (home, out) = (folder.path().join("home"), folder.path().join("out"));
        Self { folder, home, out }
    }

    /// With a root and this machine's bundle.
    pub(crate) fn with_bundle(machine: &str) -> Self {
        let scene = Self::new();
        process::run(scene.export(&[machine], &[])).assert_code(0);
        scene
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, bytes.as_ref()).unwrap();
        path.display().to_string()
    }

    pub(crate) fn qcert(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
        for variable in ["QCERT_HOME", "QCERT_PASSWORD_FILE", "QCERT_PASSPHRASE_FILE"] {
            command.env_remove(variable);
        }
        command.current_dir(self.folder.path()).arg("--home").arg(&self.home).args(arguments);
        command
    }

    pub(crate) fn export(&self, machines: &[&str], more: &[&str]) -> Command {
        let mut command = self.qcert(&["export", "--host", "site.test"]);
        command.arg("--out").arg(&self.out).args(more);
        for machine in machines {
            command.args(["--machine", machine]);
        }
        command
    }

    pub(crate) fn run(&self, machines: &[&str], more: &[&str]) -> Ended {
        process::run(self.export(machines, more))
    }

    pub(crate) fn root(&self) -> Certificate {
        certificate(&self.home.join("root.pem"))
    }

    /// The root's two files, where both are there.
    pub(crate) fn root_bytes(&self) -> Option<[Vec<u8>; 2]> {
        let [certificate, key] = ROOT_FILES.map(|name| fs::read(self.home.join(name)).ok());
        Some([certificate?, key?])
    }

    pub(crate) fn judge(&self, machine: &str) -> Leaves {
        judge_bundle(&self.out.join(machine), machine, &self.root())
    }

    /// A copy of the ledger as it is now. Looking at the ledger itself would already repair it.
    pub(crate) fn ledger_copy(&self) -> TempDir {
        let copy = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-journal"] {
            let from = self.home.join(name);
            if from.exists() {
                fs::copy(from, copy.path().join(name)).unwrap();
            }
        }
        copy
    }

    /// Every certificate that lies at its place is in the ledger.
    pub(crate) fn assert_ledger_knows_all(&self) {
        let mut found: Vec<_> = Some(self.home.join("root.pem")).into_iter().filter(|path| path.exists()).collect();
        for folder in placed(&self.out) {
            found.extend(["server.pem", "client.pem"].map(|name| folder.join(name)));
        }
        if found.is_empty() {
            return;
        }
        let copy = self.ledger_copy();
        let ledger = Ledger::open(&copy.path().join("ledger.sqlite")).unwrap();
        for path in found {
            assert!(ledger.knows(&certificate(&path).sha256()).unwrap(), "not in the ledger: {}", path.display());
        }
    }

    /// Nothing of any run is left but what it was to make: no stage, no part of a file, in no folder of the scene.
    pub(crate) fn assert_nothing_is_left(&self) {
        for folder in names(&self.path("")).into_iter().map(|name| self.path(&name)).chain([self.out.clone()]) {
            let hidden = |name: &String| name.starts_with(".qcert") || name.starts_with('.') && name.contains(".part");
            let left: Vec<_> = names(&folder).into_iter().filter(hidden).collect();
            assert!(left.is_empty(), "left in {}: {left:?}", folder.display());
        }
        let unfinished: Vec<_> = names(&self.home).into_iter().filter(|name| name.contains(".new")).collect();
        assert!(unfinished.is_empty(), "left in the home: {unfinished:?}");
    }

    pub(crate) fn assert_no_runs(&self) {
        let runs = names(&self.home.join("runs"));
        assert!(runs.is_empty(), "left in runs: {runs:?}");
    }
}

/// The bundle is whole and this root's, or the test fails.
#[track_caller]
pub(crate) fn judge_bundle(folder: &Path, machine: &str, root: &Certificate) -> Leaves {
    assert_eq!(names(folder), BUNDLE, "in {}", folder.display());
    let expectation = Expectation {
        machine: &MachineName::parse(machine, Underscore::Refused).unwrap(),
        aliases: &[],
        alternative_names: true,
        root,
        with_root: true,
        roles: &[Role::Server, Role::Client],
        format: Format { pem: true, pfx: true, plain_pem_keys: false, pfx_encryption: PfxEncryption::Modern },
        password: None,
        derivations: &Derivations::default(),
        now: OffsetDateTime::now_utc(),
    };
    let (leaves, faults) = judge::judge(&expectation, &stage::read_folder(folder).unwrap());
    assert!(faults.is_empty(), "{machine}: {faults:?}");
    leaves
}

/// The bundle folders in `out`.
pub(crate) fn placed(out: &Path) -> Vec<PathBuf> {
    names(out).into_iter().filter(|name| !name.starts_with('.')).map(|name| out.join(name)).collect()
}

/// What is in a folder, sorted; nothing where there is no folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Every file of a folder.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

pub(crate) fn certificate(path: &Path) -> Certificate {
    let mut blocks = pem::decode(&fs::read(path).unwrap()).unwrap();
    Certificate::parse(blocks.pop().unwrap().der.expose().to_vec()).unwrap()
}

pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// Says that a check did not run, and why. In CI, which is to have everything, that is a failure.
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var("QCERT_STRANGERS").as_deref() != Ok("required"), "required, but {why}");
    eprintln!("SKIPPED: {why}");
}
