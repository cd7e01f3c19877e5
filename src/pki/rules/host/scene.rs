//! `Scene`: the parts of a server as the rules look at them. Nothing is judged here but what several rules ask.

use super::super::super::certificate::Certificate;
use super::super::super::diagnosis::{Bundle, Seen};
use super::super::super::finding::Finding;
use super::super::super::inventory::{FileContent, Held, SnapshotContent};
use super::super::super::overview::is_root;
use super::super::super::profile::Role;
use super::super::super::snapshot::{Location, Snapshot, StoreName};
use super::super::{stores, validity};
use time::Duration;

#[derive(Debug)]
pub(in super::super::super) struct Scene<'a> {
    pub(super) seen: &'a Seen<'a>,
    pub(super) stores: Option<Stores<'a>>,
}

/// What Qlik counts in the stores.
#[derive(Debug)]
pub(super) struct Stores<'a> {
    pub(super) path: &'a str,
    pub(super) content: &'a SnapshotContent,
    /// In Trusted Root of the machine.
    pub(super) roots: Vec<&'a Certificate>,
    /// One of them has its private key here: this is the central node.
    pub(super) is_central: bool,
    pub(super) servers: Vec<&'a Certificate>,
    pub(super) clients: Vec<&'a Certificate>,
}

impl<'a> Scene<'a> {
    pub(in super::super::super) fn new(seen: &'a Seen<'a>) -> Self {
        Self { seen, stores: Stores::of(seen) }
    }

    /// Qlik's in the stores, each as it is encoded.
    pub(in super::super::super) fn certificates(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let content = self.stores.as_ref().map(|stores| stores.content);
        content.into_iter().flat_map(SnapshotContent::qliks).map(|(_, certificate)| certificate.der())
    }

    fn said_of_stores(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        self.seen.stores.into_iter().flat_map(|report| &report.findings)
    }

    pub(super) fn is_said_of_stores(&self, id: &str) -> bool {
        self.said_of_stores().any(|finding| finding.rule.id == id)
    }

    pub(in super::super::super) fn root_is_said_to_be_invalid(&self) -> bool {
        self.is_said_of_stores(stores::ROOT_INVALID.id)
    }

    /// And that is said.
    pub(in super::super::super) fn root_ends_soon(&self) -> bool {
        let limit = self.seen.at.checked_add(Duration::days(i64::from(self.seen.warn_days)));
        let roots = self.stores.iter().flat_map(|stores| &stores.roots);
        let mut soon = roots.filter(|root| limit.is_none_or(|limit| root.not_after() <= limit));
        self.is_said_of_stores(validity::EXPIRES_SOON.id) && soon.next().is_some()
    }

    /// It has a root, and that is in the store.
    pub(in super::super::super) fn is_of_this_site(&self, bundle: &Bundle) -> bool {
        let Some(stores) = &self.stores else { return false };
        let known = |root: &Certificate| stores.roots.iter().any(|own| own.public_key_info() == root.public_key_info());
        let mut own = roots_of(bundle).peekable();
        own.peek().is_some() && own.all(known)
    }

    pub(super) fn bundles(&self) -> impl Iterator<Item = (usize, &'a Bundle)> + use<'a> {
        self.seen.bundles.iter().enumerate()
    }
}

impl<'a> Stores<'a> {
    fn of(seen: &Seen<'a>) -> Option<Self> {
        let file = seen.stores?.files.iter().find(|file| stores::content(file).is_some())?;
        let content = stores::content(file)?;
        let held = |role: Role, location: Location, name: StoreName| {
            let there = move |held: &Held| {
                let store = content.store(held);
                let active = content.entry(held).is_some_and(|entry| !entry.archived);
                let here = store.is_some_and(|store| store.location == location && store.name == name);
                active && here && held.role == Some(role) && !held.again
            };
            content.qliks().filter(move |(held, _)| there(held))
        };
        let roots = || held(Role::Root, Location::LocalMachine, StoreName::Root);
        let certificates = |(_, certificate): (&'a Held, &'a Certificate)| certificate;
        let has_key = |(held, _): (&Held, &Certificate)| content.entry(held).is_some_and(|entry| entry.key.is_some());
        Some(Self {
            path: &file.path,
            content,
            roots: roots().map(certificates).collect(),
            is_central: roots().any(has_key),
            servers: held(Role::Server, Location::LocalMachine, StoreName::My).map(certificates).collect(),
            clients: held(Role::Client, Location::CurrentUser, StoreName::My).map(certificates).collect(),
        })
    }

    pub(super) fn snapshot(&self) -> &'a Snapshot {
        &self.content.snapshot
    }

    pub(super) fn leaves(&self) -> impl Iterator<Item = &'a Certificate> {
        self.servers.iter().chain(&self.clients).copied()
    }
}

/// The roots that a bundle holds.
pub(super) fn roots_of(bundle: &Bundle) -> impl Iterator<Item = &Certificate> {
    bundle.report.files.iter().flat_map(FileContent::certificates).filter(|one| is_root(one))
}
