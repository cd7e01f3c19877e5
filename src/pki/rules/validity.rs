//! Dates: what ends soon, what outlives its root, and what Qlik would not have dated so.

use super::super::certificate::Certificate;
use super::super::finding::{Finding, Rule, Severity};
use super::super::overview::{Found, is_root, list};
use super::Case;
use std::collections::HashMap;
use time::{Duration, OffsetDateTime};

pub const RULES: &[&Rule] = &[&EXPIRED, &NOT_YET_VALID, &INVERTED, &EXPIRES_SOON, &OUTLIVES_ROOT, &UNLIKE_QLIK];

pub static EXPIRED: Rule = Rule {
    id: "validity/expired",
    severity: Severity::Error,
    title: "expired",
    cause: "Its last day has passed. Qlik's certificates hold for ten years from their making.",
    fix: "issue it again; an expired root means a new root and new certificates for every machine",
    source: "RFC 5280 4.1.2.5 and 6.1.3 (a)(2)",
};

pub static NOT_YET_VALID: Rule = Rule {
    id: "validity/not-yet-valid",
    severity: Severity::Error,
    title: "not yet valid",
    cause: "Its first day is still to come. Usually a clock is wrong, here or where it was made.",
    fix: "check the clock of this machine and of the one that issued it",
    source: "RFC 5280 4.1.2.5",
};

pub static INVERTED: Rule = Rule {
    id: "validity/inverted",
    severity: Severity::Error,
    title: "its last day is before its first",
    cause: "It was never valid and never will be.",
    fix: "issue it again",
    source: "RFC 5280 4.1.2.5",
};

pub(in super::super) static EXPIRES_SOON: Rule = Rule {
    id: "validity/expires-soon",
    severity: Severity::Warning,
    title: "a certificate expires soon",
    cause: "Qlik gives no warning. Root and first leaves end on the same day, ten years after the installation: an \
            expired root stops the Repository Service, an expired leaf every call that shows it.",
    fix: "make new certificates before that day and hand them out; for the root, plan the recreation of the site's \
          certificates",
    source: "real certificates observed, 2015 to 2022; Qlik help, certificate handling of the Repository Service; symptoms reported in public",
};
static OUTLIVES_ROOT: Rule = Rule {
    id: "validity/outlives-root",
    severity: Severity::Note,
    title: "a certificate ends after its root",
    cause: "Qlik gives each export ten years of its own, so leaves outlive the root. They are worth nothing after the \
            root's last day.",
    fix: "nothing needs to be done; mind the root's last day",
    source: "real certificates observed, 2015 to 2022",
};
static UNLIKE_QLIK: Rule = Rule {
    id: "validity/unlike-qlik",
    severity: Severity::Note,
    title: "a certificate is not dated as Qlik dates",
    cause: "Qlik dates every certificate seven days back and ten years ahead, to the same second of the day (32 of 32 \
            observed). Other dates mean that another tool made it.",
    fix: "nothing needs to be done",
    source: "real certificates observed, 2015 to 2022",
};

/// What to do where the root is among those that end, and where it is not.
pub(in super::super) const ROOT_FIX: &str = "make the site's certificates anew: a new root means new certificates for \
    every machine and tool; `qcert explain recreate` tells what breaks";
pub(in super::super) const LEAF_FIX: &str = "export the bundle again from the same root";

pub(super) fn judge(case: &mut Case<'_>) {
    expiring(case);
    let overview = case.overview;
    let roots = overview.certificates.iter().filter(|found| is_root(found.certificate));
    let leaves: Vec<_> = overview.certificates.iter().filter(|found| !is_root(found.certificate)).collect();
    let mut first_end: HashMap<&[u8], OffsetDateTime> = HashMap::new();
    for Found { certificate: root, .. } in roots {
        let end = first_end.entry(root.subject()).or_insert(root.not_after());
        *end = root.not_after().min(*end);
    }
    let outlives = |leaf: &Certificate| first_end.get(leaf.issuer()).is_some_and(|end| *end < leaf.not_after());
    let long: Vec<_> = leaves.iter().copied().filter(|leaf| outlives(leaf.certificate)).collect();
    note(case, &OUTLIVES_ROOT, &long, "ends after the root", "end after the root");
    let odd: Vec<_> = overview
        .certificates
        .iter()
        .filter(|found| found.certificate.marker().is_some() && issued_on(found.certificate).is_none())
        .collect();
    note(
        case,
        &UNLIKE_QLIK,
        &odd,
        "is not dated as Qlik dates its certificates",
        "are not dated as Qlik dates its certificates",
    );
}

fn note(case: &mut Case<'_>, rule: &'static Rule, found: &[&Found<'_>], one: &str, many: &str) {
    if found.is_empty() {
        return;
    }
    let overview = case.overview;
    let mut places: Vec<usize> = found.iter().flat_map(|found| found.places.iter().copied()).collect();
    places.sort_unstable();
    places.dedup();
    let sentence = format!("{} {}", list(&overview.names(&places)), if places.len() == 1 { one } else { many });
    case.report(Finding::new(rule, overview.paths(&places), sentence));
}

/// Certificates that still hold but end within the days of warning: one finding for each last day.
fn expiring(case: &mut Case<'_>) {
    let overview = case.overview;
    let at = case.given.at;
    let Some(limit) = at.checked_add(Duration::days(i64::from(case.given.warn_days))) else { return };
    let mut ends: Vec<(time::Date, Vec<usize>)> = Vec::new();
    for found in &overview.certificates {
        let end = found.certificate.not_after();
        if found.certificate.is_valid_at(at) && end <= limit {
            match ends.iter_mut().find(|(day, _)| *day == end.date()) {
                Some((_, places)) => places.extend(&found.places),
                None => ends.push((end.date(), found.places.clone())),
            }
        }
    }
    for (day, mut places) in ends {
        places.sort_unstable();
        places.dedup();
        let days = (day - at.date()).whole_days();
        let when = if days == 1 { "in 1 day".to_owned() } else { format!("in {days} days") };
        let expires = if places.len() == 1 { "expires" } else { "expire" };
        let sentence = format!("{} {expires} on {day}, {when}", list(&overview.names(&places)));
        case.report(Finding::new(&EXPIRES_SOON, overview.paths(&places), sentence));
    }
}

/// The day on which Qlik made it, when both dates agree on one: seven days after the first and ten calendar years
/// before the last (29 February becomes 28).
pub fn issued_on(certificate: &Certificate) -> Option<OffsetDateTime> {
    let made = certificate.not_before().checked_add(Duration::days(7))?;
    let end = certificate.not_after();
    let year = made.year().checked_add(10)?;
    let expected =
        made.replace_year(year).or_else(|_| made.replace_day(28).and_then(|day| day.replace_year(year))).ok()?;
    (expected == end).then_some(made)
}
