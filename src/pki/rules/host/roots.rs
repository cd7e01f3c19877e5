//! One root for all of a server: the one in the store, or one that is left from before.

use super::super::super::certificate::Certificate;
use super::super::super::diagnosis::{Bundle, BundleKind, Diagnosed};
use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::overview::list;
use super::super::stores::{self, beside};
use super::Told;
use super::scene::{Scene, Stores, roots_of};
use std::collections::HashSet;

pub(super) const RULES: &[&Rule] = &[&STANDS_ALONE, &LOCAL_OF_ANOTHER_ROOT, &EXPORTED_OF_ANOTHER_ROOT];

static STANDS_ALONE: Rule = Rule {
    id: "host/root-stands-alone",
    severity: Severity::Error,
    title: "the root in the store signed nothing that this server has",
    cause: "The server's certificates and the bundles beside are all of another root, which is not in the store. The \
            site's certificates were made anew and not to the end, or a root was imported in place of the site's own. \
            Every service refuses every other one.",
    fix: "if the old root is to stay, put it back into Trusted Root of the machine with its key, from a backup, and \
          remove the new one; if the site is to have the new root, finish the recreation: `qcert explain recreate`",
    source: "published recipes for recreating certificates; Qlik knowledge base 1716657",
};
static LOCAL_OF_ANOTHER_ROOT: Rule = Rule {
    id: "host/local-of-another-root",
    severity: Severity::Error,
    title: "the services' own copies of the certificates are of another root than the store's",
    cause: "The services that the Service Dispatcher starts (broker, hub and others) read `.Local Certificates` and not \
            the stores. The folder is left from before the site's certificates were made anew, or was copied from \
            another server: these services and the others refuse each other.",
    fix: "stop Qlik's services but the database, rename the folder `.Local Certificates`, and start them: it is written \
          anew",
    source: "Qlik help, service certificates; published recipes for recreating certificates",
};
static EXPORTED_OF_ANOTHER_ROOT: Rule = Rule {
    id: "host/exported-of-another-root",
    severity: Severity::Error,
    title: "exported bundles are of another root than the store's",
    cause: "They were exported before the site's certificates were made anew, or come from another site. The services \
            refuse whoever still uses them: what is on other machines are copies of these.",
    fix: "export again for the machines that are still in use and give their tools the new files; remove the folders of \
          the others",
    source: "published recipes for recreating certificates; Qlik help, certificate handling of the Repository Service",
};

pub(super) fn judge(scene: &Scene<'_>, found: &mut Vec<Diagnosed>, told: &mut Told) {
    let Some(stores) = &scene.stores else { return };
    let is_strange = |bundle: &Bundle| bundle.report.findings.iter().any(beside::is_of_another_root);
    let strangers: Vec<(usize, &Bundle)> = scene.bundles().filter(|(_, bundle)| is_strange(bundle)).collect();
    let (with_leaves, others): (Vec<_>, Vec<_>) = strangers
        .into_iter()
        .partition(|(_, bundle)| roots_of(bundle).take(MOST).any(|root| signed_the_store(scene, stores, root)));
    if let Some((_, first)) = with_leaves.first()
        && let Some(alone) = stands_alone(stores, &with_leaves, first)
    {
        found.push(alone);
        told.leaves_in_store = true;
        told.bundles.extend(with_leaves.iter().map(|(number, _)| *number));
    }
    told.bundles.extend(others.iter().map(|(number, _)| *number));
    let (local, exported): (Vec<_>, Vec<_>) =
        others.into_iter().map(|(_, bundle)| bundle).partition(|bundle| bundle.kind == BundleKind::Local);
    for bundle in local {
        let how = roots_of(bundle).next().map(|root| how(stores, root)).unwrap_or_default();
        let sentence = format!("`{}` is of another root than the one in the store: {how}", bundle.name);
        let finding = Finding::new(&LOCAL_OF_ANOTHER_ROOT, files(&[bundle], stores), sentence);
        found.push(Diagnosed { finding, of: vec![bundle.name.clone()] });
    }
    if let [first, ..] = exported[..] {
        let total = scene.bundles().filter(|(_, bundle)| bundle.kind == BundleKind::Exported).count();
        let roots: HashSet<&[u8]> =
            exported.iter().flat_map(|bundle| roots_of(bundle)).map(Certificate::public_key_info).collect();
        let how = roots_of(first).next().map(|root| how(stores, root)).unwrap_or_default();
        let names: Vec<_> = exported.iter().map(|bundle| &*bundle.name).collect();
        let sentence = match (exported.len(), roots.len()) {
            (1, _) => format!("the export for `{}` is of another root than the one in the store: {how}", first.name),
            (count, 1) => format!(
                "{count} of {total} exports are of another root than the one in the store, those for {}: {how}",
                list(&names)
            ),
            (count, roots) => format!(
                "{count} of {total} exports are of {roots} other roots than the one in the store, those for {}: the \
                 first is of {how}",
                list(&names)
            ),
        };
        let finding = Finding::new(&EXPORTED_OF_ANOTHER_ROOT, files(&exported, stores), sentence);
        found.push(Diagnosed { finding, of: exported.iter().map(|bundle| bundle.name.clone()).collect() });
    }
}

/// Of a kind. Each leaf is held against each root, and hostile files are not to take a day.
const MOST: usize = 16;

/// A root that is not in the store, and signed all that the store's own did not.
fn signed_the_store(scene: &Scene<'_>, stores: &Stores<'_>, root: &Certificate) -> bool {
    let mut leaves = stores.leaves().peekable();
    leaves.peek().is_some()
        && !stores.roots.is_empty()
        && stores.roots.len().max(stores.leaves().count()) <= MOST
        && scene.is_said_of_stores(stores::LEAF_OF_ANOTHER_ROOT.id)
        && leaves.all(|leaf| {
            leaf.verify_signed_by(root).is_ok() && !stores.roots.iter().any(|own| leaf.verify_signed_by(own).is_ok())
        })
}

fn stands_alone(stores: &Stores<'_>, bundles: &[(usize, &Bundle)], first: &Bundle) -> Option<Diagnosed> {
    let (own, used) = (stores.roots.first()?, roots_of(first).next()?);
    let leaves: Vec<_> = stores.leaves().map(Certificate::title).collect();
    let leaves = list(&leaves.iter().map(String::as_str).collect::<Vec<_>>());
    let names: Vec<_> = bundles.iter().map(|(_, bundle)| &*bundle.name).collect();
    let sentence = format!(
        "the root {} in the store signed nothing here: {leaves} in the stores and {} are of the root {}, which is not \
         in the store",
        named(own),
        list(&names),
        named(used)
    );
    let bundles: Vec<_> = bundles.iter().map(|(_, bundle)| *bundle).collect();
    let finding = Finding::new(&STANDS_ALONE, files(&bundles, stores), sentence);
    Some(Diagnosed { finding, of: bundles.iter().map(|bundle| bundle.name.clone()).collect() })
}

/// `` `qs1-CA` (thumbprint `…`, valid from 2022-01-25) ``.
fn named(root: &Certificate) -> String {
    format!("`{}` (thumbprint `{}`, valid from {})", root.title(), root.sha1(), root.not_before().date())
}

/// How a bundle's root differs from the store's.
fn how(stores: &Stores<'_>, root: &Certificate) -> String {
    let Some(own) = stores.roots.first() else { return format!("{} is not in the store", named(root)) };
    let namesake = stores.roots.iter().find(|own| own.subject() == root.subject());
    let own = namesake.unwrap_or(own);
    let age = match root.not_before().cmp(&own.not_before()) {
        std::cmp::Ordering::Less => "an older root",
        std::cmp::Ordering::Equal => "a root of the same age",
        std::cmp::Ordering::Greater => "a newer root",
    };
    let how = if namesake.is_some() { "same name, other key" } else { "another name" };
    format!("{age}, {how}: {}, and the store has {}", named(root), named(own))
}

/// Their roots' files first.
fn files(bundles: &[&Bundle], stores: &Stores<'_>) -> Vec<String> {
    let said = bundles.iter().flat_map(|bundle| &bundle.report.findings).filter(|one| beside::is_of_another_root(one));
    let mut files: Vec<String> = said.flat_map(|finding| &finding.files).cloned().collect();
    files.retain(|file| file != stores.path);
    files.push(stores.path.to_owned());
    files
}
