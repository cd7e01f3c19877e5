//! A snapshot of certificate stores as an object: its certificates parsed, and which of them are Qlik's.
//!
//! A Windows machine has some fifty roots that are none of ours. Qlik's are those with its marker, `CN=QlikClient`, the
//! root that issued one of these, and whatever else that root issued.

use super::super::certificate::Certificate;
use super::super::overview::role_of;
use super::super::profile::{CLIENT_NAME, Role};
use super::super::snapshot::{Entry, Snapshot, SnapshotError, Store};
use super::read::Desk;
use super::{Damage, What, object};
use std::collections::HashSet;

/// Qlik's own certificate beside the three, in Personal of the machine; what it is for is not known.
const CLUSTER_NAME: &str = "QlikServiceCluster";

/// What a damaged one was meant to be.
pub const SNAPSHOT: &str = "a snapshot of certificate stores";

#[derive(Debug)]
pub struct SnapshotContent {
    pub snapshot: Snapshot,
    /// Every certificate, store by store, in their order.
    pub held: Vec<Held>,
}

/// One certificate of a store.
#[derive(Debug)]
pub struct Held {
    /// The place in `Snapshot::stores`.
    pub store: usize,
    /// The place in `Store::certificates`.
    pub place: usize,
    /// Or why it cannot be read.
    pub certificate: Result<Box<Certificate>, String>,
    /// It is Qlik's.
    pub is_qliks: bool,
    /// Of Qlik's only; `None` for its certificate of the cluster.
    pub role: Option<Role>,
    /// It came in this store before.
    pub again: bool,
}

impl Held {
    fn with_certificate(&self) -> Option<(&Self, &Certificate)> {
        self.certificate.as_deref().ok().map(|certificate| (self, certificate))
    }
}

impl SnapshotContent {
    pub fn store(&self, held: &Held) -> Option<&Store> {
        self.snapshot.stores.get(held.store)
    }

    pub fn entry(&self, held: &Held) -> Option<&Entry> {
        self.store(held)?.certificates.get(held.place)
    }

    /// Qlik's certificates that can be read.
    pub fn qliks(&self) -> impl Iterator<Item = (&Held, &Certificate)> {
        self.held.iter().filter(|held| held.is_qliks).filter_map(Held::with_certificate)
    }
}

pub(super) fn read(desk: &mut Desk<'_>, text: &[u8]) -> What {
    let snapshot = match Snapshot::parse(text) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            let cut = error == SnapshotError::Cut;
            return What::Damaged(Damage { kind: SNAPSHOT, why: error.to_string(), cut, over_limit: false });
        }
    };
    let mut held = Vec::new();
    for (store, of_store) in snapshot.stores.iter().enumerate() {
        let mut seen = HashSet::new();
        for (place, entry) in of_store.certificates.iter().enumerate() {
            let again = !seen.insert(&*entry.der);
            let certificate = certificate(desk, &entry.der);
            held.push(Held { store, place, certificate, is_qliks: false, role: None, again });
        }
    }
    mark(&mut held);
    What::Snapshot(Box::new(SnapshotContent { snapshot, held }))
}

fn certificate(desk: &mut Desk<'_>, der: &[u8]) -> Result<Box<Certificate>, String> {
    desk.take(der.len())?;
    match object::certificate(der) {
        What::Certificate(certificate) => Ok(certificate),
        What::Damaged(damage) => Err(damage.why),
        _ => Err("it is no certificate".to_owned()),
    }
}

/// Says which are Qlik's.
fn mark(held: &mut [Held]) {
    let certificates = || held.iter().filter_map(|held| held.certificate.as_deref().ok());
    let marked = |one: &Certificate| one.extensions().marker.is_some() || one.common_name() == Some(CLIENT_NAME);
    let issuers: HashSet<&[u8]> = certificates().filter(|one| marked(one)).map(Certificate::issuer).collect();
    let named = |one: &Certificate| one.common_name().is_some_and(|name| name.ends_with("-CA"));
    // A `QlikClient` that signed itself is somebody's own make, and no site's root.
    let is_root = |one: &Certificate| one.is_self_issued() && (one.extensions().marker.is_some() || named(one));
    // By their names; whose key signed is for the rules to say.
    let roots: HashSet<Vec<u8>> = certificates()
        .filter(|one| is_root(one) && (marked(one) || issuers.contains(one.subject())))
        .map(|one| one.subject().to_vec())
        .collect();
    for one in held {
        let Ok(certificate) = &one.certificate else { continue };
        one.is_qliks = marked(certificate) || roots.contains(certificate.issuer());
        let cluster = certificate.common_name() == Some(CLUSTER_NAME);
        let is_root = certificate.is_self_issued() && roots.contains(certificate.subject());
        one.role = match (one.is_qliks && !cluster, is_root) {
            (false, _) => None,
            (true, true) => Some(Role::Root),
            (true, false) => role_of(certificate),
        };
    }
}
