//! Whether the stores are as was planned: each step's certificate is there, or gone, and nothing of Qlik's changed beside.

use super::super::inventory::SnapshotContent;
use super::super::profile::{CLIENT_NAME, Role};
use super::super::snapshot::{Location, STORES};
use super::shelf::{Item, Shelf};
use super::{Action, Place, Step, named};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub sentence: String,
    /// It is what was planned, or Qlik's; anything else may be another program's doing.
    pub is_ours: bool,
}

/// `done` are the steps that were done, between the two looks at the stores.
pub fn confirm(done: &[&Step], before: &SnapshotContent, after: &SnapshotContent) -> Vec<Difference> {
    let (before, after) = (Shelf::new(before), Shelf::new(after));
    let mut differences: Vec<Difference> = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    for (location, name) in STORES {
        let place = Place { location, name };
        match after.unread(place) {
            Some(why) if done.iter().any(|step| step.place == place) => {
                differences.push(Difference { sentence: why.to_string(), is_ours: true });
            }
            Some(_) => {}
            None => places.push(place),
        }
    }
    let planned = done.iter().filter(|step| places.contains(&step.place)).filter_map(|step| fault(step, &after));
    differences.extend(planned.map(|sentence| Difference { sentence, is_ours: true }));
    for place in places.into_iter().filter(|place| before.unread(*place).is_none()) {
        differences.extend(beside(place, done, &before, &after));
    }
    differences
}

fn fault(step: &Step, after: &Shelf<'_>) -> Option<String> {
    let (what, place) = (named(&step.certificate), step.place.path());
    let found = after.find(step.place, &step.certificate);
    let Some(item) = found else {
        return (step.action != Action::Remove).then(|| format!("{what} is not in `{place}`"));
    };
    if step.action == Action::Remove {
        return Some(format!("{what} is still in `{place}`"));
    }
    if item.entry.archived {
        return Some(format!("{what} in `{place}` is archived"));
    }
    let is_leaf = matches!(step.role, Some(Role::Server | Role::Client));
    if !is_leaf {
        return None;
    }
    if step.role == Some(Role::Client) && shown_name(&item) != Some(CLIENT_NAME) {
        return Some(format!("{what} in `{place}` does not have the friendly name `{CLIENT_NAME}`"));
    }
    let Some(key) = &item.entry.key else { return Some(format!("{what} in `{place}` has no private key")) };
    // Who is not elevated cannot use the machine's keys: that says nothing of the services.
    let can_tell = step.role == Some(Role::Client) || after.content.snapshot.elevated != Some(false);
    if key.usable == Some(false) && can_tell {
        return Some(format!("the private key of {what} in `{place}` cannot be used"));
    }
    let machine = step.role == Some(Role::Server);
    (key.machine_keyset == Some(!machine)).then(|| {
        let whose = if machine { "an account's and not the machine's" } else { "the machine's and not the account's" };
        format!("the private key of {what} in `{place}` is {whose}")
    })
}

fn shown_name<'a>(item: &Item<'a>) -> Option<&'a str> {
    item.entry.friendly_name.as_deref().map(|name| name.trim_end_matches('\0'))
}

/// What came or went that nobody planned.
fn beside(place: Place, done: &[&Step], before: &Shelf<'_>, after: &Shelf<'_>) -> Vec<Difference> {
    // What is done to the machine's store shows in the account's of the same name.
    let shows = |step: &&&Step| {
        step.place == place || (place.location == Location::CurrentUser && step.place.name == place.name)
    };
    let is_planned =
        |item: &Item<'_>| done.iter().filter(shows).any(|step| step.certificate.der() == item.certificate.der());
    let told = |one: &Shelf<'_>, other: &Shelf<'_>, how: &str| -> Vec<Difference> {
        let changed = one.at(place).filter(|item| other.find(place, item.certificate).is_none() && !is_planned(item));
        let sentence =
            |item: &Item<'_>| format!("{} {how} `{}` at the same time", named(item.certificate), place.path());
        changed.map(|item| Difference { sentence: sentence(&item), is_ours: item.held.is_qliks }).collect()
    };
    [told(before, after, "left"), told(after, before, "came into")].concat()
}
