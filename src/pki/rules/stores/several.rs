//! Several servers or clients where Qlik wants one: what each is worth, and which to keep, where that can be told.
//!
//! What is deleted by mistake may be the only copy of the site's secrets: in doubt none is named.

use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::profile::Role;
use super::home_of;
use super::scene::{Item, Scene, Worth, listed};

pub(super) static SEVERAL_CLIENTS: Rule = Rule {
    id: "stores/several-clients",
    severity: Severity::Error,
    title: "there are several client certificates in Personal of the account",
    cause: "At each start the Repository Service deletes all of them and makes a new one, valid or not: the certificate \
            changes and what was exported with it is gone from the store. Usually a bundle was imported beside it.",
    fix: "after a backup, delete all but the one that the site's root signed",
    source: "Qlik help, certificate handling of the Repository Service",
};
pub(super) static SEVERAL_SERVERS: Rule = Rule {
    id: "stores/several-servers",
    severity: Severity::Error,
    title: "there are several Qlik server certificates in Personal of the machine",
    cause: "At each start the Repository Service deletes all of them and makes a new one, valid or not, and with them \
            the site's secrets that one may carry. Usually a bundle was imported beside it.",
    fix: "after a backup, delete all but the one of this machine that the site's root signed",
    source: "Qlik help, certificate handling of the Repository Service",
};
pub(super) fn judge(scene: &Scene<'_>, several: &'static Rule, role: Role, leaves: &[Item<'_>]) -> Finding {
    let described = |leaf: &Item<'_>| format!("{} {}", leaf.named(), told(scene, leaf));
    let (location, name) = home_of(role);
    let place = format!("{}\\{}", location.word(), name.word());
    let sentence =
        format!("{} {} certificates are in `{place}`: {}", leaves.len(), role.word(), listed(leaves, described));
    let finding = scene.finding(several, sentence);
    let Some(keep) = kept(scene, role, leaves) else { return finding };
    let others: Vec<_> = leaves.iter().filter(|leaf| leaf.certificate.der() != keep.certificate.der()).collect();
    let removals = listed(&others, |leaf| leaf.removal());
    finding.with_fix(format!("after a backup, keep {} and delete the rest: {removals}", keep.named()))
}

fn told(scene: &Scene<'_>, leaf: &Item<'_>) -> String {
    match scene.worth(leaf) {
        Worth::Invalid { why, .. } => match leaf.entry.key {
            None if !why.ends_with("key") => format!("{why} and has no private key"),
            _ => why,
        },
        Worth::Unknown => "may be valid: whether the site's root signed it is not known".to_owned(),
        Worth::Valid if leaf.usable(scene) == Some(true) => "is valid".to_owned(),
        Worth::Valid => "is valid, if the account can use its key".to_owned(),
    }
}

/// The valid one that is most this machine's own; `None` where that cannot be told.
fn kept<'a, 'b>(scene: &Scene<'_>, role: Role, leaves: &'b [Item<'a>]) -> Option<&'b Item<'a>> {
    let names = scene.own_names();
    let name_rank = |leaf: &Item<'_>| if role == Role::Server { rank_of_name(leaf, &names) } else { 0 };
    let has_secrets = |leaf: &Item<'_>| !leaf.certificate.extensions().secrets.is_empty();
    let rank = |leaf: &&Item<'_>| {
        let unmarked = leaf.certificate.extensions().marker.is_none();
        (name_rank(leaf), unmarked, !has_secrets(leaf), leaf.usable(scene) != Some(true))
    };
    let good: Vec<_> = leaves.iter().filter(|leaf| scene.worth(leaf) == Worth::Valid).collect();
    // Of two that are alike the first one made, for imports come later.
    let best = *good.iter().min_by_key(|leaf| (rank(leaf), leaf.certificate.not_before()))?;
    let others = || leaves.iter().filter(|leaf| leaf.certificate.der() != best.certificate.der());
    // What carries the site's secrets cannot be made again.
    let secrets_elsewhere = !has_secrets(best) && others().any(has_secrets);
    let more_own = others().any(|leaf| name_rank(leaf) < name_rank(best));
    let is_strange = name_rank(best) == names.len();
    let names_differ = || others().any(|leaf| leaf.certificate.common_name() != best.certificate.common_name());
    let in_doubt = secrets_elsewhere || more_own || (is_strange && role == Role::Server && names_differ());
    (!in_doubt).then_some(best)
}

/// The place of the first name that it carries.
fn rank_of_name(leaf: &Item<'_>, names: &[String]) -> usize {
    let certificate = leaf.certificate;
    let is_called = |name: &String| {
        let mut own = certificate.common_name().into_iter().chain(certificate.dns_names());
        own.any(|own| own.trim_end_matches('.').eq_ignore_ascii_case(name.trim_end_matches('.')))
    };
    names.iter().position(is_called).unwrap_or(names.len())
}
