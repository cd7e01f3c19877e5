//! What `validate` says of a folder: the rehearsal follows it where it cannot see a fault itself, and takes its way out
//! of one. Nothing is judged here but by `examine`.

use super::super::parallel;
use crate::pki::examine::{self, Beside, Subject};
use crate::pki::finding::Severity;
use crate::pki::inventory::FileContent;
use crate::pki::rules::Given;
use time::OffsetDateTime;

/// Its id in `rules::identity`.
const FOLDER_NAME: &str = "identity/folder-name";

/// A finding.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) sentence: String,
    pub(super) fix: String,
}

impl Judged {
    /// The folder is called after another machine than its server certificate.
    pub(super) fn is_of_folder_name(&self) -> bool {
        self.rule == FOLDER_NAME
    }

    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The files come back: they were only looked at.
pub(super) fn judge(folder: String, files: Vec<FileContent>, at: OffsetDateTime) -> (Vec<FileContent>, Vec<Judged>) {
    let given = Given {
        at,
        machine: None,
        name: None,
        purpose: None,
        warn_days: 0,
        folder: Some(folder.clone()),
        with_root: false,
        roots_elsewhere: Vec::new(),
    };
    let report = examine::report(Subject { name: folder, files }, &Beside::default(), &given, &parallel::one_by_one);
    let judged = report.findings.iter().map(|finding| Judged {
        rule: finding.rule.id,
        severity: finding.severity,
        sentence: finding.sentence.clone(),
        fix: finding.fix.to_string(),
    });
    let judged = judged.collect();
    (report.files, judged)
}
