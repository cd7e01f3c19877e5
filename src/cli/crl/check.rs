//! `qcert crl --check`: whether the list that lies there names all that is revoked and is not overdue. Opens no key.

use super::super::output::{Output, escape};
use super::super::words::{count, day, relative, rfc3339};
use super::super::{Clock, Exit, site};
use super::place::{Targets, list_at};
use crate::host::home::Home;
use crate::host::ledger::Entry;
use crate::pki::certificate::Certificate;
use crate::pki::revocation_list::RevocationList;
use serde::Serialize;
use std::collections::HashSet;
use std::path::Path;
use time::Duration;

#[derive(Debug, Serialize)]
struct Answer {
    schema: u32,
    holds: bool,
    files: Vec<FileReport>,
}

#[derive(Debug, Serialize)]
struct FileReport {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_update: Option<String>,
    /// What is wrong with it; absent when it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

pub(super) fn run(
    targets: &Targets,
    home: &Home,
    min_days: u16,
    output: &Output,
    clock: Clock,
) -> anyhow::Result<Exit> {
    let view = site::look(home, clock.now)?;
    let root = view.root.sha256();
    let mut revoked = view.ledger.revoked()?;
    revoked.retain(|entry| entry.root == root);
    let needed = clock.now.saturating_add(Duration::days(i64::from(min_days)));
    let mut files = Vec::new();
    for path in targets.paths() {
        let list = list_at(path, &view.root);
        let fault = match &list {
            Ok(Some(list)) => fault(list, &revoked, Clock { now: needed, ..clock }),
            Ok(None) => Some("there is none".to_owned()),
            Err(error) => Some(format!("{error:#}")),
        };
        let list = list.ok().flatten();
        output.answer(&line(path, &view.root, list.as_ref(), fault.as_deref(), clock))?;
        files.push(FileReport {
            file: path.display().to_string(),
            number: list.as_ref().and_then(RevocationList::number_as_u64),
            next_update: list.as_ref().and_then(|list| list.next_update).map(rfc3339),
            fault,
        });
    }
    let holds = files.iter().all(|file| file.fault.is_none());
    output.answer_json(&Answer { schema: 1, holds, files })?;
    Ok(if holds { Exit::Done } else { Exit::No })
}

/// What is wrong with it at that time.
fn fault(list: &RevocationList, revoked: &[Entry], clock: Clock) -> Option<String> {
    let listed: HashSet<&str> = list.revoked.iter().map(|one| one.serial.as_str()).collect();
    let missing = revoked.iter().filter(|entry| !listed.contains(entry.serial.as_str())).count();
    if missing > 0 {
        return Some(format!("{} revoked since then", count(missing, "certificate")));
    }
    match list.next_update {
        Some(next) if next >= clock.now => None,
        Some(next) => Some(format!("the next one is due by {}", day(next, clock.offset))),
        None => Some("it does not say when the next one is due".to_owned()),
    }
}

fn line(path: &Path, root: &Certificate, list: Option<&RevocationList>, fault: Option<&str>, clock: Clock) -> String {
    let path = escape(&path.display().to_string());
    match (list, fault) {
        (_, Some(fault)) => format!("{path}: {}", escape(fault)),
        (Some(list), None) => {
            let number = list.number_as_u64().unwrap_or_default();
            let next = list.next_update.unwrap_or(clock.now);
            let due = format!("{} ({})", day(next, clock.offset), relative(clock.now, next));
            format!(
                "{path}: list {number} of {} is complete, the next one is due by {due}",
                escape(&root.subject_text())
            )
        }
        (None, None) => path,
    }
}
