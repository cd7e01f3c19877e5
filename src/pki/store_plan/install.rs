//! The plan that puts a bundle into the stores: what is there as it should be stays, what is missing is added, and what
//! is old goes only where that was asked for.
//!
//! First all is added, then the old ones are removed: what fails is the adding, and then nothing is lost. What counts as
//! old follows the Repository Service's own table (Qlik help, certificate handling): on a machine of a site each further
//! root, server or client; on a machine that calls sites only those of the same site or name, for clients of several
//! sites lie side by side there.

use super::super::certificate::Certificate;
use super::super::inventory::SnapshotContent;
use super::super::profile::{CLIENT_NAME, Role};
use super::super::snapshot::{KeyFacts, Place};
use super::cautions::{self, say_lost_keys};
use super::shelf::{Item, Shelf};
use super::{
    Action, Leaf, MACHINE_BETWEEN, MACHINE_PERSONAL, MACHINE_ROOT, Plan, Refusal, Repository, Step, USER_PERSONAL,
    Wanted, named,
};

#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Old ones go.
    pub replace: bool,
    /// Also a server certificate with the site's secrets key.
    pub lose_secrets: bool,
    /// Of the keys that are put there.
    pub exportable: bool,
}

pub fn install(wanted: &Wanted, content: &SnapshotContent, repository: &Repository, options: Options) -> Plan {
    let shelf = Shelf::new(content);
    let is_node = shelf.is_node(repository);
    let mut draft = Draft { shelf, wanted, options, is_node, plan: Plan::default(), removals: Vec::new() };
    // Whether this is a machine of a site is told by these, whatever is wanted.
    for place in [MACHINE_ROOT, MACHINE_PERSONAL, USER_PERSONAL] {
        draft.check_is_read(place);
    }
    if !draft.plan.refusals.is_empty() {
        return draft.plan;
    }
    if let Some(root) = &wanted.root {
        draft.root(root);
    }
    for leaf in &wanted.leaves {
        draft.between(leaf);
    }
    for leaf in &wanted.leaves {
        draft.leaf(leaf);
    }
    draft.finish(repository)
}

pub(super) struct Draft<'a> {
    pub(super) shelf: Shelf<'a>,
    pub(super) wanted: &'a Wanted,
    pub(super) options: Options,
    pub(super) is_node: bool,
    pub(super) plan: Plan,
    /// Put behind everything else, in the order of Qlik's recipe: root, server, client.
    pub(super) removals: Vec<Step>,
}

impl<'a> Draft<'a> {
    fn check_is_read(&mut self, place: Place) {
        self.plan.refusals.extend(self.shelf.unread(place));
        let unreadable = self.shelf.unreadable(place);
        if unreadable > 0 {
            let which = if unreadable == 1 { "1 certificate".to_owned() } else { format!("{unreadable} certificates") };
            let caution =
                format!("{which} in `{}` cannot be read: whether it is an old one is not known", place.path());
            self.plan.cautions.push(caution);
        }
    }

    fn root(&mut self, root: &'a Certificate) {
        match self.shelf.find(MACHINE_ROOT, root) {
            Some(item) if !item.entry.archived => self.keep(item, Some(Role::Root), "it is there"),
            found => {
                let archived = found.map(|_| "it is there, but archived: programs do not see it");
                let why = archived.unwrap_or("the site's root, trusted by the whole machine; without its key");
                self.add(MACHINE_ROOT, Some(Role::Root), root, None, why);
            }
        }
        self.other_roots(root);
    }

    fn between(&mut self, leaf: &'a Leaf) {
        for certificate in &leaf.between {
            let known = |step: &Step| step.certificate.der() == certificate.der();
            if self.plan.steps.iter().any(known) {
                continue;
            }
            if let Some(unread) = self.shelf.unread(MACHINE_BETWEEN) {
                self.plan.refusals.push(unread);
                return;
            }
            match self.shelf.find(MACHINE_BETWEEN, certificate).filter(|item| !item.entry.archived) {
                Some(item) => self.keep(item, None, "it is there"),
                None => self.add(MACHINE_BETWEEN, None, certificate, None, "between the certificates and their root"),
            }
        }
    }

    fn leaf(&mut self, leaf: &'a Leaf) {
        let place = home_of(leaf.role);
        if !self.will_be_trusted(leaf) {
            self.plan.refusals.push(Refusal::Untrusted(named(&leaf.certificate)));
        }
        let friendly_name = friendly_name(leaf);
        let item = self.shelf.find(place, &leaf.certificate);
        let fault = item.map(|item| fault_of(&item, leaf.role, self.shelf.content.snapshot.elevated));
        match (item, fault) {
            (Some(item), Some(Some(why))) => {
                let mut step = step(Action::Mend, place, Some(leaf.role), &leaf.certificate, why);
                (step.friendly_name, step.key) = (friendly_name, item.entry.key.clone());
                self.plan.steps.push(step);
            }
            (Some(item), _) if leaf.role == Role::Client && shown_name(&item) != Some(CLIENT_NAME) => {
                let why = format!(
                    "programs with Qlik's .NET SDK look for this friendly name; it is {}",
                    shown_name(&item).map_or_else(|| "not set".to_owned(), |name| format!("`{name}`"))
                );
                let mut step = step(Action::Name, place, Some(leaf.role), &leaf.certificate, &why);
                (step.friendly_name, step.key) = (friendly_name, item.entry.key.clone());
                self.plan.steps.push(step);
            }
            (Some(item), _) => self.keep(item, Some(leaf.role), "it is there, with its key"),
            (None, _) => {
                let whose = if leaf.role == Role::Server { "the machine's" } else { "the account's" };
                let export = if self.options.exportable { "exportable" } else { "not exportable" };
                let why = format!("with its key: {whose}, {export}");
                self.add(place, Some(leaf.role), &leaf.certificate, friendly_name, &why);
            }
        }
        self.old_ones(leaf, place);
    }

    /// By a root of the files that goes into the store, or one that is there.
    fn will_be_trusted(&self, leaf: &Leaf) -> bool {
        if leaf.root.is_some() && self.wanted.root.is_some() {
            return true;
        }
        let top = leaf.between.last().unwrap_or(&leaf.certificate);
        let mut there = self.shelf.at(MACHINE_ROOT).filter(|item| !item.entry.archived);
        there.any(|item| item.certificate.subject() == top.issuer() && top.verify_signed_by(item.certificate).is_ok())
    }

    fn keep(&mut self, item: Item<'a>, role: Option<Role>, why: &str) {
        let mut step = step(Action::Keep, item.place, role, item.certificate, why);
        (step.friendly_name, step.key) = (item.entry.friendly_name.clone(), item.entry.key.clone());
        self.plan.steps.push(step);
    }

    fn add(&mut self, place: Place, role: Option<Role>, certificate: &Certificate, name: Option<String>, why: &str) {
        let mut step = step(Action::Add, place, role, certificate, why);
        step.friendly_name = name;
        self.plan.steps.push(step);
    }

    pub(super) fn remove(&mut self, item: &Item<'a>, role: Option<Role>, why: &str) {
        self.removals.push(removal(item, role, why));
    }

    fn finish(mut self, repository: &Repository) -> Plan {
        self.orphans();
        self.strays();
        self.plan.steps.append(&mut self.removals);
        if self.plan.changes().next().is_some() {
            cautions::about_the_machine(&mut self.plan, &self.shelf, self.wanted, repository);
            if self.is_node {
                self.plan.cautions.push(cautions::SERVICES.to_owned());
            }
        }
        say_lost_keys(&mut self.plan);
        for (role, taken, left) in &self.wanted.passed_over {
            self.plan.cautions.push(format!(
                "the files have {} certificates of two exports: {taken} is taken, as Windows' own format, and {left} is not",
                role.word()
            ));
        }
        if let Some(file) = &self.wanted.root_key_in {
            self.plan
                .cautions
                .push(format!("the root's private key in `{file}` is left out: it is for the central node alone"));
        }
        self.plan.check_rights(self.shelf.content.snapshot.elevated);
        self.plan
    }
}

pub(super) const fn home_of(role: Role) -> Place {
    match role {
        Role::Root => MACHINE_ROOT,
        Role::Server => MACHINE_PERSONAL,
        Role::Client => USER_PERSONAL,
    }
}

/// As Qlik's own exports have it.
fn friendly_name(leaf: &Leaf) -> Option<String> {
    match leaf.role {
        Role::Client => Some(CLIENT_NAME.to_owned()),
        _ => leaf.certificate.common_name().map(str::to_owned),
    }
}

fn shown_name<'a>(item: &Item<'a>) -> Option<&'a str> {
    item.entry.friendly_name.as_deref().map(|name| name.trim_end_matches('\0')).filter(|name| !name.is_empty())
}

/// Why it has to be put there once more. What Windows did not say is no fault.
fn fault_of(item: &Item<'_>, role: Role, elevated: Option<bool>) -> Option<&'static str> {
    let Some(key) = &item.entry.key else { return Some("it is there without its key") };
    let KeyFacts { machine_keyset, usable, .. } = key;
    match (role, machine_keyset, usable) {
        _ if item.entry.archived => Some("it is there, but archived: programs do not see it"),
        (Role::Server, Some(false), _) => Some("it is there, but its key is an account's and not the machine's"),
        (Role::Client, Some(true), _) => Some("it is there, but its key is the machine's and not the account's"),
        // Who is not elevated cannot use the machine's keys: that says nothing of the services.
        (Role::Server, _, Some(false)) if elevated == Some(false) => None,
        (_, _, Some(false)) => Some("it is there, but this account cannot use its key"),
        _ => None,
    }
}

pub(super) fn step(action: Action, place: Place, role: Option<Role>, certificate: &Certificate, why: &str) -> Step {
    Step {
        action,
        place,
        role,
        certificate: certificate.clone(),
        reason: why.to_owned(),
        friendly_name: None,
        key: None,
    }
}

pub(super) fn removal(item: &Item<'_>, role: Option<Role>, why: &str) -> Step {
    let mut step = step(Action::Remove, item.place, role, item.certificate, why);
    (step.friendly_name, step.key) = (item.entry.friendly_name.clone(), item.entry.key.clone());
    step
}
