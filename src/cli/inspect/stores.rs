//! A snapshot of certificate stores: whose, when, and each store with Qlik's certificates. The others are counted.

use super::super::words::{count, day, relative, rfc3339};
use super::certificate::{CertificateFacts, state};
use super::facts::Context;
use super::page::{Page, Tone};
use super::text::View;
use crate::pki::inventory::{Held, SnapshotContent};
use crate::pki::profile::Role;
use crate::pki::snapshot::{Entry, KeyFacts, KeyKind, Schannel, Snapshot, Store};
use serde::Serialize;
use time::OffsetDateTime;

#[derive(Debug, Serialize)]
pub(super) struct SnapshotFacts<'a> {
    pub(super) computer: &'a str,
    domain: Option<&'a str>,
    /// Whose Current User stores these are.
    pub(super) account: &'a str,
    elevated: Option<bool>,
    /// Windows' text for its version.
    system: Option<&'a str>,
    made_by: &'a str,
    taken_at: String,
    schannel: Schannel,
    pub(super) stores: Vec<StoreFacts<'a>>,
    #[serde(skip)]
    pub(super) taken: OffsetDateTime,
}

#[derive(Debug, Serialize)]
pub(super) struct StoreFacts<'a> {
    /// `LocalMachine\Root`.
    store: String,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
    /// Qlik's only.
    pub(super) certificates: Vec<StoredFacts<'a>>,
    /// So many more, which are not Qlik's.
    pub(super) others: usize,
    /// Among these.
    unreadable: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct StoredFacts<'a> {
    /// `root`, `server` or `client`; absent of Qlik's others.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    /// The store has several of this role.
    duplicate: bool,
    friendly_name: Option<&'a str>,
    archived: bool,
    /// What Windows says of the private key; null where there is none. The key itself is in no snapshot.
    private_key: Option<&'a KeyFacts>,
    pub(super) certificate: Box<CertificateFacts<'a>>,
}

impl<'a> SnapshotFacts<'a> {
    pub(super) fn new(machine: &'a SnapshotContent, context: Context<'a>) -> Self {
        let Snapshot { made_by, taken_at, computer, domain, account, elevated, system, schannel, .. } =
            &machine.snapshot;
        Self {
            computer,
            domain: domain.as_deref(),
            account,
            elevated: *elevated,
            system: system.as_deref(),
            made_by,
            taken_at: rfc3339(*taken_at),
            schannel: *schannel,
            stores: (0..machine.snapshot.stores.len()).map(|at| StoreFacts::new(machine, at, context)).collect(),
            taken: *taken_at,
        }
    }

    /// Qlik's certificates, and how many others.
    fn counts(&self) -> (usize, usize) {
        let own = self.stores.iter().map(|store| store.certificates.len()).sum();
        (own, self.stores.iter().map(|store| store.others).sum())
    }

    pub(super) fn line(&self, view: View) -> String {
        let (own, others) = self.counts();
        let taken = day(self.taken, view.offset);
        format!("{} as {}, taken {taken}, {own} of Qlik's, {}", self.computer, self.account, count(others, "other"))
    }

    pub(super) fn write(&self, view: View, page: &mut Page) {
        let domain = self.domain.map(|domain| format!(" in {domain}")).unwrap_or_default();
        page.row("machine", &format!("{}{domain}", self.computer));
        let elevated = match self.elevated {
            Some(true) => ", elevated",
            Some(false) => ", not elevated",
            None => "",
        };
        page.row("account", &format!("{}{elevated}", self.account));
        let when = format!("{} ({})", day(self.taken, view.offset), relative(view.at, self.taken));
        page.row("taken", &format!("{when} by {}", self.made_by));
        if let Some(system) = self.system {
            page.row("system", system);
        }
        for store in &self.stores {
            store.write(view, page);
        }
    }
}

impl<'a> StoreFacts<'a> {
    fn new(machine: &'a SnapshotContent, at: usize, context: Context<'a>) -> Self {
        let held = || machine.held.iter().filter(move |held| held.store == at);
        let roles: Vec<Role> = held().filter(|held| counts(machine, held)).filter_map(|held| held.role).collect();
        let of_store = machine.qliks().filter(|(held, _)| held.store == at);
        let certificates: Vec<_> = of_store
            .filter_map(|(held, certificate)| {
                let entry = machine.entry(held)?;
                let several = |role: Role| roles.iter().filter(|other| **other == role).count() > 1;
                Some(StoredFacts {
                    role: held.role.map(Role::word),
                    duplicate: held.again || held.role.is_some_and(several) && !entry.archived,
                    friendly_name: entry.friendly_name.as_deref(),
                    archived: entry.archived,
                    private_key: entry.key.as_ref(),
                    certificate: Box::new(CertificateFacts::new(certificate, context)),
                })
            })
            .collect();
        let store = machine.snapshot.stores.get(at);
        Self {
            store: store.map(Store::path).unwrap_or_default(),
            problem: store.and_then(|store| store.problem.as_deref()),
            others: held().count().saturating_sub(certificates.len()),
            unreadable: held().filter(|held| held.certificate.is_err()).count(),
            certificates,
        }
    }

    fn write(&self, view: View, page: &mut Page) {
        let unreadable = match self.unreadable {
            0 => String::new(),
            some => format!(", {some} of them cannot be read"),
        };
        let about = format!("{} of Qlik's, {}{unreadable}", self.certificates.len(), count(self.others, "other"));
        page.subheading(&self.store, &about);
        page.deeper();
        if let Some(problem) = self.problem {
            page.row_in("problem", Tone::Bad, problem);
        }
        for stored in &self.certificates {
            stored.write(view, page);
        }
        page.higher();
    }
}

/// Archived certificates are not among those that programs see.
fn counts(content: &SnapshotContent, held: &Held) -> bool {
    held.is_qliks && !held.again && content.entry(held).is_some_and(|entry: &Entry| !entry.archived)
}

impl StoredFacts<'_> {
    fn write(&self, view: View, page: &mut Page) {
        let certificate = self.certificate.certificate;
        page.subheading(&certificate.title(), self.role.unwrap_or("no role that is known"));
        page.deeper();
        if self.duplicate {
            page.row_in("duplicate", Tone::Bad, "the store has several of this kind");
        }
        if self.archived {
            page.row_in("archived", Tone::Soon, "programs do not see it");
        }
        page.row("thumbprint", self.certificate.sha1);
        let (from, until) = (certificate.not_before(), certificate.not_after());
        let state = state(certificate, view.at);
        let (tone, state) = match state {
            "valid" => (Tone::Plain, String::new()),
            state => (Tone::Bad, format!(", {}", state.replace('_', " "))),
        };
        let dates =
            format!("{} to {} ({}){state}", day(from, view.offset), day(until, view.offset), relative(view.at, until));
        page.row_in("valid", tone, &dates);
        if certificate.subject() != certificate.issuer() {
            page.row("issuer", &self.certificate.issuer);
        }
        if let Some(name) = self.friendly_name {
            page.row("friendly name", name.trim_end_matches('\0'));
        }
        match self.private_key {
            None => page.row("private key", "none"),
            Some(key) => page.row("private key", &key_text(key)),
        }
        page.higher();
    }
}

fn key_text(key: &KeyFacts) -> String {
    let KeyFacts { provider, kind, machine_keyset, exportable, usable, problem, .. } = key;
    let kind = match kind {
        Some(KeyKind::Capi) => Some("old provider (CAPI)"),
        Some(KeyKind::Cng) => Some("new key store (CNG)"),
        Some(KeyKind::Other) | None => None,
    };
    let whose = machine_keyset.map(|machine| if machine { "the machine's" } else { "the user's" });
    let exportable = exportable.map(|exportable| if exportable { "exportable" } else { "not exportable" });
    let usable = usable.map(|usable| if usable { "usable" } else { "not usable by this account" });
    let facts = [kind, provider.as_deref(), whose, exportable, usable, problem.as_deref()];
    let told: Vec<&str> = facts.into_iter().flatten().collect();
    if told.is_empty() { "there, and nothing is known of it".to_owned() } else { told.join(", ") }
}
