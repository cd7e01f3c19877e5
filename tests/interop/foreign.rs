//! Roots that qcert did not make: written by openssl, with the names and in the forms that are found in the field.
//!
//! May not call qcert: `takeover.rs` does.

use std::path::{Path, PathBuf};

use fs_err as fs;

use super::process::run;
use super::stranger::command;

/// A root that says of itself what it should.
pub(crate) const AUTHORITY: &str = "basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always";

/// Qlik's roots of before 2020: nothing but the marker says what they are.
pub(crate) const OLD_QLIK: &str = "subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
1.3.6.1.5.5.7.13.3 = DER:0404526F6F74";

/// A web server's certificate, signed by itself.
pub(crate) const NO_AUTHORITY: &str = "basicConstraints = critical, CA:FALSE
subjectKeyIdentifier = hash";

pub(crate) const PLAIN_NAME: &str = "CN = Example Root";

/// A certificate signed by its own key, which lies open beside it.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Root {
    /// `string_mask` is openssl's setting for the string type of names; `name` has one attribute a line.
    pub(crate) fn make(openssl: &Path, folder: &Path, string_mask: &str, name: &str, extensions: &str) -> Self {
        let (certificate, key) = (folder.join("foreign_root.pem"), folder.join("foreign_key.pem"));
        let settings = folder.join("foreign.cnf");
        let text = format!(
            "[req]\nprompt = no\nutf8 = yes\nstring_mask = {string_mask}\ndistinguished_name = name\n\
             x509_extensions = extensions\n[name]\n{name}\n[extensions]\n{extensions}\n"
        );
        fs::write(&settings, text).expect("settings for openssl");
        let mut make = command(openssl);
        make.args(["req", "-x509", "-newkey", "rsa:2048", "-noenc", "-sha256", "-days", "3650", "-config"]);
        make.arg(&settings).arg("-keyout").arg(&key).arg("-out").arg(&certificate);
        run(&mut make).accepted();
        Self { certificate, key }
    }

    /// The same key in another form: `form` are options of `openssl pkey` or, with its name first, of another command.
    pub(crate) fn key_as(&self, openssl: &Path, name: &str, form: &[&str]) -> PathBuf {
        let file = self.key.with_file_name(name);
        run(command(openssl).args(form).arg("-in").arg(&self.key).arg("-out").arg(&file)).accepted();
        file
    }

    /// Certificate and key as one PFX.
    pub(crate) fn as_pfx(&self, openssl: &Path, options: &[&str]) -> PathBuf {
        let file = self.key.with_file_name("foreign.pfx");
        let mut export = command(openssl);
        export.args(["pkcs12", "-export"]).args(options).arg("-in").arg(&self.certificate);
        run(export.arg("-inkey").arg(&self.key).arg("-out").arg(&file)).accepted();
        file
    }
}

/// What of a certificate must be equal byte for byte.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) whole: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
}

/// Cuts the names out of a certificate where openssl says that they are.
pub(crate) fn encoded(openssl: &Path, certificate: &Path) -> Encoded {
    let whole = run(command(openssl).args(["x509", "-outform", "DER", "-in"]).arg(certificate)).accepted().stdout;
    let structure = run(command(openssl).args(["asn1parse", "-in"]).arg(certificate)).accepted().text();
    // Below the certificate and its signed part: version, serial, algorithm, issuer, validity, subject, and the rest.
    let parts: Vec<_> = structure.lines().filter_map(element).filter(|element| element.depth == 2).collect();
    let cut = |index: usize| whole[parts[index].start..parts[index].end].to_vec();
    Encoded { issuer: cut(3), subject: cut(5), whole }
}

struct Element {
    depth: usize,
    start: usize,
    end: usize,
}

/// One line of `openssl asn1parse`: `   37:d=2  hl=2 l=  23 cons: SEQUENCE`.
fn element(line: &str) -> Option<Element> {
    let (start, rest) = line.split_once(":d=")?;
    let (depth, rest) = rest.split_once(" hl=")?;
    let (header, rest) = rest.split_once(" l=")?;
    let length = rest.trim_start().split(' ').next()?;
    let number = |text: &str| text.trim().parse::<usize>().ok();
    let start = number(start)?;
    Some(Element { depth: number(depth)?, start, end: start + number(header)? + number(length)? })
}

/// The identifiers of the key that signed a certificate, and of the certificate's own key.
pub(crate) fn key_identifiers(openssl: &Path, certificate: &Path) -> (String, String) {
    let read = |extension: &str| {
        let mut show = command(openssl);
        show.args(["x509", "-noout", "-ext", extension, "-in"]).arg(certificate);
        let text = run(&mut show).accepted().text();
        let value = text.lines().nth(1).unwrap_or_default().trim();
        value.strip_prefix("keyid:").unwrap_or(value).to_owned()
    };
    (read("authorityKeyIdentifier"), read("subjectKeyIdentifier"))
}
