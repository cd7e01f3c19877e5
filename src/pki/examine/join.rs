//! Joins findings that say the same of several files: a weak key in both leaves, an anniversary on which all expire.
//!
//! A sentence about a certificate begins with what it is called; what follows is compared. Nothing is judged here.

use super::super::finding::{Finding, Rule, Severity};
use super::super::overview::{Found, Overview, is_root, list};
use super::super::rules::{Case, validity};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Findings of one rule and weight with the same words behind what they are about.
struct Group<'a> {
    first: Finding,
    rest: String,
    members: Vec<&'a Found<'a>>,
}

pub(super) fn all(case: &mut Case<'_>) {
    let overview = case.overview;
    let labels = Labels::new(overview);
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<(&'static str, Severity, String), usize> = HashMap::new();
    let mut joined = Vec::new();
    for finding in std::mem::take(&mut case.findings) {
        let Some((found, rest)) = labels.begin_of(&finding) else {
            joined.push(finding);
            continue;
        };
        let at = *known.entry((finding.rule.id, finding.severity, rest.clone())).or_insert_with(|| {
            groups.push(Group { first: finding, rest, members: Vec::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.members.push(found);
        }
    }
    clock(case, &mut groups);
    joined.extend(groups.into_iter().map(|group| group.into_finding(overview)));
    case.findings = joined;
}

/// What the certificates of each file are called, in order: a file may hold ten thousand.
struct Labels<'a>(HashMap<&'a str, BTreeMap<String, &'a Found<'a>>>);

impl<'a> Labels<'a> {
    fn new(overview: &'a Overview<'a>) -> Self {
        let mut labels: HashMap<&str, BTreeMap<String, &Found<'_>>> = HashMap::new();
        for found in &overview.certificates {
            if let Some(file) = found.places.first().and_then(|place| overview.files.get(*place)) {
                labels.entry(&file.path).or_default().entry(overview.label(found)).or_insert(found);
            }
        }
        Self(labels)
    }

    /// The certificate that the sentence begins with, and the words behind it.
    fn begin_of(&self, finding: &Finding) -> Option<(&'a Found<'a>, String)> {
        let sentence = &finding.sentence;
        let labels = self.0.get(finding.files.first()?.as_str())?;
        // What it begins with is not after it; between the two there is only what begins so, too: `a` (also `b`).
        let near = labels.range::<String, _>(..=sentence).rev().take(NEAR);
        let mut fitting = near.filter_map(|(label, found)| Some((*found, sentence.strip_prefix(label.as_str())?)));
        fitting.next().map(|(found, rest)| (found, rest.to_owned()))
    }
}

/// More certificates of one name in one file, each with copies elsewhere, are left apart.
const NEAR: usize = 16;

/// When nothing is valid yet, whatever the days, it is the clock that is wrong.
fn clock(case: &Case<'_>, groups: &mut Vec<Group<'_>>) {
    let certificates = &case.overview.certificates;
    if certificates.iter().all(|found| case.given.at < found.certificate.not_before()) {
        let mut early =
            groups.extract_if(.., |group| is(group.first.rule, &validity::NOT_YET_VALID)).collect::<Vec<_>>();
        let members = early.iter().flat_map(|group| group.members.iter().copied()).collect();
        if let Some(first) = early.drain(..).next() {
            groups.push(Group { members, ..first });
        }
    }
}

fn is(one: &'static Rule, other: &'static Rule) -> bool {
    std::ptr::eq(one, other) || one.id == other.id
}

impl Group<'_> {
    fn into_finding(self, overview: &Overview<'_>) -> Finding {
        let Self { mut first, rest, members } = self;
        if is(first.rule, &validity::EXPIRED) || is(first.rule, &validity::EXPIRES_SOON) {
            let root = members.iter().any(|found| is_root(found.certificate));
            first.fix = if root { validity::ROOT_FIX } else { validity::LEAF_FIX }.into();
        }
        if members.len() < 2 {
            return first;
        }
        let crowded = members.iter().any(|found| overview.label(found).contains("` in `"));
        let named = if crowded {
            let labels: Vec<_> = members.iter().map(|found| overview.label(found)).collect();
            match &labels[..] {
                [first, second, third, rest @ ..] if rest.len() > 5 => {
                    format!("{first}, {second}, {third} and {} others", rest.len())
                }
                _ => labels.join(", "),
            }
        } else {
            list(&members.iter().flat_map(|found| overview.names(&found.places)).collect::<Vec<_>>())
        };
        let mut files: Vec<String> = members.iter().flat_map(|found| overview.paths(&found.places)).collect();
        files.extend(first.files);
        let mut seen = HashSet::new();
        files.retain(|file| seen.insert(file.clone()));
        Finding { files, sentence: format!("{named}{}", plural(&rest)), ..first }
    }
}

/// The same words of several things.
fn plural(rest: &str) -> String {
    const WORDS: [(&str, &str); 16] = [
        (" is ", " are "),
        (" has ", " have "),
        (" was ", " were "),
        (" does ", " do "),
        (" expires ", " expire "),
        (" ends ", " end "),
        (" holds ", " hold "),
        (" names ", " name "),
        (" carries ", " carry "),
        (" allows ", " allow "),
        (" lets ", " let "),
        (" says ", " say "),
        (" gives ", " give "),
        (" writes ", " write "),
        (" uses ", " use "),
        (" lacks ", " lack "),
    ];
    let plural = WORDS.iter().find_map(|(one, many)| Some(format!("{many}{}", rest.strip_prefix(one)?)));
    plural.unwrap_or_else(|| rest.to_owned()).replacen(": it begins ", ": they begin ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_have_other_words() {
        assert_eq!(plural(" is not yet valid: it begins on"), " are not yet valid: they begin on");
        assert_eq!(plural(" expired on 2025-01-01"), " expired on 2025-01-01");
        assert_eq!(plural(" has a weak key"), " have a weak key");
    }
}
