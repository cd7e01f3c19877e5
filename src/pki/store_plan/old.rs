//! What of Qlik's is in the stores beside what is installed: what counts as old and may go, what is another site's and
//! stays, and what a person should know of either.
//!
//! QlikView's certificates carry the same mark as Qlik Sense's, and lie in the same stores: what another authority signed
//! goes only where the machine changes over to a new root.

use super::super::certificate::Certificate;
use super::super::profile::Role;
use super::super::snapshot::{Place, STORES};
use super::install::{Draft, home_of};
use super::shelf::Item;
use super::{Leaf, MACHINE_ROOT, Refusal, Step, named};

/// Who signed a certificate, as against the new one of its role.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    SameRoot,
    /// By the issuer's name the same, by its key not.
    SameName,
    Another,
}

impl Origin {
    fn words(self) -> &'static str {
        match self {
            Self::SameRoot => "another one of the same site",
            Self::SameName => "another root of the same name signed it",
            Self::Another => "one of another site",
        }
    }
}

impl Draft<'_> {
    pub(super) fn other_roots(&mut self, root: &Certificate) {
        let others: Vec<_> = self.shelf.at(MACHINE_ROOT).filter(|item| item.certificate.der() != root.der()).collect();
        for item in others.into_iter().filter(|item| !item.entry.archived) {
            let (same_name, there) = (item.certificate.subject() == root.subject(), named(item.certificate));
            let is_qliks = item.held.role == Some(Role::Root);
            // Between machines of one site a second one of another site is fatal; elsewhere it is another site's.
            if !(same_name || is_qliks && self.is_node) {
                continue;
            }
            let refusal = match (same_name, item.certificate.public_key_info() == root.public_key_info()) {
                (true, true) => Refusal::SameKey { there: there.clone() },
                (true, false) => Refusal::SameName { there: there.clone() },
                _ => Refusal::SecondRoot { there: there.clone() },
            };
            if item.certificate.marker() != Some(Role::Root) {
                self.plan.refusals.push(Refusal::NotOursToReplace(there));
            } else if let Some(place) = self.key_of_root(&item, root) {
                self.plan.refusals.push(Refusal::RootWithKey { there, place });
            } else if !same_name && !self.changes_over() {
                self.plan.refusals.push(Refusal::AnotherSites { there, place: MACHINE_ROOT });
            } else if !self.options.replace {
                self.plan.refusals.push(refusal);
            } else {
                // Its key may lie in each of them.
                let unread = STORES
                    .iter()
                    .filter_map(|(location, name)| self.shelf.unread(Place { location: *location, name: *name }));
                let unread: Vec<Refusal> = unread.collect();
                self.plan.refusals.extend(unread);
                if !same_name {
                    self.plan.cautions.push(format!(
                        "{there} is another site's root, or QlikView's, whose certificates have the same mark and lie in \
                         the same stores: with it goes what it signed"
                    ));
                }
                let why = if same_name { "an old root: the new one takes its place" } else { "another site's root" };
                self.remove(&item, Some(Role::Root), why);
            }
        }
    }

    /// The root of the files is new here: then the machine leaves its former site.
    fn changes_over(&self) -> bool {
        self.wanted
            .root
            .as_ref()
            .is_some_and(|root| self.shelf.find(MACHINE_ROOT, root).is_none_or(|item| item.entry.archived))
    }

    /// The store with this root's private key: it may be another than the certificate's. A renewed root takes its key over.
    fn key_of_root(&self, item: &Item<'_>, new: &Certificate) -> Option<Place> {
        let has_key = |one: &&Item<'_>| {
            one.entry.key.is_some()
                && one.certificate.public_key_info() == item.certificate.public_key_info()
                && one.certificate.der() != new.der()
        };
        self.shelf.items.iter().find(has_key).map(|one| one.place)
    }

    pub(super) fn old_ones(&mut self, leaf: &Leaf, place: Place) {
        let new = &leaf.certificate;
        let candidates: Vec<_> = self.shelf.at(place).filter(|item| item.certificate.der() != new.der()).collect();
        for item in candidates.into_iter().filter(|item| !item.entry.archived && item.held.role == Some(leaf.role)) {
            let origin = origin(item.certificate, leaf);
            // Qlik's services find theirs by the mark. Where the new one has none either, its namesake is the old one.
            let has_mark = item.certificate.marker() == Some(leaf.role);
            let is_namesake = new.marker().is_none() && item.certificate.subject() == new.subject();
            let is_predecessor = origin == Origin::SameRoot && is_namesake;
            let is_counted = has_mark && (origin != Origin::Another || self.is_node) || is_predecessor;
            if !is_counted {
                self.say_it_stays(&item, leaf.role, origin);
                continue;
            }
            let there = named(item.certificate);
            let has_secrets = !item.certificate.extensions().secrets.is_empty();
            let loses = has_secrets && new.extensions().secrets.is_empty();
            if origin == Origin::Another && !self.changes_over() && self.has_root_here(&item) {
                self.plan.refusals.push(Refusal::AnotherSites { there, place });
            } else if !self.options.replace {
                self.plan.refusals.push(Refusal::OldOne { there, place, why: origin.words() });
            } else if loses && !self.options.lose_secrets {
                self.plan.refusals.push(Refusal::Secrets(there));
            } else {
                if loses {
                    self.plan.cautions.push(format!("with {there} goes the site's secrets key: the passwords of data connections have to be typed anew, unless it is restored from the backup"));
                }
                self.remove(&item, Some(leaf.role), origin.words());
            }
        }
    }

    fn has_root_here(&self, item: &Item<'_>) -> bool {
        self.shelf.at(MACHINE_ROOT).any(|root| signed(item.certificate, root.certificate))
    }

    fn say_it_stays(&mut self, item: &Item<'_>, role: Role, origin: Origin) {
        let (there, from, place) = (named(item.certificate), issuer(item.certificate), item.place.path());
        let caution = match role {
            Role::Client => format!(
                "{there} of `{from}` stays in `{place}`: a tool that takes the first `QlikClient` may take that one"
            ),
            _ if origin == Origin::SameRoot => format!(
                "{there} stays in `{place}`: this site's root signed it, but it lacks the mark by which Qlik's services \
                 find theirs; remove it by hand if nothing uses it"
            ),
            _ => return,
        };
        self.plan.cautions.push(caution);
    }

    /// What of this site, or on its machine of any, lies where no program of Qlik's looks for it.
    pub(super) fn strays(&mut self) {
        let mut cautions = Vec::new();
        for item in self.shelf.items.iter().filter(|item| !item.entry.archived && item.held.is_qliks) {
            let Some(role) = item.held.role else { continue };
            let is_wanted = self.wanted.root.as_ref().is_some_and(|root| root.der() == item.certificate.der());
            // Older pages of Qlik's list the account's Trusted Root beside the machine's.
            let is_at_home = item.place == home_of(role) || role == Role::Root && is_wanted;
            if !is_at_home && !self.shelf.is_shown_by_machine(item) {
                cautions.push(format!(
                    "{} stays in `{}`, and a {} certificate belongs in `{}`: `qcert validate` tells what to do about it",
                    named(item.certificate),
                    item.place.path(),
                    role.word(),
                    home_of(role).path()
                ));
            }
        }
        self.plan.cautions.extend(cautions);
    }

    /// What hung from a root that goes.
    pub(super) fn orphans(&mut self) {
        let gone: Vec<&Step> = self.removals.iter().filter(|step| step.role == Some(Role::Root)).collect();
        let mut cautions = Vec::new();
        for item in self.shelf.items.iter().filter(|item| item.held.role != Some(Role::Root) && !item.entry.archived) {
            let goes = self
                .removals
                .iter()
                .any(|step| step.place == item.place && step.certificate.der() == item.certificate.der());
            let root = gone.iter().find(|root| {
                item.certificate.issuer() == root.certificate.subject()
                    && item.certificate.verify_signed_by(&root.certificate).is_ok()
            });
            // A renewed root has the same key, and what hung from the old one hangs from it.
            let hangs_on = |new: &Certificate| item.certificate.verify_signed_by(new).is_ok();
            if let (false, Some(root)) = (goes, root)
                && !self.wanted.root.as_ref().is_some_and(hangs_on)
            {
                cautions.push(format!(
                    "{} in `{}` stays, and the root that signed it, {}, goes",
                    named(item.certificate),
                    item.place.path(),
                    named(&root.certificate)
                ));
            }
        }
        self.plan.cautions.extend(cautions);
    }
}

fn signed(one: &Certificate, by: &Certificate) -> bool {
    one.issuer() == by.subject() && one.verify_signed_by(by).is_ok()
}

fn origin(one: &Certificate, new: &Leaf) -> Origin {
    if one.issuer() != new.certificate.issuer() {
        return Origin::Another;
    }
    let is_same = match new.between.first().or(new.root.as_ref()) {
        Some(signer) => signed(one, signer),
        // Without their root the key's name is what there is.
        None => one.authority_key_id() == new.certificate.authority_key_id(),
    };
    if is_same { Origin::SameRoot } else { Origin::SameName }
}

fn issuer(certificate: &Certificate) -> String {
    let issuer = certificate.issuer_name();
    issuer.common_name().map_or_else(|| issuer.text(), str::to_owned)
}
