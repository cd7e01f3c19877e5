//! What the tests of backups share: a home, its backup under a cheap work factor, and what is said of one.

use crate::support::Scene;
use crate::support::process::{Ended, run};
use fs_err as fs;
use qcert::host::backup::{BackupError, Contents, Sealed};
use qcert::host::ledger::Ledger;
use qcert::pki::secret::Password;
use std::path::{Path, PathBuf};
use std::process::Command;
use zeroize::Zeroizing;

pub(crate) const PASSPHRASE: &str = "correct horse battery";

pub(crate) fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

impl Scene {
    /// `qcert backup` of this home, with a passphrase that costs nothing to try.
    pub(crate) fn backup(&self, file: &str, more: &[&str]) -> Command {
        let passphrase = self.file("passphrase.txt", PASSPHRASE);
        let mut command = self.qcert(&["backup", file, "--work-factor", "4", "--backup-passphrase-file", &passphrase]);
        command.args(more);
        command
    }

    pub(crate) fn restore(&self, file: &str, home: &str, more: &[&str]) -> Command {
        let passphrase = self.file("passphrase.txt", PASSPHRASE);
        let mut command = self.qcert_at(home, &["restore", file, "--backup-passphrase-file", &passphrase]);
        command.args(more);
        command
    }

    /// qcert with a home of this name in place of the scene's.
    pub(crate) fn qcert_at(&self, home: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
        for variable in ["QCERT_PASSWORD_FILE", "QCERT_PASSPHRASE_FILE"] {
            command.env_remove(variable);
        }
        command.current_dir(self.path("")).env("QCERT_HOME", home).args(arguments);
        command
    }

    /// A bundle for another machine out of the home of this name.
    pub(crate) fn export_at(&self, home: &str, more: &[&str]) -> Command {
        let mut command = self.qcert_at(home, &["export", "-m", "two.test", "--exists", "replace", "--out"]);
        command.arg(&self.out).args(more);
        command
    }

    pub(crate) fn check(&self, file: &str) -> Ended {
        run(self.restore(file, "nowhere", &["--check"]))
    }

    /// The bytes of a backup of this home.
    pub(crate) fn backed_up(&self) -> Vec<u8> {
        run(self.backup("good.age", &[])).assert_code(0);
        fs::read(self.path("good.age")).unwrap()
    }
}

/// What the library says of these bytes.
pub(crate) fn open(bytes: &[u8]) -> Result<Contents, BackupError> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("backup");
    fs::write(&path, bytes).unwrap();
    Sealed::look(&path)?.open(&password(PASSPHRASE))
}

/// Every row of a ledger, but for what a restore may change.
pub(crate) fn rows(home: &Path) -> Vec<String> {
    let mut rows = Vec::new();
    let ledger = Ledger::look(&home.join("ledger.sqlite")).unwrap();
    ledger
        .each(|mut entry| {
            entry.evidence = None;
            rows.push(format!("{entry:?}"));
        })
        .unwrap();
    rows
}

pub(crate) fn found(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()))
}
