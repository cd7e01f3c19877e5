//! Judges a bundle's files as they were read back from disk: chain, signature, key fit, names, dates, PFX.
//!
//! What is printed as made was checked here. One fault gives one `Fault`, at its file; a check whose ground is already
//! faulty stays silent.

use super::bundle::keys::{self, KeyFault};
use super::bundle::{self, Format};
use super::certificate::Certificate;
use super::encryption::Derivations;
use super::key::PrivateKey;
use super::name::MachineName;
use super::pem;
use super::pfx;
use super::profile::{CLIENT_NAME, Role};
use super::secret::{Password, Secret};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// What the files should be.
#[derive(Debug)]
pub struct Expectation<'a> {
    pub machine: &'a MachineName,
    pub aliases: &'a [MachineName],
    /// Whether the profile writes names beside the common name.
    pub alternative_names: bool,
    pub root: &'a Certificate,
    pub with_root: bool,
    pub roles: &'a [Role],
    pub format: Format,
    pub password: Option<&'a Password>,
    pub derivations: &'a Derivations,
    pub now: OffsetDateTime,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("`{0}` is missing")]
    Missing(String),
    #[error("`{0}` cannot be read: {1}")]
    Unreadable(String, String),
    #[error("`{0}` does not open with this password")]
    Password(String),
    #[error("`{0}` is another root than this authority's")]
    OtherRoot(String),
    #[error("`{0}` was not signed by this authority's root")]
    NotSigned(String),
    #[error("`{file}` is not for `{name}`")]
    Name { file: String, name: String },
    #[error("`{file}` lacks the name `{name}`")]
    Alias { file: String, name: String },
    #[error("`{0}` is not valid now")]
    Dates(String),
    #[error("`{0}` is not a {1} certificate")]
    Role(String, &'static str),
    #[error("`{0}` holds the key of another certificate")]
    Key(String),
    #[error("`{0}` holds another certificate than the PEM file beside it")]
    OtherCertificate(String),
    #[error("`{0}` holds the root's private key")]
    RootKey(String),
}

impl Fault {
    /// Whether the bundle is this authority's and sound but for what it was asked to cover: a name or a file that
    /// this run wants in addition. Such a bundle may be issued anew; any other fault needs a person.
    pub fn is_only_incomplete(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Alias { .. } | Self::Dates(_))
    }
}

/// The certificate of each role, from the files that were asked for.
pub type Leaves = BTreeMap<Role, Certificate>;

/// The leaves that were found, and every fault.
pub fn judge(expectation: &Expectation<'_>, files: &BTreeMap<String, Secret>) -> (Leaves, Vec<Fault>) {
    let mut judge = Judge { expectation, files, leaves: Leaves::new(), faults: Vec::new() };
    for name in bundle::file_names(expectation.roles, expectation.with_root, expectation.format) {
        if !files.contains_key(name) {
            judge.faults.push(Fault::Missing(name.to_owned()));
        }
    }
    if expectation.with_root {
        judge.root(bundle::certificate_file(Role::Root));
        judge.root(bundle::ROOT_DER_FILE);
    }
    for role in expectation.roles {
        judge.leaf(*role);
    }
    (judge.leaves, judge.faults)
}

struct Judge<'a> {
    expectation: &'a Expectation<'a>,
    files: &'a BTreeMap<String, Secret>,
    leaves: Leaves,
    faults: Vec<Fault>,
}

impl Judge<'_> {
    fn root(&mut self, name: &str) {
        let Some(bytes) = self.files.get(name) else { return };
        match certificate_in(bytes.expose()) {
            Ok(root) if root.der() == self.expectation.root.der() => {}
            Ok(_) => self.faults.push(Fault::OtherRoot(name.to_owned())),
            Err(why) => self.faults.push(Fault::Unreadable(name.to_owned(), why)),
        }
    }

    fn leaf(&mut self, role: Role) {
        let pem_name = bundle::certificate_file(role);
        let mut judged_key = None;
        if let Some(bytes) = self.files.get(pem_name) {
            match certificate_in(bytes.expose()) {
                Ok(certificate) => {
                    self.certificate(role, pem_name, &certificate);
                    judged_key = self.key_file(role, &certificate);
                    self.leaves.insert(role, certificate);
                }
                Err(why) => self.faults.push(Fault::Unreadable(pem_name.to_owned(), why)),
            }
        }
        self.pfx(role, judged_key.as_ref());
    }

    fn certificate(&mut self, role: Role, file: &str, certificate: &Certificate) {
        let root = self.expectation.root;
        let linked = certificate.issuer() == root.subject()
            && (root.subject_key_id().is_none() || certificate.authority_key_id() == root.subject_key_id());
        if !linked || certificate.verify_signed_by(root).is_err() {
            self.faults.push(Fault::NotSigned(file.to_owned()));
            return;
        }
        if certificate.marker() != Some(role) {
            self.faults.push(Fault::Role(file.to_owned(), role.word()));
        }
        if !certificate.is_valid_at(self.expectation.now) {
            self.faults.push(Fault::Dates(file.to_owned()));
        }
        let expected = if role == Role::Server { self.expectation.machine.as_str() } else { CLIENT_NAME };
        if certificate.common_name() != Some(expected) {
            self.faults.push(Fault::Name { file: file.to_owned(), name: expected.to_owned() });
        }
        if role == Role::Server && self.expectation.alternative_names {
            let names = std::iter::once(self.expectation.machine).chain(self.expectation.aliases);
            for name in names.filter(|name| !carries(certificate, name)) {
                self.faults.push(Fault::Alias { file: file.to_owned(), name: name.to_string() });
            }
        }
    }

    /// The key's PKCS#8 form if it was found and fits.
    fn key_file(&mut self, role: Role, certificate: &Certificate) -> Option<PrivateKey> {
        let name = bundle::key_file(role);
        let bytes = self.files.get(name)?;
        match keys::in_pem(bytes.expose(), self.expectation.password, self.expectation.derivations) {
            Ok(key) => self.fits(name, key, certificate),
            Err(KeyFault::Missing) => None,
            Err(KeyFault::Password) => self.fault(Fault::Password(name.to_owned())),
            Err(KeyFault::Unreadable(why)) => self.fault(Fault::Unreadable(name.to_owned(), why)),
        }
    }

    fn fits(&mut self, name: &str, key: PrivateKey, certificate: &Certificate) -> Option<PrivateKey> {
        let public = key.public_key_info();
        if public == self.expectation.root.public_key_info() {
            return self.fault(Fault::RootKey(name.to_owned()));
        }
        if public != certificate.public_key_info() {
            return self.fault(Fault::Key(name.to_owned()));
        }
        Some(key)
    }

    fn fault(&mut self, fault: Fault) -> Option<PrivateKey> {
        self.faults.push(fault);
        None
    }

    fn pfx(&mut self, role: Role, judged_key: Option<&PrivateKey>) {
        let file = bundle::pfx_file(role);
        let name = file.to_owned();
        let Some(bytes) = self.files.get(file).filter(|_| self.expectation.format.pfx) else { return };
        let contents = match pfx::read(bytes.expose(), self.expectation.password, self.expectation.derivations) {
            Ok(contents) => contents,
            Err(error) if error.is_about_password() => return self.faults.push(Fault::Password(name)),
            Err(error) => return self.faults.push(Fault::Unreadable(name, error.to_string())),
        };
        let ([certificate], [key]) = (&contents.certificates[..], &contents.keys[..]) else {
            return self.faults.push(Fault::Unreadable(name, "it should hold one certificate and one key".to_owned()));
        };
        let certificate = match Certificate::parse(certificate.der.clone()) {
            Ok(certificate) => certificate,
            Err(error) => return self.faults.push(Fault::Unreadable(name, error.to_string())),
        };
        match self.leaves.get(&role) {
            Some(beside) if beside.der() != certificate.der() => {
                return self.faults.push(Fault::OtherCertificate(name));
            }
            Some(_) => {}
            None => self.certificate(role, file, &certificate),
        }
        // A key whose bytes were judged a moment ago is not parsed a second time: that check is a millisecond's work.
        if judged_key.is_none_or(|judged| judged.pkcs8().expose() != key.pkcs8.expose()) {
            match PrivateKey::from_der(Secret::new(key.pkcs8.expose().to_vec())) {
                Ok(key) => drop(self.fits(file, key, &certificate)),
                Err(error) => self.faults.push(Fault::Unreadable(name, error.to_string())),
            }
        }
        self.leaves.entry(role).or_insert(certificate);
    }
}

/// One certificate, in DER or PEM.
fn certificate_in(bytes: &[u8]) -> Result<Certificate, String> {
    if bytes.first() == Some(&super::der::tag::SEQUENCE) {
        return Certificate::parse(bytes.to_vec()).map_err(|error| error.to_string());
    }
    let blocks = pem::decode(bytes).map_err(|error| error.to_string())?;
    match &blocks[..] {
        [block] if block.label == bundle::CERTIFICATE_LABEL => {
            Certificate::parse(block.der.expose().to_vec()).map_err(|error| error.to_string())
        }
        _ => Err("it is not one certificate".to_owned()),
    }
}

/// Whether a verifier that is told this name would find it: an IP as iPAddress or, as Qlik writes it, as dNSName.
fn carries(certificate: &Certificate, name: &MachineName) -> bool {
    certificate.dns_names().any(|dns| dns.eq_ignore_ascii_case(name.as_str()))
        || name.ip().is_some_and(|ip| certificate.ip_addresses().any(|found| found == ip))
}
