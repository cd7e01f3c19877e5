//! What a listing tells of each store and certificate: the JSON, and what the text is made of. Fields are only added.

use super::super::words::rfc3339;
use crate::pki::certificate::Certificate;
use crate::pki::inventory::{Held, SnapshotContent};
use crate::pki::profile::Role;
use crate::pki::snapshot::{Entry, KeyFacts, Location, STORES, Snapshot, Store, StoreName};
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;
use time::OffsetDateTime;

#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    schema: u32,
    /// The snapshot's file; null where this machine's stores are shown.
    from: Option<String>,
    pub(super) computer: &'a str,
    pub(super) domain: Option<&'a str>,
    /// Whose Current User stores these are.
    pub(super) account: &'a str,
    pub(super) elevated: Option<bool>,
    system: Option<&'a str>,
    taken_at: String,
    pub(super) stores: Vec<StoreFacts<'a>>,
    /// Stores that the snapshot does not have.
    pub(super) missing: Vec<String>,
    #[serde(skip)]
    pub(super) taken: OffsetDateTime,
}

#[derive(Debug, Serialize)]
pub(super) struct StoreFacts<'a> {
    /// `LocalMachine\Root`.
    pub(super) store: String,
    /// Why it could not be read, or not to its end.
    pub(super) problem: Option<&'a str>,
    /// How many are Qlik's.
    pub(super) qliks: usize,
    pub(super) others: usize,
    /// Among the others.
    pub(super) unreadable: usize,
    /// Qlik's, and with `--all` every one.
    pub(super) certificates: Vec<CertificateFacts<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct CertificateFacts<'a> {
    pub(super) is_qliks: bool,
    /// `root`, `server` or `client`; null of those that are not Qlik's, and of Qlik's others.
    pub(super) role: Option<&'static str>,
    /// The store has several of this role, or this one twice.
    pub(super) duplicate: bool,
    pub(super) archived: bool,
    pub(super) subject: Option<String>,
    pub(super) issuer: Option<String>,
    /// SHA-1, as Windows shows it.
    pub(super) thumbprint: Option<String>,
    sha256: Option<String>,
    not_before: Option<String>,
    not_after: Option<String>,
    pub(super) friendly_name: Option<&'a str>,
    /// What Windows says of the private key; null where there is none. The key itself is never read.
    pub(super) private_key: Option<&'a KeyFacts>,
    /// Other stores with this certificate.
    pub(super) also_in: Vec<String>,
    /// Why it cannot be read.
    pub(super) problem: Option<&'a str>,
    #[serde(skip)]
    pub(super) certificate: Option<&'a Certificate>,
}

impl<'a> Answer<'a> {
    pub(super) fn new(content: &'a SnapshotContent, from: Option<&Path>, all: bool) -> Self {
        let Snapshot { taken_at, computer, domain, account, elevated, system, stores, .. } = &content.snapshot;
        let places = places(content);
        let missing = STORES.into_iter().filter(|(location, name)| content.snapshot.store(*location, *name).is_none());
        Self {
            schema: 1,
            from: from.map(|path| path.display().to_string()),
            computer,
            domain: domain.as_deref(),
            account,
            elevated: *elevated,
            system: system.as_deref(),
            taken_at: rfc3339(*taken_at),
            stores: (0..stores.len()).map(|at| StoreFacts::new(content, &places, at, all)).collect(),
            missing: missing.map(|(location, name)| format!("{}\\{}", location.word(), name.word())).collect(),
            taken: *taken_at,
        }
    }

    /// Stores that were not read, or not to their end, and why.
    pub(super) fn unread(&self) -> Vec<(&str, &str)> {
        let problems = self.stores.iter().filter_map(|store| Some((store.store.as_str(), store.problem?)));
        let missing = self.missing.iter().map(|store| (store.as_str(), "it is not in the snapshot"));
        problems.chain(missing).collect()
    }

    /// Certificates that could not be read, in all stores.
    pub(super) fn unreadable(&self) -> usize {
        self.stores.iter().map(|store| store.unreadable).sum()
    }
}

/// In which stores a certificate is.
type Places<'a> = HashMap<&'a [u8], Vec<usize>>;

fn places(content: &SnapshotContent) -> Places<'_> {
    let mut places = Places::new();
    for (at, store) in content.snapshot.stores.iter().enumerate() {
        for entry in &store.certificates {
            let known = places.entry(&entry.der).or_default();
            if known.last() != Some(&at) {
                known.push(at);
            }
        }
    }
    places
}

/// The name of a store that is none of Windows' for certificates was not kept.
fn called(store: &Store) -> String {
    if store.location == Location::Other && store.name == StoreName::Other {
        return "another store".to_owned();
    }
    store.path()
}

/// As the rules tell a machine of a site: a server certificate, the root's key, or the machine that a root is named after.
fn is_node(content: &SnapshotContent) -> bool {
    let named_after = |root: &Certificate| {
        let host = root.common_name().and_then(|name| name.strip_suffix("-CA"));
        host.is_some_and(|host| content.snapshot.is_called(host))
    };
    content.qliks().any(|(held, certificate)| {
        let Some(entry) = content.entry(held).filter(|entry| !entry.archived) else { return false };
        match held.role {
            Some(Role::Server) => content.store(held).is_some_and(|store| store.name == StoreName::My),
            Some(Role::Root) => entry.key.is_some() || named_after(certificate),
            _ => false,
        }
    })
}

impl<'a> StoreFacts<'a> {
    fn new(content: &'a SnapshotContent, places: &Places<'a>, at: usize, all: bool) -> Self {
        let held: Vec<&Held> = content.held.iter().filter(|held| held.store == at).collect();
        let is_archived = |held: &Held| content.entry(held).is_some_and(|entry| entry.archived);
        let counted = held.iter().filter(|held| held.is_qliks && !held.again && !is_archived(held));
        // On a machine of a site all of a role count; where somebody calls several sites, each site has its own.
        let one_site = is_node(content);
        let kind = |held: &Held| {
            let issuer = held.certificate.as_ref().ok().map(|one| one.issuer_name().text());
            held.role.map(|role| (role, issuer.filter(|_| !one_site)))
        };
        let kinds: Vec<_> = counted.filter_map(|held| kind(held)).collect();
        let several = |held: &Held| {
            let own = kind(held).filter(|_| !is_archived(held));
            held.again || own.is_some_and(|own| kinds.iter().filter(|other| **other == own).count() > 1)
        };
        let qliks = held.iter().filter(|held| held.is_qliks).count();
        let shown = held.iter().filter(|held| all || held.is_qliks);
        let certificates = shown.filter_map(|held| {
            let entry = content.entry(held)?;
            let others = places.get(&*entry.der).into_iter().flatten().filter(|place| **place != at);
            let also_in = others.filter_map(|place| Some(content.snapshot.stores.get(*place)?.path())).collect();
            Some(CertificateFacts::new(held, entry, held.is_qliks && several(held), also_in))
        });
        let store = content.snapshot.stores.get(at);
        Self {
            store: store.map(called).unwrap_or_default(),
            problem: store.and_then(|store| store.problem.as_deref()),
            qliks,
            others: held.len() - qliks,
            unreadable: held.iter().filter(|held| held.certificate.is_err()).count(),
            certificates: certificates.collect(),
        }
    }
}

impl<'a> CertificateFacts<'a> {
    fn new(held: &'a Held, entry: &'a Entry, duplicate: bool, also_in: Vec<String>) -> Self {
        let certificate = held.certificate.as_deref().ok();
        Self {
            is_qliks: held.is_qliks,
            role: held.role.map(Role::word),
            duplicate,
            archived: entry.archived,
            subject: certificate.map(Certificate::subject_text),
            issuer: certificate.map(|one| one.issuer_name().text()),
            thumbprint: certificate.map(|one| one.sha1().to_ascii_uppercase()),
            sha256: certificate.map(Certificate::sha256),
            not_before: certificate.map(|one| rfc3339(one.not_before())),
            not_after: certificate.map(|one| rfc3339(one.not_after())),
            friendly_name: entry.friendly_name.as_deref().map(|name| name.trim_end_matches('\0')),
            private_key: entry.key.as_ref(),
            also_in,
            problem: held.certificate.as_ref().err().map(String::as_str),
            certificate,
        }
    }
}
