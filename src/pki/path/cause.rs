//! Why no path reaches an anchor: one cause, at the place where the signatures stop.
//!
//! What would follow from an issuer that is not proven is not said.

use super::super::certificate::Certificate;
use super::super::finding::Finding;
use super::super::public_key::{Curve, KeyAlgorithm};
use super::super::rules::chain;
use super::super::signature::SignatureError;
use super::search::{Outcome, Search, too_many};
use super::{Candidate, Pool, links, names, own};
use std::collections::HashMap;

pub(super) fn outcome(search: &mut Search<'_, '_>) -> Outcome {
    let edges = search.upwards();
    let mut below: HashMap<usize, Option<usize>> = HashMap::new();
    let mut reached: Vec<Option<usize>> = vec![None];
    for (lower, upper) in &edges {
        below.entry(*upper).or_insert_with(|| {
            reached.push(Some(*upper));
            *lower
        });
    }
    // An anchor that almost fits tells more than another certificate that does, and that more than nothing.
    let mut best: Option<(u8, Option<usize>, Finding)> = None;
    for child in reached {
        let (rank, finding) = cause(search, child);
        // Of equal ones the highest: there the chain ends.
        if best.as_ref().is_none_or(|(found, _, _)| rank <= *found) {
            best = Some((rank, child, finding));
        }
    }
    let mut path = Vec::new();
    let mut findings = Vec::new();
    if let Some((rank, place, finding)) = best {
        let circle = || no_root_given(search.pool).unwrap_or_else(|| circle(search, &edges));
        let finding = if rank == SIGNED { circle() } else { finding };
        let mut top = place;
        while let Some(node) = top {
            path.push(node);
            top = below.get(&node).copied().flatten();
            if path.len() > edges.len() {
                break;
            }
        }
        path.reverse();
        let strange_root = |node: &usize| {
            let certificate = search.pool.candidate(*node).map(|candidate| candidate.certificate);
            Some(*node) == place && certificate.is_some_and(Certificate::is_self_issued)
        };
        // Of a root that nobody trusts, that is enough.
        findings
            .extend(path.iter().filter(|node| !strange_root(node)).flat_map(|node| search.pool.own(*node).to_vec()));
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    if search.cut {
        findings.push(too_many(search.leaf));
    }
    Outcome { path, anchored: false, findings }
}

const UNKNOWN: u8 = 4;
/// Something did sign it.
const SIGNED: u8 = 6;

/// Why nothing signed `child`, and how telling that is: less is better.
fn cause(search: &mut Search<'_, '_>, child: Option<usize>) -> (u8, Finding) {
    let pool = search.pool;
    let lower: &Candidate<'_> = child.and_then(|child| pool.candidate(child)).unwrap_or(search.leaf);
    let mut best: Option<(u8, Finding)> = None;
    let mut signed = false;
    for issuer in search.issuers(child) {
        let Some(outcome) = search.signature(child, issuer) else { continue };
        let Some(upper) = pool.candidate(issuer) else { continue };
        let Err(error) = outcome else {
            signed = true;
            continue;
        };
        let anchor = pool.is_anchor(issuer);
        let ids_fit = match (lower.certificate.authority_key_id(), upper.certificate.subject_key_id()) {
            (Some(wanted), Some(found)) => Some(wanted == found),
            _ => None,
        };
        let rank = match (anchor, ids_fit) {
            (true, Some(true)) => 0,
            (true, _) => 1,
            (false, Some(true)) => 2,
            (false, _) => 3,
        };
        if best.as_ref().is_none_or(|(found, _)| rank < *found) {
            best = Some((rank, unproven(lower, upper, &error)));
        }
    }
    if let Some(best) = best {
        return best;
    }
    let rank = if signed { SIGNED } else { UNKNOWN };
    (rank, unknown(search, child, lower))
}

/// Every one was signed by one that is here, and none of them is a root.
fn circle(search: &Search<'_, '_>, edges: &[(Option<usize>, usize)]) -> Finding {
    const SHOWN: usize = 5;
    let mut titles: Vec<String> = Vec::new();
    for upper in edges.iter().filter_map(|(_, upper)| search.pool.candidate(*upper)) {
        let title = format!("`{}`", names::shown(&upper.certificate.title()));
        if titles.len() < SHOWN && !titles.contains(&title) {
            titles.push(title);
        }
    }
    let sentence = format!(
        "{} has an unknown issuer: its chain runs in a circle and reaches no root, as {} signed one another",
        search.leaf.label,
        titles.join(", ")
    );
    Finding::new(&chain::UNKNOWN_ISSUER, search.leaf.files.clone(), sentence)
        .with_fix("give the root above these with `--root`, or issue the certificate under a CA that has one")
}

fn unproven(lower: &Candidate<'_>, upper: &Candidate<'_>, error: &SignatureError) -> Finding {
    let files = lower.files.iter().chain(&upper.files).cloned().collect();
    let (low, up) = (&lower.label, &upper.label);
    let key = upper.certificate.public_key();
    match error {
        SignatureError::Unsupported(_) if matches!(key.algorithm(), KeyAlgorithm::Ec(Curve::Explicit)) => {
            let sentence = format!("{up} has a key with explicit curve parameters instead of a named curve");
            Finding::new(&chain::EXPLICIT_CURVE, upper.files.clone(), sentence)
        }
        SignatureError::Unsupported(_) if !key.is_readable() => {
            let sentence = format!("the signature of {up} on {low} cannot be checked: {up} has a malformed key");
            Finding::new(&chain::SIGNATURE_UNSUPPORTED, files, sentence)
        }
        SignatureError::Unsupported(what) => {
            let sentence = format!("the signature of {up} on {low} cannot be checked: {what} is weak or unsupported");
            Finding::new(&chain::SIGNATURE_UNSUPPORTED, files, sentence)
        }
        SignatureError::KeyKind => {
            let algorithm = lower.certificate.signature_algorithm().text();
            let sentence = format!(
                "the signature on {low}, {algorithm}, cannot be by {up}: it does not go with its key, {}",
                key.text()
            );
            Finding::new(&chain::SIGNATURE_UNSUPPORTED, files, sentence)
        }
        SignatureError::Mismatch
            if lower.certificate.is_self_issued() && lower.certificate.verify_signed_by(lower.certificate).is_ok() =>
        {
            let sentence = format!("{low} is self-signed and another root than {up}: same name, other key");
            Finding::new(&chain::SAME_NAME_OTHER_KEY, files, sentence)
        }
        SignatureError::Mismatch if links::ids_differ(lower.certificate, upper.certificate) => {
            let sentence = format!(
                "{low} was signed by another root than {up}: same name, other key, so its signature does not fit"
            );
            Finding::new(&chain::SAME_NAME_OTHER_KEY, files, sentence)
        }
        SignatureError::Mismatch => {
            let fits = lower.certificate.authority_key_id().is_some() && upper.certificate.subject_key_id().is_some();
            if fits {
                let sentence = format!(
                    "the signature of {low} does not fit {up}, whose name and key identifier it gives: one of them was \
                     altered or damaged"
                );
                Finding::new(&chain::BAD_SIGNATURE, files, sentence)
            } else {
                let sentence = format!(
                    "{low} was signed by another root than {up}, or altered since: same name, but the signature does not \
                     fit its key"
                );
                Finding::new(&chain::SAME_NAME_OTHER_KEY, files, sentence)
            }
        }
    }
}

fn unknown(search: &mut Search<'_, '_>, child: Option<usize>, lower: &Candidate<'_>) -> Finding {
    let label = &lower.label;
    let certificate = lower.certificate;
    let files = lower.files.clone();
    if certificate.is_self_issued() {
        return if child.is_none() {
            let sentence = format!("{label} is self-signed and not among the trusted roots");
            Finding::new(&chain::SELF_SIGNED, files, sentence)
        } else {
            let sentence = format!("{label} is a self-signed root, but not among the trusted roots");
            Finding::new(&chain::UNKNOWN_ISSUER, files, sentence)
                .with_fix("if this is the root to trust, give it with `--root`")
        };
    }
    if let Some(finding) = no_root_given(search.pool).or_else(|| renamed(search, child, lower)) {
        return finding;
    }
    let issuer = issuer_title(certificate);
    let sentence = format!("{label} has an unknown issuer: no certificate of `{issuer}` is there");
    Finding::new(&chain::UNKNOWN_ISSUER, files, sentence)
}

fn issuer_title(certificate: &Certificate) -> String {
    let issuer = certificate.issuer_name();
    names::shown(&issuer.common_name().map_or_else(|| issuer.text(), str::to_owned))
}

/// What was taken for the roots are certificates of servers and clients: that is the cause.
fn no_root_given(pool: &Pool<'_>) -> Option<Finding> {
    let anchors = pool.nodes.iter().take(pool.anchors);
    if !anchors.into_iter().all(|node| own::is_end_entity(node.candidate.certificate)) {
        return None;
    }
    pool.own(0).iter().find(|finding| pool.is_anchor(0) && finding.rule == &chain::NOT_A_CA).cloned()
}

/// The key identifier leads to a certificate that its issuer's name does not lead to.
fn renamed(search: &mut Search<'_, '_>, child: Option<usize>, lower: &Candidate<'_>) -> Option<Finding> {
    let number = search.pool.of_key_id(lower.certificate.authority_key_id()?)?;
    let upper = search.pool.candidate(number).filter(|upper| upper.certificate.der() != lower.certificate.der())?;
    let outcome = search.signature(child, number)?;
    let (low, up, issuer) = (&lower.label, &upper.label, issuer_title(lower.certificate));
    let files = lower.files.iter().chain(&upper.files).cloned().collect();
    match outcome {
        Ok(()) => {
            let altered = search.pool.own(number).iter().find(|finding| finding.rule == &chain::BAD_SIGNATURE);
            Some(altered.cloned().unwrap_or_else(|| {
                let sentence = format!(
                    "{low} was signed with the key of {up}, but has an unknown issuer by name: no certificate of \
                     `{issuer}` is there"
                );
                Finding::new(&chain::UNKNOWN_ISSUER, files, sentence)
            }))
        }
        Err(SignatureError::Mismatch) => {
            let sentence = format!(
                "{low} was altered or damaged: its key identifier is that of {up}, the name of its issuer, `{issuer}`, is \
                 not, and its signature does not fit"
            );
            Some(Finding::new(&chain::BAD_SIGNATURE, files, sentence))
        }
        Err(_) => None,
    }
}
