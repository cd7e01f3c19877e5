//! `.Local Certificates` beside the stores: whether the services' own copies are still those of what is in the store.

use super::super::super::certificate::Certificate;
use super::super::super::diagnosis::{BundleKind, Diagnosed};
use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::overview::{Slot, SlotKind};
use super::super::super::profile::Role;
use super::Told;
use super::scene::Scene;
use time::{Duration, OffsetDateTime};

pub(super) const RULES: &[&Rule] = &[&OUTDATED];

/// What mends whatever is wrong with the services' own copies.
pub(in super::super::super) const WRITE_ANEW: &str = "stop Qlik's services but the database, rename the folder \
    `.Local Certificates`, and start them: it is written anew";

static OUTDATED: Rule = Rule {
    id: "host/local-outdated",
    severity: Severity::Warning,
    title: "the services' own copies are other certificates than those in the store",
    cause: "`.Local Certificates` has copies of what is in the stores, for the services that do not use them. They were \
            not written anew when the store's certificates were, or were copied from another machine. It is an error where \
            a copy has expired, and a note where it is of the same day and name: that both are the same is what Qlik's help says, and was not seen on a server.",
    fix: WRITE_ANEW,
    source: "Qlik help, service certificates; published recipes for recreating certificates; inferred",
};

/// Certificates that were made together differ by seconds.
const TOGETHER: Duration = Duration::days(1);

pub(super) fn judge(scene: &Scene<'_>, found: &mut Vec<Diagnosed>, told: &mut Told) {
    let Some(stores) = &scene.stores else { return };
    for (number, bundle) in scene.bundles().filter(|(_, bundle)| bundle.kind == BundleKind::Local) {
        if told.bundles.contains(&number) || !scene.is_of_this_site(bundle) {
            continue;
        }
        let mut differing = Vec::new();
        for (role, held) in [(Role::Server, &stores.servers), (Role::Client, &stores.clients)] {
            // Of several it is not known which one is in use, and that is a fault of its own.
            let [own] = held[..] else { continue };
            let slot = Slot { role, kind: SlotKind::Certificate };
            let file = bundle.report.files.iter().find(|file| Slot::of(&file.name) == Some(slot));
            let copy = file.and_then(|file| Some((file, file.certificates().next()?)));
            differing.extend(copy.filter(|(_, copy)| copy.der() != own.der()).map(|(file, copy)| (file, copy, own)));
        }
        let weights = differing.iter().map(|(_, copy, own)| weight(copy, own, scene.seen.at));
        let Some(severity) = weights.max() else { continue };
        if severity == Severity::Error {
            told.dates_of.insert(number);
        }
        let sentences: Vec<_> = differing
            .iter()
            .map(|(file, copy, own)| {
                let role = if Slot::of(&file.name).is_some_and(|slot| slot.role == Role::Server) {
                    "server"
                } else {
                    "client"
                };
                let ends = ends(copy, scene.seen.at);
                let (of_copy, of_own) = match names(copy, own) {
                    Some((copy, own)) => (format!("for `{copy}` and "), format!("for `{own}` and ")),
                    None => (String::new(), String::new()),
                };
                format!(
                    "`{}` is {of_copy}valid from {} {ends}, the {role} in the store is {of_own}valid from {} until {}",
                    file.name,
                    copy.not_before().date(),
                    own.not_before().date(),
                    own.not_after().date()
                )
            })
            .collect();
        let sentence = format!("`{}` has other certificates than the store: {}", bundle.name, sentences.join("; "));
        let mut files: Vec<String> = differing.iter().map(|(file, ..)| file.path.clone()).collect();
        files.push(stores.path.to_owned());
        let finding = Finding::new(&OUTDATED, files, sentence).with_severity(severity);
        found.push(Diagnosed { finding, of: vec![bundle.name.clone()] });
    }
}

/// Both names, where they differ: the copy is another machine's.
fn names<'a>(copy: &'a Certificate, own: &'a Certificate) -> Option<(&'a str, &'a str)> {
    let (copy, own) = (copy.common_name()?, own.common_name()?);
    (!copy.eq_ignore_ascii_case(own)).then_some((copy, own))
}

fn ends(copy: &Certificate, at: OffsetDateTime) -> String {
    let day = copy.not_after().date();
    if at > copy.not_after() { format!("and expired on {day}") } else { format!("until {day}") }
}

fn weight(copy: &Certificate, own: &Certificate, at: OffsetDateTime) -> Severity {
    if at > copy.not_after() && at <= own.not_after() {
        Severity::Error
    } else if names(copy, own).is_some() || (copy.not_before() - own.not_before()).abs() > TOGETHER {
        Severity::Warning
    } else {
        Severity::Note
    }
}
