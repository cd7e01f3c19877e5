//! A Windows of Wine for one test: the files of the one that `.ci/strangers` made, and a registry of its own.
//!
//! Making one takes Wine a quarter of a minute, nearly all of it for copying 700 MB of DLLs, which no test changes. May
//! not touch the folder it comes from, nor leave a process of Wine behind.

use super::process::{Answer, run};
use super::stranger::{Stranger, command, installed_here};
use crate::support::process::{Ended, run_with};
use crate::support::skipped;
use fs_err as fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

static WINE: Stranger = Stranger::new("wine", "wine", &["--version"], &["wine-"]);
static WINESERVER: Stranger = Stranger::new("wineserver", "wineserver", &["--version"], &["Wine"]);
static GCC: Stranger = Stranger::new("mingw-w64's gcc", "x86_64-w64-mingw32-gcc", &["--version"], &["GCC"]);

pub(crate) struct Windows {
    folder: TempDir,
    wine: &'static Path,
    server: &'static Path,
}

impl Windows {
    /// `None` after having said what is missing.
    pub(crate) fn new() -> Option<Self> {
        let (wine, server) = (WINE.find()?, WINESERVER.find()?);
        let model = installed_here().join("wine");
        if !model.join(".update-timestamp").is_file() {
            let why = "there is no Windows of Wine in the strangers' folder: `.ci/strangers` makes one";
            // Past the test harness, which keeps what a passing test says.
            let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
            skipped(why);
            return None;
        }
        let model = fs::canonicalize(model).unwrap();
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut copy = Command::new("cp");
        copy.arg("-a").args(
            ["dosdevices", "system.reg", "user.reg", "userdef.reg", ".update-timestamp"].map(|name| model.join(name)),
        );
        run(copy.arg(folder.path())).accepted();
        let mut link = Command::new("cp");
        run(link.arg("-rs").arg(model.join("drive_c")).arg(folder.path())).accepted();
        Some(Self { folder, wine, server })
    }

    /// An `.exe` of this source, which needs no more than these libraries.
    pub(crate) fn compile(&self, source: &Path, libraries: &[&str]) -> Option<PathBuf> {
        let gcc = GCC.find()?;
        let program = self.folder.path().join("program.exe");
        let mut compile = command(gcc);
        compile.args([
            "-std=gnu11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-missing-field-initializers",
            "-O1",
            "-s",
            "-o",
        ]);
        run(compile.arg(&program).arg(source).args(libraries.iter().map(|name| format!("-l{name}")))).accepted();
        Some(program)
    }

    /// Runs a program with this to read.
    pub(crate) fn run_with(&self, program: &Path, input: &str) -> Ended {
        run_with(self.inside(self.wine, &[program.to_str().unwrap()]), input)
    }

    fn inside(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = command(program);
        command.env("WINEPREFIX", self.folder.path()).env("WINEDEBUG", "-all").args(arguments);
        // It would offer to fetch .NET and a browser.
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml=").env_remove("DISPLAY");
        command
    }

    fn end(&self, how: &str) -> Answer {
        run(&mut self.inside(self.server, &[how]))
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        drop(self.end("-k"));
        drop(self.end("-w"));
    }
}

/// As programs of Windows name a file of this system.
pub(crate) fn path(file: &Path) -> String {
    format!("Z:{}", file.display())
}
