//! Who is who among all certificates and keys that were found: copies of one certificate, issuers by verified
//! signature, keys by their public halves.
//!
//! A name never makes a link: where only the name fits, the link is kept as broken, with the reason. What would take
//! too long is left untried and said so.

use super::super::parallel;
use super::leading::{self, Leading};
use crate::pki::certificate::{Certificate, DistinguishedName};
use crate::pki::inventory::{FileContent, KeyState, Object, PfxState, What};
use crate::pki::public_key::{KeyAlgorithm, PublicKey};
use crate::pki::signature::SignatureError;
use std::collections::{HashMap, HashSet};
use time::OffsetDateTime;

/// One certificate, however many files hold it.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) sha256: String,
    pub(super) sha1: String,
    /// Each path once, in the order of the files.
    pub(super) files: Vec<&'a str>,
    pub(super) issuer: Issuer,
}

/// What became of the search for the issuer. Numbers are places in `Kinship::members`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Issuer {
    Itself,
    /// The signature was verified. The issuer may write its name in other octets.
    Signed {
        by: usize,
        name_differs: bool,
    },
    /// It names this one, whose key did not make the signature, or that cannot be told.
    Broken {
        by: usize,
        why: Break,
    },
    /// Nothing here has the issuer's name.
    Missing,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Break {
    /// Another key than the one that signed; key ids differ or are not given.
    OtherKey,
    /// The key ids agree, so it is the certificate that was altered.
    Altered,
    /// The algorithm.
    CannotBeChecked(String),
    /// The algorithm does not go with the issuer's key.
    KeyKind,
    /// The key made the signature, but the issuer is named otherwise.
    OtherName,
    /// There are more certificates than can be tried in the time a person waits.
    Untried,
}

impl Break {
    /// It may well hold: nobody knows.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::CannotBeChecked(_) | Self::Untried)
    }
}

#[derive(Debug)]
pub(super) struct Kinship<'a> {
    pub(super) members: Vec<Member<'a>>,
    by_der: HashMap<&'a [u8], usize>,
    /// Paths of the open private keys by their public halves.
    keys: HashMap<&'a [u8], Vec<&'a str>>,
    owners: HashMap<&'a [u8], Vec<usize>>,
    /// There are private keys that could not be opened, so "no key" is not certain.
    pub(super) locked_keys: bool,
}

/// Signature checks in one run, counted in checks with RSA 2048: about half a second of one core.
const WORK: usize = 20_000;
/// Issuers of the same name that are tried for one certificate.
const TRIES: usize = 16;
/// Certificates of the same name that are looked at for one certificate.
const CROWD: usize = 64;
/// Below this starting threads takes longer than the work.
const FEW: usize = 64;

impl<'a> Member<'a> {
    /// The first file that holds it.
    pub(super) fn file(&self) -> &'a str {
        self.files.first().copied().unwrap_or_default()
    }
}

impl<'a> Kinship<'a> {
    pub(super) fn new(files: &'a [FileContent], at: OffsetDateTime) -> Self {
        let (certificates, by_der) = distinct(files);
        let work = plan(&certificates, at);
        let found = parallel::compute(&work, FEW, |candidates| {
            let certificate = certificates[candidates.of].certificate;
            (certificate.sha256(), certificate.sha1(), search(candidates, &certificates))
        });
        let members: Vec<Member<'a>> = certificates
            .into_iter()
            .zip(found)
            .map(|(Found { certificate, files }, (sha256, sha1, issuer))| Member {
                certificate,
                sha256,
                sha1,
                files,
                issuer,
            })
            .collect();
        let mut owners: HashMap<&[u8], Vec<usize>> = HashMap::with_capacity(members.len());
        for (at, member) in members.iter().enumerate() {
            owners.entry(member.certificate.public_key().key()).or_default().push(at);
        }
        let (keys, locked_keys) = keys(files);
        Self { members, by_der, keys, owners, locked_keys }
    }

    /// Where a certificate that was among the files stands.
    pub(super) fn place(&self, certificate: &Certificate) -> Option<usize> {
        self.by_der.get(certificate.der()).copied()
    }

    /// The files with the private half of a public key.
    pub(super) fn private_keys(&self, key: &PublicKey) -> &[&'a str] {
        self.keys.get(key.key()).map_or(&[], Vec::as_slice)
    }

    /// The certificates that carry a public key.
    pub(super) fn owners(&self, key: &PublicKey) -> impl Iterator<Item = &Member<'a>> {
        self.owners.get(key.key()).into_iter().flatten().map(|at| &self.members[*at])
    }
}

#[derive(Debug)]
struct Found<'a> {
    certificate: &'a Certificate,
    files: Vec<&'a str>,
}

fn distinct(files: &[FileContent]) -> (Vec<Found<'_>>, HashMap<&[u8], usize>) {
    let mut found: Vec<Found<'_>> = Vec::with_capacity(files.len());
    let mut by_der = HashMap::with_capacity(files.len());
    for file in files {
        for certificate in file.certificates() {
            let at = *by_der.entry(certificate.der()).or_insert_with(|| {
                found.push(Found { certificate, files: Vec::new() });
                found.len() - 1
            });
            if found[at].files.last() != Some(&file.path.as_str()) {
                found[at].files.push(&file.path);
            }
        }
    }
    (found, by_der)
}

fn keys(files: &[FileContent]) -> (HashMap<&[u8], Vec<&str>>, bool) {
    let mut keys: HashMap<&[u8], Vec<&str>> = HashMap::new();
    let mut locked = false;
    for file in files {
        for key in file.keys() {
            match &key.state {
                KeyState::Open(public) => {
                    let paths = keys.entry(public.key()).or_default();
                    if paths.last() != Some(&file.path.as_str()) {
                        paths.push(&file.path);
                    }
                }
                _ => locked = true,
            }
        }
        locked |= file.objects.iter().any(is_locked_pfx);
    }
    (keys, locked)
}

fn is_locked_pfx(object: &Object) -> bool {
    matches!(&object.what, What::Pfx(pfx) if !matches!(pfx.state, PfxState::Open(_)))
}

/// The certificates that may have signed one, the likeliest first.
#[derive(Debug)]
struct Candidates {
    of: usize,
    by: Vec<usize>,
    effort: Effort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effort {
    All,
    /// There are more than can be tried.
    Some,
    /// All the time is spent.
    None,
}

fn plan(certificates: &[Found<'_>], at: OffsetDateTime) -> Vec<Candidates> {
    let mut by_subject: HashMap<&[u8], Vec<usize>> = HashMap::with_capacity(certificates.len());
    let mut by_key_id: HashMap<&[u8], Vec<usize>> = HashMap::with_capacity(certificates.len());
    for (place, Found { certificate, .. }) in certificates.iter().enumerate() {
        by_subject.entry(certificate.subject()).or_default().push(place);
        if let Some(id) = certificate.subject_key_id() {
            by_key_id.entry(id).or_default().push(place);
        }
    }
    let all: Vec<&Certificate> = certificates.iter().map(|found| found.certificate).collect();
    let leading = leading::to_a_living_root(&all, at);
    let mut left = WORK;
    let plan_one = |(of, found): (usize, &Found<'_>)| {
        let certificate = found.certificate;
        let named = by_subject.get(certificate.issuer()).map_or(&[][..], Vec::as_slice);
        let with_id = certificate.authority_key_id().and_then(|id| by_key_id.get(id)).map_or(&[][..], Vec::as_slice);
        let mut by = likeliest(of, named, with_id, certificates, &leading);
        let mut effort = if named.len() > CROWD || by.len() > TRIES { Effort::Some } else { Effort::All };
        by.truncate(TRIES);
        let work = by.iter().map(|place| weight(certificates[*place].certificate.public_key())).sum();
        match left.checked_sub(work) {
            Some(rest) => left = rest,
            None => effort = Effort::None,
        }
        Candidates { of, by, effort }
    };
    certificates.iter().enumerate().map(plan_one).collect()
}

fn likeliest(
    of: usize,
    named: &[usize],
    with_id: &[usize],
    certificates: &[Found<'_>],
    leading: &Leading,
) -> Vec<usize> {
    let certificate = certificates[of].certificate;
    let itself = certificate.is_self_issued().then_some(of);
    let mut by: Vec<usize> = itself.into_iter().chain(named.iter().take(CROWD).copied()).collect();
    // Of a crowd of one name those whose key id fits, wherever they stand.
    by.extend(with_id.iter().take(CROWD).filter(|place| named.binary_search(place).is_ok()));
    by.sort_by_cached_key(|place| {
        (*place != of, leading.rank(certificate, *place, certificates[*place].certificate), *place)
    });
    if by.is_empty() {
        // The name may be written in another encoding.
        by.extend(with_id.iter().copied().filter(|place| *place != of).take(2));
    }
    // Two certificates with one key sign alike: the likelier of them is enough. Copies fall out as well.
    let mut seen = HashSet::new();
    by.retain(|place| seen.insert(certificates[*place].certificate.public_key_info()));
    by
}

/// How many times longer a check takes than with RSA 2048, roughly.
fn weight(key: &PublicKey) -> usize {
    match key.algorithm() {
        KeyAlgorithm::Rsa { bits, .. } | KeyAlgorithm::RsaPss { bits } => (bits / 2048).pow(2).clamp(1, 64),
        KeyAlgorithm::Ec(_) => 16,
        _ => 4,
    }
}

fn search(candidates: &Candidates, certificates: &[Found<'_>]) -> Issuer {
    let certificate = certificates[candidates.of].certificate;
    let Some(&first) = candidates.by.first() else { return Issuer::Missing };
    if candidates.effort == Effort::None {
        return Issuer::Broken { by: first, why: Break::Untried };
    }
    let mut broken = None;
    for by in &candidates.by {
        let issuer = certificates[*by].certificate;
        match certificate.verify_signed_by(issuer) {
            Ok(()) if *by == candidates.of => return Issuer::Itself,
            Ok(()) => return signed(certificate, issuer, *by),
            Err(error) => _ = broken.get_or_insert_with(|| break_of(certificate, issuer, &error)),
        }
    }
    let why = broken.filter(|_| candidates.effort == Effort::All).unwrap_or(Break::Untried);
    Issuer::Broken { by: first, why }
}

fn signed(certificate: &Certificate, issuer: &Certificate, by: usize) -> Issuer {
    let name_differs = certificate.issuer() != issuer.subject();
    let alike = || {
        let folded = |name: &DistinguishedName| name.text().to_lowercase();
        folded(certificate.issuer_name()) == folded(issuer.subject_name())
    };
    if name_differs && !alike() {
        return Issuer::Broken { by, why: Break::OtherName };
    }
    Issuer::Signed { by, name_differs }
}

fn break_of(certificate: &Certificate, issuer: &Certificate, error: &SignatureError) -> Break {
    match error {
        SignatureError::Mismatch => {
            let ids_fit = certificate.authority_key_id().is_some_and(|id| issuer.subject_key_id() == Some(id));
            if ids_fit { Break::Altered } else { Break::OtherKey }
        }
        SignatureError::KeyKind => Break::KeyKind,
        SignatureError::Unsupported(algorithm) => Break::CannotBeChecked(algorithm.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::inventory::Form;
    use crate::pki::pem;
    use time::macros::datetime;

    const ROOT: &[u8] = include_bytes!("../../../fixtures/golden/qlik/root.cer");
    const CLIENT: &[u8] = include_bytes!("../../../fixtures/golden/qlik/client.pem");

    fn files(certificates: &[Vec<u8>]) -> Vec<FileContent> {
        let file = |(number, der): (usize, &Vec<u8>)| {
            let certificate = Certificate::parse(der.clone()).unwrap();
            let what = What::Certificate(Box::new(certificate));
            let (path, name) = (format!("{number}"), String::new());
            let objects = vec![Object { label: None, line: None, what }];
            let form = Form::Binary { trailing_bytes: 0 };
            FileContent { path, name, size: 0, others_may_read: false, tracked_by_git: false, form, objects }
        };
        certificates.iter().enumerate().map(file).collect()
    }

    fn client() -> Vec<u8> {
        pem::decode(CLIENT).unwrap().remove(0).der.expose().to_vec()
    }

    /// Another key under the same name and key id.
    fn false_root(number: usize) -> Vec<u8> {
        let key = Certificate::parse(ROOT.to_vec()).unwrap().public_key().key().to_vec();
        let at = ROOT.windows(key.len()).position(|window| window == key).unwrap();
        let mut der = ROOT.to_vec();
        der[at + 100] ^= u8::try_from(number % 255 + 1).unwrap();
        der[at + 101] ^= u8::try_from(number / 255).unwrap();
        der
    }

    fn issuer_of_first(certificates: &[Vec<u8>]) -> Issuer {
        let files = files(certificates);
        Kinship::new(&files, datetime!(2030-01-01 00:00 UTC)).members[0].issuer.clone()
    }

    #[test]
    fn copies_are_one_and_links_are_verified() {
        let all = [client(), ROOT.to_vec(), ROOT.to_vec(), client()];
        let files = files(&all);
        let kinship = Kinship::new(&files, datetime!(2030-01-01 00:00 UTC));
        let members: Vec<_> = kinship.members.iter().map(|member| (&member.files[..], &member.issuer)).collect();
        let signed = Issuer::Signed { by: 1, name_differs: false };
        assert_eq!(members, [(&["0", "3"][..], &signed), (&["1", "2"][..], &Issuer::Itself)]);
        assert_eq!(issuer_of_first(&[client()]), Issuer::Missing);
        assert_eq!(issuer_of_first(&[client(), false_root(0)]), Issuer::Broken { by: 1, why: Break::Altered });
        let crowd: Vec<_> = (0..10).map(false_root).collect();
        let with_root = [&[client()], &crowd[..], &[ROOT.to_vec()]].concat();
        assert_eq!(issuer_of_first(&with_root), Issuer::Signed { by: 11, name_differs: false });
    }

    #[test]
    fn what_was_not_tried_is_not_called_broken() {
        let crowd: Vec<_> = (0..TRIES).map(false_root).collect();
        let with_root = [&[client()], &crowd[..], &[ROOT.to_vec()]].concat();
        assert!(matches!(issuer_of_first(&with_root), Issuer::Broken { why: Break::Untried, .. }));
    }

    #[test]
    fn a_crowd_of_one_name_is_tried_within_bounds() {
        let many: Vec<_> = (0..2000).map(false_root).collect();
        let files = files(&many);
        let found = distinct(&files).0;
        let planned = plan(&found, datetime!(2030-01-01 00:00 UTC));
        let tries: usize = planned.iter().filter(|one| one.effort != Effort::None).map(|one| one.by.len()).sum();
        assert!(tries <= WORK && tries > WORK / 2, "{tries}");
        assert!(planned.iter().all(|one| one.by.len() <= TRIES && one.by.first() == Some(&one.of)));
    }
}
