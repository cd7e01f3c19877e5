//! Roots in the stores: Qlik wants exactly one, valid, with the machine. It never removes one itself.

use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::profile::Role;
use super::super::super::snapshot::{Location, StoreName};
use super::authority;
use super::scene::{Item, Scene, listed};

pub(super) const RULES: &[&Rule] = &[&TWO_ROOTS, &ROOT_INVALID, &ROOT_MISSING, &ROOT_OF_USER_ONLY, &ROOTS_DIFFER];

static TWO_ROOTS: Rule = Rule {
    id: "stores/two-roots",
    severity: Severity::Error,
    title: "there are several Qlik roots in Trusted Root of the machine",
    cause: "The Repository Service logs a fatal error (`invalid root certificate`) and stops at its next start. It \
            never deletes a root itself, so as not to break trust between machines. The second one usually comes from \
            a re-installation or an import; QlikView 12 and later marks its root alike.",
    fix: "after a backup with its private key, delete the root that is not the site's, by its thumbprint: the site's signed \
          the certificates in use, and on the central node it has its private key",
    source: "Qlik help, certificate handling of the Repository Service",
};
pub(in super::super) static ROOT_INVALID: Rule = Rule {
    id: "stores/root-invalid",
    severity: Severity::Error,
    title: "the site's root in the store is not valid",
    cause: "It has expired, is not valid yet, or is damaged. The Repository Service logs a fatal error and stops at its \
            next start; an administrator must delete the root by hand.",
    fix: "check the clock of the machine; restore the root from a backup, or make the site's certificates anew: \
          `qcert explain recreate` tells what breaks",
    source: "Qlik help, certificate handling of the Repository Service",
};
static ROOT_MISSING: Rule = Rule {
    id: "stores/root-missing",
    severity: Severity::Error,
    title: "Qlik's certificates are there, but not the root that issued them",
    cause: "Nothing on this machine trusts them. At its next start the Repository Service of a central node makes a new \
            root, which signed none of them.",
    fix: "import the site's root (`root.cer`, without key) into Trusted Root of the machine, or restore it from a backup",
    source: "Qlik help, certificate handling of the Repository Service; symptoms reported in public",
};
static ROOT_OF_USER_ONLY: Rule = Rule {
    id: "stores/root-of-user-only",
    severity: Severity::Error,
    title: "the root is trusted by one account only",
    cause: "It lies in Trusted Root of the account and not of the machine. Services and programs under other accounts do \
            not trust the site, and the Repository Service looks for its root with the machine.",
    fix: "import the root (`root.cer`, without key) into Trusted Root of the machine",
    source: "Qlik help, service certificates; that only the machine's is counted is inferred",
};
static ROOTS_DIFFER: Rule = Rule {
    id: "stores/roots-differ",
    severity: Severity::Warning,
    title: "the account trusts another Qlik root than the machine",
    cause: "Older help pages keep the root in both stores, newer ones in the machine's only. A second one in the \
            account's store is a leftover that programs of this account trust as well.",
    fix: "delete the one that did not sign the certificates in use from the account's store",
    source: "Qlik help of Sense 1.0, 2.1 and later, service certificates; whether the account's is counted is inferred",
};

const EXPIRED_FIX: &str = "check the clock of the machine; make the site's certificates anew: `qcert explain recreate` \
                           tells what breaks";

pub(super) fn judge(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    if !scene.is_read(Location::LocalMachine, StoreName::Root) {
        return;
    }
    let roots = scene.roots();
    match &roots[..] {
        [] => none(scene, findings),
        [_, _, ..] if scene.is_node => findings.push(several(scene, &roots)),
        some => findings.extend(some.iter().filter_map(|root| invalid(scene, root))),
    }
    if scene.is_node && !roots.is_empty() {
        findings.extend(differing(scene, &roots));
    }
}

/// Whether this leaf goes with a root that is to be removed from beside the one that stays.
pub(super) fn takes_along(scene: &Scene<'_>, leaf: &Item<'_>) -> bool {
    let roots = scene.roots();
    if roots.len() < 2 || !scene.is_read(Location::LocalMachine, StoreName::Root) {
        return false;
    }
    let Some(kept) = kept(scene, &roots) else { return false };
    !leaf.is_signed_by(kept) && roots.iter().any(|root| leaf.is_signed_by(root))
}

/// The leaves that a root signed, as a sentence goes on.
fn signed_by(scene: &Scene<'_>, root: &Item<'_>) -> Vec<&'static str> {
    let signed = |role: &Role| scene.leaves(*role).iter().any(|leaf| leaf.is_signed_by(root));
    [Role::Server, Role::Client].into_iter().filter(signed).map(Role::word).collect()
}

fn several(scene: &Scene<'_>, roots: &[Item<'_>]) -> Finding {
    let told = |root: &Item<'_>| match &signed_by(scene, root)[..] {
        [] => format!("{} signed neither server nor client here", root.named()),
        roles => format!("{} signed the {} certificate", root.named(), roles.join(" and the ")),
    };
    let sentence = format!("{} Qlik roots are in `LocalMachine\\Root`: {}", roots.len(), listed(roots, told));
    scene.finding(&TWO_ROOTS, sentence).with_fix(fix_of_several(scene, roots))
}

/// Which to keep only where nothing speaks against it: the issuing authority's key is not made again.
fn fix_of_several(scene: &Scene<'_>, roots: &[Item<'_>]) -> String {
    let has_key = |root: &Item<'_>| authority::keyed_copy(scene, root).is_some();
    let one_key =
        |one: &Item<'_>, other: &Item<'_>| one.certificate.public_key_info() == other.certificate.public_key_info();
    let same = roots.iter().all(|root| roots.iter().all(|other| one_key(root, other)));
    let last = || {
        let order =
            |root: &&Item<'_>| (scene.fault_of_root(root).is_none(), has_key(root), root.certificate.not_after());
        roots.iter().max_by_key(order)
    };
    let Some(kept) = (if same { last() } else { kept(scene, roots) }) else {
        let keyed: Vec<_> = roots.iter().filter(|root| has_key(root)).copied().collect();
        let keys = if keyed.is_empty() { "no private key is here".to_owned() } else { listed(&keyed, with_key) };
        return format!(
            "delete none before you know which root the other machines trust; {keys}: save each with the private key \
             that it has, and then delete the others"
        );
    };
    let others: Vec<_> =
        roots.iter().filter(|root| root.certificate.der() != kept.certificate.der()).copied().collect();
    let backup = if others.iter().any(has_key) { "after a backup with the private keys" } else { "after a backup" };
    let keep = format!("{backup}, keep {}", kept.named());
    if same {
        let removals = listed(&others, Item::removal);
        return format!(
            "they have one key, and server and client hold with either: {keep}, and delete the rest: {removals}"
        );
    }
    let (used, unused): (Vec<Item<'_>>, Vec<Item<'_>>) =
        others.into_iter().partition(|root| !one_key(root, kept) && !signed_by(scene, root).is_empty());
    let mut steps = vec![keep];
    if !unused.is_empty() {
        steps.push(format!("delete the rest: {}", listed(&unused, Item::removal)));
    }
    if !used.is_empty() {
        let clean =
            |root: &Item<'_>| format!("`qcert store clean --root {}`", root.certificate.sha1().to_ascii_uppercase());
        let product = "but not where QlikView runs on this machine and the root is its own: both use these stores";
        steps.push(format!("remove the other with what it signed: {}, {product}", listed(&used, clean)));
    }
    steps.join("; ")
}

fn with_key(root: &Item<'_>) -> String {
    format!("{} has its private key here", root.named())
}

/// The root for which everything speaks at least as much as for each other one, and something more.
fn kept<'a>(scene: &Scene<'_>, roots: &'a [Item<'a>]) -> Option<&'a Item<'a>> {
    let evidence = |root: &Item<'_>| {
        let signed = |role| scene.leaves(role).iter().any(|leaf| leaf.is_signed_by(root));
        let host = authority::host_of(root).is_some_and(|host| scene.content.snapshot.is_called(host));
        let sound = scene.fault_of_root(root).is_none();
        [sound, authority::keyed_copy(scene, root).is_some(), signed(Role::Server), signed(Role::Client), host]
    };
    let all: Vec<_> = roots.iter().map(|root| (root, evidence(root))).collect();
    let wins = |(root, own): &&(&'a Item<'a>, [bool; 5])| {
        let over = |(other, theirs): &(&Item<'_>, [bool; 5])| {
            let not_less = own.iter().zip(theirs).all(|(own, theirs)| own >= theirs);
            root.certificate.der() == other.certificate.der() || (not_less && own != theirs)
        };
        all.iter().all(over) && (own[2] || own[3])
    };
    all.iter().find(wins).map(|(root, _)| *root)
}

fn invalid(scene: &Scene<'_>, root: &Item<'_>) -> Option<Finding> {
    let why = scene.fault_of_root(root)?;
    let finding = scene.finding(&ROOT_INVALID, format!("the root {} {why}", root.placed()));
    let expired = scene.at > root.certificate.not_after();
    // A backup holds the same one, as expired.
    Some(if expired { finding.with_fix(EXPIRED_FIX) } else { finding })
}

fn none(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let leaves = [scene.leaves(Role::Server), scene.leaves(Role::Client)].concat();
    if let Some(root) = scene.roots_of_user().first() {
        let sentence = format!("the root {} is not in `LocalMachine\\Root`", root.placed());
        findings.push(scene.finding(&ROOT_OF_USER_ONLY, sentence));
    } else if !leaves.is_empty() && scene.all_roots().is_empty() {
        let (issuer, names) = (leaves[0].certificate.issuer_name(), listed(&leaves, Item::placed));
        let issuer = issuer.common_name().map_or_else(|| issuer.text(), str::to_owned);
        let sentence = format!("there is no Qlik root in `LocalMachine\\Root`; `{issuer}` issued {names}");
        findings.push(scene.finding(&ROOT_MISSING, sentence));
    } else if leaves.is_empty() && scene.server.is_some() && scene.all_roots().is_empty() {
        let sentence = "there is no Qlik root in `LocalMachine\\Root`, and this is a Qlik server".to_owned();
        findings.push(scene.finding(&ROOT_MISSING, sentence));
    }
}

fn differing(scene: &Scene<'_>, roots: &[Item<'_>]) -> Option<Finding> {
    let own = scene.roots_of_user();
    let first = own.first()?;
    let same_name = roots.iter().any(|root| root.certificate.subject() == first.certificate.subject());
    let how = if same_name { "same name, other certificate" } else { "another name" };
    let used = own.iter().find(|root| !signed_by(scene, root).is_empty());
    let signed = used.map(|root| format!("; it signed the {} certificate", signed_by(scene, root).join(" and the ")));
    let (names, machine) = (listed(&own, Item::placed), listed(roots, Item::named));
    let sentence = format!("{names} is not the machine's root {machine}: {how}{}", signed.unwrap_or_default());
    let finding = scene.finding(&ROOTS_DIFFER, sentence);
    Some(if used.is_some() { finding } else { finding.with_fix(format!("delete it: {}", listed(&own, Item::removal))) })
}
