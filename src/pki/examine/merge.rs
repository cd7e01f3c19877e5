//! Puts the faults of many leaves together: what has one cause is said once, at that cause.
//!
//! A root that was exchanged makes every leaf fail; an expired root is seen from each leaf. Nothing is judged here.

use super::super::certificate::Certificate;
use super::super::finding::{Finding, Severity};
use super::super::overview::{Found, SlotKind, is_root, list};
use super::super::path::Judgement;
use super::super::profile::Role;
use super::super::rules::{self, Case, chain, site};
use std::collections::{HashMap, HashSet};

/// Adds findings, each once.
pub(super) fn add(case: &mut Case<'_>, findings: impl IntoIterator<Item = Finding>) {
    for finding in findings {
        case.report_once(finding);
    }
}

/// A leaf and what was found of it.
pub(super) type Judged<'a> = (&'a Found<'a>, Judgement);

pub(super) fn leaves(case: &mut Case<'_>, judged: Vec<Judged<'_>>) {
    let all = judged.len();
    let mut unlinked: Vec<(&Found<'_>, Finding)> = Vec::new();
    let others = other_roots(case);
    for (found, mut judgement) in judged {
        drop_consequences(&mut judgement.findings);
        for finding in judgement.findings {
            if rules::chain::is_about_the_link(finding.rule) {
                if !is_of_the_other_root(&others, found) {
                    unlinked.push((found, finding));
                }
            } else {
                add(case, [finding]);
            }
        }
    }
    let mut groups: Vec<(Finding, Vec<&Found<'_>>)> = Vec::new();
    let mut known: HashMap<(&str, &[u8]), usize> = HashMap::new();
    for (found, finding) in unlinked {
        let place = *known.entry((finding.rule.id, found.certificate.issuer())).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, members)) => members.push(found),
            None => groups.push((finding, vec![found])),
        }
    }
    let root = bundle_root(case);
    for (finding, members) in groups {
        group(case, &root, finding, &members, all);
    }
}

/// A certificate that names two algorithms cannot have a signature that fits.
fn drop_consequences(findings: &mut Vec<Finding>) {
    let Some(cause) = findings.iter().find(|finding| finding.rule == &chain::ALGORITHM_MISMATCH) else { return };
    let faulty = cause.files.first().cloned();
    let follows = [&chain::BAD_SIGNATURE, &chain::SAME_NAME_OTHER_KEY, &chain::WEAK_SIGNATURE];
    findings.retain(|finding| !(follows.contains(&finding.rule) && finding.files.first() == faulty.as_ref()));
}

/// Every leaf is tried with each; more roots of one bundle are not.
const MOST_ROOTS: usize = 4;

/// The bundle's roots of which it is said that they are not the one that was given.
fn other_roots<'a>(case: &Case<'a>) -> Vec<&'a Found<'a>> {
    let overview = case.overview;
    let of_rule = case.findings.iter().filter(|finding| finding.rule == &site::OTHER_ROOT);
    let said: HashSet<&[String]> = of_rule.map(|finding| &finding.files[..]).collect();
    let is_said = |root: &&Found<'_>| is_root(root.certificate) && said.contains(&overview.paths(&root.places)[..]);
    if said.is_empty() {
        return Vec::new();
    }
    overview.certificates.iter().filter(is_said).take(MOST_ROOTS).collect()
}

fn is_of_the_other_root(others: &[&Found<'_>], leaf: &Found<'_>) -> bool {
    others.iter().any(|root| leaf.certificate.verify_signed_by(root.certificate).is_ok())
}

/// Leaves that fail to link in the same way.
fn group(case: &mut Case<'_>, root: &RootFile<'_>, finding: Finding, members: &[&Found<'_>], all: usize) {
    match root {
        // The root is missing, empty, damaged or another kind of file: said already.
        RootFile::Faulty => {}
        // A folder for one tool, such as NPrinting's, has no root to judge by.
        RootFile::Absent if members.len() == 1 => add(case, [finding.with_severity(Severity::Unjudged)]),
        RootFile::Absent => together(case, &finding.with_severity(Severity::Unjudged), members),
        RootFile::Present(root) if members.len() == all && all > 1 => at_the_root(case, &finding, members, root),
        RootFile::Present(root) if finding.rule.id == "chain/unknown-issuer" && all > 1 => {
            of_another_site(case, &finding, members, root);
        }
        _ if members.len() == 1 => add(case, [finding]),
        _ => together(case, &finding, members),
    }
}

enum RootFile<'a> {
    /// The bundle has no root, or none that can be read, and that was said.
    Faulty,
    Present(&'a Found<'a>),
    /// The bundle has none and needs none.
    Absent,
    /// Not a bundle, or several roots.
    Unclear,
}

fn bundle_root<'a>(case: &Case<'a>) -> RootFile<'a> {
    let overview = case.overview;
    if case.given.with_root {
        return RootFile::Unclear;
    }
    if !overview.is_bundle() {
        let trusted = |found: &Found<'_>| is_root(found.certificate) && !overview.is_only_shown(found);
        let any = overview.certificates.iter().any(trusted);
        return if any { RootFile::Unclear } else { RootFile::Absent };
    }
    let mut roots = overview.certificates.iter().filter(|found| is_root(found.certificate));
    match (roots.next(), roots.next()) {
        (None, _) => {
            let slots = [SlotKind::Certificate, SlotKind::Der].map(|kind| overview.slot(Role::Root, kind));
            let missing = |finding: &Finding| {
                finding.rule.id == "files/missing"
                    && finding.severity == Severity::Error
                    && finding.files.iter().any(|file| file.starts_with("root."))
            };
            let mut files = slots.into_iter().flatten();
            match files.next() {
                Some(first) if case.is_settled(first) || files.any(|file| case.is_settled(file)) => RootFile::Faulty,
                Some(_) => RootFile::Unclear,
                None if case.findings.iter().any(missing) => RootFile::Faulty,
                None => RootFile::Absent,
            }
        }
        (Some(root), None) => RootFile::Present(root),
        _ => RootFile::Unclear,
    }
}

fn at_the_root(case: &mut Case<'_>, finding: &Finding, members: &[&Found<'_>], root: &Found<'_>) {
    let overview = case.overview;
    let root_name = list(&overview.names(&root.places));
    let leaves = names(case, members);
    let sentence = if finding.rule.id == "chain/unknown-issuer" {
        let issuers = members.first().map(|member| issuer_title(member.certificate)).unwrap_or_default();
        format!(
            "{root_name} is not the root of {leaves}: unknown issuer, they were issued by `{issuers}`, and {root_name} is `{}`",
            root.certificate.title()
        )
    } else {
        format!("{root_name} is not the root that signed {leaves}: same name, other key")
    };
    let fix = format!("put the root of this export in place of {root_name}, or export the bundle again");
    let files = [overview.paths(&root.places), paths(case, members)].concat();
    add(case, [Finding { rule: finding.rule, severity: finding.severity, files, sentence, fix: fix.into() }]);
}

/// The root signed the other leaves, so these are the strangers.
fn of_another_site(case: &mut Case<'_>, finding: &Finding, members: &[&Found<'_>], root: &Found<'_>) {
    let leaves = names(case, members);
    let (is, was) = if places(members).len() == 1 { ("is", "it was") } else { ("are", "they were") };
    let issuer = members.first().map(|member| issuer_title(member.certificate)).unwrap_or_default();
    let sentence = format!(
        "{leaves} {is} from another site: {was} issued by `{issuer}`, an unknown issuer, and the root here is `{}`",
        root.certificate.title()
    );
    let fix = format!("take {leaves} with the key from this site's export, or export the bundle again");
    let files = paths(case, members);
    add(case, [Finding { rule: finding.rule, severity: finding.severity, files, sentence, fix: fix.into() }]);
}

fn together(case: &mut Case<'_>, finding: &Finding, members: &[&Found<'_>]) {
    let leaves = names(case, members);
    let issuer = members.first().map(|member| issuer_title(member.certificate)).unwrap_or_default();
    let sentence = match finding.rule.id {
        "chain/unknown-issuer" => {
            let were = if places(members).len() == 1 { "was" } else { "were" };
            format!("{leaves} {were} issued by `{issuer}`, which is not here: unknown issuer")
        }
        "chain/same-name-other-key" => {
            format!("{leaves} were signed by another root than the one here: same name `{issuer}`, other key")
        }
        _ => format!("{leaves}: {}", finding.sentence),
    };
    let files = paths(case, members);
    add(case, [Finding { rule: finding.rule, severity: finding.severity, files, sentence, fix: finding.fix.clone() }]);
}

fn issuer_title(certificate: &Certificate) -> String {
    let issuer = certificate.issuer_name();
    issuer.common_name().map_or_else(|| issuer.text(), str::to_owned)
}

fn places(members: &[&Found<'_>]) -> Vec<usize> {
    let mut places: Vec<usize> = members.iter().flat_map(|member| member.places.iter().copied()).collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn names(case: &Case<'_>, members: &[&Found<'_>]) -> String {
    list(&case.overview.names(&places(members)))
}

fn paths(case: &Case<'_>, members: &[&Found<'_>]) -> Vec<String> {
    case.overview.paths(&places(members))
}
