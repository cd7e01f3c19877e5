//! What a port shows compared with a bundle: the same certificate, the same key, the same root, and which is newer.
//!
//! Who signed whom is told by signatures; names only help to say which root was meant. Nothing is reached here, and
//! nothing judged: a comparison is no fault.

mod words;

use crate::pki::certificate::{Authority, Certificate};
use crate::pki::inventory::FileContent;
use crate::pki::overview::{Found, Overview, Slot, is_root, role_of};
use crate::pki::path::{Candidate, Judgement, Pool, Purpose, Question};
use crate::pki::profile::Role;
use crate::pki::rules::chain;
use crate::pki::rules::leftovers::is_leftover;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;

/// Goes into JSON as it is: fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in super::super) struct Comparison {
    /// The bundle as given.
    pub(in super::super) bundle: String,
    pub(in super::super) relation: Relation,
    /// The bundle's server certificate itself is shown.
    pub(in super::super) same_certificate: bool,
    /// The same key, perhaps under another certificate.
    pub(in super::super) same_key: bool,
    /// The bundle's file that was compared, where it holds a server certificate.
    pub(in super::super) file: Option<String>,
    /// `served` or `bundle`.
    pub(in super::super) newer: Option<&'static str>,
    #[serde(serialize_with = "moment")]
    pub(in super::super) served_not_before: Option<OffsetDateTime>,
    #[serde(serialize_with = "moment")]
    pub(in super::super) bundle_not_before: Option<OffsetDateTime>,
    /// What is shown hangs by its signatures from the bundle's root; `None` where that cannot be told.
    pub(in super::super) same_root: Option<bool>,
    /// The bundle's client certificate hangs from the root from which hangs what is shown.
    pub(in super::super) client_of_same_root: Option<bool>,
    /// For a person, as is the hint; not escaped.
    pub(in super::super) sentence: String,
    pub(in super::super) hint: Option<String>,
}

/// What the comparison comes to, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum Relation {
    SameCertificate,
    /// Another certificate for the same key.
    SameKey,
    /// Another certificate of the same root: the bundle's is the newer one.
    ServedOlder,
    ServedNewer,
    /// Another certificate of the same root and age.
    OtherCertificate,
    /// The bundle's server certificate is for other names: the bundle belongs to another machine of the site.
    OtherMachine,
    /// The bundle has none to compare with; the root is the same.
    NoServerCertificate,
    /// The root has the bundle's root's name and another key.
    RootOfSameName,
    OtherRoot,
    /// Another certificate, and the bundle has no root to compare.
    NoRoot,
    /// It could not be told.
    Unclear,
}

#[expect(clippy::ref_option, reason = "serde passes the field as it is")]
fn moment<S: Serializer>(time: &Option<OffsetDateTime>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(super::super::words::rfc3339).serialize(serializer)
}

/// `served`: what was shown, leaf first. `files`: what lies in the folder `bundle`.
pub(in super::super) fn compare(
    served: &FileContent,
    bundle: &str,
    files: &[FileContent],
    at: OffsetDateTime,
) -> Comparison {
    let overview = Overview::new(files);
    let leaf = served.objects.first().and_then(|object| object.certificates().next());
    let hang = Hang::new(served, leaf, &overview, at);
    let own = leaf.and_then(|leaf| nearest(leaf, &overview));
    let file = own.and_then(|found| named(&overview, found));
    let same = |equal: fn(&Certificate, &Certificate) -> bool| {
        leaf.zip(own).is_some_and(|(leaf, own)| equal(leaf, own.certificate))
    };
    let mut comparison = Comparison {
        bundle: bundle.to_owned(),
        relation: Relation::Unclear,
        same_certificate: same(|one, other| one.der() == other.der()),
        same_key: same(same_key),
        file,
        newer: leaf.zip(own).and_then(|(leaf, own)| newer(leaf, own.certificate)),
        served_not_before: leaf.map(Certificate::not_before),
        bundle_not_before: own.map(|own| own.certificate.not_before()),
        same_root: hang.same_root,
        client_of_same_root: hang.client,
        sentence: String::new(),
        hint: None,
    };
    comparison.relation = relation(&comparison, leaf.zip(own.map(|own| own.certificate)), &hang);
    let scene = words::Scene { place: &served.path, leaf, own: own.map(|own| own.certificate), hang: &hang };
    (comparison.sentence, comparison.hint) = words::of(&comparison, &scene);
    comparison
}

fn relation(found: &Comparison, pair: Option<(&Certificate, &Certificate)>, hang: &Hang<'_>) -> Relation {
    match (hang.same_root, pair) {
        _ if found.same_certificate => Relation::SameCertificate,
        (Some(false), _) if hang.same_name => Relation::RootOfSameName,
        (Some(false), _) => Relation::OtherRoot,
        _ if hang.unclear.is_some() => Relation::Unclear,
        _ if found.same_key => Relation::SameKey,
        (None, _) => Relation::NoRoot,
        (Some(true), None) => Relation::NoServerCertificate,
        (Some(true), Some((leaf, own))) if !share_a_name(leaf, own) => Relation::OtherMachine,
        _ => match found.newer {
            Some(BUNDLE) => Relation::ServedOlder,
            Some(_) => Relation::ServedNewer,
            None => Relation::OtherCertificate,
        },
    }
}

/// Of what hangs what is shown.
#[derive(Debug)]
struct Hang<'a> {
    same_root: Option<bool>,
    /// The bundle has a root of the name from which hangs what is shown, and it is another.
    same_name: bool,
    /// Why it cannot be told.
    unclear: Option<String>,
    root: Option<&'a Certificate>,
    client: Option<bool>,
}

impl<'a> Hang<'a> {
    fn new(served: &FileContent, leaf: Option<&Certificate>, overview: &Overview<'a>, at: OffsetDateTime) -> Self {
        let roots = roots(overview);
        let root = roots.first().map(|root| root.certificate);
        let mut hang = Self { same_root: None, same_name: false, unclear: None, root, client: None };
        let Some(leaf) = leaf else {
            hang.unclear = Some("the first certificate that it shows is damaged".to_owned());
            return hang;
        };
        if roots.is_empty() {
            return hang;
        }
        let anchors = roots.iter().map(|root| candidate(root.certificate)).collect();
        let others = overview.certificates.iter().map(|found| found.certificate);
        let between = served.certificates().skip(1).chain(others.filter(|one| one.authority() == Authority::Yes));
        let pool = Pool::new(anchors, between.map(candidate).collect(), at);
        let top = |one: &Certificate| top(&pool, one);
        match top(leaf) {
            Ok(anchor) => {
                hang.same_root = Some(true);
                hang.root = pool
                    .candidate(anchor)
                    .and_then(|one| roots.iter().find(|root| same(root, one)))
                    .map_or(hang.root, |root| Some(root.certificate));
                hang.client = client(overview).map(|client| top(client).is_ok_and(|found| found == anchor));
            }
            Err(judgement) => {
                let rules: Vec<_> = judgement.findings.iter().map(|finding| finding.rule).collect();
                hang.same_name = rules.contains(&&chain::SAME_NAME_OTHER_KEY);
                let doubt = [&chain::SIGNATURE_UNSUPPORTED, &chain::TOO_MANY_PATHS];
                let doubtful = judgement.findings.iter().find(|finding| doubt.contains(&finding.rule));
                hang.unclear = doubtful.map(|finding| finding.sentence.clone());
                hang.same_root = hang.unclear.is_none().then_some(false);
                // A client of the bundle's own root is none of the root that is served.
                let own = client(overview).is_some_and(|client| top(client).is_ok());
                hang.client = (own && hang.unclear.is_none()).then_some(false);
            }
        }
        hang
    }
}

fn same(found: &Found<'_>, candidate: &Candidate<'_>) -> bool {
    found.certificate.der() == candidate.certificate.der()
}

/// The anchor from which it hangs, every signature checked.
fn top(pool: &Pool<'_>, certificate: &Certificate) -> Result<usize, Judgement> {
    let judgement = pool.judge(&candidate(certificate), &Question { purpose: Purpose::Any, name: None });
    let itself = || {
        let is = |number: &usize| pool.candidate(*number).is_some_and(|one| one.certificate.der() == certificate.der());
        (0..pool.len()).find(is)
    };
    match judgement.path.last().copied().or_else(itself) {
        Some(anchor) if judgement.anchored && pool.is_anchor(anchor) => Ok(anchor),
        _ => Err(judgement),
    }
}

fn candidate(certificate: &Certificate) -> Candidate<'_> {
    Candidate { certificate, label: "what is shown".to_owned(), files: Vec::new() }
}

/// In the bundle's own files; where none has such a name, anywhere in the folder.
fn of_role<'o, 'a>(overview: &'o Overview<'a>, role: Role, fits: impl Fn(&Certificate) -> bool) -> Vec<&'o Found<'a>> {
    let in_slot = |found: &&Found<'a>| overview.slots_of(found).any(|slot| slot.role == role);
    let own: Vec<_> = overview.certificates.iter().filter(in_slot).filter(|found| fits(found.certificate)).collect();
    if !own.is_empty() || overview.filled().any(|(slot, _)| slot.role == role) {
        return own;
    }
    let is_read = |place: &usize| overview.files.get(*place).is_some_and(|file| !is_leftover(file));
    let elsewhere = |found: &&Found<'a>| found.places.iter().any(is_read) && overview.slots_of(found).next().is_none();
    let of_role = |found: &&Found<'a>| role_of(found.certificate) == Some(role) && fits(found.certificate);
    overview.certificates.iter().filter(elsewhere).filter(of_role).collect()
}

fn roots<'o, 'a>(overview: &'o Overview<'a>) -> Vec<&'o Found<'a>> {
    of_role(overview, Role::Root, |one| is_root(one) || one.authority() == Authority::Yes)
}

/// The bundle's server certificate: of several that most like the one shown, then the newest. Qlik's PEM and PFX files
/// of one folder hold different ones.
fn nearest<'o, 'a>(leaf: &Certificate, overview: &'o Overview<'a>) -> Option<&'o Found<'a>> {
    let certificates = of_role(overview, Role::Server, |one| !is_root(one) && one.authority() != Authority::Yes);
    certificates.into_iter().max_by_key(|found| {
        let one = found.certificate;
        (one.der() == leaf.der(), same_key(one, leaf), share_a_name(one, leaf), one.not_before())
    })
}

fn client<'a>(overview: &Overview<'a>) -> Option<&'a Certificate> {
    of_role(overview, Role::Client, |one| !is_root(one) && one.authority() != Authority::Yes)
        .first()
        .map(|found| found.certificate)
}

fn named(overview: &Overview<'_>, found: &Found<'_>) -> Option<String> {
    let names = overview.names(&found.places);
    let in_slot = names.iter().find(|name| Slot::of(name).is_some_and(|slot| slot.role == Role::Server));
    in_slot.or_else(|| names.first()).map(|name| (*name).to_owned())
}

fn same_key(one: &Certificate, other: &Certificate) -> bool {
    one.public_key_info() == other.public_key_info()
}

fn share_a_name(one: &Certificate, other: &Certificate) -> bool {
    let others = names(other);
    names(one).iter().any(|name| others.contains(name))
}

fn names(certificate: &Certificate) -> Vec<String> {
    let dns = certificate.dns_names().chain(certificate.common_name()).map(str::to_lowercase);
    dns.chain(certificate.ip_addresses().map(|address| address.to_string())).collect()
}

const SERVED: &str = "served";
const BUNDLE: &str = "bundle";

/// A certificate's dates are all that tells when it was made; Qlik backdates each by the same days.
fn newer(served: &Certificate, own: &Certificate) -> Option<&'static str> {
    let age = |one: &Certificate| (one.not_before(), one.not_after());
    match age(served).cmp(&age(own)) {
        std::cmp::Ordering::Greater => Some(SERVED),
        std::cmp::Ordering::Less => Some(BUNDLE),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests;
