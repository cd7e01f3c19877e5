//! The chains of a report as one family: every certificate once, below its issuer. What the picture draws.
//!
//! States what the signatures say, and judges nothing: the findings do.

use super::holdings::Holdings;
use crate::pki::certificate::Certificate;
use crate::pki::finding::Severity;
use crate::pki::report::{Chain, Report};
use crate::pki::signature::SignatureError;
use std::collections::HashMap;

/// More leaves than these say nothing in a picture. The faulty ones are drawn first.
const MOST_LEAVES: usize = 24;
/// With their issuers: chains without end come from hostile files only.
const MOST_MEMBERS: usize = 60;

#[derive(Debug, Default)]
pub(super) struct Family<'a> {
    pub(super) members: Vec<Member<'a>>,
    pub(super) tops: Vec<usize>,
    /// Leaves that are neither drawn nor counted in a box.
    pub(super) left_out: usize,
}

#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) children: Vec<usize>,
    /// Whether it hangs below the one that is drawn above it.
    pub(super) tie: Tie,
}

#[derive(Debug)]
pub(super) enum Kind<'a> {
    Certificate(Known<'a>),
    /// Nobody has the certificate that the one below names as its issuer.
    Missing {
        issuer: String,
    },
    /// Leaves that are counted instead of drawn.
    More {
        count: usize,
        faulty: usize,
    },
}

#[derive(Debug)]
pub(super) struct Known<'a> {
    /// `root`, `intermediate`, `server`, `client` or `leaf`.
    pub(super) role: &'static str,
    pub(super) title: &'a str,
    pub(super) files: &'a [String],
    /// `None` when the report does not hold it.
    pub(super) certificate: Option<&'a Certificate>,
    /// An error is about it.
    pub(super) faulty: bool,
}

/// What the signature over a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tie {
    /// By the key of the one above.
    Verified,
    /// Not by the key of the one above.
    Broken,
    /// Could not be checked here, and why.
    Unchecked(String),
    /// At the top, by its own key.
    SelfSigned,
    /// At the top, and not by its own key though it says so.
    SelfBroken,
    /// At the top because it was given as root.
    Anchor,
    /// Its issuer is missing.
    NoIssuer,
    /// Of a box that is no certificate.
    None,
}

/// A certificate on its way into the family.
struct Draft<'a> {
    sha256: &'a str,
    title: &'a str,
    files: &'a [String],
    parent: Option<usize>,
    has_children: bool,
    anchored: bool,
}

impl<'a> Family<'a> {
    pub(super) fn new(report: &'a Report, holdings: &Holdings<'a>) -> Self {
        let mut drafts = gather(&report.chains);
        hang_by_name(&mut drafts, holdings);
        let (kept, left_out) = choose(&drafts, holdings);
        let mut family = Self::default();
        let mut places = HashMap::new();
        for index in kept {
            places.insert(index, family.members.len());
            let kind = kind(&drafts, index, holdings);
            family.members.push(Member { kind, children: Vec::new(), tie: tie(&drafts, index, holdings) });
        }
        let mut missing = HashMap::new();
        let mut in_order: Vec<(usize, usize)> = places.iter().map(|(index, place)| (*index, *place)).collect();
        in_order.sort_unstable();
        for (index, place) in in_order {
            let above =
                drafts.get(index).and_then(|draft| draft.parent).and_then(|parent| places.get(&parent).copied());
            match above {
                Some(above) => family.hang(above, place),
                None => family.put_on_top(place, &mut missing),
            }
        }
        family.count_the_rest(left_out, &drafts, &places, holdings);
        family
    }

    fn hang(&mut self, above: usize, place: usize) {
        if let Some(member) = self.members.get_mut(above) {
            member.children.push(place);
        }
    }

    fn put_on_top(&mut self, place: usize, missing: &mut HashMap<String, usize>) {
        let issuer = match self.members.get(place) {
            Some(Member { tie: Tie::NoIssuer, kind: Kind::Certificate(known), .. }) => {
                known.certificate.map_or_else(String::new, |certificate| certificate.issuer_name().text())
            }
            _ => return self.tops.push(place),
        };
        let next = self.members.len();
        let above = *missing.entry(issuer.clone()).or_insert(next);
        if above == next {
            self.tops.push(next);
            self.members.push(Member { kind: Kind::Missing { issuer }, children: Vec::new(), tie: Tie::None });
        }
        self.hang(above, place);
    }

    /// One box below the nearest drawn issuer for all the leaves that are not drawn.
    fn count_the_rest(
        &mut self,
        left_out: Vec<usize>,
        drafts: &[Draft<'a>],
        places: &HashMap<usize, usize>,
        holdings: &Holdings<'a>,
    ) {
        let mut rest: Vec<(usize, usize, usize)> = Vec::new();
        for leaf in left_out {
            let faulty = usize::from(trouble(drafts, leaf, holdings) == Some(Severity::Error));
            match ancestors(drafts, leaf).find_map(|above| places.get(&above).copied()) {
                None => self.left_out += 1,
                Some(above) => match rest.iter_mut().find(|(place, ..)| *place == above) {
                    Some((_, count, bad)) => {
                        *count += 1;
                        *bad += faulty;
                    }
                    None => rest.push((above, 1, faulty)),
                },
            }
        }
        for (above, count, faulty) in rest {
            let place = self.members.len();
            self.members.push(Member { kind: Kind::More { count, faulty }, children: Vec::new(), tie: Tie::None });
            self.hang(above, place);
        }
    }
}

fn gather(chains: &[Chain]) -> Vec<Draft<'_>> {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for chain in chains {
        let mut below = None;
        for link in &chain.links {
            let index = *known.entry(&link.sha256).or_insert_with(|| {
                let (title, files) = (link.title.as_str(), &link.files[..]);
                drafts.push(Draft {
                    sha256: &link.sha256,
                    title,
                    files,
                    parent: None,
                    has_children: false,
                    anchored: false,
                });
                drafts.len() - 1
            });
            if let Some(below) = below {
                adopt(&mut drafts, below, index);
            }
            below = Some(index);
        }
        if let Some(last) = below.and_then(|last| drafts.get_mut(last)) {
            last.anchored |= chain.anchored;
        }
    }
    drafts
}

/// A certificate has one issuer in the picture: that of the first chain it stands in. Nobody is his own ancestor.
fn adopt(drafts: &mut [Draft<'_>], child: usize, parent: usize) {
    let has_one = drafts.get(child).is_none_or(|draft| draft.parent.is_some() || draft.anchored);
    if has_one || child == parent || ancestors(drafts, parent).any(|above| above == child) {
        return;
    }
    if let Some(draft) = drafts.get_mut(child) {
        draft.parent = Some(parent);
    }
    if let Some(draft) = drafts.get_mut(parent) {
        draft.has_children = true;
    }
}

/// A chain ends where a signature does not fit. Below the issuer that the certificate names, the break can be seen.
fn hang_by_name(drafts: &mut [Draft<'_>], holdings: &Holdings<'_>) {
    let mut subjects: HashMap<&[u8], usize> = HashMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        if let Some(certificate) = holdings.certificate(draft.sha256) {
            let named = subjects.entry(certificate.subject()).or_insert(index);
            if draft.anchored && !drafts[*named].anchored {
                *named = index;
            }
        }
    }
    for index in 0..drafts.len() {
        let certificate = holdings.certificate(drafts[index].sha256).filter(|found| !found.is_self_issued());
        if let Some(issuer) = certificate.and_then(|certificate| subjects.get(certificate.issuer())) {
            adopt(drafts, index, *issuer);
        }
    }
}

fn ancestors(drafts: &[Draft<'_>], index: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(drafts.get(index).and_then(|draft| draft.parent), |above| drafts.get(*above)?.parent)
}

fn trouble(drafts: &[Draft<'_>], index: usize, holdings: &Holdings<'_>) -> Option<Severity> {
    holdings.weight(drafts.get(index)?.files.iter().map(String::as_str))
}

/// Which certificates are drawn, in the order of the chains, and which leaves are not.
fn choose(drafts: &[Draft<'_>], holdings: &Holdings<'_>) -> (Vec<usize>, Vec<usize>) {
    let mut leaves: Vec<usize> = (0..drafts.len()).filter(|index| !drafts[*index].has_children).collect();
    leaves.sort_by_cached_key(|leaf| std::cmp::Reverse(trouble(drafts, *leaf, holdings)));
    let (mut kept, mut left_out) = (vec![false; drafts.len()], Vec::new());
    let (mut members, mut drawn) = (0, 0);
    // The box that counts the rest takes the place of one.
    let most = if leaves.len() > MOST_LEAVES { MOST_LEAVES - 1 } else { MOST_LEAVES };
    for leaf in leaves {
        let line: Vec<usize> = std::iter::once(leaf)
            .chain(ancestors(drafts, leaf).take(MOST_MEMBERS))
            .filter(|index| !kept[*index])
            .collect();
        if drawn == most || members + line.len() > MOST_MEMBERS {
            left_out.push(leaf);
            continue;
        }
        members += line.len();
        drawn += 1;
        for index in line {
            kept[index] = true;
        }
    }
    (kept.iter().enumerate().filter(|(_, kept)| **kept).map(|(index, _)| index).collect(), left_out)
}

fn kind<'a>(drafts: &[Draft<'a>], index: usize, holdings: &Holdings<'a>) -> Kind<'a> {
    let draft = &drafts[index];
    let (role, certificate) = (holdings.role(draft.sha256), holdings.certificate(draft.sha256));
    let faulty = trouble(drafts, index, holdings) == Some(Severity::Error);
    Kind::Certificate(Known { role, title: draft.title, files: draft.files, certificate, faulty })
}

fn tie(drafts: &[Draft<'_>], index: usize, holdings: &Holdings<'_>) -> Tie {
    let draft = &drafts[index];
    let not_here = || Tie::Unchecked("not all is here".to_owned());
    let Some(certificate) = holdings.certificate(draft.sha256) else {
        return not_here();
    };
    let signed_by = |issuer: &Certificate, good: Tie, bad: Tie| match certificate.verify_signed_by(issuer) {
        Ok(()) => good,
        Err(SignatureError::Mismatch) => bad,
        Err(error @ (SignatureError::KeyKind | SignatureError::Unsupported(_))) => Tie::Unchecked(error.to_string()),
    };
    match draft.parent.and_then(|parent| drafts.get(parent)) {
        Some(parent) => match holdings.certificate(parent.sha256) {
            Some(issuer) => signed_by(issuer, Tie::Verified, Tie::Broken),
            None => not_here(),
        },
        None if certificate.is_self_issued() => signed_by(certificate, Tie::SelfSigned, Tie::SelfBroken),
        None if draft.anchored => Tie::Anchor,
        None => Tie::NoIssuer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::report::Link;
    use time::OffsetDateTime;

    /// Chains of certificates that nobody has: `a b r` is a leaf, its issuer and a root.
    fn report(chains: &[&str]) -> Report {
        let link = |name: &str| Link { sha256: name.to_owned(), title: name.to_owned(), files: vec![name.to_owned()] };
        let chains = chains
            .iter()
            .map(|names| Chain { links: names.split(' ').map(link).collect(), anchored: names.ends_with('r') })
            .collect();
        let (subject, at) = (String::new(), OffsetDateTime::UNIX_EPOCH);
        let (files, findings, consumers, start_up) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Report { subject, at, machine: None, files, beside: Vec::new(), chains, findings, consumers, start_up }
    }

    /// Each member once, below its issuer: `r(b(a))`.
    fn drawn(chains: &[&str]) -> (String, usize) {
        fn one(family: &Family<'_>, member: usize) -> String {
            let member = &family.members[member];
            let name = match &member.kind {
                Kind::Certificate(known) => known.title.to_owned(),
                Kind::Missing { .. } => "?".to_owned(),
                Kind::More { count, .. } => format!("+{count}"),
            };
            let children: Vec<String> = member.children.iter().map(|child| one(family, *child)).collect();
            if children.is_empty() { name } else { format!("{name}({})", children.join(" ")) }
        }
        let report = report(chains);
        let family = Family::new(&report, &Holdings::new(&report));
        let tops: Vec<String> = family.tops.iter().map(|top| one(&family, *top)).collect();
        (tops.join(" "), family.left_out)
    }

    #[test]
    fn certificates_stand_once_below_their_issuers() {
        assert_eq!(drawn(&["s r", "c r"]), ("r(s c)".into(), 0));
        assert_eq!(drawn(&["s b r", "r", "b r", "c b r"]), ("r(b(s c))".into(), 0));
        // Signed across: the leaf hangs in its first chain.
        assert_eq!(drawn(&["s b r", "s c 2r"]), ("r(b(s)) 2r(c)".into(), 0));
    }

    #[test]
    fn circles_come_to_an_end() {
        assert_eq!(drawn(&["a a"]), ("a".into(), 0));
        assert_eq!(drawn(&["a b", "b a"]), ("b(a)".into(), 0));
        assert_eq!(drawn(&["a b", "b c", "c a"]), ("c(b(a))".into(), 0));
        assert_eq!(drawn(&[""]), (String::new(), 0));
    }

    #[test]
    fn too_many_are_counted() {
        let names: Vec<String> = (0..100).map(|number| format!("{number} r")).collect();
        let (picture, left_out) = drawn(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(picture.starts_with("r(0 1 2") && picture.ends_with("22 +77)"), "{picture}");
        assert_eq!(left_out, 0);
        let line: Vec<String> = (0..5_000).map(|number| number.to_string()).collect();
        assert_eq!(drawn(&[&line.join(" ")]), (String::new(), 1));
    }

    #[test]
    fn what_is_not_here_is_not_called_checked() {
        let report = report(&["s r"]);
        let family = Family::new(&report, &Holdings::new(&report));
        assert!(family.members.iter().all(|member| matches!(member.tie, Tie::Unchecked(_))));
    }
}
