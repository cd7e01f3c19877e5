//! The strangers: how each is found, and how it is known to be the program that is meant.
//!
//! May not decide anything about certificates. `.ci/strangers` installs what is listed here.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::process::run;

/// A program by other people.
#[derive(Debug)]
pub(crate) struct Stranger {
    /// What a person would look for to install it.
    name: &'static str,
    program: &'static str,
    /// A harmless call that shows which program this is …
    probe: &'static [&'static str],
    /// … and what its answer must contain, for several programs may share one name.
    known_by: &'static [&'static str],
    found: OnceLock<Option<PathBuf>>,
}

pub(crate) static OPENSSL: Stranger = Stranger::new("openssl 3", "openssl", &["version"], &["OpenSSL 3", "OpenSSL 4"]);
/// RC2 is written by nobody any more but read by qcert, so something must still be able to write it for the test.
pub(crate) static OPENSSL_WITH_LEGACY: Stranger = Stranger::new(
    "openssl 3 with its legacy provider",
    "openssl",
    &["list", "-providers", "-provider", "legacy", "-provider", "default"],
    &["Legacy Provider"],
);
pub(crate) static CERTTOOL: Stranger = Stranger::new("GnuTLS certtool", "certtool", &["--version"], &["certtool"]);
pub(crate) static GNUTLS_CLI: Stranger = Stranger::new("gnutls-cli", "gnutls-cli", &["--version"], &["gnutls-cli"]);
pub(crate) static CERTUTIL: Stranger = Stranger::new("NSS certutil", "certutil", &["-H"], &["cert-usage", "certusage"]);
pub(crate) static PK12UTIL: Stranger = Stranger::new("NSS pk12util", "pk12util", &["-H"], &["pk12util -i"]);
pub(crate) static KEYTOOL: Stranger = Stranger::new("keytool", "keytool", &["-help"], &["-list"]);
pub(crate) static JAVA: Stranger = Stranger::new("java", "java", &["-version"], &["version"]);
pub(crate) static JAVAC: Stranger = Stranger::new("javac", "javac", &["-version"], &["javac"]);
pub(crate) static NODE: Stranger = Stranger::new("node", "node", &["--version"], &["v"]);
pub(crate) static ENIGMA: Stranger = Stranger::new(
    "enigma.js and ws (npm)",
    "node",
    &["-e", "require('ws'); require('enigma.js'); console.log('both are here')"],
    &["both are here"],
);
pub(crate) static PYTHON: Stranger =
    Stranger::new("python3", "python3", &["-c", "import ssl; print(ssl.OPENSSL_VERSION)"], &["OpenSSL 3", "OpenSSL 4"]);
pub(crate) static CRYPTOGRAPHY: Stranger = Stranger::new(
    "cryptography 45 or newer for python3 (pip)",
    "python3",
    // Older releases have no policy under which a certificate without alternative names can be judged.
    &["-c", "from cryptography.x509.verification import ExtensionPolicy; print('it is here')"],
    &["it is here"],
);
// Releases that know no `-e` write to the log of the machine's own server.
pub(crate) static NGINX: Stranger = Stranger::new("nginx", "nginx", &["-e", "stderr", "-v"], &["nginx version"]);
pub(crate) static CURL: Stranger = Stranger::new("curl", "curl", &["--version"], &["curl"]);

impl Stranger {
    pub(crate) const fn new(
        name: &'static str,
        program: &'static str,
        probe: &'static [&'static str],
        known_by: &'static [&'static str],
    ) -> Self {
        Self { name, program, probe, known_by, found: OnceLock::new() }
    }

    /// The program's path, or `None` after having said that it is missing. A missing stranger that the environment
    /// requires ends the test.
    pub(crate) fn find(&self) -> Option<&Path> {
        let found = self.found.get_or_init(|| {
            let path = self.look_around();
            if path.is_none() {
                // Written past the test harness, which would keep it from the eyes of whoever runs a passing test.
                let _ = writeln!(std::io::stderr(), "SKIPPED: {} is not installed", self.name);
            }
            path
        });
        assert!(
            found.is_some() || std::env::var("QCERT_STRANGERS").as_deref() != Ok("required"),
            "{} is not installed, and QCERT_STRANGERS=required",
            self.name
        );
        found.as_deref()
    }

    fn look_around(&self) -> Option<PathBuf> {
        let path = candidates(self.program).find(|path| path.is_file())?;
        let answer = run(command(&path).args(self.probe));
        self.known_by.iter().any(|mark| answer.text().contains(mark)).then_some(path)
    }
}

/// Our own installation first, then the PATH, then where servers live that only an administrator has on the PATH.
fn candidates(program: &str) -> impl Iterator<Item = PathBuf> {
    let ours = ["python/bin", "dotnet/dotnetcore2/bin"].map(|folder| installed_here().join(folder));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = ours
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .collect();
    let program = program.to_owned();
    folders.into_iter().map(move |folder| folder.join(&program))
}

/// Where `.ci/strangers` put the Python and npm packages, .NET, and Wine's Windows.
pub(crate) fn installed_here() -> PathBuf {
    let named = std::env::var_os("QCERT_STRANGERS_DIR").unwrap_or_else(|| "target/strangers".into());
    Path::new(env!("CARGO_MANIFEST_DIR")).join(named)
}

/// A command that speaks English, and whose scripts find the packages installed for them.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C.UTF-8").env("NODE_PATH", installed_here().join("node_modules"));
    command
}

/// One of the small programs beside this file.
pub(crate) fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("interop").join(name)
}
