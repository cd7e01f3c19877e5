//! Three CAs by other people, each with a root of its own: OpenSSL, GnuTLS and Python's `cryptography`.
//!
//! May not judge what they sign.

use super::process::run;
use super::stranger::{CERTTOOL, CRYPTOGRAPHY, OPENSSL, Stranger, command};
use fs_err as fs;
use std::path::{Path, PathBuf};

/// A CA in a folder of its own.
pub(crate) struct Ca {
    kind: Kind,
    program: PathBuf,
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `openssl ca`.
    OpenSsl,
    /// `openssl x509 -req`.
    OpenSslX509,
    /// `certtool`.
    GnuTls,
    /// Gives PKCS#7 with its root inside, as AD CS does.
    Python,
}

pub(crate) const KINDS: [Kind; 4] = [Kind::OpenSsl, Kind::OpenSslX509, Kind::GnuTls, Kind::Python];

const OPENSSL_CONF: &str = "\
[ca]
default_ca = one
[one]
dir = .
new_certs_dir = .
database = index.txt
serial = serial
default_md = sha256
default_days = 800
policy = any
copy_extensions = copyall
unique_subject = no
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[req]
distinguished_name = name
[name]
";

impl Ca {
    /// `None` where its maker's program is not installed.
    pub(crate) fn new(kind: Kind, folder: &Path) -> Option<Self> {
        let stranger: &Stranger = match kind {
            Kind::OpenSsl | Kind::OpenSslX509 => &OPENSSL,
            Kind::GnuTls => &CERTTOOL,
            Kind::Python => &CRYPTOGRAPHY,
        };
        let ca = Self { kind, program: stranger.find()?.to_owned(), folder: folder.join(format!("{kind:?}")) };
        fs::create_dir(&ca.folder).unwrap();
        match kind {
            Kind::OpenSsl | Kind::OpenSslX509 => ca.begin_openssl(),
            Kind::GnuTls => ca.begin_gnutls(),
            Kind::Python => ca.python(&["root", ca.folder.to_str().unwrap(), "root"]),
        }
        Some(ca)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.join("root.pem")
    }

    /// Signs a request with what it asks for. Where the answer lies.
    pub(crate) fn sign(&self, request: &Path, out: &Path) -> PathBuf {
        let (request, ca) = (request.to_str().unwrap(), &self.folder);
        let ending = if self.kind == Kind::Python { "p7b" } else { "crt" };
        // Machine names have dots of their own.
        let file = PathBuf::from(format!("{}.{ending}", out.display()));
        let target = file.to_str().unwrap();
        match self.kind {
            Kind::OpenSsl => self.openssl(&[
                "ca", "-batch", "-notext", "-config", "ca.conf", "-cert", "root.pem", "-keyfile", "root.key", "-in",
                request, "-out", target,
            ]),
            Kind::OpenSslX509 => self.openssl(&[
                "x509",
                "-req",
                "-in",
                request,
                "-CA",
                "root.pem",
                "-CAkey",
                "root.key",
                "-CAcreateserial",
                "-copy_extensions",
                "copyall",
                "-days",
                "800",
                "-out",
                target,
            ]),
            Kind::GnuTls => {
                fs::write(ca.join("leaf.cfg"), "expiration_days = 800\nhonor_crq_extensions\n").unwrap();
                self.certtool(&[
                    "--generate-certificate",
                    "--load-request",
                    request,
                    "--load-ca-certificate",
                    "root.pem",
                    "--load-ca-privkey",
                    "root.key",
                    "--template",
                    "leaf.cfg",
                    "--outfile",
                    target,
                ]);
            }
            Kind::Python => self.sign_with("root", request.as_ref(), &file, &[]),
        }
        file
    }

    /// Python's alone: signs with what is wished.
    pub(crate) fn sign_with(&self, issuer: &str, request: &Path, out: &Path, wishes: &[&str]) {
        let paths = [self.folder.to_str().unwrap(), issuer, request.to_str().unwrap(), out.to_str().unwrap()];
        self.python(&[&["sign"], &paths[..], wishes].concat());
    }

    /// Python's alone: a CA below its root.
    pub(crate) fn intermediate(&self, name: &str) -> PathBuf {
        self.python(&["intermediate", self.folder.to_str().unwrap(), name, "root"]);
        self.folder.join(format!("{name}.pem"))
    }

    fn begin_openssl(&self) {
        fs::write(self.folder.join("ca.conf"), OPENSSL_CONF).unwrap();
        fs::write(self.folder.join("index.txt"), "").unwrap();
        fs::write(self.folder.join("serial"), "1000\n").unwrap();
        self.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "root.key",
            "-out",
            "root.pem",
            "-days",
            "3650",
            "-subj",
            "/O=Corp/CN=OpenSSL Root CA",
            "-config",
            "ca.conf",
            "-extensions",
            "root",
        ]);
    }

    fn begin_gnutls(&self) {
        let template =
            "organization = Corp\ncn = GnuTLS Root CA\nca\ncert_signing_key\ncrl_signing_key\nexpiration_days = 3650\n";
        fs::write(self.folder.join("root.cfg"), template).unwrap();
        self.certtool(&["--generate-privkey", "--bits", "2048", "--outfile", "root.key"]);
        self.certtool(&[
            "--generate-self-signed",
            "--load-privkey",
            "root.key",
            "--template",
            "root.cfg",
            "--outfile",
            "root.pem",
        ]);
    }

    fn openssl(&self, arguments: &[&str]) {
        run(command(&self.program).current_dir(&self.folder).args(arguments)).accepted();
    }

    fn certtool(&self, arguments: &[&str]) {
        run(command(&self.program).current_dir(&self.folder).args(arguments)).accepted();
    }

    fn python(&self, arguments: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assemble/ca.py");
        run(command(&self.program).arg(script).args(arguments)).accepted();
    }
}
