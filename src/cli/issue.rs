//! Issues one machine's certificates and puts their files in place: keys, certificates, stage, judgement, ledger.
//!
//! The order is the promise: nothing appears at its place before it was read back and judged and the ledger knows it.

use super::error::problem;
use super::recipe::Recipe;
use super::report::MachineReport;
use super::site::Site;
use crate::host::files;
use crate::host::key_supply::KeySupply;
use crate::host::ledger::{Evidence, Row};
use crate::host::stage::Placing;
use crate::pki::authority::{Credential, Order};
use crate::pki::bundle::{self, Bundle, Format, Sealing};
use crate::pki::certificate::Certificate;
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::judge::{self, Expectation, Leaves};
use crate::pki::key::{KeySize, PrivateKey};
use crate::pki::name::MachineName;
use crate::pki::profile::{Profile, Role};
use crate::pki::secret::{Password, Secret};
use crate::pki::serial::Serial;
use crate::pki::validity::Validity;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::Path;
use time::{Duration, OffsetDateTime};

/// Where the keys come from.
#[derive(Debug)]
pub(super) enum Keys<'a> {
    New(&'a KeySupply),
    /// These again, in PKCS#8.
    Same(&'a BTreeMap<Role, Secret>),
}

/// How bundles are made and written: what several machines of a run may have in common.
#[derive(Debug)]
pub(super) struct Issuing<'a> {
    pub(super) site: &'a Site,
    pub(super) keys: Keys<'a>,
    pub(super) key_size: KeySize,
    /// As it was asked for; `None` for Qlik's own.
    pub(super) lifetime: Option<Duration>,
    pub(super) profile: Profile,
    /// Already cut to the root's end where the profile says so.
    pub(super) validity: Validity,
    pub(super) ends_with_root: bool,
    pub(super) roles: &'a [Role],
    pub(super) with_root: bool,
    pub(super) format: Format,
    pub(super) password: Option<&'a Password>,
    pub(super) aliases: &'a [MachineName],
    pub(super) now: OffsetDateTime,
}

impl Issuing<'_> {
    pub(super) fn issue(&self, machine: &MachineName, target: &Path, placing: Placing) -> anyhow::Result<Leaves> {
        let derivations = Derivations::default();
        let sealing = Sealing::draw(self.roles, self.format, self.password, &mut SystemEntropy)?;
        sealing.derive(&derivations);
        let bundle = Bundle {
            machine,
            root: self.with_root.then_some(self.site.authority.certificate()),
            leaves: self.leaves(machine)?,
        };
        let files = bundle.files(self.format, &sealing, &derivations)?;
        let failed = || format!("cannot write `{}`", target.display());
        let mut stage = self.site.stages.open(files::folder_of(target)).with_context(failed)?;
        for file in &files {
            stage.write(file.name, file.bytes.expose(), file.privacy).with_context(failed)?;
        }
        stage.flush().with_context(failed)?;
        // A certificate of tomorrow is judged as of tomorrow.
        let now = self.now.max(self.validity.not_before());
        let expectation = Expectation { now, ..self.expectation(machine, &derivations) };
        let read_back = stage.read_back().with_context(failed)?;
        let (leaves, faults) = judge::judge(&expectation, &read_back);
        if let Some(fault) = faults.first() {
            return Err(problem(
                format!("`{}` was not written, because what was read back is faulty: {fault}", target.display()),
                "try again; if it happens twice, check the disk and report it",
            ));
        }
        tracing::debug!("{machine}: {} files staged, read back and judged", files.len());
        self.site.ledger.enter(&self.rows(machine, target, &leaves, &read_back)?)?;
        let thumbprints: Vec<_> = leaves.values().map(Certificate::sha256).collect();
        let stage = stage.make_durable().with_context(failed)?;
        let place = || stage.place(target, placing).with_context(failed);
        self.site.ledger.place(&thumbprints, self.now, place)?;
        tracing::info!("{machine}: in the ledger, and in its place `{}`", target.display());
        Ok(leaves)
    }

    pub(super) fn report(
        &self,
        machine: &MachineName,
        state: &'static str,
        folder: &Path,
        leaves: &Leaves,
        reason: Option<String>,
    ) -> MachineReport {
        let files = bundle::file_names(self.roles, self.with_root, self.format);
        let mut report = MachineReport::made(machine.as_str(), state, folder, leaves, files);
        report.reason = reason;
        report.ends_with_root = self.ends_with_root && state != "kept";
        report
    }

    /// What a bundle of this run has to be.
    pub(super) fn expectation<'e>(&'e self, machine: &'e MachineName, derivations: &'e Derivations) -> Expectation<'e> {
        Expectation {
            machine,
            aliases: self.aliases,
            alternative_names: self.profile.shape().server_dns_names,
            root: self.site.authority.certificate(),
            with_root: self.with_root,
            roles: self.roles,
            format: self.format,
            password: self.password,
            derivations,
            now: self.now,
        }
    }

    fn leaves(&self, machine: &MachineName) -> anyhow::Result<Vec<(Role, Credential)>> {
        let kind = self.profile.shape().serial;
        self.roles
            .iter()
            .map(|role| {
                let order = Order {
                    role: *role,
                    profile: self.profile,
                    machine,
                    aliases: self.aliases,
                    validity: self.validity,
                    serial: Serial::draw(kind, &mut SystemEntropy)?,
                };
                Ok((*role, self.site.authority.issue(&order, self.keys.of(*role)?)?))
            })
            .collect()
    }

    fn rows(
        &self,
        machine: &MachineName,
        target: &Path,
        leaves: &Leaves,
        files: &BTreeMap<String, Secret>,
    ) -> anyhow::Result<Vec<Row>> {
        let place = place_text(target)?;
        let recipe = Recipe::new(
            self.roles,
            self.with_root,
            self.format,
            self.password.is_some(),
            self.aliases,
            self.key_size,
            self.lifetime,
        );
        let root = self.site.authority.certificate();
        let row = |(role, leaf): (&Role, &Certificate)| Row {
            recipe: Some(recipe.text()),
            evidence: evidence(*role, files),
            ..ledger_row(leaf, root, *role, machine.as_str(), self.profile, &place, self.now)
        };
        Ok(leaves.iter().map(row).collect())
    }
}

impl Keys<'_> {
    fn of(&self, role: Role) -> anyhow::Result<PrivateKey> {
        match self {
            Self::New(supply) => Ok(supply.take()?),
            Self::Same(keys) => {
                let key = keys.get(&role).with_context(|| format!("the {} key is not there", role.word()))?;
                Ok(PrivateKey::from_pkcs8(Secret::new(key.expose().to_vec()))?)
            }
        }
    }
}

/// A place as the ledger has it: the whole path.
pub(super) fn place_text(target: &Path) -> anyhow::Result<String> {
    let place = files::place(target).context("cannot say where the bundle is")?;
    place.into_os_string().into_string().map_err(|place| {
        problem(
            format!("`{}` cannot be noted in the ledger: its name is not Unicode", Path::new(&place).display()),
            "write elsewhere with `--out DIR`",
        )
    })
}

/// The file that holds this certificate.
fn evidence(role: Role, files: &BTreeMap<String, Secret>) -> Option<Evidence> {
    let names = [bundle::certificate_file(role), bundle::pfx_file(role)];
    names.into_iter().find_map(|name| Some(Evidence::new(name, files.get(name)?.expose())))
}

pub(super) fn ledger_row(
    certificate: &Certificate,
    root: &Certificate,
    role: Role,
    machine: &str,
    profile: Profile,
    place: &str,
    now: OffsetDateTime,
) -> Row {
    Row {
        root: root.sha256(),
        serial: certificate.serial_text(),
        role: role.word(),
        machine: machine.to_owned(),
        profile: profile.word(),
        sha256: certificate.sha256(),
        issued_at: now,
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        place: place.to_owned(),
        recipe: None,
        evidence: None,
        der: certificate.der().to_vec(),
    }
}
