//! Files beside a bundle that no tool reads: old copies and notes. They are not judged, but said, and their keys are.

use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{FileContent, Form};
use super::super::overview::{Slot, list};
use super::Case;

pub const RULES: &[&Rule] = &[&LEFTOVER];

static LEFTOVER: Rule = Rule {
    id: "files/leftover",
    severity: Severity::Note,
    title: "an old copy or a note lies beside the bundle",
    cause: "Backups and copies (`client.pem.bak`, `client (1).pem`) and texts that quote a certificate are read by no \
            tool. They were not judged.",
    fix: "remove what is not needed any more; an old key is still a key",
    source: "observed folders",
};

/// Whether a name says that no tool will read the file.
pub fn is_leftover(file: &FileContent) -> bool {
    const ENDINGS: [&str; 15] = [
        ".bak", ".old", ".orig", ".save", ".tmp", ".swp", "~", ".md", ".log", ".html", ".json", ".yaml", ".yml", ".sh",
        ".ps1",
    ];
    let name = file.name.to_ascii_lowercase();
    let base = name.rsplit_once('.').map_or(name.as_str(), |(base, _)| base);
    let numbered = base
        .strip_suffix(')')
        .and_then(|base| base.rsplit_once(" ("))
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()));
    Slot::of(&file.name).is_none()
        && !matches!(file.form, Form::Snapshot(_))
        && (ENDINGS.iter().any(|ending| name.ends_with(ending))
            || numbered
            || name.starts_with("copy of ")
            || base.ends_with(" - copy")
            || base.ends_with(" copy"))
}

pub(super) fn judge(case: &mut Case<'_>) {
    let holds = |file: &&FileContent| file.certificates().next().is_some() || file.keys().next().is_some();
    let files: Vec<&FileContent> = case.leftovers.iter().filter(holds).collect();
    if files.is_empty() {
        return;
    }
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    let is = if names.len() == 1 {
        "is an old copy or a note, which no tool reads"
    } else {
        "are old copies or notes, which no tool reads"
    };
    let paths = files.iter().map(|file| file.path.clone()).collect();
    case.report(Finding::new(&LEFTOVER, paths, format!("{} {is}: not judged", list(&names))));
}
