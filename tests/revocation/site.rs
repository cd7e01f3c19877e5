//! A site with one client whose certificate is revoked and one whose is not, made once for a kind of root.

use super::process::{Answer, run};
use super::scratch;
use fs_err as fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A home and what was made from it, in one folder that goes with it.
#[derive(Debug)]
pub(crate) struct Site {
    place: TempDir,
}

impl Site {
    /// Without a root.
    pub(crate) fn empty() -> Self {
        Self { place: scratch::own() }
    }

    pub(crate) fn new(profile: &str) -> Self {
        let site = Self::empty();
        site.qcert(&["init", "--host", "site.test", "--profile", profile]).accepted();
        site
    }

    /// With the bundle `server`, the clients `live` and `revoked`, and their list.
    pub(crate) fn furnished(self) -> Self {
        self.qcert(&["export", "--machine", "localhost", "--san", "127.0.0.1"]).accepted();
        for name in ["live", "revoked"] {
            self.qcert(&["sign", "client", "--out", name]).accepted();
        }
        self.qcert(&["revoke", "./revoked", "--reason", "key-compromise"]).accepted();
        self.qcert(&["crl"]).accepted();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.place.path()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("home/root.pem")
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a file of the test");
        path
    }

    /// The program under test, told where its authority lives and nothing else by the environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("QCERT_") {
                command.env_remove(variable);
            }
        }
        command.current_dir(self.folder()).env("NO_COLOR", "1").arg("--home").arg(self.path("home")).args(arguments);
        command
    }

    pub(crate) fn qcert(&self, arguments: &[&str]) -> Answer {
        run(&mut self.command(arguments)).never_says("panicked")
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let answer = self.qcert(&[&["--json"], arguments].concat()).accepted();
        serde_json::from_slice(&answer.stdout).expect("one JSON value")
    }
}
