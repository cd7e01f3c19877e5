//! Puts together what the reports of a server's parts say: what one cause explains is left out, what is said of one
//! certificate in several places is said once, and the same of many bundles is one finding that names them.

use super::super::finding::{Finding, Severity};
use super::super::inventory::FileContent;
use super::super::rules::host::{Scene, Told, WRITE_ANEW};
use super::super::rules::{stores, validity};
use super::{Bundle, BundleKind, Diagnosed, STORES, Seen};
use std::collections::{HashMap, HashSet};

pub(super) fn all(seen: &Seen<'_>, scene: &Scene<'_>, own: Vec<Diagnosed>, told: &Told) -> Vec<Diagnosed> {
    let mut all = of_stores(seen, told);
    let known: HashSet<&[u8]> = scene.certificates().collect();
    let mut of_stores: HashMap<(&str, Severity), usize> = HashMap::new();
    for (at, diagnosed) in all.iter().enumerate() {
        of_stores.entry((diagnosed.finding.rule.id, diagnosed.finding.severity)).or_insert(at);
    }
    all.extend(own);
    let mut alike: HashMap<(&str, Severity, &str, &str), usize> = HashMap::new();
    for (number, bundle) in seen.bundles.iter().enumerate() {
        for finding in &bundle.report.findings {
            if told.bundles.contains(&number) || is_told(scene, told, number, bundle, finding) {
                continue;
            }
            let same = of_stores.get(&(finding.rule.id, finding.severity));
            let same = same.copied().filter(|_| is_about(bundle, finding, &known));
            let fix = fix(bundle, finding);
            let key = (finding.rule.id, finding.severity, &*finding.sentence, fix.unwrap_or(&finding.fix));
            let at = same.unwrap_or_else(|| *alike.entry(key).or_insert(all.len()));
            if let Some(known) = all.get_mut(at) {
                if known.of.last() != Some(&bundle.name) {
                    known.of.push(bundle.name.clone());
                }
                known.finding.files.extend(finding.files.iter().cloned());
            } else {
                let own = finding.clone();
                let own = if let Some(fix) = fix { own.with_fix(fix) } else { own };
                all.push(Diagnosed { finding: own, of: vec![bundle.name.clone()] });
            }
        }
    }
    all
}

/// A fault of the services' own copies is mended by no export.
fn fix(bundle: &Bundle, finding: &Finding) -> Option<&'static str> {
    let is_broken = finding.severity == Severity::Error || finding.rule.id == "site/nothing";
    (bundle.kind == BundleKind::Local && is_broken).then_some(WRITE_ANEW)
}

fn of_stores(seen: &Seen<'_>, told: &Told) -> Vec<Diagnosed> {
    let findings = seen.stores.iter().flat_map(|report| &report.findings);
    let left = findings.filter(|finding| !(told.leaves_in_store && stores::is_of_another_root(finding)));
    left.map(|finding| Diagnosed { finding: finding.clone(), of: vec![STORES.to_owned()] }).collect()
}

/// What another finding explains.
fn is_told(scene: &Scene<'_>, told: &Told, number: usize, bundle: &Bundle, finding: &Finding) -> bool {
    let id = finding.rule.id;
    // Nobody asks about importing these.
    if stores::beside::is_of_an_import(finding) {
        return true;
    }
    let dates = [validity::EXPIRED.id, validity::NOT_YET_VALID.id].contains(&id);
    if told.dates_of.contains(&number) && dates {
        return true;
    }
    // Whatever hangs from a root that ends, ends with it.
    let soon = id == validity::EXPIRES_SOON.id;
    let ends = (dates || soon) && scene.root_is_said_to_be_invalid() || soon && scene.root_ends_soon();
    ends && scene.is_of_this_site(bundle)
}

/// Whether the certificates that a finding is about are all among these.
fn is_about(bundle: &Bundle, finding: &Finding, known: &HashSet<&[u8]>) -> bool {
    let files = bundle.report.files.iter().filter(|file| finding.files.contains(&file.path));
    let mut certificates = files.flat_map(FileContent::certificates).peekable();
    certificates.peek().is_some() && certificates.all(|one| known.contains(one.der()))
}
