//! The plan that removes what a Qlik root issued, and the root: in the order of Qlik's recipe for making a site's
//! certificates anew (root, then server, then client, then what lies elsewhere). Nothing else is ever removed.
//!
//! A root without Qlik's mark is refused: a company's own root may have issued leaves with the mark, and all that hangs
//! from it would go. What another root of the same name signed stays.

use super::super::certificate::Certificate;
use super::super::inventory::SnapshotContent;
use super::super::overview::role_of;
use super::super::profile::Role;
use super::super::snapshot::STORES;
use super::cautions::say_lost_keys;
use super::install::removal;
use super::shelf::{Item, Shelf};
use super::{MACHINE_PERSONAL, MACHINE_ROOT, Place, Plan, Refusal, Repository, USER_PERSONAL, named};

pub fn clean(root: &Certificate, content: &SnapshotContent, repository: &Repository) -> Plan {
    let mut plan = Plan::default();
    if root.verify_signed_by(root).is_err() || !root.is_self_issued() {
        plan.refusals.push(Refusal::NotARoot(named(root)));
        return plan;
    }
    if root.marker() != Some(Role::Root) {
        plan.refusals.push(Refusal::NotQliks(named(root)));
        return plan;
    }
    let shelf = Shelf::new(content);
    for (location, name) in STORES {
        let place = Place { location, name };
        plan.refusals.extend(shelf.unread(place));
        if shelf.unreadable(place) > 0 {
            let caution = format!(
                "of certificates in `{}` that cannot be read it is not known who issued them: they stay",
                place.path()
            );
            plan.cautions.push(caution);
        }
    }
    if !plan.refusals.is_empty() {
        return plan;
    }
    let mut found: Vec<(u8, Item<'_>)> = Vec::new();
    let twin = twin(root, &shelf);
    for item in &shelf.items {
        if item.certificate.der() != root.der() && twin.is_some() {
            continue;
        }
        match relation(item.certificate, root) {
            Relation::Root => found.push((rank(item.place, true), *item)),
            Relation::Issued => found.push((rank(item.place, false), *item)),
            Relation::NameOnly => plan.cautions.push(format!(
                "{} in `{}` names this root as its issuer, and another key signed it: it stays",
                named(item.certificate),
                item.place.path()
            )),
            Relation::None => {}
        }
    }
    // The machine's first: the account's of the same name shows it too.
    found.sort_by_key(|(rank, item)| (*rank, item.place.location));
    for (_, item) in found {
        let is_root = item.certificate.der() == root.der();
        if shelf.is_shown_by_machine(&item) {
            plan.cautions.push(format!(
                "`{}` shows {} because the machine has it: there it goes with the machine's; a copy that is the \
                 account's own is still there afterwards, and goes if this is run once more",
                item.place.path(),
                named(item.certificate)
            ));
            continue;
        }
        let role = if is_root { Some(Role::Root) } else { item.held.role.or_else(|| role_of(item.certificate)) };
        plan.steps.push(removal(&item, role, if is_root { "the root itself" } else { "this root signed it" }));
    }
    if let (Some(twin), false) = (twin, plan.steps.is_empty()) {
        plan.cautions.push(format!(
            "what this root signed stays: {} in `{}` has the same name and key, and vouches for it",
            named(twin.certificate),
            twin.place.path()
        ));
    }
    let stays = shelf.at(MACHINE_ROOT).find(|item| {
        !item.entry.archived && item.held.role == Some(Role::Root) && item.certificate.der() != root.der()
    });
    say_what_goes(&mut plan, repository, stays.map(|item| item.certificate));
    say_lost_keys(&mut plan);
    plan.check_rights(content.snapshot.elevated);
    plan
}

/// By a thumbprint as Windows shows it, or SHA-256: blanks, colons and marks that come along when it is copied do not
/// count. `None`: the text is no thumbprint. The list is empty where no store has it.
pub fn find_root<'a>(content: &'a SnapshotContent, thumbprint: &str) -> Option<Option<&'a Certificate>> {
    let is_hexadecimal = |character: &char| character.is_ascii_hexdigit();
    let digits: String = thumbprint.chars().filter(is_hexadecimal).collect::<String>().to_ascii_lowercase();
    let is_between =
        |character: char| matches!(character, ' ' | ':' | '-' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{a0}');
    if !thumbprint.chars().all(|character| is_hexadecimal(&character) || is_between(character)) {
        return None;
    }
    let all = || content.held.iter().filter_map(|held| held.certificate.as_deref().ok());
    match digits.len() {
        40 => Some(all().find(|one| one.sha1() == digits)),
        64 => Some(all().find(|one| one.sha256() == digits)),
        _ => None,
    }
}

enum Relation {
    Root,
    Issued,
    NameOnly,
    None,
}

/// Another certificate of this root, such as a renewed one, that the machine trusts: then the root is not gone with this.
fn twin<'a>(root: &Certificate, shelf: &Shelf<'a>) -> Option<Item<'a>> {
    let is_twin = |one: &Certificate| {
        one.der() != root.der()
            && one.is_self_issued()
            && one.subject() == root.subject()
            && one.public_key_info() == root.public_key_info()
    };
    shelf.at(MACHINE_ROOT).find(|item| !item.entry.archived && is_twin(item.certificate))
}

/// Signatures cost, and a snapshot may be hostile: only what names the root, by name or key, is looked at.
fn relation(one: &Certificate, root: &Certificate) -> Relation {
    if one.der() == root.der() {
        return Relation::Root;
    }
    let names = one.issuer() == root.subject();
    let by_key = one.authority_key_id().is_some_and(|id| root.subject_key_id() == Some(id));
    if (names || by_key) && one.verify_signed_by(root).is_ok() {
        // Another certificate of the same root, such as a renewed one, is a root of its own.
        let is_twin = one.is_self_issued() && one.public_key_info() == root.public_key_info();
        return if is_twin { Relation::None } else { Relation::Issued };
    }
    if names && !one.is_self_issued() { Relation::NameOnly } else { Relation::None }
}

fn rank(place: Place, is_root: bool) -> u8 {
    match (place, is_root) {
        (MACHINE_ROOT, true) => 0,
        (MACHINE_PERSONAL, false) => 1,
        (USER_PERSONAL, false) => 2,
        _ => 3,
    }
}

/// `stays` is another root of Qlik's in Trusted Root.
fn say_what_goes(plan: &mut Plan, repository: &Repository, stays: Option<&Certificate>) {
    if plan.steps.is_empty() {
        return;
    }
    let mut cautions = Vec::new();
    if *repository != Repository::Absent {
        cautions.push(
            "stop Qlik's services first (all but `Qlik Sense Repository Database`): a service that starts in between makes \
             certificates anew"
                .to_owned(),
        );
    }
    let steps = || plan.steps.iter();
    let is_used = steps().any(|step| step.role != Some(Role::Root) || step.key.is_some());
    if let (Some(stays), false) = (stays, is_used) {
        cautions.push(format!("{} stays, and what hangs from it", named(stays)));
    } else if steps().any(|step| step.place == MACHINE_ROOT) {
        cautions.push(
            "afterwards this machine trusts nothing of the site; with a new root rim nodes need new certificates, every \
             exported bundle and what uses it stops, and passwords of data connections have to be typed anew: \
             `qcert explain recreate`"
                .to_owned(),
        );
    }
    if let Some(step) = steps().find(|step| step.role == Some(Role::Root) && step.key.is_some()) {
        cautions.push(format!(
            "the private key of {} is this site's authority: without a backup of it nothing can be issued under it again",
            named(&step.certificate)
        ));
    }
    if let Some(step) = steps().find(|step| !step.certificate.extensions().secrets.is_empty()) {
        cautions.push(format!(
            "{} carries the site's secrets key: without it the passwords of data connections in the Repository cannot be \
             decrypted; only the backup has it then",
            named(&step.certificate)
        ));
    }
    if steps().any(|step| step.place.path() == "CurrentUser\\Root") {
        cautions.push("Windows itself asks once more before a root leaves `CurrentUser\\Root`".to_owned());
    }
    plan.cautions.extend(cautions);
}
