//! The folders that servers serve from and that probe is given: bundles as qcert makes them, and with one defect each.
//!
//! A table names a folder; it is made when a test first asks for it. May not judge what it made.

use super::forge::{self, Forgery};
use super::process::{Answer, run};
use super::scratch;
use fs_err as fs;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub(crate) const PASSWORD: &str = "correct Horse & $battery";

/// Sites: name, host, profile. `twin` is `central` recreated: the same names, another key.
const HOMES: [(&str, &str, &str); 5] = [
    ("central", "central.example.com", "compatible"),
    ("twin", "central.example.com", "compatible"),
    ("another", "another.example.com", "compatible"),
    ("qlik", "central.example.com", "qlik"),
    ("classic", "central.example.com", "classic"),
];

const LOCKED: [&str; 2] = ["--password-file", "password.txt"];

/// How qcert makes a bundle: of which home, for which machine, and with which further arguments.
const BUNDLES: [(&str, &str, &str, &[&str]); 12] = [
    ("own", "central", "qlik1.example.com", &["--san", "localhost", "--san", "127.0.0.1"]),
    ("other-name", "central", "qlik2.example.com", &[]),
    ("node3", "central", "qlik3.example.com", &["--san", "localhost"]),
    ("locked", "central", "qlik4.example.com", &LOCKED),
    ("pem-only", "central", "qlik5.example.com", &["--format", "pem"]),
    ("pfx-only", "central", "qlik6.example.com", &["--format", "pfx"]),
    ("locked-pfx", "central", "qlik7.example.com", &["--format", "pfx", LOCKED[0], LOCKED[1]]),
    ("twin", "twin", "qlik1.example.com", &["--san", "localhost", "--san", "127.0.0.1"]),
    ("another", "another", "localhost", &[]),
    ("qlik", "qlik", "localhost", &[]),
    // An IP address as a DNS name, as Qlik writes it.
    ("address", "qlik", "127.0.0.1", &[]),
    ("classic", "classic", "localhost", &[]),
];

/// Its name, the folder that it is a copy of, and what is changed: `FILE` becomes `FOLDER/FILE`, or is not there.
type Mixed = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Folders with one thing changed, from others that qcert made.
const MIXED: [Mixed; 7] = [
    ("client-as-server", "own", &[("server.pem", "own/client.pem"), ("server_key.pem", "own/client_key.pem")]),
    ("server-as-client", "own", &[("client.pem", "own/server.pem"), ("client_key.pem", "own/server_key.pem")]),
    ("twins-client", "own", &[("client.pem", "twin/client.pem"), ("client_key.pem", "twin/client_key.pem")]),
    ("anothers-client", "own", &[("client.pem", "another/client.pem"), ("client_key.pem", "another/client_key.pem")]),
    ("twins-root", "own", &[("root.pem", "twin/root.pem"), ("root.cer", "twin/root.cer")]),
    ("wrong-key", "own", &[("client_key.pem", "node3/client_key.pem")]),
    ("no-client", "own", &[("client.pem", ""), ("client_key.pem", ""), ("client.pfx", "")]),
];

/// The folder of this name.
pub(crate) fn folder(name: &str) -> PathBuf {
    let place = made(name, || make(name));
    place.join(name)
}

/// The file with the password of the locked bundles.
pub(crate) fn password_file() -> PathBuf {
    base().join("password.txt")
}

fn base() -> &'static Path {
    static BASE: OnceLock<PathBuf> = OnceLock::new();
    BASE.get_or_init(|| {
        let base = scratch::shared("probe");
        fs::write(base.join("password.txt"), format!("{PASSWORD}\n")).expect("the password file");
        base
    })
}

/// Does `work` once for each `name`, however many ask at the same time.
fn made(name: &str, work: impl FnOnce()) -> &'static Path {
    static DONE: Mutex<BTreeMap<String, Arc<OnceLock<()>>>> = Mutex::new(BTreeMap::new());
    let once = Arc::clone(DONE.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default());
    once.get_or_init(work);
    base()
}

fn make(name: &str) {
    if let Some((_, home, machine, arguments)) = BUNDLES.iter().find(|(bundle, ..)| *bundle == name) {
        export(name, home, machine, arguments);
    } else if let Some((_, origin, changes)) = MIXED.iter().find(|(mixed, ..)| *mixed == name) {
        mix(name, origin, changes);
    } else {
        let forgery = Forgery::named(name).unwrap_or_else(|| panic!("no recipe for a folder `{name}`"));
        forge::forge(forgery, &copy("own", name));
    }
}

fn export(name: &str, home: &str, machine: &str, arguments: &[&str]) {
    let (_, host, profile) = HOMES.iter().find(|(known, ..)| *known == home).expect("a home of the table");
    let of = |verb| {
        let mut command = qcert(&[verb, "--profile", profile]);
        command.arg("--home").arg(self::home(home));
        command
    };
    made(&format!("home of {home}"), || drop(run(of("init").args(["--host", host])).accepted()));
    let out = base().join("out").join(name);
    run(of("export").arg("--machine").arg(machine).args(arguments).arg("--out").arg(&out)).accepted();
    fs::rename(out.join(machine), base().join(name)).expect("the bundle is moved");
}

/// Where the root of these bundles lives, and its key.
pub(crate) fn home(name: &str) -> PathBuf {
    base().join("homes").join(name)
}

fn mix(name: &str, origin: &str, changes: &[(&str, &str)]) {
    let place = copy(origin, name);
    for (file, from) in changes {
        fs::remove_file(place.join(file)).expect("a file of a bundle");
        if let Some((other, file_there)) = from.split_once('/') {
            fs::copy(folder(other).join(file_there), place.join(file)).expect("a file of another bundle");
        }
    }
    // A PFX would still hold what its PEM files held before.
    for (changed, container) in [("server", "server.pfx"), ("client", "client.pfx")] {
        if changes.iter().any(|(file, _)| file.starts_with(changed)) && place.join(container).exists() {
            fs::remove_file(place.join(container)).expect("a file of a bundle");
        }
    }
}

fn copy(origin: &str, name: &str) -> PathBuf {
    let (from, to) = (folder(origin), base().join(name));
    fs::create_dir(&to).expect("a folder");
    for entry in fs::read_dir(from).expect("a bundle") {
        let entry = entry.expect("a file of a bundle");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
    to
}

/// The program under test, told nothing by the environment.
pub(crate) fn qcert(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("QCERT_") {
            command.env_remove(variable);
        }
    }
    command.env("NO_COLOR", "1").current_dir(base()).args(arguments);
    command
}

/// A probe of `host` with the bundle `carried`.
pub(crate) fn probe(host: &str, port: u16, carried: &str, arguments: &[&str]) -> Answer {
    let mut command = qcert(&["probe"]);
    command.arg(format!("{host}:{port}")).arg("--bundle").arg(folder(carried));
    if carried.starts_with("locked") {
        command.arg("--password-file").arg(password_file());
    }
    run(command.args(arguments))
}
