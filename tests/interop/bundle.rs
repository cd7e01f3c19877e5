//! The bundles that strangers judge, each made once per run by the program under test.
//!
//! May not look into a certificate: what a bundle should be is said here, whether it is so is for strangers to say.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use fs_err as fs;

use super::process::run;
use super::scratch;

/// Spaces and signs that mean something to a shell or to XML, and only ASCII: Java reads no other password of a PFX.
pub(crate) const PASSWORD: &str = "correct Horse & $battery <staple>";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What every verifier of today accepts.
    Compatible,
    /// Without key usage on the root: accepted, except by the strictest rules.
    Qlik,
    /// A root that nothing marks as a certificate authority: many verifiers must refuse it.
    Classic,
}

/// One way to call `qcert export`, and the bundle that came of it.
#[derive(Debug)]
pub(crate) struct Case {
    folder: &'static str,
    pub(crate) machine: &'static str,
    pub(crate) profile: Profile,
    pub(crate) key_bits: u16,
    /// 3DES and SHA-1 in the PFX, for old Windows.
    pub(crate) legacy: bool,
    /// Protected by [`PASSWORD`].
    pub(crate) locked: bool,
    /// A further name of the machine.
    pub(crate) alias: Option<&'static str>,
    made: OnceLock<Bundle>,
}

/// What `qcert export` wrote for a case.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) folder: PathBuf,
    /// Always there; an empty line where the case has no password.
    pub(crate) password_file: PathBuf,
}

/// A name that nobody owns, so every stranger must take it from the command line and not from a name service.
const MACHINE: &str = "Qlik1.example.com";

pub(crate) static DOMAIN_NAME: Case = Case::named("domain_name").alias("localhost");
pub(crate) static ADDRESS: Case = Case::named("address").machine("127.0.0.1");
pub(crate) static ADDRESS_6: Case = Case::named("address_6").machine("fd00::12");
pub(crate) static RSA_4096: Case = Case::named("rsa_4096").key_bits(4096);
pub(crate) static LOCKED: Case = Case::named("locked").locked();
pub(crate) static LEGACY: Case = Case::named("legacy").legacy();
pub(crate) static LEGACY_LOCKED: Case = Case::named("legacy_locked").legacy().locked();
pub(crate) static PROFILE_QLIK: Case = Case::named("profile_qlik").profile(Profile::Qlik);
pub(crate) static PROFILE_CLASSIC: Case = Case::named("profile_classic").profile(Profile::Classic);
/// Same names as [`DOMAIN_NAME`], other root key: what a recreated site leaves behind on its clients.
pub(crate) static OTHER_ROOT: Case = Case::named("other_root").alias("localhost");

/// Lets a judge see every bundle, one test each.
macro_rules! for_every_bundle {
    ($judge:path) => {
        for_every_bundle! { $judge:
            domain_name DOMAIN_NAME, address ADDRESS, rsa_4096 RSA_4096, locked LOCKED, legacy LEGACY,
            legacy_locked LEGACY_LOCKED, profile_qlik PROFILE_QLIK, profile_classic PROFILE_CLASSIC
        }
    };
    ($judge:path: $($test:ident $case:ident),+) => {
        $(
            #[test]
            fn $test() {
                $judge(&$crate::interop::bundle::$case);
            }
        )+
    };
}

/// How a case is said: everything that is not named is as it comes without a flag.
impl Case {
    const fn named(folder: &'static str) -> Self {
        Self {
            folder,
            machine: MACHINE,
            alias: None,
            profile: Profile::Compatible,
            key_bits: 2048,
            legacy: false,
            locked: false,
            made: OnceLock::new(),
        }
    }

    const fn machine(mut self, name: &'static str) -> Self {
        self.machine = name;
        self
    }

    const fn alias(mut self, name: &'static str) -> Self {
        self.alias = Some(name);
        self
    }

    const fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    const fn key_bits(mut self, bits: u16) -> Self {
        self.key_bits = bits;
        self
    }

    const fn legacy(mut self) -> Self {
        self.legacy = true;
        self
    }

    const fn locked(mut self) -> Self {
        self.locked = true;
        self
    }
}

impl Case {
    /// Makes the bundle where no test of this run has asked for it yet.
    pub(crate) fn bundle(&'static self) -> &'static Bundle {
        self.made.get_or_init(|| self.make())
    }

    pub(crate) fn password(&self) -> &'static str {
        if self.locked { PASSWORD } else { "" }
    }

    pub(crate) fn is_address(&self) -> bool {
        self.machine.parse::<std::net::IpAddr>().is_ok()
    }

    fn make(&self) -> Bundle {
        let place = scratch::shared(self.folder);
        let (home, password_file) = (place.join("home"), place.join("password.txt"));
        fs::write(&password_file, format!("{}\n", self.password())).expect("the password file can be written");
        let mut command = qcert("export", &home);
        command.args(["--machine", self.machine]).arg("--out").arg(&place);
        if let Some(alias) = self.alias {
            command.args(["--san", alias]);
        }
        if self.key_bits != 2048 {
            command.args(["--key-size", &self.key_bits.to_string()]);
        }
        match self.profile {
            Profile::Compatible => {}
            Profile::Qlik => drop(command.args(["--profile", "qlik"])),
            Profile::Classic => drop(command.args(["--profile", "classic"])),
        }
        if self.legacy {
            command.args(["--pfx", "legacy"]);
        }
        if self.locked {
            command.arg("--password-file").arg(&password_file);
        }
        run(&mut command).accepted();
        Bundle { folder: place.join(self.machine.replace(':', "-")), password_file }
    }
}

impl Bundle {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The program under test, told where its authority lives and nothing else by the environment.
pub(crate) fn qcert(verb: &str, home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("QCERT_") {
            command.env_remove(variable);
        }
    }
    command.env("NO_COLOR", "1").arg(verb).arg("--home").arg(home);
    command
}
