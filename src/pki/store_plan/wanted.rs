//! `Wanted`: the certificates and keys of a bundle that are to be in the stores, sorted by content. Or why these files
//! do not make a bundle that is sound.
//!
//! Of a leaf in both formats the PFX counts: that is what an import takes. What `validate` calls an error in a certificate
//! that is wanted is a refusal here; how its file is written does not matter, for a store has no files.

use super::super::certificate::Certificate;
use super::super::finding::Severity;
use super::super::inventory::{FileContent, Form, Key, KeyState, Object, PfxState, What};
use super::super::overview::{Found, Overview, Slot, is_root, pfx_of, role_of};
use super::super::profile::Role;
use super::super::public_key::KeyAlgorithm;
use super::super::report::Report;
use super::super::rules::leftovers::is_leftover;
use super::super::secret::Secret;
use super::{Refusal, named};

/// What is asked for of a bundle.
#[derive(Debug, Default)]
pub struct Choice<'a> {
    /// None: whatever is there.
    pub roles: &'a [Role],
    /// Whose server certificate, where there are several.
    pub machine: Option<&'a str>,
}

#[derive(Debug, Default)]
pub struct Wanted {
    /// To be put into Trusted Root.
    pub root: Option<Certificate>,
    pub leaves: Vec<Leaf>,
    /// The root's private key is among the files. It is not installed.
    pub root_key_in: Option<String>,
    /// Leaves of another export in the same folder, by role and files, and those that were taken in their place.
    pub passed_over: Vec<(Role, String, String)>,
}

#[derive(Debug)]
pub struct Leaf {
    pub role: Role,
    pub certificate: Certificate,
    /// PKCS#8.
    pub key: Secret,
    /// From the one that signed it up to below the root, where there are any.
    pub between: Vec<Certificate>,
    /// The root that it hangs from, where the files have one.
    pub root: Option<Certificate>,
}

/// Longer chains than any site has.
const MOST_BETWEEN: usize = 8;

/// `report` is of the bundle's files, read with their keys.
pub fn sort(report: &Report, choice: &Choice<'_>) -> (Wanted, Vec<Refusal>) {
    let overview = Overview::new(&report.files);
    let mut refusals: Vec<Refusal> = report.files.iter().filter(|file| !is_leftover(file)).flat_map(closed).collect();
    let is_closed = !refusals.is_empty();
    let sorter = Sorter { overview: &overview, choice };
    let mut wanted = Wanted::default();
    let mut chosen = Vec::new();
    let root = sorter.one_of(Role::Root, &mut refusals);
    for role in [Role::Server, Role::Client] {
        if !sorter.asks(role) {
            continue;
        }
        match sorter.one_of(role, &mut refusals) {
            Some(found) => chosen.push((role, found)),
            None if !sorter.candidates(role).is_empty() => {}
            None if choice.roles.is_empty() => {}
            None => refusals.push(Refusal::NoLeaf(role)),
        }
    }
    let nothing = chosen.is_empty() && root.is_none();
    let several_roots = sorter.candidates(Role::Root).len() > 1;
    if !refusals.is_empty() {
        // What is closed may be what is missing.
    } else if nothing && !sorter.has_leaves() {
        refusals.push(Refusal::Nothing);
    } else if root.is_none() && sorter.asks(Role::Root) && !several_roots {
        refusals.push(Refusal::NoRoot);
    }
    let places: Vec<usize> =
        chosen.iter().map(|(_, found)| *found).chain(root).flat_map(|one| one.places.clone()).collect();
    let paths = overview.paths(&places);
    let faults = faults(report, &paths);
    let judged_faulty = !faults.is_empty();
    refusals.extend(faults);
    for (role, found) in chosen {
        let left: Vec<String> = sorter.passed_over(role).iter().map(|one| overview.label(one)).collect();
        if !left.is_empty() {
            wanted.passed_over.push((role, overview.label(found), left.join(", ")));
        }
        match sorter.leaf(role, found.certificate, root.map(|root| root.certificate)) {
            Ok(leaf) => wanted.leaves.push(leaf),
            // Then `validate` has said the cause.
            Err(Refusal::OtherRoot { .. }) if judged_faulty => {}
            // It may be in what does not open.
            Err(Refusal::NoKey(_)) if is_closed => {}
            Err(refusal) => refusals.push(refusal),
        }
    }
    if let Some(found) = root.filter(|_| sorter.asks(Role::Root)) {
        wanted.root_key_in = sorter.key_of(found.certificate).map(|(_, file)| file.to_owned());
        wanted.root = Some(found.certificate.clone());
    }
    (wanted, refusals)
}

struct Sorter<'a> {
    overview: &'a Overview<'a>,
    choice: &'a Choice<'a>,
}

impl<'a> Sorter<'a> {
    fn asks(&self, role: Role) -> bool {
        self.choice.roles.is_empty() || self.choice.roles.contains(&role)
    }

    fn has_leaves(&self) -> bool {
        [Role::Server, Role::Client].iter().any(|role| !self.candidates(*role).is_empty())
    }

    fn is_meant(&self, found: &Found<'_>) -> bool {
        found.places.iter().filter_map(|place| self.overview.files.get(*place)).any(|file| !is_leftover(file))
    }

    /// Of a role, the PFX's where there are any.
    fn candidates(&self, role: Role) -> Vec<&'a Found<'a>> {
        let all = self.of_role(role);
        let from_pfx: Vec<_> = all.iter().copied().filter(|found| self.is_in_pfx(found)).collect();
        if role == Role::Root || from_pfx.is_empty() { all } else { from_pfx }
    }

    /// Those in PEM where a PFX of the same role counts.
    fn passed_over(&self, role: Role) -> Vec<&'a Found<'a>> {
        let (pfx, pem): (Vec<_>, Vec<_>) = self.of_role(role).into_iter().partition(|found| self.is_in_pfx(found));
        if role == Role::Root || pfx.is_empty() { Vec::new() } else { pem }
    }

    fn is_in_pfx(&self, found: &Found<'_>) -> bool {
        found.places.iter().filter_map(|place| self.overview.files.get(*place)).any(|file| pfx_of(file).is_some())
    }

    fn of_role(&self, role: Role) -> Vec<&'a Found<'a>> {
        let is_of = |found: &&Found<'_>| match role {
            Role::Root => is_root(found.certificate),
            _ => role_of(found.certificate) == Some(role) && !is_root(found.certificate),
        };
        self.overview.certificates.iter().filter(|found| self.is_meant(found)).filter(is_of).collect()
    }

    fn one_of(&self, role: Role, refusals: &mut Vec<Refusal>) -> Option<&'a Found<'a>> {
        let mut found = self.candidates(role);
        if let (2.., Role::Server, Some(machine)) = (found.len(), role, self.choice.machine) {
            found.retain(|one| is_named(one.certificate, machine));
        }
        if found.len() > 1 {
            let names: Vec<String> = found.iter().map(|one| self.overview.label(one)).collect();
            refusals.push(Refusal::Several { role, names: names.join(", ") });
            return None;
        }
        found.pop()
    }

    fn leaf(&self, role: Role, certificate: &Certificate, root: Option<&Certificate>) -> Result<Leaf, Refusal> {
        if !matches!(certificate.public_key().algorithm(), KeyAlgorithm::Rsa { .. }) {
            return Err(Refusal::NotRsa(named(certificate)));
        }
        let between = match root {
            Some(root) => self.between(certificate, root)?,
            None => Vec::new(),
        };
        let (key, _) = self.key_of(certificate).ok_or_else(|| Refusal::NoKey(named(certificate)))?;
        let private = key.private.as_ref().ok_or_else(|| Refusal::NoKey(named(certificate)))?;
        Ok(Leaf {
            role,
            certificate: certificate.clone(),
            key: Secret::new(private.expose().to_vec()),
            between,
            root: root.cloned(),
        })
    }

    /// The private key that is this certificate's, and its file.
    fn key_of(&self, certificate: &Certificate) -> Option<(&'a Key, &'a str)> {
        let is_own = |key: &&super::super::overview::FoundKey<'_>| {
            key.public_key().is_some_and(|public| public.info() == certificate.public_key_info())
        };
        let own = self.overview.keys.iter().filter(is_own);
        // The same key may lie in several files, and one of them open.
        let found = own.clone().find(|found| found.key.private.is_some()).or_else(|| own.clone().next())?;
        Some((found.key, self.overview.files.get(found.place)?.name.as_str()))
    }

    fn between(&self, leaf: &Certificate, root: &Certificate) -> Result<Vec<Certificate>, Refusal> {
        let mut between: Vec<Certificate> = Vec::new();
        let mut last = leaf;
        while last.verify_signed_by(root).is_err() {
            let next = self.overview.certificates.iter().map(|found| found.certificate).find(|one| {
                one.subject() == last.issuer()
                    && one.der() != last.der()
                    && !one.is_self_issued()
                    && last.verify_signed_by(one).is_ok()
            });
            match next {
                Some(next) if between.len() < MOST_BETWEEN => {
                    between.push(next.clone());
                    last = next;
                }
                _ => return Err(Refusal::OtherRoot { leaf: named(leaf), root: named(root) }),
            }
        }
        Ok(between)
    }
}

fn is_named(certificate: &Certificate, machine: &str) -> bool {
    let names = certificate.common_name().into_iter().chain(certificate.dns_names());
    names.into_iter().any(|name| name.eq_ignore_ascii_case(machine))
}

/// What cannot be looked into may hold what is wanted.
fn closed(file: &FileContent) -> Vec<Refusal> {
    let unreadable = |why: &str| Refusal::Unreadable { file: file.name.clone(), why: why.to_owned() };
    match &file.form {
        Form::Unreadable(why) => return vec![unreadable(why)],
        Form::Empty if Slot::of(&file.name).is_some() => return vec![unreadable("it is empty")],
        _ => {}
    }
    file.objects.iter().filter_map(|object| of_object(file, object)).take(1).collect()
}

fn of_object(file: &FileContent, object: &Object) -> Option<Refusal> {
    let unreadable = |why: &str| Some(Refusal::Unreadable { file: file.name.clone(), why: why.to_owned() });
    match &object.what {
        What::Damaged(damage) => unreadable(&format!("{}: {}", damage.kind, damage.why)),
        What::Other(what) if Slot::of(&file.name).is_some() => unreadable(&format!("it is {what}")),
        What::Key(key) => of_key(file, key),
        What::Pkcs7(objects) => objects.iter().find_map(|object| of_object(file, object)),
        What::Pfx(pfx) => match &pfx.state {
            PfxState::Open(_) => pfx.entries.iter().find_map(|entry| of_object(file, &entry.object)),
            PfxState::PasswordNeeded => Some(Refusal::PasswordNeeded(file.name.clone())),
            PfxState::WrongPassword => Some(Refusal::WrongPassword(file.name.clone())),
            PfxState::Unsupported(what) => unreadable(&format!("it uses {what}")),
            PfxState::Damaged(why) => unreadable(why),
        },
        _ => None,
    }
}

fn of_key(file: &FileContent, key: &Key) -> Option<Refusal> {
    match &key.state {
        KeyState::Open(_) => None,
        KeyState::PasswordNeeded => Some(Refusal::PasswordNeeded(file.name.clone())),
        KeyState::WrongPassword => Some(Refusal::WrongPassword(file.name.clone())),
        KeyState::Unsupported(what) => Some(Refusal::Unreadable { file: file.name.clone(), why: what.clone() }),
        KeyState::Damaged(why) => Some(Refusal::Unreadable { file: file.name.clone(), why: why.clone() }),
    }
}

/// Said here in its own words.
const SEVERAL_ROOTS: &str = "site/two-roots";

fn faults(report: &Report, paths: &[String]) -> Vec<Refusal> {
    let is_about = |id: &str| !id.starts_with("files/") && !id.starts_with("stores/") && id != SEVERAL_ROOTS;
    let errors =
        report.findings.iter().filter(|finding| finding.severity == Severity::Error && is_about(finding.rule.id));
    let wanted = errors.filter(|finding| finding.files.iter().any(|file| paths.contains(file)));
    wanted.map(|finding| Refusal::Fault(finding.sentence.clone(), finding.fix.to_string())).collect()
}
