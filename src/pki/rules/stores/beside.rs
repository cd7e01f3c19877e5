//! A bundle beside a snapshot: whether it is of the site whose stores these are, and what an import would do.

use super::super::super::certificate::Certificate;
use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::inventory::FileContent;
use super::super::super::overview::{Found, is_root, role_of};
use super::super::super::profile::Role;
use super::super::super::snapshot::{Location, StoreName};
use super::super::Case;
use super::content;

pub(super) const RULES: &[&Rule] = &[&BUNDLE_ROOT, &BUNDLE_CLIENT];

static BUNDLE_ROOT: Rule = Rule {
    id: "stores/bundle-root",
    severity: Severity::Error,
    title: "the bundle's root is not a root in the stores",
    cause: "The bundle comes from another site, or from before the site's certificates were made anew: the services of \
            this machine refuse it.",
    fix: "export the bundle again from the site whose machine this is",
    source: "Qlik help and published recipes",
};
static BUNDLE_CLIENT: Rule = Rule {
    id: "stores/bundle-client",
    severity: Severity::Note,
    title: "the bundle's client certificate would be a second one in the store",
    cause: "There is a client certificate in Personal of the account already. Where the Repository Service runs under \
            this account it deletes all of them at its next start when there are two.",
    fix: "do not import it there; use the bundle's files from where they are, or on another machine",
    source: "Qlik help, certificate handling of the Repository Service",
};

/// What a bundle is compared with.
#[derive(Debug, Clone)]
pub struct SiteStores {
    path: String,
    /// From Trusted Root of the machine and of the account.
    roots: Vec<Certificate>,
    /// From Personal of the account.
    clients: Vec<Certificate>,
}

impl SiteStores {
    /// `None` for a file that is no snapshot.
    pub fn of(file: &FileContent) -> Option<Self> {
        let content = content(file)?;
        let of = |role: Role, wanted: fn(Location, StoreName) -> bool| {
            let held = content.qliks().filter(move |(held, _)| {
                let place = content.store(held).map(|store| (store.location, store.name));
                held.role == Some(role) && place.is_some_and(|(location, name)| wanted(location, name))
            });
            held.map(|(_, certificate)| certificate.clone()).collect()
        };
        Some(Self {
            path: file.path.clone(),
            roots: of(Role::Root, |location, name| location != Location::Other && name == StoreName::Root),
            clients: of(Role::Client, |location, name| location == Location::CurrentUser && name == StoreName::My),
        })
    }
}

pub(in super::super::super) fn judge(case: &mut Case<'_>, stores: &[SiteStores]) {
    if !case.overview.is_bundle() {
        return;
    }
    for site in stores.iter().filter(|site| !site.roots.is_empty()) {
        let roots: Vec<&Found<'_>> =
            case.overview.certificates.iter().filter(|found| is_root(found.certificate)).collect();
        let strange = roots.iter().filter(|found| !site.knows(found.certificate));
        match strange.collect::<Vec<_>>()[..] {
            [] => client(case, site),
            ref strangers => {
                for found in strangers {
                    let finding = root(case, site, found);
                    case.report(finding);
                }
            }
        }
    }
}

/// A bundle whose root is none of the stores'.
pub(in super::super::super) fn is_of_another_root(finding: &Finding) -> bool {
    finding.rule.id == BUNDLE_ROOT.id
}

/// What an import of a bundle would do.
pub(in super::super::super) fn is_of_an_import(finding: &Finding) -> bool {
    finding.rule.id == BUNDLE_CLIENT.id
}

impl SiteStores {
    fn knows(&self, root: &Certificate) -> bool {
        self.roots.iter().any(|own| own.public_key_info() == root.public_key_info())
    }
}

fn root(case: &Case<'_>, site: &SiteStores, found: &Found<'_>) -> Finding {
    let same_name = site.roots.iter().any(|own| own.subject() == found.certificate.subject());
    let how = if same_name { "same name, other key" } else { "another name and another key" };
    let mut files = case.overview.paths(&found.places);
    files.push(site.path.clone());
    let sentence = format!("{} is not a root in the stores of `{}`: {how}", case.overview.label(found), site.path);
    Finding::new(&BUNDLE_ROOT, files, sentence)
}

fn client(case: &mut Case<'_>, site: &SiteStores) {
    let overview = case.overview;
    let Some(there) = site.clients.first() else { return };
    let is_client = |found: &&Found<'_>| role_of(found.certificate) == Some(Role::Client);
    for found in overview.certificates.iter().filter(is_client) {
        if site.clients.iter().any(|own| own.der() == found.certificate.der()) {
            continue;
        }
        let mut files = overview.paths(&found.places);
        files.push(site.path.clone());
        let (named, thumbprint) = (overview.label(found), there.sha1());
        let sentence = format!(
            "{named} would be a second client certificate in `CurrentUser\\My` of `{}`, beside thumbprint `{thumbprint}`",
            site.path
        );
        case.report(Finding::new(&BUNDLE_CLIENT, files, sentence));
    }
}
