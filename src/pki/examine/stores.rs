//! Snapshots among the files: judged by rules of their own, and what those found nothing in stands among the files as if
//! it were one, so that the rules of files and chains look at it too.

use super::super::finding::Finding;
use super::super::inventory::FileContent;
use super::super::report::StartUpVerdict;
use super::super::rules::{Given, stores};

#[derive(Debug, Default)]
pub(super) struct Stored {
    pub(super) findings: Vec<Finding>,
    pub(super) start_up: Vec<StartUpVerdict>,
    pub(super) snapshots: Vec<FileContent>,
}

pub(super) fn set_apart(files: &mut [FileContent], given: &Given) -> Stored {
    let mut stored = Stored::default();
    for file in files {
        let Some(judged) = stores::judge(file, given) else { continue };
        stored.findings.extend(judged.findings);
        stored.start_up.extend(judged.start_up);
        stored.snapshots.push(std::mem::replace(file, judged.whole));
    }
    stored
}

/// The rules may have changed the order of the files.
pub(super) fn put_back(files: &mut [FileContent], snapshots: Vec<FileContent>) {
    for snapshot in snapshots {
        if let Some(place) = files.iter_mut().find(|file| file.path == snapshot.path && file.form == snapshot.form) {
            *place = snapshot;
        }
    }
}
