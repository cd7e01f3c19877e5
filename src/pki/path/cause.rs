//! Why no path reaches an anchor: one cause, at the place where the signatures stop.
//!
//! What would follow from an issuer that is not proven is not said.

use super::super::finding::Finding;
use super::super::public_key::{Curve, KeyAlgorithm};
use super::super::rules::chain;
use super::super::signature::SignatureError;
use super::search::{Outcome, Search, too_many};
use super::{Candidate, links, names};

pub(super) fn outcome(search: &mut Search<'_, '_>) -> Outcome {
    let edges = search.upwards();
    let mut reached: Vec<Option<usize>> = vec![None];
    for (_, upper) in &edges {
        if !reached.contains(&Some(*upper)) {
            reached.push(Some(*upper));
        }
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
    if let Some((_, place, finding)) = best {
        let mut top = place;
        while let Some(node) = top {
            path.push(node);
            top = edges.iter().find(|(_, upper)| *upper == node).and_then(|(lower, _)| *lower);
            if path.len() > edges.len() {
                break;
            }
        }
        path.reverse();
        findings.extend(path.iter().flat_map(|node| search.pool.own(*node).to_vec()));
        findings.push(finding);
    }
    if search.cut {
        findings.push(too_many(search.leaf));
    }
    Outcome { path, anchored: false, findings }
}

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
    best.unwrap_or_else(|| (if signed { 6 } else { 4 }, unknown(lower, child.is_none())))
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

fn unknown(lower: &Candidate<'_>, leaf: bool) -> Finding {
    let label = &lower.label;
    let certificate = lower.certificate;
    let files = lower.files.clone();
    if certificate.is_self_issued() {
        return if leaf {
            let sentence = format!("{label} is self-signed and not among the trusted roots");
            Finding::new(&chain::SELF_SIGNED, files, sentence)
        } else {
            let sentence = format!("{label} is a self-signed root, but not among the trusted roots");
            Finding::new(&chain::UNKNOWN_ISSUER, files, sentence)
                .with_fix("if this is the root to trust, give it with `--root`")
        };
    }
    let issuer = certificate.issuer_name();
    let issuer = issuer.common_name().map_or_else(|| issuer.text(), str::to_owned);
    let sentence = format!("{label} has an unknown issuer: no certificate of `{}` is there", names::shown(&issuer));
    Finding::new(&chain::UNKNOWN_ISSUER, files, sentence)
}
