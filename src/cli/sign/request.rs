//! `qcert sign --csr`: signs the request of somebody who keeps his private key.
//!
//! The request proves its key and nothing else: names come from the command line, or from the request where the person
//! says so. Everything else that it asks for is not granted, and that is said.

use super::super::compromised;
use super::super::error::problem;
use super::super::existing::{Found, already_there, not_kept};
use super::super::issue::{ledger_row, place_text};
use super::super::output::Output;
use super::super::report::{Answer, MachineReport, RootReport};
use super::super::site::{self, Site};
use super::super::words::list;
use super::super::{Clock, Exit, secrets};
use super::{Arguments, asked};
use crate::host::files;
use crate::host::home::Home;
use crate::host::ledger::{Evidence, Row};
use crate::host::stage::{self, Placing};
use crate::pki::authority::Order;
use crate::pki::bundle::{self, CERTIFICATE_LABEL, Format, Privacy};
use crate::pki::certificate::Certificate;
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::judge::{self, Expectation, Fault, Leaves};
use crate::pki::name::MachineName;
use crate::pki::pem;
use crate::pki::pfx::PfxEncryption;
use crate::pki::profile::{CLIENT_NAME, Profile, Role};
use crate::pki::secret::Secret;
use crate::pki::serial::Serial;
use crate::pki::validity::Validity;
use anyhow::Context as _;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// The files: the certificate and its root. There is no key to be in a PFX.
const FORMAT: Format = Format { pem: true, pfx: false, plain_pem_keys: true, pfx_encryption: PfxEncryption::Modern };

/// What one request gets.
struct Signing<'a> {
    site: &'a Site,
    role: Role,
    machine: MachineName,
    aliases: Vec<MachineName>,
    profile: Profile,
    validity: Validity,
    ends_with_root: bool,
    /// PKCS#1 RSAPublicKey.
    key: Vec<u8>,
    now: OffsetDateTime,
}

#[derive(Debug, Serialize)]
struct RequestAnswer<'a> {
    #[serde(flatten)]
    answer: Answer<'a>,
    request: RequestReport,
}

#[derive(Debug, Serialize)]
struct RequestReport {
    file: String,
    subject: String,
    key: String,
    /// What it asks for and did not get.
    not_granted: Vec<String>,
}

pub(super) fn run(
    arguments: &Arguments,
    csr: &Path,
    role: Role,
    home: Option<PathBuf>,
    output: &Output,
    clock: Clock,
) -> anyhow::Result<Exit> {
    secrets::check_stdin_is_used_once(&[
        ("--csr", csr == Path::new("-")),
        ("--passphrase", arguments.passphrase.reads_stdin()),
    ])?;
    let request = asked::read(csr, output)?;
    let key = request.fit_key().with_context(|| format!("cannot sign `{}`", csr.display()))?;
    let (machine, aliases) = asked::names(arguments, &request, role, output)?;
    let wanted = arguments.certificates.validity(clock.now)?;
    arguments.certificates.warn(output);
    let home = Home::locate(home)?;
    let passphrase = secrets::passphrase(&arguments.passphrase, &home)?;
    let site = site::open(home, arguments.passphrase.opening(passphrase.as_ref(), clock.now), output)?;
    compromised::refuse(&site.ledger, request.public_key.key())
        .with_context(|| format!("cannot sign `{}`", csr.display()))?;
    let profile = arguments.certificates.profile();
    let (validity, ends_with_root) = site.leaf_validity(wanted, profile)?;
    let names: Vec<&str> = match role {
        Role::Client => vec![CLIENT_NAME],
        _ => std::iter::once(&machine).chain(&aliases).map(MachineName::as_str).collect(),
    };
    let not_granted = asked::not_granted(&request, &names, arguments.accept_names);
    let signing =
        Signing { site: &site, role, machine, aliases, profile, validity, ends_with_root, key, now: clock.now };
    let parent = files::folder_of(&arguments.out);
    files::create_folders(parent).with_context(|| format!("cannot use `{}`", parent.display()))?;
    let report = signing.settle(arguments)?;
    site.stages.settle().context("cannot make the new folder durable")?;
    if !not_granted.is_empty() {
        output.note(&format!("not taken over from the request: {}", list(&not_granted)));
    }
    output.answer(&report.text(clock.offset))?;
    output.answer("next: send the folder to whoever made the request; the private key is there")?;
    output.answer_json(&RequestAnswer {
        answer: Answer::new(&RootReport::new(&site, "kept"), Some(vec![report])),
        request: RequestReport {
            file: csr.display().to_string(),
            subject: request.subject.clone(),
            key: request.public_key.text(),
            not_granted,
        },
    })?;
    Ok(Exit::Done)
}

impl Signing<'_> {
    /// Leaves the target as it is or signs what is to be there, and reports it.
    fn settle(&self, arguments: &Arguments) -> anyhow::Result<MachineReport> {
        let (existing, target) = (&arguments.existing, &arguments.out);
        loop {
            let found = existing.decide(target, || self.keep_or_sign(arguments))?;
            if matches!(found, Found::Replace(_)) {
                self.check_holds_no_key(target)?;
            }
            let (placing, state, reason) = match found {
                Found::Nothing => (existing.placing(), "signed", None),
                Found::Replace(reason) => (Placing::Replacing, "replaced", reason),
                Found::Keep(leaves) => return Ok(self.report("kept", target, &leaves, None)),
            };
            match self.sign(target, placing) {
                Ok(leaves) => return Ok(self.report(state, target, &leaves, reason)),
                Err(error) if already_there(&error) => tracing::info!("another run made it at the same time"),
                Err(error) => return Err(error),
            }
        }
    }

    /// What is replaced goes as a whole, and a key beside it may be the only one there is.
    fn check_holds_no_key(&self, target: &Path) -> anyhow::Result<()> {
        let known = [self.role, Role::Root].map(bundle::certificate_file);
        let foreign =
            stage::foreign_names(target, &known).with_context(|| format!("cannot read `{}`", target.display()))?;
        match foreign.first() {
            Some(first) => Err(problem(
                format!("`{}` also holds `{first}`, which would be lost", target.display()),
                "write elsewhere with `--out DIR`: the folder would be replaced as a whole",
            )),
            None => Ok(()),
        }
    }

    fn keep_or_sign(&self, arguments: &Arguments) -> anyhow::Result<Found> {
        let target = &arguments.out;
        let folder = stage::read_folder(target).with_context(|| format!("cannot read `{}`", target.display()))?;
        let (leaves, faults) = self.judge(&folder, self.now);
        if leaves.is_empty() {
            return Err(not_kept(target, &format!("it has no sound `{}`", bundle::certificate_file(self.role))));
        }
        if leaves.values().any(|leaf| leaf.public_key().key() != self.key) {
            return Err(not_kept(target, "it is for another key than the request's"));
        }
        arguments.existing.judged(&self.site.ledger, target, leaves, &faults, self.now)
    }

    fn sign(&self, target: &Path, placing: Placing) -> anyhow::Result<Leaves> {
        let failed = || format!("cannot write `{}`", target.display());
        let order = Order {
            role: self.role,
            profile: self.profile,
            machine: &self.machine,
            aliases: &self.aliases,
            validity: self.validity,
            serial: Serial::draw(self.profile.shape().serial, &mut SystemEntropy)?,
        };
        let root = self.site.authority.certificate();
        let certificate = self.site.authority.certify(&order, &self.key)?;
        let mut stage = self.site.stages.open(files::folder_of(target)).with_context(failed)?;
        for (role, certificate) in [(self.role, &certificate), (Role::Root, root)] {
            let bytes = pem::encode(CERTIFICATE_LABEL, certificate.der());
            stage.write(bundle::certificate_file(role), bytes.expose(), Privacy::Public).with_context(failed)?;
        }
        stage.flush().with_context(failed)?;
        let read_back = stage.read_back().with_context(failed)?;
        let (leaves, faults) = self.judge(&read_back, self.now.max(self.validity.not_before()));
        let other_key = leaves.values().any(|leaf| leaf.public_key().key() != self.key);
        if let Some(fault) = faults.first().map(ToString::to_string).or(other_key.then(|| "another key".to_owned())) {
            return Err(problem(
                format!("`{}` was not written, because what was read back is faulty: {fault}", target.display()),
                "try again; if it happens twice, check the disk and report it",
            ));
        }
        let row = self.row(&certificate, root, target, &read_back)?;
        self.site.ledger.enter(&[row])?;
        let stage = stage.make_durable().with_context(failed)?;
        let place = || stage.place(target, placing).with_context(failed);
        self.site.ledger.place(&[certificate.sha256()], self.now, place)?;
        Ok(leaves)
    }

    /// Without a recipe: qcert cannot make its like, for the key is elsewhere.
    fn row(
        &self,
        certificate: &Certificate,
        root: &Certificate,
        target: &Path,
        files: &BTreeMap<String, Secret>,
    ) -> anyhow::Result<Row> {
        let place = place_text(target)?;
        let name = bundle::certificate_file(self.role);
        Ok(Row {
            evidence: files.get(name).map(|bytes| Evidence::new(name, bytes.expose())),
            ..ledger_row(certificate, root, self.role, self.machine.as_str(), self.profile, &place, self.now)
        })
    }

    /// As a bundle without its key.
    fn judge(&self, files: &BTreeMap<String, Secret>, now: OffsetDateTime) -> (Leaves, Vec<Fault>) {
        let expectation = Expectation {
            machine: &self.machine,
            aliases: &self.aliases,
            alternative_names: self.profile.shape().server_dns_names,
            root: self.site.authority.certificate(),
            with_root: true,
            roles: &[self.role],
            format: FORMAT,
            password: None,
            derivations: &Derivations::default(),
            now,
        };
        let (leaves, mut faults) = judge::judge(&expectation, files);
        let key_file = bundle::key_file(self.role);
        faults.retain(|fault| *fault != Fault::Missing(key_file.to_owned()));
        (leaves, faults)
    }

    fn report(&self, state: &'static str, folder: &Path, leaves: &Leaves, reason: Option<String>) -> MachineReport {
        let names = [self.role, Role::Root].map(bundle::certificate_file);
        let mut report = MachineReport::made(self.machine.as_str(), state, folder, leaves, names.to_vec());
        report.reason = reason;
        report.ends_with_root = self.ends_with_root && state != "kept";
        report
    }
}
