//! `Scene`: a snapshot as the rules look at it: Qlik's certificates by role and store, each once. Nothing is judged here
//! but what several rules ask.

use super::super::super::certificate::Certificate;
use super::super::super::finding::{Finding, Rule};
use super::super::super::inventory::{FileContent, SnapshotContent};
use super::super::super::profile::Role;
use super::super::super::snapshot::{Entry, KeyFacts, Location, Store, StoreName};
use super::super::{Given, QlikServer};
use super::home_of;
use std::collections::{HashMap, HashSet};
use time::OffsetDateTime;

/// In one store. Each leaf is held against each root, and a hostile file is not to take a day.
pub(super) const MOST_OF_A_KIND: usize = 16;

#[derive(Debug)]
pub(in super::super::super) struct Scene<'a> {
    pub(super) path: &'a str,
    pub(in super::super::super) content: &'a SnapshotContent,
    pub(in super::super::super) at: OffsetDateTime,
    /// Qlik's that are not archived, each once in a store.
    pub(super) items: Vec<Item<'a>>,
    /// So many of Qlik's are not among the items.
    pub(super) left_out: usize,
    /// It looks like a machine of a site, and not like one from which somebody calls it.
    pub(in super::super::super) is_node: bool,
    /// It is one, by what lies beside the stores.
    pub(super) server: Option<&'a QlikServer>,
}

/// A certificate of Qlik's in a store.
#[derive(Debug, Clone, Copy)]
pub(in super::super::super) struct Item<'a> {
    pub(in super::super::super) certificate: &'a Certificate,
    pub(in super::super::super) entry: &'a Entry,
    pub(super) store: &'a Store,
    pub(super) role: Option<Role>,
}

/// What the Repository Service would call a leaf, as far as that is known.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super::super) enum Worth {
    Valid,
    Invalid {
        why: String,
        /// Qlik does not say what it calls valid.
        inferred: bool,
    },
    Unknown,
}

impl<'a> Scene<'a> {
    pub(super) fn new(file: &'a FileContent, content: &'a SnapshotContent, given: &'a Given) -> Self {
        let mut seen = HashSet::new();
        let mut counts: HashMap<_, usize> = HashMap::new();
        let (mut items, mut left_out) = (Vec::new(), 0);
        for (held, certificate) in content.qliks() {
            let (Some(store), Some(entry)) = (content.store(held), content.entry(held)) else { continue };
            if entry.archived || !seen.insert((store.location, store.name, certificate.der())) {
                continue;
            }
            let count = counts.entry((store.location, store.name, held.role)).or_default();
            *count += 1;
            if *count <= MOST_OF_A_KIND {
                items.push(Item { certificate, entry, store, role: held.role });
            } else {
                left_out += 1;
            }
        }
        let mut scene = Self {
            path: &file.path,
            content,
            at: given.at,
            items,
            left_out,
            is_node: false,
            server: given.server.as_ref(),
        };
        scene.is_node = scene.server.is_some() || scene.looks_like_node();
        scene
    }

    /// A server certificate, the root's key, or the machine that the root is named after.
    fn looks_like_node(&self) -> bool {
        self.items.iter().any(|item| match item.role {
            Some(Role::Server) => item.store.name == StoreName::My,
            Some(Role::Root) => item.entry.key.is_some() || self.is_named_after_this(item),
            _ => false,
        })
    }

    /// The root of a site whose central node this machine is, by the names.
    fn is_named_after_this(&self, root: &Item<'_>) -> bool {
        root.host().is_some_and(|host| self.content.snapshot.is_called(host))
    }

    /// What this machine is called as a node, the surest first.
    pub(super) fn own_names(&self) -> Vec<String> {
        let central = |root: &Item<'_>| root.entry.key.is_some() || self.is_named_after_this(root);
        let roots = self.roots().into_iter().filter(central);
        let mut names: Vec<String> = roots.filter_map(|root| root.host().map(str::to_owned)).collect();
        // It may be another machine's, or wrong: alone it proves nothing.
        let is_first_of = |host: &str| host.split('.').next().unwrap_or(host).to_ascii_lowercase();
        let fits = |host: &&String| {
            let own = names.iter().chain([&self.content.snapshot.computer]);
            own.map(|name| is_first_of(name)).any(|own| own == is_first_of(host))
        };
        let host = self.server.and_then(|server| server.host.as_ref()).filter(fits).cloned();
        names.splice(0..0, host);
        let (computer, domain) = (&self.content.snapshot.computer, &self.content.snapshot.domain);
        if let Some(domain) = domain.as_ref().filter(|domain| !domain.is_empty() && !computer.contains('.')) {
            names.push(format!("{computer}.{domain}"));
        }
        names.push(computer.clone());
        names
    }

    /// Of several the site's own, where that can be told: whose key is here, or that is named after this machine.
    fn roots_of_site(&self) -> Vec<Item<'a>> {
        let roots = self.roots();
        let keyed = |root: &Item<'_>| root.entry.key.is_some();
        let named = |root: &Item<'_>| self.is_named_after_this(root);
        for is_own in [&keyed as &dyn Fn(&Item<'_>) -> bool, &named] {
            let own: Vec<_> = roots.iter().filter(|root| is_own(root)).copied().collect();
            if !own.is_empty() {
                return own;
            }
        }
        roots
    }

    /// Dates, the root's signature, and a private key that the account can use.
    pub(in super::super::super) fn worth(&self, leaf: &Item<'_>) -> Worth {
        let inferred = |why| Worth::Invalid { why, inferred: true };
        if let Some(why) = self.fault_of_dates(leaf) {
            return inferred(why);
        }
        let roots = self.roots_of_site();
        let is_signed = roots.iter().any(|root| leaf.is_signed_by(root));
        let is_root_read = self.is_home_read(Role::Root);
        if !is_signed && is_root_read {
            let by = roots.first().map(|root| format!("by `{}`", root.certificate.title()));
            let why = format!("was not signed {}", by.unwrap_or_else(|| "by a root here".to_owned()));
            // One of the proxy's own messages (Qlik knowledge base 1716657).
            return Worth::Invalid { why, inferred: false };
        }
        match &leaf.entry.key {
            None => inferred("has no private key".to_owned()),
            Some(key) if self.usable(key) == Some(false) => {
                inferred("has a private key that the account cannot use".to_owned())
            }
            Some(_) if is_signed => Worth::Valid,
            Some(_) => Worth::Unknown,
        }
    }

    pub(super) fn in_store(&self, role: Role, location: Location, name: StoreName) -> Vec<Item<'a>> {
        let there = |item: &&Item<'_>| item.is_in(location, name) && item.role == Some(role);
        self.items.iter().filter(there).copied().collect()
    }

    /// Those that Qlik counts.
    pub(in super::super::super) fn roots(&self) -> Vec<Item<'a>> {
        self.in_store(Role::Root, Location::LocalMachine, StoreName::Root)
    }

    /// Windows shows the roots of the machine to each user too: here are those that are the user's alone.
    pub(in super::super::super) fn roots_of_user(&self) -> Vec<Item<'a>> {
        let of_machine = self.roots();
        let own = |item: &Item<'_>| !of_machine.iter().any(|root| root.certificate.der() == item.certificate.der());
        self.in_store(Role::Root, Location::CurrentUser, StoreName::Root).into_iter().filter(own).collect()
    }

    /// The servers or clients that Qlik counts.
    pub(in super::super::super) fn leaves(&self, role: Role) -> Vec<Item<'a>> {
        let (location, name) = home_of(role);
        self.in_store(role, location, name)
    }

    /// Where a role belongs, and nothing of it there is in use.
    pub(super) fn archived(&self, role: Role) -> Option<Item<'a>> {
        let (location, name) = home_of(role);
        let all = self.content.qliks().filter(|(held, _)| held.role == Some(role));
        let mut items = all.filter_map(|(held, certificate)| {
            let (store, entry) = (self.content.store(held)?, self.content.entry(held)?);
            Some(Item { certificate, entry, store, role: held.role })
        });
        items.find(|item| item.is_in(location, name) && item.entry.archived)
    }

    /// Roots wherever they are, each once.
    pub(super) fn all_roots(&self) -> Vec<Item<'a>> {
        let mut seen = HashSet::new();
        let roots = self.items.iter().filter(|item| item.role == Some(Role::Root));
        roots.filter(|item| seen.insert(item.certificate.der())).copied().collect()
    }

    /// Whole, so that what is not in it is not there.
    pub(in super::super::super) fn is_read(&self, location: Location, name: StoreName) -> bool {
        self.content.snapshot.store(location, name).is_some_and(|store| store.problem.is_none())
    }

    pub(in super::super::super) fn is_home_read(&self, role: Role) -> bool {
        let (location, name) = home_of(role);
        self.is_read(location, name)
    }

    /// Why Qlik would call a root invalid, by itself.
    pub(in super::super::super) fn fault_of_root(&self, root: &Item<'_>) -> Option<String> {
        let unsigned = || root.certificate.verify_signed_by(root.certificate).is_err();
        self.fault_of_dates(root).or_else(|| unsigned().then(|| "does not carry its own signature".to_owned()))
    }

    /// Which explains what hangs from it.
    pub(super) fn is_root_out_of_date(&self) -> bool {
        self.roots().iter().any(|root| self.fault_of_dates(root).is_some())
    }

    pub(in super::super::super) fn fault_of_dates(&self, item: &Item<'_>) -> Option<String> {
        let one = item.certificate;
        if self.at > one.not_after() {
            Some(format!("expired on {}", one.not_after().date()))
        } else if self.at < one.not_before() {
            Some(format!("is not valid before {}", one.not_before().date()))
        } else {
            None
        }
    }

    /// Whether the account can use a key, as far as that was told. A machine's key is not for who is not elevated: of
    /// the services' account that says nothing.
    pub(in super::super::super) fn usable(&self, key: &KeyFacts) -> Option<bool> {
        let no_rights = self.content.snapshot.elevated == Some(false) && key.machine_keyset != Some(false);
        key.usable.filter(|usable| *usable || !no_rights)
    }

    pub(super) fn finding(&self, rule: &'static Rule, sentence: String) -> Finding {
        Finding::new(rule, vec![self.path.to_owned()], sentence)
    }
}

impl Item<'_> {
    pub(super) fn is_in(&self, location: Location, name: StoreName) -> bool {
        self.store.location == location && self.store.name == name
    }

    /// Whether the account can use its key, as far as that was told.
    pub(super) fn usable(&self, scene: &Scene<'_>) -> Option<bool> {
        self.entry.key.as_ref().and_then(|key| scene.usable(key))
    }

    /// After which a root is named: `CN=<host>-CA`.
    pub(super) fn host(&self) -> Option<&str> {
        self.certificate.common_name()?.strip_suffix("-CA")
    }

    pub(in super::super::super) fn is_signed_by(&self, root: &Item<'_>) -> bool {
        self.certificate.verify_signed_by(root.certificate).is_ok()
    }

    /// `` `QlikClient` (thumbprint `1a2b…`) ``: two of a name are told apart by it, and Windows finds it by it.
    pub(in super::super::super) fn named(&self) -> String {
        format!("`{}` (thumbprint `{}`)", self.certificate.title(), self.certificate.sha1())
    }

    /// With its store.
    pub(super) fn placed(&self) -> String {
        format!("{} in `{}`", self.named(), self.store.path())
    }

    /// As a PowerShell command that takes it out of its store.
    pub(super) fn removal(&self) -> String {
        format!("`Remove-Item 'Cert:\\{}\\{}'`", self.store.path(), self.certificate.sha1().to_ascii_uppercase())
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(in super::super::super) fn listed<T>(items: &[T], one: impl Fn(&T) -> String) -> String {
    const MOST: usize = 8;
    let mut words: Vec<String> = items.iter().take(MOST).map(one).collect();
    if items.len() > MOST {
        words.push(format!("{} others", items.len() - MOST));
    }
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}
