//! The same of a machine's stores, as a snapshot shows them: a prediction by Qlik's table, counting as Qlik counts.
//!
//! The client is looked for in Personal of the account, the server in Personal of the machine, the root in Trusted Root
//! of the machine. Where the help pages leave something open the sentence says that it is inferred. Nothing is predicted
//! from a store that was not read.

use super::super::profile::Role;
use super::super::report::{StartUpAction, StartUpVerdict};
use super::super::rules::stores::{Item, Scene, Worth};

/// None of a machine that is not one of a site's.
pub(in super::super) fn of_stores(scene: &Scene<'_>) -> Vec<StartUpVerdict> {
    if !scene.is_node {
        return Vec::new();
    }
    let known = |role: &Role| scene.is_home_read(*role);
    [Role::Root, Role::Server, Role::Client].into_iter().filter(known).map(|role| of_role(scene, role)).collect()
}

fn of_role(scene: &Scene<'_>, role: Role) -> StartUpVerdict {
    let (action, why) = if role == Role::Root { root(scene) } else { leaf(scene, role) };
    StartUpVerdict { role: role.word(), action, why }
}

fn root(scene: &Scene<'_>) -> (StartUpAction, String) {
    let elsewhere = !scene.roots_of_user().is_empty();
    match &scene.roots()[..] {
        [] if elsewhere => {
            let why = "there is none with the machine; inferred: the one in `CurrentUser\\Root` does not count";
            (StartUpAction::Create, why.to_owned())
        }
        [] => (StartUpAction::Create, "there is none in `LocalMachine\\Root`".to_owned()),
        [one] => {
            let fatal = "a fatal error, and an administrator must delete it by hand";
            let other = if elsewhere { "; inferred: another one in `CurrentUser\\Root` does not count" } else { "" };
            let valid = || (StartUpAction::Keep, format!("{} is the only one, and valid{other}", one.named()));
            let stop = |why| (StartUpAction::Stop, format!("{} {why}: {fatal}", one.named()));
            scene.fault_of_root(one).map_or_else(valid, stop)
        }
        several => {
            let why = "a fatal error, and an administrator must delete all but one by hand";
            (StartUpAction::Stop, format!("there are {} in `LocalMachine\\Root`: {why}", several.len()))
        }
    }
}

fn leaf(scene: &Scene<'_>, role: Role) -> (StartUpAction, String) {
    const ON_RIM: &str = "on a node that is not the central one, the central node has to send one";
    let leaves = scene.leaves(role);
    match &leaves[..] {
        [] if role == Role::Client => {
            let account = &scene.content.snapshot.account;
            let doubt = "if the services run as another account, that one's counts, and is not known";
            (StartUpAction::Create, format!("there is none in Personal of `{account}`; {doubt}; {ON_RIM}"))
        }
        [] => (StartUpAction::Create, format!("there is none; {ON_RIM}")),
        [one] => match scene.worth(one) {
            Worth::Invalid { why, inferred } => {
                let inferred = if inferred { " (inferred: Qlik does not say what it calls valid)" } else { "" };
                (StartUpAction::DeleteAndCreate, format!("{} {why}{inferred}; {ON_RIM}", one.named()))
            }
            Worth::Valid => {
                (StartUpAction::Keep, format!("{} is the only one, and valid{}", one.named(), doubt(scene, one)))
            }
            Worth::Unknown => {
                let why = "`LocalMachine\\Root` was not read, so whether the site's root signed it is not known";
                (StartUpAction::Unknown, format!("{} is the only one; {why}", one.named()))
            }
        },
        several => {
            let worths: Vec<_> = several.iter().map(|one| scene.worth(one)).collect();
            let count = |is: fn(&Worth) -> bool| worths.iter().filter(|worth| is(worth)).count();
            let valid = count(|worth| *worth == Worth::Valid);
            let invalid = count(|worth| matches!(worth, Worth::Invalid { .. }));
            let unknown = match worths.len() - valid - invalid {
                0 => String::new(),
                some => format!(", {some} of which that is not known"),
            };
            let why = format!(
                "there are {}, {valid} valid and {invalid} invalid{unknown}, and all of them are deleted",
                worths.len()
            );
            (StartUpAction::DeleteAndCreate, why)
        }
    }
}

fn doubt(scene: &Scene<'_>, leaf: &Item<'_>) -> &'static str {
    let told = leaf.entry.key.as_ref().is_some_and(|key| scene.usable(key) == Some(true));
    if told { "" } else { "; whether the services' account can use its key is not known" }
}
