//! Snapshots among the files: judged by rules of their own, and what those found nothing in stands among the files as if
//! it were one, so that the rules of files and chains look at it too.

use super::super::finding::Finding;
use super::super::inventory::{FileContent, Form};
use super::super::report::StartUpVerdict;
use super::super::rules::{Given, stores};

#[derive(Debug, Default)]
pub(super) struct Stored {
    pub(super) findings: Vec<Finding>,
    pub(super) start_up: Vec<StartUpVerdict>,
    pub(super) snapshots: Vec<FileContent>,
}

pub(super) fn set_apart(files: &mut Vec<FileContent>, given: &Given) -> Stored {
    let mut stored = Stored::default();
    for file in std::mem::take(files) {
        let Some(judged) = stores::judge(&file, given) else {
            files.push(file);
            continue;
        };
        stored.findings.extend(judged.findings);
        stored.start_up.extend(judged.start_up);
        files.extend(judged.whole);
        stored.snapshots.push(file);
    }
    stored
}

/// Findings about several certificates of a snapshot name it once.
pub(super) fn put_back(files: &mut Vec<FileContent>, findings: &mut [Finding], snapshots: Vec<FileContent>) {
    if snapshots.is_empty() {
        return;
    }
    let is_part = |file: &FileContent| {
        let same = |snapshot: &FileContent| snapshot.path == file.path;
        matches!(file.form, Form::Snapshot(_)) && snapshots.iter().any(same)
    };
    files.retain(|file| !is_part(file));
    files.extend(snapshots);
    for finding in findings {
        finding.files.dedup();
    }
}
