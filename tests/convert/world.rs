//! A site's bundle, made once for all tests of this suite, and the way to convert things.
//!
//! May not judge anything.

use crate::process::run as run_stranger;
use crate::stranger::command;
use crate::support::Scene;
use crate::support::process::{Ended, run, run_with};
use fs_err as fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Signs that mean something to a shell, and only ASCII: Java reads no other password of a PFX.
pub(crate) const PASSWORD: &str = "correct Horse & $battery";
pub(crate) const OTHER_PASSWORD: &str = "another one";
pub(crate) const MACHINE: &str = "qlik1.example.com";

/// `locked` has the password, `open` has none; both hold all eight files.
pub(crate) struct Site {
    folder: TempDir,
}

pub(crate) fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(|| {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let scene = Scene::new();
        let password = scene.file("password", PASSWORD);
        for (name, more) in [("open", &[][..]), ("locked", &["--password-file", &password])] {
            let mut export = scene.export(&[MACHINE], more);
            export.arg("--exists").arg("replace");
            run(export).assert_code(0);
            fs::rename(scene.out.join(MACHINE), folder.path().join(name)).unwrap();
        }
        Site { folder }
    })
}

impl Site {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// An empty folder, and qcert in it.
pub(crate) struct Desk {
    scene: Scene,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self { scene: Scene::new() };
        desk.file("password", PASSWORD);
        desk.file("other", OTHER_PASSWORD);
        // What openssl takes for none.
        desk.file("none", "\n");
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scene.path(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.scene.file(name, bytes).into()
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// `arguments` are words, with `@` before the path of something of the site's.
    fn command(&self, arguments: &str) -> std::process::Command {
        let site = site();
        let words = arguments.split_whitespace().map(|word| match word.strip_prefix('@') {
            Some(name) => site.path(name).display().to_string(),
            None => word.to_owned(),
        });
        let words: Vec<_> = std::iter::once("convert".to_owned()).chain(words).collect();
        self.scene.qcert(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub(crate) fn convert(&self, arguments: &str) -> Ended {
        let ended = run(self.command(arguments)).assert_silent_about(&[PASSWORD, OTHER_PASSWORD]);
        assert!(!self.scene.home.exists(), "convert needs no home");
        let left: Vec<_> =
            crate::support::names(&self.path("")).into_iter().filter(|name| name.starts_with(".qcert")).collect();
        assert!(left.is_empty(), "left behind: {left:?}");
        ended
    }

    pub(crate) fn convert_with(&self, arguments: &str, input: &[u8]) -> Ended {
        run_with(self.command(arguments), input)
    }

    /// What qcert writes to standard output, as octets.
    pub(crate) fn stdout_of(&self, arguments: &str) -> Vec<u8> {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    pub(crate) fn qcert(&self, words: &[&str]) -> Ended {
        run(self.scene.qcert(words))
    }
}

/// One of this folder's files by openssl, which has to accept it.
pub(crate) fn openssl(program: &Path, desk: &Desk, words: &str) -> Vec<u8> {
    let mut openssl = command(program);
    openssl.args(words.split_whitespace()).current_dir(desk.path(""));
    run_stranger(&mut openssl).accepted().stdout
}
