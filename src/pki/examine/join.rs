//! Joins findings that say the same of several files: a weak key in both leaves, an anniversary on which all expire.
//!
//! A sentence about a certificate begins with what it is called; what follows is compared. Nothing is judged here.

use super::super::finding::{Finding, Rule};
use super::super::overview::{Found, Overview, is_root, list};
use super::super::rules::{Case, validity};
use std::collections::HashMap;

/// Findings of one rule with the same words behind what they are about.
struct Group<'a> {
    first: Finding,
    rest: String,
    members: Vec<&'a Found<'a>>,
}

pub(super) fn all(case: &mut Case<'_>) {
    let overview = case.overview;
    let by_file = by_file(overview);
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<(&'static str, String), usize> = HashMap::new();
    let mut joined = Vec::new();
    for finding in std::mem::take(&mut case.findings) {
        let subject = finding.files.first().and_then(|file| by_file.get(file.as_str())).into_iter().flatten();
        let about = subject.copied().find_map(|found| {
            let rest = finding.sentence.strip_prefix(&overview.label(found))?;
            Some((found, rest.to_owned()))
        });
        let Some((found, rest)) = about else {
            joined.push(finding);
            continue;
        };
        let at = *known.entry((finding.rule.id, rest.clone())).or_insert_with(|| {
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

fn by_file<'a>(overview: &'a Overview<'a>) -> HashMap<&'a str, Vec<&'a Found<'a>>> {
    let mut by_file: HashMap<&str, Vec<&Found<'_>>> = HashMap::new();
    for found in &overview.certificates {
        if let Some(file) = found.places.first().and_then(|place| overview.files.get(*place)) {
            by_file.entry(&file.path).or_default().push(found);
        }
    }
    by_file
}

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
            members.iter().map(|found| overview.label(found)).collect::<Vec<_>>().join(", ")
        } else {
            list(&members.iter().flat_map(|found| overview.names(&found.places)).collect::<Vec<_>>())
        };
        let mut files: Vec<String> = members.iter().flat_map(|found| overview.paths(&found.places)).collect();
        for file in first.files {
            if !files.contains(&file) {
                files.push(file);
            }
        }
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
