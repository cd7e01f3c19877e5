//! `Shelf`: what the stores hold, as plans look at it. Every certificate that can be read, with its store.

use super::super::certificate::Certificate;
use super::super::inventory::{Held, SnapshotContent};
use super::super::profile::Role;
use super::super::snapshot::{Entry, Location, Place, StoreName};
use super::{MACHINE_PERSONAL, MACHINE_ROOT, Refusal, Repository};
use std::collections::HashSet;

#[derive(Debug)]
pub(super) struct Shelf<'a> {
    pub(super) content: &'a SnapshotContent,
    /// Each once in a store.
    pub(super) items: Vec<Item<'a>>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) place: Place,
    pub(super) entry: &'a Entry,
    pub(super) certificate: &'a Certificate,
    pub(super) held: &'a Held,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(content: &'a SnapshotContent) -> Self {
        let mut seen = HashSet::new();
        let items = content.held.iter().filter_map(|held| {
            let (store, entry) = (content.store(held)?, content.entry(held)?);
            let item = Item { place: store.place(), entry, certificate: held.certificate.as_deref().ok()?, held };
            seen.insert((item.place, &*entry.der)).then_some(item)
        });
        Self { content, items: items.collect() }
    }

    pub(super) fn at(&self, place: Place) -> impl Iterator<Item = Item<'a>> {
        self.items.iter().filter(move |item| item.place == place).copied()
    }

    pub(super) fn find(&self, place: Place, certificate: &Certificate) -> Option<Item<'a>> {
        self.at(place).find(|item| item.certificate.der() == certificate.der())
    }

    /// Why this place is not known to its end. Fail closed: a store that is not in the snapshot is not empty.
    pub(super) fn unread(&self, place: Place) -> Option<Refusal> {
        let why = match self.content.snapshot.store(place.location, place.name) {
            None => "it is not in the snapshot".to_owned(),
            Some(store) => store.problem.clone()?,
        };
        Some(Refusal::Unread { place, why })
    }

    /// Certificates of a place that cannot be read: of these it is not known whose they are.
    pub(super) fn unreadable(&self, place: Place) -> usize {
        let here = |held: &&Held| self.content.store(held).is_some_and(|store| store.place() == place);
        self.content.held.iter().filter(here).filter(|held| held.certificate.is_err()).count()
    }

    /// Whether a Repository Service reads these stores at its start. Where that was not asked, it is told from a server
    /// certificate, a root with its key, or one that is named after the machine.
    pub(super) fn is_node(&self, repository: &Repository) -> bool {
        match repository {
            Repository::RunsAs(_) => true,
            Repository::Absent => false,
            Repository::Unknown => self.items.iter().filter(|item| !item.entry.archived).any(|item| self.is_sign(item)),
        }
    }

    fn is_sign(&self, item: &Item<'_>) -> bool {
        let is_own = |root: &str| self.content.snapshot.is_called(root.strip_suffix("-CA").unwrap_or(root));
        match item.held.role {
            Some(Role::Server) => item.place == MACHINE_PERSONAL,
            Some(Role::Root) if item.place == MACHINE_ROOT => {
                item.entry.key.is_some() || item.certificate.common_name().is_some_and(is_own)
            }
            _ => false,
        }
    }

    /// The machine's Trusted Root and CA are shown to each account beside its own.
    pub(super) fn is_shown_by_machine(&self, item: &Item<'_>) -> bool {
        let machine = Place { location: Location::LocalMachine, name: item.place.name };
        let is_shared = matches!(item.place.name, StoreName::Root | StoreName::Ca);
        item.place.location == Location::CurrentUser && is_shared && self.find(machine, item.certificate).is_some()
    }
}
