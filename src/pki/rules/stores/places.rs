//! Certificates of Qlik's in a store where Qlik does not look for them.

use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::profile::Role;
use super::super::super::snapshot::{Location, StoreName};
use super::home_of;
use super::scene::{Item, Scene};

pub(super) const RULES: &[&Rule] = &[&WRONG_STORE];

static WRONG_STORE: Rule = Rule {
    id: "stores/wrong-store",
    severity: Severity::Error,
    title: "a certificate lies in a store where Qlik does not look for it",
    cause: "Qlik keeps the root in Trusted Root of the machine, the server in Personal of the machine and the client in \
            Personal of the account that runs the services. Elsewhere it is not found, or somebody else uses it. It is a \
            warning where the right store has one.",
    fix: "import it into the store where it belongs, with its key, and delete it here",
    source: "Qlik help, service certificates",
};

pub(super) fn judge(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for item in &scene.items {
        let Some(role) = item.role.filter(|role| is_misplaced(item, *role)) else { continue };
        let (location, name) = home_of(role);
        if !scene.is_read(location, name) {
            // What lies there is not known, and that is said.
            continue;
        }
        let at_home = scene.in_store(role, location, name);
        let home = format!("{}\\{}", location.word(), name.word());
        let copy = at_home.iter().any(|other| is_same(other, item));
        let where_else = match (copy, at_home.is_empty()) {
            (true, _) => "where it lies as well",
            (false, false) => "where there is another one",
            (false, true) => "where there is none",
        };
        let keyed_there = |other: &Item<'_>| is_same(other, item) && other.entry.key.is_some();
        let only_key = item.entry.key.is_some() && !at_home.iter().any(keyed_there);
        let key = if only_key && copy { ", there without its private key" } else { "" };
        let sentence = format!("the {} {} belongs in `{home}`, {where_else}{key}", role.word(), item.placed());
        let finding = scene.finding(&WRONG_STORE, sentence);
        let removal = item.removal();
        findings.push(match (at_home.is_empty(), only_key, copy) {
            (true, ..) => finding,
            (false, false, _) => warning(finding, format!("delete it here: {removal}")),
            (false, true, true) => {
                let steps = format!("export it with its private key, import that PFX into `{home}`");
                warning(finding, format!("{steps}, and only then delete it here: {removal}"))
            }
            (false, true, false) => {
                let save = "after a backup with its private key";
                warning(finding, format!("{save}, delete it here: {removal}"))
            }
        });
    }
}

fn warning(finding: Finding, fix: String) -> Finding {
    finding.with_severity(Severity::Warning).with_fix(fix)
}

fn is_same(one: &Item<'_>, other: &Item<'_>) -> bool {
    one.certificate.der() == other.certificate.der()
}

/// A leaf in Trusted Root is a fault of that store; a root of the account's is judged with the roots.
fn is_misplaced(item: &Item<'_>, role: Role) -> bool {
    let (location, name) = (item.store.location, item.store.name);
    let told_elsewhere = name == StoreName::Root && (role == Role::Root || location == Location::LocalMachine);
    let known = location != Location::Other && name != StoreName::Other;
    known && !told_elsewhere && home_of(role) != (location, name)
}
