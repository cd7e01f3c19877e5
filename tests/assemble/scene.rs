//! A folder of requests, what came back for them, and qcert at work between.

use super::super::support::Scene;
use super::super::support::process::{self, Ended};
use super::ca::{Ca, Kind};
use std::path::{Path, PathBuf};

pub(crate) const MACHINE: &str = "host.domain";
pub(crate) const WAITING: [&str; 5] = [".gitignore", "client.csr", "client_key.pem", "server.csr", "server_key.pem"];
pub(crate) const ASSEMBLED: [&str; 11] = [
    ".gitignore",
    "client.csr",
    "client.pem",
    "client.pfx",
    "client_key.pem",
    "root.cer",
    "root.pem",
    "server.csr",
    "server.pem",
    "server.pfx",
    "server_key.pem",
];

pub(crate) struct Desk {
    pub(crate) scene: Scene,
}

impl Desk {
    /// With this machine's keys and requests.
    pub(crate) fn new(more: &[&str]) -> Self {
        let desk = Self { scene: Scene::new() };
        desk.request(MACHINE, more).assert_code(0);
        fs_err::create_dir(desk.path("signed")).unwrap();
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scene.path(name)
    }

    pub(crate) fn request(&self, machine: &str, more: &[&str]) -> Ended {
        self.run(&[&["export", "--csr-only", "--out", "out", "--machine", machine], more].concat())
    }

    /// Everything that is run here leaves no home and nothing half-made.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let ended = process::run(self.scene.qcert(arguments));
        assert!(!self.scene.home.exists(), "a home was made by {arguments:?}");
        self.scene.assert_nothing_is_left();
        ended
    }

    pub(crate) fn assemble(&self, more: &[&str]) -> Ended {
        self.run(&[&["assemble", "out/host.domain", "--from", "signed"], more].concat())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.scene.out.join(MACHINE)
    }

    pub(crate) fn ca(&self, kind: Kind) -> Option<Ca> {
        Ca::new(kind, &self.path(""))
    }

    /// Both requests, signed as they ask.
    pub(crate) fn signed_by(&self, ca: &Ca) -> [PathBuf; 2] {
        ["server", "client"]
            .map(|role| ca.sign(&self.file(&format!("{role}.csr")), &self.path(&format!("signed/{role}"))))
    }

    /// Python's CA, with a wish for each role.
    pub(crate) fn signed_with(&self, ca: &Ca, issuer: &str, server: &[&str], client: &[&str]) {
        for (role, wishes) in [("server", server), ("client", client)] {
            let out = self.path(&format!("signed/{role}.cer"));
            ca.sign_with(issuer, &self.file(&format!("{role}.csr")), &out, wishes);
        }
    }
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
