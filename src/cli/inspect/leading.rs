//! Which certificates lead up to a root that is valid, by their names: of two that may both have signed, that one is the
//! parent to show. Signatures are checked where the parent is chosen, not here.

use crate::pki::certificate::Certificate;
use std::cmp::Reverse;
use std::collections::HashMap;
use time::OffsetDateTime;

/// Of each certificate, by its place.
#[derive(Debug)]
pub(super) struct Leading {
    /// It is valid at the time.
    valid: Vec<bool>,
    /// By its issuer's name a root can be reached, and all on the way are valid at the time.
    leads: Vec<bool>,
}

/// A CA that two roots signed is there twice, with one key: what it signed is to stand below the living one.
pub(super) fn to_a_living_root(certificates: &[&Certificate], at: OffsetDateTime) -> Leading {
    let valid: Vec<bool> = certificates.iter().map(|certificate| certificate.is_valid_at(at)).collect();
    let mut leads = vec![false; certificates.len()];
    let mut by_issuer: HashMap<&[u8], Vec<usize>> = HashMap::with_capacity(certificates.len());
    let mut waiting = Vec::new();
    for (place, certificate) in certificates.iter().enumerate().filter(|(place, _)| valid[*place]) {
        if certificate.is_self_issued() {
            waiting.push(place);
        } else {
            by_issuer.entry(certificate.issuer()).or_default().push(place);
        }
    }
    while let Some(place) = waiting.pop() {
        leads[place] = true;
        // Each name once: those below it are taken out.
        waiting.extend(by_issuer.remove(certificates[place].subject()).unwrap_or_default());
    }
    Leading { valid, leads }
}

/// Smaller is likelier.
pub(super) type Rank = (bool, bool, bool, bool, Reverse<OffsetDateTime>);

impl Leading {
    /// The key id fits, it is valid at the time, it leads to a root that is, it is that root, it ends last.
    pub(super) fn rank(&self, certificate: &Certificate, place: usize, issuer: &Certificate) -> Rank {
        let ids_fit = certificate.authority_key_id().is_some_and(|id| issuer.subject_key_id() == Some(id));
        let end = Reverse(issuer.not_after());
        (!ids_fit, !self.valid[place], !self.leads[place], !issuer.is_self_issued(), end)
    }
}
