//! What is known of a site whose certificates are to be recreated: from files, from a ledger, from what was typed.
//! What is not known stays out; nothing is guessed.

use super::account::Account;
use crate::pki::certificate::{Authority, Certificate};
use crate::pki::inventory::{FileContent, KeyState, PfxPassword, PfxState, What};
use crate::pki::name::{MachineName, Underscore};
use crate::pki::overview::{Slot, SlotKind, is_root, role_of};
use crate::pki::profile::Role;
use time::OffsetDateTime;

#[derive(Debug, Default)]
pub struct Site {
    /// Told to us, else Host.cfg's name, else the one in the root's name.
    pub central: Option<Central>,
    pub root: Option<Root>,
    /// Of the central node's own store, as its `.Local Certificates` has copies of them.
    pub server: Option<Leaf>,
    pub client: Option<Leaf>,
    pub host_cfg: Option<String>,
    pub rims: Vec<MachineName>,
    pub account: Option<Account>,
    pub holders: Vec<Holder>,
    /// Bundles that hang from another root, by name: they are at an end already.
    pub strangers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Central {
    pub name: MachineName,
    pub source: Source,
}

/// Where the central node's name is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Told,
    HostCfg,
    RootName,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// As it was found.
    pub subject: String,
    /// The host in `CN=<host>-CA`, where it is a host's name.
    pub host: Option<MachineName>,
    pub sha1: String,
    pub sha256: String,
    pub not_after: OffsetDateTime,
    /// Without basicConstraints: of 2019 or before.
    pub without_constraints: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub sha1: String,
    pub not_after: OffsetDateTime,
    pub secrets: bool,
}

/// A machine that was given certificates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holder {
    /// As in its certificate, else as its folder is called; not escaped.
    pub name: String,
    pub pem: bool,
    pub pfx: bool,
    /// `None` where there was nothing to tell it by.
    pub password: Option<bool>,
    pub secrets: bool,
    /// The last day of its client certificate.
    pub not_after: Option<OffsetDateTime>,
}

impl Holder {
    /// The name, if a machine can be called so.
    pub fn machine(&self) -> Option<MachineName> {
        machine(&self.name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    #[error("the files have {} roots: {}", .0.len(), .0.join(", "))]
    SeveralRoots(Vec<String>),
}

impl SiteError {
    pub fn hint(&self) -> &'static str {
        "give the folders of one site, or the central node's own `.Local Certificates` among them"
    }
}

/// The folder in which a node keeps copies of its own certificates (Qlik help, service certificates).
pub const LOCAL: &str = ".Local Certificates";

impl Site {
    /// What folders with bundles say, each given with its name and its files.
    pub fn learn(&mut self, folders: &[(String, Vec<&FileContent>)]) -> Result<(), SiteError> {
        let own = folders.iter().find(|(name, _)| name.eq_ignore_ascii_case(LOCAL)).map(|(_, files)| &files[..]);
        let everything: Vec<&FileContent> = folders.iter().flat_map(|(_, files)| files.iter().copied()).collect();
        let root = choose(own.unwrap_or_default())?.map_or_else(|| choose(&everything), |root| Ok(Some(root)))?;
        self.root = root.map(root_facts);
        if let (Some(files), Some(root)) = (own, root) {
            self.server = of_role(files, Role::Server, root).map(leaf_facts);
            self.client = of_role(files, Role::Client, root).map(leaf_facts);
        }
        self.host_cfg = everything.iter().flat_map(|file| &file.objects).find_map(|object| match &object.what {
            What::HostName(host) => Some(host.name.clone()),
            _ => None,
        });
        for (name, files) in folders.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(LOCAL)) {
            self.learn_of_holder(name, files, root);
        }
        self.name_central();
        Ok(())
    }

    /// The central node's name from what else is known, unless it was told.
    pub fn name_central(&mut self) {
        let found = |name: Option<MachineName>, source| name.map(|name| Central { name, source });
        let from_root = || found(self.root.as_ref().and_then(|root| root.host.clone()), Source::RootName);
        let central = self
            .central
            .take()
            .filter(|central| central.source == Source::Told)
            .or_else(|| found(self.host_cfg.as_deref().and_then(machine), Source::HostCfg))
            .or_else(from_root);
        self.central = central;
    }

    /// A machine that has certificates, or has more of them than was known.
    pub fn add(&mut self, holder: Holder) {
        match self.holders.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&holder.name)) {
            Some(known) => {
                known.pem |= holder.pem;
                known.pfx |= holder.pfx;
                known.secrets |= holder.secrets;
                known.password = known.password.max(holder.password);
                known.not_after = known.not_after.max(holder.not_after);
            }
            None => self.holders.push(holder),
        }
    }

    fn learn_of_holder(&mut self, folder: &str, files: &[&FileContent], root: Option<&Certificate>) {
        let leaf = |role| certificates(files).find(|one| role_of(one) == Some(role) && !is_root(one));
        let (server, client) = (leaf(Role::Server), leaf(Role::Client));
        let has = |kind: SlotKind| {
            let of_leaf = |slot: Slot| slot.kind == kind && slot.role != Role::Root;
            files.iter().any(|file| Slot::of(&file.name).is_some_and(of_leaf))
        };
        if !has(SlotKind::Certificate) && !has(SlotKind::Pfx) && server.is_none() && client.is_none() {
            return;
        }
        let name = server.and_then(Certificate::common_name).unwrap_or(folder).to_owned();
        let leaves: Vec<&Certificate> = [server, client].into_iter().flatten().collect();
        let is_of = |root: &Certificate| leaves.iter().any(|leaf| hangs_from(leaf, root));
        if !leaves.is_empty() && root.is_some_and(|root| !is_of(root)) {
            self.strangers.push(name);
            return;
        }
        self.add(Holder {
            name,
            pem: has(SlotKind::Certificate),
            pfx: has(SlotKind::Pfx),
            password: has_password(files),
            secrets: server.is_some_and(|server| !server.extensions().secrets.is_empty()),
            not_after: client.or(server).map(Certificate::not_after),
        });
    }
}

pub fn machine(name: &str) -> Option<MachineName> {
    MachineName::parse(name, Underscore::Allowed).ok()
}

fn certificates<'a>(files: &[&'a FileContent]) -> impl Iterator<Item = &'a Certificate> {
    files.iter().flat_map(|file| file.certificates())
}

/// So many roots of a heap of files are named; one too many is enough to refuse it.
const MANY: usize = 5;

/// The one root among these files.
fn choose<'a>(files: &[&'a FileContent]) -> Result<Option<&'a Certificate>, SiteError> {
    let mut roots: Vec<&Certificate> = Vec::new();
    for one in certificates(files).filter(|one| is_root(one)) {
        if roots.len() < MANY && !roots.iter().any(|known| known.der() == one.der()) {
            roots.push(one);
        }
    }
    match roots[..] {
        [] => Ok(None),
        [root] => Ok(Some(root)),
        _ => Err(SiteError::SeveralRoots(roots.iter().map(|root| named(root)).collect())),
    }
}

/// By name and signature: two sites may have taken over one key.
fn hangs_from(leaf: &Certificate, root: &Certificate) -> bool {
    leaf.issuer() == root.subject() && leaf.verify_signed_by(root).is_ok()
}

/// Roots of one name are told apart by their thumbprints.
fn named(root: &Certificate) -> String {
    format!("`{}` (SHA-1 {})", root.title(), root.sha1())
}

fn of_role<'a>(files: &[&'a FileContent], role: Role, root: &Certificate) -> Option<&'a Certificate> {
    certificates(files).find(|one| role_of(one) == Some(role) && hangs_from(one, root))
}

pub fn root_facts(root: &Certificate) -> Root {
    let host = root.common_name().and_then(|name| name.strip_suffix("-CA"));
    Root {
        subject: root.subject_text(),
        host: host.and_then(machine),
        sha1: root.sha1(),
        sha256: root.sha256(),
        not_after: root.not_after(),
        without_constraints: root.authority() == Authority::Unsaid,
    }
}

fn leaf_facts(leaf: &Certificate) -> Leaf {
    Leaf { sha1: leaf.sha1(), not_after: leaf.not_after(), secrets: !leaf.extensions().secrets.is_empty() }
}

/// Whether a password was set, where a key or a PFX is there to tell it by.
fn has_password(files: &[&FileContent]) -> Option<bool> {
    let objects = files.iter().flat_map(|file| &file.objects);
    let told = objects.filter_map(|object| match &object.what {
        What::Key(key) => match key.state {
            KeyState::PasswordNeeded | KeyState::WrongPassword => Some(true),
            _ => Some(key.encryption.is_some()),
        },
        What::Pfx(pfx) => match &pfx.state {
            PfxState::Open(password) => Some(*password == PfxPassword::Given),
            PfxState::PasswordNeeded | PfxState::WrongPassword => Some(true),
            _ => None,
        },
        _ => None,
    });
    told.max()
}
