//! What the Repository Service of a central node would do at its next start with these certificates in its stores.
//!
//! Qlik's table (help pages Server-Deployment-Services-QRS-Cert-{Root,Server,Client}, the same in 1.0 and 2.1): none is
//! created; one that is valid is kept; of the leaves an invalid one, or more than one, is deleted and created anew; an
//! invalid root, or more than one, is fatal. What Qlik calls valid is pieced together: dates, the root's signature, and
//! a private key (Qlik help, certificate handling of the Repository Service). Here files are looked at, in `stores` a
//! snapshot of the stores themselves.

mod stores;

pub(super) use stores::of_stores;

use super::certificate::Certificate;
use super::overview::{Found, Overview, SlotKind, list, role_of};
use super::profile::Role;
use super::report::{StartUpAction, StartUpVerdict};
use time::OffsetDateTime;

pub fn judge(overview: &Overview<'_>, at: OffsetDateTime) -> Vec<StartUpVerdict> {
    [Role::Root, Role::Server, Role::Client].into_iter().map(|role| of_role(overview, role, at)).collect()
}

fn of_role(overview: &Overview<'_>, role: Role, at: OffsetDateTime) -> StartUpVerdict {
    let found = in_stores(overview, role);
    let (action, why) = match &found[..] {
        [] => (StartUpAction::Create, format!("there is no {} certificate, so a new one is made", role.word())),
        [one] => match invalid(overview, one, role, at) {
            None => (StartUpAction::Keep, format!("{} is valid", named(overview, one))),
            Some(why) if role == Role::Root => (
                StartUpAction::Stop,
                format!("{} {why}: a fatal error, and an administrator must delete it by hand", named(overview, one)),
            ),
            Some(why) => (StartUpAction::DeleteAndCreate, format!("{} {why}", named(overview, one))),
        },
        several => {
            let names: Vec<_> = several.iter().flat_map(|one| overview.names(&one.places)).collect();
            let why = format!("{} differ; all of them in the store would be more than one", list(&names));
            (if role == Role::Root { StartUpAction::Stop } else { StartUpAction::DeleteAndCreate }, why)
        }
    };
    StartUpVerdict { role: role.word(), action, why }
}

/// The certificates of a role that an import would bring into the store: of a leaf in both formats the PFX, for that is
/// what is imported, and the PEM beside it is for other tools.
fn in_stores<'a, 'b>(overview: &'b Overview<'a>, role: Role) -> Vec<&'b Found<'a>> {
    let all = overview.certificates.iter().filter(|found| {
        let in_slot = || overview.slots_of(found).any(|slot| slot.role == role);
        role_of(found.certificate) == Some(role) && (found.certificate.marker().is_some() || in_slot())
    });
    let in_pfx = |found: &&Found<'_>| overview.slots_of(found).any(|slot| slot.kind == SlotKind::Pfx);
    let from_pfx: Vec<_> = all.clone().filter(in_pfx).collect();
    if role == Role::Root || from_pfx.is_empty() { all.collect() } else { from_pfx }
}

fn named(overview: &Overview<'_>, found: &Found<'_>) -> String {
    overview.label(found)
}

/// Why Qlik would call it invalid.
fn invalid(overview: &Overview<'_>, found: &Found<'_>, role: Role, at: OffsetDateTime) -> Option<String> {
    let certificate = found.certificate;
    if at > certificate.not_after() {
        return Some(format!("expired on {}", certificate.not_after().date()));
    }
    if at < certificate.not_before() {
        return Some(format!("is not valid before {}", certificate.not_before().date()));
    }
    if role == Role::Root {
        return certificate
            .verify_signed_by(certificate)
            .is_err()
            .then(|| "does not carry its own signature".to_owned());
    }
    let roots =
        || overview.certificates.iter().map(|found| found.certificate).filter(|one| role_of(one) == Some(Role::Root));
    if roots().next().is_some() && !roots().any(|root| certificate.verify_signed_by(root).is_ok()) {
        return Some(format!("was not signed by `{}`", roots().next().map(Certificate::title).unwrap_or_default()));
    }
    let has_key =
        overview.keys.iter().filter_map(|key| key.public_key()).any(|key| key.info() == certificate.public_key_info());
    let locked = overview.keys.iter().any(|key| key.public_key().is_none());
    (!has_key && !locked).then(|| "has no private key here".to_owned())
}
