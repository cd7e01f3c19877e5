//! Foreign roots are taken over with `qcert init --from`, and OpenSSL accepts what they sign from then on.
//!
//! May not make a root itself: `foreign.rs` does.

use std::path::{Path, PathBuf};
use std::process::Command;

use fs_err as fs;
use tempfile::TempDir;

use super::bundle::{PASSWORD, qcert};
use super::foreign::{AUTHORITY, NO_AUTHORITY, OLD_QLIK, PLAIN_NAME, Root, encoded, key_identifiers};
use super::openssl::verify_file;
use super::process::run;
use super::scratch;
use super::stranger::{OPENSSL, OPENSSL_WITH_LEGACY};

/// Openssl's names for string types: `MASK:` and the bits of those that it may use.
const UTF8: &str = "utf8only";
const PRINTABLE: &str = "MASK:0x2";
const TELETEX: &str = "MASK:0x4";
const BMP: &str = "MASK:0x800";

const PASS: &str = "pass:correct Horse & $battery <staple>";

/// Where one take-over happens.
struct Stage {
    openssl: PathBuf,
    place: TempDir,
}

impl Stage {
    fn new() -> Option<Self> {
        let openssl = OPENSSL.find()?.to_owned();
        let place = scratch::own();
        fs::write(place.path().join("password.txt"), format!("{PASSWORD}\n")).expect("a password file");
        Some(Self { openssl, place })
    }

    fn home(&self) -> PathBuf {
        self.place.path().join("home")
    }

    fn root(&self, string_mask: &str, name: &str, extensions: &str) -> Root {
        Root::make(&self.openssl, self.place.path(), string_mask, name, extensions)
    }

    /// `qcert init --from`, with the password of this suite at hand where the file has one.
    fn init(&self, from: &Path, key: Option<&Path>, locked: bool) -> Command {
        let mut command = qcert("init", &self.home());
        command.arg("--from").arg(from);
        if let Some(key) = key {
            command.arg("--key").arg(key);
        }
        if locked {
            command.arg("--from-password-file").arg(self.place.path().join("password.txt"));
        }
        command
    }

    fn export(&self) -> PathBuf {
        let mut command = qcert("export", &self.home());
        run(command.args(["--machine", "taken.example.com", "--out"]).arg(self.place.path())).accepted();
        self.place.path().join("taken.example.com")
    }

    /// What was signed names the root byte for byte, by its name and by its key, and the root itself is untouched.
    fn judge(&self, root: &Root) {
        let bundle = self.export();
        let original = encoded(&self.openssl, &root.certificate);
        assert_eq!(encoded(&self.openssl, &bundle.join("root.pem")), original, "the root is no longer the same");
        let (_, root_key) = key_identifiers(&self.openssl, &root.certificate);
        for (role, purpose) in [("server", "sslserver"), ("client", "sslclient")] {
            let leaf = bundle.join(format!("{role}.pem"));
            assert_eq!(encoded(&self.openssl, &leaf).issuer, original.subject, "{role}: the issuer's bytes");
            assert_eq!(key_identifiers(&self.openssl, &leaf).0, root_key, "{role}: the authority's key identifier");
            let options = ["-x509_strict", "-purpose", purpose];
            verify_file(&self.openssl, &root.certificate, &leaf, &options).accepted();
        }
    }
}

mod names {
    use super::{AUTHORITY, BMP, PRINTABLE, Stage, TELETEX, UTF8, run};

    /// Taken over from an open PEM key, so that only the name differs from test to test.
    fn judge(string_mask: &str, name: &str) {
        let Some(stage) = Stage::new() else { return };
        let root = stage.root(string_mask, name, AUTHORITY);
        run(&mut stage.init(&root.certificate, Some(&root.key), false)).accepted();
        stage.judge(&root);
    }

    #[test]
    fn repeated_components_and_units() {
        judge(UTF8, "1.DC = com\n2.DC = example\n1.OU = Servers\n2.OU = Analytics\nCN = Corporate Root");
    }

    #[test]
    fn several_attributes_in_one_part() {
        judge(UTF8, "C = SE\nO = Example\n1.OU = Servers\n1.+OU = Analytics\nCN = Corporate Root");
    }

    #[test]
    fn utf8_strings() {
        judge(UTF8, "O = Exämple 例\nCN = Röt");
    }

    #[test]
    fn printable_strings() {
        judge(PRINTABLE, "C = SE\nO = Example\nOU = Servers\nCN = Corporate Root");
    }

    #[test]
    fn teletex_strings() {
        judge(TELETEX, "O = Exämple\nOU = Servers\nCN = Röt");
    }

    #[test]
    fn bmp_strings() {
        judge(BMP, "O = Exämple 例\nOU = Servers\nCN = Röt");
    }
}

mod keys {
    use super::{AUTHORITY, PASS, PLAIN_NAME, Stage, UTF8, run};

    /// Taken over from a certificate and a key in the form that `options` of openssl give it.
    fn judge(options: &[&str], locked: bool) {
        let Some(stage) = Stage::new() else { return };
        let root = stage.root(UTF8, PLAIN_NAME, AUTHORITY);
        let key = root.key_as(&stage.openssl, "key_in_its_form", options);
        run(&mut stage.init(&root.certificate, Some(&key), locked)).accepted();
        stage.judge(&root);
    }

    #[test]
    fn pkcs1() {
        judge(&["rsa", "-traditional"], false);
    }

    #[test]
    fn pkcs8() {
        judge(&["pkey"], false);
    }

    #[test]
    fn pkcs8_as_der() {
        judge(&["pkey", "-outform", "DER"], false);
    }

    #[test]
    fn locked_pkcs8() {
        judge(&["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", PASS], true);
    }

    #[test]
    fn locked_traditional_with_aes() {
        judge(&["rsa", "-traditional", "-aes256", "-passout", PASS], true);
    }

    #[test]
    fn locked_traditional_with_3des() {
        judge(&["rsa", "-traditional", "-des3", "-passout", PASS], true);
    }
}

mod containers {
    use super::{AUTHORITY, OPENSSL_WITH_LEGACY, PASS, PLAIN_NAME, Stage, UTF8, run};

    fn judge(options: &[&str], locked: bool) {
        let Some(stage) = Stage::new() else { return };
        let root = stage.root(UTF8, PLAIN_NAME, AUTHORITY);
        let pfx = root.as_pfx(&stage.openssl, options);
        run(&mut stage.init(&pfx, None, locked)).accepted();
        stage.judge(&root);
    }

    #[test]
    fn aes() {
        judge(&["-passout", PASS], true);
    }

    #[test]
    fn without_a_password() {
        judge(&["-passout", "pass:"], false);
    }

    #[test]
    fn rc2_and_3des() {
        if OPENSSL_WITH_LEGACY.find().is_some() {
            judge(&["-legacy", "-passout", PASS], true);
        }
    }
}

mod refusals {
    use super::{AUTHORITY, NO_AUTHORITY, OLD_QLIK, PASS, PLAIN_NAME, Root, Stage, UTF8, encoded, run};

    /// Refused, with nothing left behind that a later command would take for a root.
    fn judge(stage: &Stage, mut init: std::process::Command) {
        run(&mut init).ends_with_code(2).says("error:");
        for name in ["root.pem", "root_key.pem"] {
            assert!(!stage.home().join(name).exists(), "{name} was written although the root was refused");
        }
    }

    #[test]
    fn a_key_that_does_not_belong() {
        let Some(stage) = Stage::new() else { return };
        let elsewhere = super::scratch::own();
        let root = stage.root(UTF8, PLAIN_NAME, AUTHORITY);
        let other = Root::make(&stage.openssl, elsewhere.path(), UTF8, PLAIN_NAME, AUTHORITY);
        judge(&stage, stage.init(&root.certificate, Some(&other.key), false));
    }

    #[test]
    fn not_an_authority() {
        let Some(stage) = Stage::new() else { return };
        let root = stage.root(UTF8, "CN = www.example.com", NO_AUTHORITY);
        judge(&stage, stage.init(&root.certificate, Some(&root.key), false));
    }

    #[test]
    fn a_wrong_password() {
        let Some(stage) = Stage::new() else { return };
        let root = stage.root(UTF8, PLAIN_NAME, AUTHORITY);
        let pfx = root.as_pfx(&stage.openssl, &["-passout", "pass:another one"]);
        judge(&stage, stage.init(&pfx, None, true));
        let locked = root.key_as(&stage.openssl, "locked", &["pkcs8", "-topk8", "-passout", PASS]);
        judge(&stage, stage.init(&root.certificate, Some(&locked), false));
    }

    /// Not a refusal, though most verifiers refuse such a root: Qlik's own stay in production until 2029.
    #[test]
    fn an_old_root_of_qlik_is_taken_all_the_same() {
        let Some(stage) = Stage::new() else { return };
        let root = stage.root(UTF8, "CN = central.example.com-CA", OLD_QLIK);
        run(&mut stage.init(&root.certificate, Some(&root.key), false)).accepted().says("basicConstraints");
        let bundle = stage.export();
        let original = encoded(&stage.openssl, &root.certificate);
        assert_eq!(encoded(&stage.openssl, &bundle.join("root.pem")), original);
        for role in ["server", "client"] {
            assert_eq!(encoded(&stage.openssl, &bundle.join(format!("{role}.pem"))).issuer, original.subject, "{role}");
        }
    }
}
