//! `--pem`: certificates, requests and revocation lists as PEM on stdout, each once. Private keys never.

use super::super::output::Output;
use super::super::{Exit, words};
use super::certificate::role;
use super::kinship::Kinship;
use crate::pki::certificate::Certificate;
use crate::pki::inventory::{FileContent, Object, What};
use crate::pki::pem;
use crate::pki::profile::Role;
use std::collections::HashSet;

pub(super) fn print(
    files: &[FileContent],
    kinship: &Kinship<'_>,
    wanted: Option<Role>,
    output: &Output,
) -> anyhow::Result<Exit> {
    let mut gathered = Gathered { kinship, wanted, text: String::new(), seen: HashSet::new() };
    for object in files.iter().flat_map(|file| &file.objects) {
        gathered.take(object);
    }
    let keys = files.iter().flat_map(FileContent::keys).count();
    if keys > 0 {
        output.note(&format!("left out: {}, which qcert prints nowhere", words::count(keys, "private key")));
    }
    if gathered.text.is_empty() {
        let what = wanted.map_or("certificate, request or revocation list".to_owned(), |role| {
            format!("{} certificate", role.word())
        });
        let hint = if kinship.locked_keys { "a file may need a password: `--password-file FILE`" } else { HINT };
        Output::say_failure(&super::problem(format!("there is no {what} to print"), hint));
        return Ok(Exit::CouldNot);
    }
    output.answer(gathered.text.trim_end())?;
    Ok(Exit::Done)
}

const HINT: &str = "`qcert inspect` without `--pem` shows what is there";

struct Gathered<'a> {
    kinship: &'a Kinship<'a>,
    wanted: Option<Role>,
    text: String,
    seen: HashSet<&'a [u8]>,
}

impl<'a> Gathered<'a> {
    fn take(&mut self, object: &'a Object) {
        match &object.what {
            What::Certificate(certificate) => self.certificate(certificate),
            What::Snapshot(_) => object.certificates().for_each(|certificate| self.certificate(certificate)),
            What::Pkcs7(objects) => objects.iter().for_each(|object| self.take(object)),
            What::Pfx(pfx) => pfx.entries.iter().for_each(|entry| self.take(&entry.object)),
            What::Request(request) if self.wanted.is_none() => self.add("CERTIFICATE REQUEST", &request.der),
            What::RevocationList(list) if self.wanted.is_none() => self.add("X509 CRL", &list.der),
            _ => {}
        }
    }

    fn certificate(&mut self, certificate: &'a Certificate) {
        let member = self.kinship.place(certificate).map(|place| &self.kinship.members[place]);
        let role = member.and_then(|member| role(certificate, &member.issuer)).map(|(role, _)| role);
        if self.wanted.is_none() || self.wanted == role {
            self.add("CERTIFICATE", certificate.der());
        }
    }

    fn add(&mut self, label: &str, der: &'a [u8]) {
        if self.seen.insert(der) {
            let encoded = pem::encode(label, der);
            // Files get CRLF, as Qlik writes; a stream gets the system's.
            self.text.push_str(&String::from_utf8_lossy(encoded.expose()).replace('\r', ""));
        }
    }
}
