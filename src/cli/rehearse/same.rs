//! Which folders are of one machine: those that have one server certificate. Names and paths say nothing of it.

use super::cast::Actor;
use crate::pki::profile::Role;
use std::collections::HashMap;

/// So many machines, and so many folders of each, are named.
const MOST_NAMED: usize = 3;

/// The folders of each machine, by their numbers, in the order in which they were given.
pub(super) fn machines(actors: &[Actor]) -> Vec<Vec<usize>> {
    let mut machines: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (number, actor) in actors.iter().enumerate() {
        let servers: Vec<_> = actor.machine.of(Role::Server).map(|source| source.known.certificate.sha256()).collect();
        let at = servers.iter().find_map(|server| known.get(server)).copied().unwrap_or(machines.len());
        known.extend(servers.into_iter().map(|server| (server, at)));
        match machines.get_mut(at) {
            Some(machine) => machine.push(number),
            None => machines.push(vec![number]),
        }
    }
    machines
}

/// Said once, whatever their number.
pub(super) fn remark(actors: &[Actor], machines: &[Vec<usize>]) -> Option<String> {
    let of_several = || machines.iter().filter(|folders| folders.len() > 1);
    let told: Vec<_> = of_several().take(MOST_NAMED).map(|folders| row(actors, folders)).collect();
    let more = of_several().count().saturating_sub(MOST_NAMED);
    let more = if more == 0 { String::new() } else { format!("; and {more} more such") };
    (!told.is_empty())
        .then(|| format!("folders with one server certificate are one machine, not several: {}{more}", told.join("; ")))
}

fn row(actors: &[Actor], folders: &[usize]) -> String {
    let named = folders.iter().take(MOST_NAMED).filter_map(|number| actors.get(*number));
    let named: Vec<_> = named.map(|actor| format!("`{}`", actor.folder)).collect();
    let more = folders.len().saturating_sub(MOST_NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", named.join(", "))
}
