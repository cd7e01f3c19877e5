//! The certificate stores of a Windows machine, as a snapshot shows them: what stops the Repository Service, what it
//! would delete, and what other programs stumble over.
//!
//! Other certificates than Qlik's are looked at only where they hurt Qlik's services. What could not be read is said.

mod authority;
pub mod beside;
mod keys;
mod leaves;
mod machine;
mod places;
mod roots;
mod scene;
mod several;

pub(super) use leaves::OTHER_ROOT as LEAF_OF_ANOTHER_ROOT;
pub(super) use machine::UNREADABLE;
pub(super) use roots::ROOT_INVALID;
pub(in super::super) use scene::{Item, Scene, Worth};

use super::super::finding::{Finding, Rule};
use super::super::inventory::{FileContent, Object, SnapshotContent, What};
use super::super::profile::Role;
use super::super::report::StartUpVerdict;
use super::super::snapshot::{Location, StoreName};
use super::super::start_up;
use super::Given;

pub const RULES: &[&[&Rule]] =
    &[roots::RULES, authority::RULES, leaves::RULES, keys::RULES, places::RULES, machine::RULES, beside::RULES];

/// What became of a snapshot.
#[derive(Debug)]
pub(in super::super) struct Judged {
    pub(in super::super) findings: Vec<Finding>,
    pub(in super::super) start_up: Vec<StartUpVerdict>,
    /// Each as a file by itself: the certificates in which nothing was found, for the rules of files and chains.
    pub(in super::super) whole: Vec<FileContent>,
}

/// `None` for a file that is no snapshot.
pub(in super::super) fn judge(file: &FileContent, given: &Given) -> Option<Judged> {
    let content = content(file)?;
    let scene = Scene::new(file, content, given);
    let mut findings = Vec::new();
    for rule in
        [machine::unread, roots::judge, authority::judge, leaves::judge, keys::judge, places::judge, machine::judge]
    {
        rule(&scene, &mut findings);
    }
    let start_up = start_up::of_stores(&scene);
    let alone = |name: String, objects| FileContent {
        path: file.path.clone(),
        name,
        size: file.size,
        others_may_read: false,
        tracked_by_git: false,
        form: file.form.clone(),
        objects,
    };
    let mut whole: Vec<_> = whole(&scene).iter().map(|item| alone(item.called(), vec![item.object()])).collect();
    if whole.is_empty() {
        whole.push(alone(file.name.clone(), Vec::new()));
    }
    Some(Judged { findings, start_up, whole })
}

pub(in super::super) fn content(file: &FileContent) -> Option<&SnapshotContent> {
    file.objects.iter().find_map(|object| match &object.what {
        What::Snapshot(content) => Some(&**content),
        _ => None,
    })
}

/// A server or client in the stores that no root there signed.
pub(in super::super) fn is_of_another_root(finding: &Finding) -> bool {
    finding.rule.id == LEAF_OF_ANOTHER_ROOT.id
}

/// Roots that hold, and what they signed: what is in the wrong place, or there twice, was said already.
fn whole<'a>(scene: &Scene<'a>) -> Vec<Item<'a>> {
    let roots = scene.roots();
    if scene.is_node && roots.len() != 1 {
        return Vec::new();
    }
    let roots: Vec<_> = roots.into_iter().filter(|root| scene.fault_of_root(root).is_none()).collect();
    let mut whole = roots.clone();
    for role in [Role::Server, Role::Client] {
        let leaves = scene.leaves(role);
        let alone = leaves.len() == 1;
        let counts = |leaf: &Item<'_>| {
            let told = scene.is_node && !alone || scene.fault_of_dates(leaf).is_some();
            !told && roots.iter().any(|root| leaf.is_signed_by(root))
        };
        whole.extend(leaves.into_iter().filter(counts));
    }
    whole
}

impl Item<'_> {
    /// As sentences about files name it.
    fn called(&self) -> String {
        format!("{} in {}", self.certificate.title(), self.store.path())
    }

    fn object(&self) -> Object {
        Object { label: None, line: None, what: What::Certificate(Box::new(self.certificate.clone())) }
    }
}

/// Where Qlik keeps each.
const fn home_of(role: Role) -> (Location, StoreName) {
    match role {
        Role::Root => (Location::LocalMachine, StoreName::Root),
        Role::Server => (Location::LocalMachine, StoreName::My),
        Role::Client => (Location::CurrentUser, StoreName::My),
    }
}
