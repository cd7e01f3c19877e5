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

/// Their ids in `rules::keys`.
const PASSWORD: [&str; 2] = ["files/password-needed", "files/wrong-password"];

/// A finding, with its files as the sentences of the rehearsal call them.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) sentence: String,
    pub(super) fix: String,
    pub(super) files: Vec<String>,
}

impl Judged {
    /// The folder is called after another machine than its server certificate.
    pub(super) fn is_of_folder_name(&self) -> bool {
        self.rule == FOLDER_NAME
    }

    /// A file did not open: there is no password, or it is another's.
    pub(super) fn is_of_password(&self) -> bool {
        self.severity == Severity::Unjudged && PASSWORD.contains(&self.rule)
    }

    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The files come back: they were only looked at.
pub(super) fn judge(
    folder: String,
    files: Vec<FileContent>,
    at: OffsetDateTime,
    called: &dyn Fn(&FileContent) -> String,
) -> (Vec<FileContent>, Vec<Judged>) {
    let given = Given {
        at,
        machine: None,
        name: None,
        purpose: None,
        warn_days: 0,
        folder: Some(folder.clone()),
        with_root: false,
        roots_elsewhere: Vec::new(),
        server: None,
    };
    let report = examine::report(Subject { name: folder, files }, &Beside::default(), &given, &parallel::one_by_one);
    let word = |path: &String| report.files.iter().find(|file| file.path == *path).map_or_else(|| path.clone(), called);
    let judged = report.findings.iter().map(|finding| Judged {
        rule: finding.rule.id,
        severity: finding.severity,
        sentence: finding.sentence.clone(),
        fix: finding.fix.to_string(),
        files: finding.files.iter().map(word).collect(),
    });
    let judged = judged.collect();
    (report.files, judged)
}
