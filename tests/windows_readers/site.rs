//! Every PFX that qcert writes: by each command that writes one, in each encryption, size of key, kind of password,
//! profile and role. Made once for all tests of this run.
//!
//! May not judge anything.

use super::ca::{Ca, Kind};
use super::process::run as run_stranger;
use super::scratch;
use super::stranger::{OPENSSL, OPENSSL_WITH_LEGACY, command};
use super::written::{Role, Truth, Written, for_each};
use crate::support::process::run;
use fs_err as fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;

pub(crate) const NONE: &str = "";
/// Signs that mean something to a shell.
pub(crate) const SIGNS: &str = "correct Horse & $battery <staple>";
/// 120 characters, far more than anybody types.
pub(crate) const LONG: &str = "0123456789 abcdefghijklmnopqrstuvwxyz, ABCDEFGHIJKLMNOPQRSTUVWXYZ; \
                               and then all of it in another order: zyx 987 WVU 654";
/// Letters of two and three octets in UTF-8, and one that takes two units in UTF-16.
pub(crate) const LETTERS: &str = "Grüße für 5 € 😀";

/// Whole bundles: machine, password, and what else is said.
const EXPORTS: [(&str, &str, &[&str]); 8] = [
    ("open.test", NONE, &[]),
    ("signs.test", SIGNS, &[]),
    ("old-open.test", NONE, &["--pfx", "legacy"]),
    ("old-signs.test", SIGNS, &["--pfx", "legacy"]),
    ("127.0.0.1", NONE, &[]),
    ("fd00::12", SIGNS, &["--pfx", "legacy"]),
    ("Renewed.Test", SIGNS, &["--format", "pfx"]),
    ("same-key.test", NONE, &["--format", "pfx", "--pfx", "legacy"]),
];

/// One at a time: role, encryption, key size, password.
const SIGNED: [(&str, &str, u16, &str); 6] = [
    ("client", "modern", 4096, LONG),
    ("server", "legacy", 4096, SIGNS),
    ("server", "modern", 3072, NONE),
    ("client", "legacy", 3072, LONG),
    ("client", "modern", 2048, LETTERS),
    ("server", "legacy", 2048, LETTERS),
];

/// All of them, and what OpenSSL sees in each; `None` where there is no OpenSSL.
pub(crate) fn site() -> Option<&'static [(Written, Truth)]> {
    static SITE: OnceLock<Vec<(Written, Truth)>> = OnceLock::new();
    let openssl = OPENSSL.find()?;
    let site = SITE.get_or_init(|| {
        let place = scratch::shared("site");
        let all = written(&place);
        let truths = for_each(&all, |one| one.truth(openssl, &place));
        all.into_iter().zip(truths).collect()
    });
    Some(site)
}

fn written(place: &Path) -> Vec<Written> {
    let desks = ["exports", "profiles", "recreated", "assembled"].map(|name| Desk::new(place.join(name)));
    let [exports, profiles, recreated, assembled] = desks;
    thread::scope(|scope| {
        let parts = [
            scope.spawn(|| exports.exported_and_converted()),
            scope.spawn(|| profiles.of_profiles()),
            scope.spawn(|| recreated.recreated()),
            scope.spawn(|| assembled.assembled()),
        ];
        parts.into_iter().flat_map(|part| part.join().expect("a part of the site")).collect()
    })
}

/// A folder with its own home, and qcert in it.
struct Desk {
    folder: PathBuf,
}

impl Desk {
    fn new(folder: PathBuf) -> Self {
        fs::create_dir(&folder).unwrap();
        for (name, password) in [("none", NONE), ("signs", SIGNS), ("long", LONG), ("letters", LETTERS)] {
            fs::write(folder.join(name), format!("{password}\n")).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn qcert(&self, words: &[&str], password: &str) {
        self.qcert_at("home", words, password);
    }

    fn qcert_at(&self, home: &str, words: &[&str], password: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
        for variable in ["QCERT_HOME", "QCERT_PASSWORD_FILE", "QCERT_PASSPHRASE_FILE"] {
            command.env_remove(variable);
        }
        command.current_dir(&self.folder).args(["--home", home]).args(words);
        let file =
            [("signs", SIGNS), ("long", LONG), ("letters", LETTERS)].into_iter().find(|(_, one)| *one == password);
        if let Some((file, _)) = file {
            command.args(["--password-file", file]);
        }
        run(command).assert_code(0).assert_silent_about(&[SIGNS, LONG, LETTERS]);
    }

    /// What a file of this desk's root must be.
    fn one(&self, file: &str, role: Role, machine: &str, password: &'static str) -> Written {
        Written {
            id: file.replace(['/', '\\', ' ', ':'], "_"),
            file: self.path(file),
            password,
            role,
            machine: machine.to_owned(),
            key_bits: 2048,
            root: self.path("root.cer"),
            above: Vec::new(),
            classic: false,
        }
    }

    /// Both files of a folder.
    fn both(&self, folder: &str, machine: &str, password: &'static str) -> [Written; 2] {
        [("server", Role::Server), ("client", Role::Client)]
            .map(|(name, role)| self.one(&format!("{folder}/{name}.pfx"), role, machine, password))
    }

    fn exported_and_converted(&self) -> Vec<Written> {
        let mut all = Vec::new();
        for (machine, password, how) in EXPORTS {
            self.qcert(&[&["export", "--host", "site.test", "--machine", machine], how].concat(), password);
            all.extend(self.both(&machine.replace(':', "-"), machine, password));
        }
        fs::copy(self.path("open.test/root.cer"), self.path("root.cer")).unwrap();
        self.qcert(&["renew", "--machine", "Renewed.Test"], SIGNS);
        self.qcert(&["renew", "--machine", "same-key.test", "--same-key"], NONE);
        all.extend(self.signed());
        all.extend(self.converted());
        all.extend(self.out_of_old_windows());
        all
    }

    fn signed(&self) -> [Written; 6] {
        SIGNED.map(|(name, pfx, key_bits, password)| {
            let (folder, size) = (format!("signed-{name}-{pfx}-{key_bits}"), key_bits.to_string());
            let how = ["--format", "pfx", "--pfx", pfx, "--key-size", &size, "--machine", "signed.test"];
            self.qcert(&[&["sign", name, "--out", &folder], &how[..]].concat(), password);
            let role = if name == "server" { Role::Server } else { Role::Client };
            let one = self.one(&format!("{folder}/{name}.pfx"), role, "signed.test", password);
            Written { key_bits, ..one }
        })
    }

    fn converted(&self) -> Vec<Written> {
        let export = ["export", "--machine", "pem.test", "--format", "pem"];
        self.qcert(&export, SIGNS);
        self.qcert(&["convert", "pem.test", "--to", "pfx", "--out", "of-pem"], SIGNS);
        self.qcert(&["convert", "pem.test", "--to", "pfx", "--pfx", "legacy", "--out", "of-pem-old"], SIGNS);
        let into_old = ["convert", "signs.test/server.pfx", "--pfx", "legacy", "--out", "into-old.pfx"];
        self.qcert(&[&into_old[..], &["--new-password-file", "long"]].concat(), SIGNS);
        let into_new = ["convert", "old-signs.test/client.pfx", "--pfx", "modern", "--out", "into-new.pfx"];
        self.qcert(&into_new, SIGNS);
        let opened = ["convert", "signs.test/client.pfx", "--pfx", "modern", "--open-keys", "--out", "opened.pfx"];
        self.qcert(&opened, SIGNS);
        // A root in a bundle is a fault, but whoever moves a home's root to Windows wants it so.
        let root = ["convert", "home/root.pem", "home/root_key.pem", "--to", "pfx", "--despite-faults"];
        self.qcert(&[&root[..], &["--out", "root.pfx", "--new-password-file", "signs"]].concat(), NONE);
        let mut all = Vec::from(self.both("of-pem", "pem.test", SIGNS));
        all.extend(self.both("of-pem-old", "pem.test", SIGNS));
        all.push(self.one("into-old.pfx", Role::Server, "signs.test", LONG));
        all.push(self.one("into-new.pfx", Role::Client, "", SIGNS));
        all.push(self.one("opened.pfx", Role::Client, "", NONE));
        all.push(self.one("root.pfx", Role::Root, "", SIGNS));
        all
    }

    /// RC2 with 40 bits and the root inside, as old Windows wrote it: made by OpenSSL, written anew by qcert.
    fn out_of_old_windows(&self) -> Vec<Written> {
        let Some(openssl) = OPENSSL_WITH_LEGACY.find() else { return Vec::new() };
        let how = "pkcs12 -export -legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1 -name QlikClient \
                   -in open.test/client.pem -inkey open.test/client_key.pem -certfile open.test/root.pem \
                   -passout file:signs -out rc2.pfx";
        run_stranger(command(openssl).current_dir(&self.folder).args(how.split_whitespace())).accepted();
        let forms = [("modern", "rc2-new.pfx"), ("legacy", "rc2-old.pfx")];
        forms
            .map(|(form, file)| {
                self.qcert(&["convert", "rc2.pfx", "--pfx", form, "--out", file], SIGNS);
                Written { above: vec![self.path("root.cer")], ..self.one(file, Role::Client, "", SIGNS) }
            })
            .into()
    }

    fn of_profiles(&self) -> Vec<Written> {
        let mut all = Vec::new();
        for (profile, pfx, password) in [("qlik", "modern", NONE), ("classic", "legacy", SIGNS)] {
            let machine = format!("{profile}.test");
            let how = ["export", "--host", "site.test", "--machine", &machine, "--profile", profile, "--pfx", pfx];
            self.qcert_at(profile, &how, password);
            all.extend(self.both(&machine, &machine, password).map(|one| Written {
                root: self.path(&format!("{machine}/root.cer")),
                classic: profile == "classic",
                ..one
            }));
        }
        all
    }

    /// The root replaced, and the bundle made anew where it lies.
    fn recreated(&self) -> Vec<Written> {
        self.qcert(&["export", "--host", "site.test", "--machine", "again.test", "--pfx", "legacy"], SIGNS);
        let before = fs::read(self.path("again.test/root.cer")).unwrap();
        let recreate = ["recreate", "--yes", "--cross-sign", "--backup", "before.age"];
        self.qcert(&[&recreate[..], &["--backup-passphrase-file", "long"]].concat(), SIGNS);
        fs::copy(self.path("again.test/root.cer"), self.path("root.cer")).unwrap();
        assert_ne!(before, fs::read(self.path("root.cer")).unwrap());
        self.both("again.test", "again.test", SIGNS).into()
    }

    /// By another CA, below its root.
    fn assembled(&self) -> Vec<Written> {
        let Some(ca) = Ca::new(Kind::Python, &self.folder) else { return Vec::new() };
        let above = ca.intermediate("Issuing CA");
        let (above_pem, root_pem) = (text(&above), text(&ca.root()));
        let mut all = Vec::new();
        for (machine, pfx, password) in [("host.domain", "modern", SIGNS), ("old.domain", "legacy", NONE)] {
            self.qcert(&["export", "--csr-only", "--machine", machine], password);
            let signed = self.path(&format!("signed-{machine}"));
            fs::create_dir(&signed).unwrap();
            for role in ["server", "client"] {
                let request = self.path(&format!("{machine}/{role}.csr"));
                ca.sign_with("Issuing CA", &request, &signed.join(format!("{role}.cer")), &[]);
            }
            let from = ["assemble", machine, "--from", &text(&signed), "--from", &above_pem, "--root", &root_pem];
            self.qcert(&[&from[..], &["--intermediate", "--pfx", pfx]].concat(), password);
            all.extend(self.both(machine, machine, password).map(|one| Written {
                root: self.path(&format!("{machine}/root.cer")),
                above: vec![above.clone()],
                ..one
            }));
        }
        all
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
