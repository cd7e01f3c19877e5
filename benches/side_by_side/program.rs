//! Programs and the folders they work in.

use anyhow::Context as _;
use fs_err as fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const PASSWORD: &str = "a password of some length";

/// A fresh place for one round: an empty folder to work in, and qcert's home, which is not there yet.
#[derive(Debug)]
pub(crate) struct Place {
    root: TempDir,
}

impl Place {
    pub(crate) fn new() -> anyhow::Result<Self> {
        // Under `target`, which is on a disk: the folder for temporary files may be memory, where flushing costs nothing.
        let root = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        fs::create_dir(root.path().join("work"))?;
        Ok(Self { root })
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// qcert's home, which is not there yet.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// A list of machines, outside the folder to work in.
    pub(crate) fn machine_list(&self, machines: usize) -> anyhow::Result<PathBuf> {
        let names: Vec<String> = (0..machines).map(|number| format!("machine{number}.domain\n")).collect();
        self.file("machines.txt", &names.concat())
    }

    pub(crate) fn password_file(&self) -> anyhow::Result<PathBuf> {
        self.file("password.txt", PASSWORD)
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> anyhow::Result<PathBuf> {
        let path = self.root.path().join(name);
        fs::write(&path, content)?;
        Ok(path)
    }

    /// qcert as it was built for this benchmark, with nobody at the terminal; another build, such as that of
    /// `cargo static`, by QCERT_BENCH_BINARY.
    pub(crate) fn qcert(&self) -> Command {
        let other = std::env::var_os("QCERT_BENCH_BINARY");
        let mut command = match &other {
            Some(binary) => quiet(binary),
            None => quiet(env!("CARGO_BIN_EXE_qcert")),
        };
        command.current_dir(self.work()).env("QCERT_HOME", self.home());
        command.env_remove("QCERT_PASSWORD_FILE").env_remove("QCERT_PASSPHRASE_FILE");
        command
    }

    /// A script of a peer, which gets one argument.
    pub(crate) fn script(&self, text: &str, argument: &str) -> Command {
        let mut command = quiet("sh");
        command.current_dir(self.work()).args(["-c", text, "script", argument]);
        command
    }

    /// That the work was done: every file is there and none is empty.
    pub(crate) fn check(&self, folder: &Path, files: &[&str]) -> anyhow::Result<()> {
        for name in files {
            let path = self.work().join(folder).join(name);
            anyhow::ensure!(fs::metadata(&path)?.len() > 0, "`{}` is empty", path.display());
        }
        Ok(())
    }
}

/// A program that asks nobody and says nothing.
pub(crate) fn quiet(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

pub(crate) fn succeed(mut command: Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    anyhow::ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

pub(crate) fn openssl_version() -> String {
    let version = quiet("openssl").arg("version").stdout(Stdio::piped()).output();
    version.map_or_else(
        |_| "openssl is not installed: what needs it is left out".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

pub(crate) fn has_openssl() -> bool {
    quiet("openssl").arg("version").status().is_ok_and(|status| status.success())
}

/// What else the machine does, where the system says it.
pub(crate) fn load() -> String {
    fs::read_to_string("/proc/loadavg").map_or_else(
        |_| "not known".to_owned(),
        |averages| averages.split_whitespace().next().unwrap_or_default().to_owned(),
    )
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
