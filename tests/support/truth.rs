//! What the ledger says, held against what lies on the disk when nobody is at work.
//!
//! May not change either: the ledger is looked at in a copy.

use super::{Scene, placed};
use qcert::host::ledger::{Entry, Ledger};
use qcert::pki::certificate::Certificate;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;

impl Scene {
    /// Every entry of the ledger.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let copy = self.ledger_copy();
        let ledger = Ledger::open(&copy.path().join("ledger.sqlite")).unwrap();
        let mut entries = Vec::new();
        ledger.each(|entry| entries.push(entry)).unwrap();
        entries
    }

    /// Nothing is lost or made up: the database is sound, each certificate is kept as it is, one root is the present
    /// one, and where a bundle lies, it and nothing else is noted as what lies there. To be asked after a run that
    /// found out what a killed one could not note.
    #[track_caller]
    pub(crate) fn assert_ledger_is_true(&self) {
        let copy = self.ledger_copy();
        let path = copy.path().join("ledger.sqlite");
        let ledger = Ledger::open(&path).unwrap();
        let check = |connection: Connection| connection.query_row("PRAGMA integrity_check", [], |row| row.get(0));
        assert_eq!(check(Connection::open(&path).unwrap()), Ok("ok".to_owned()));
        let mut places: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        let mut roots = Vec::new();
        for entry in self.entries() {
            let der = ledger.encoding(&entry.sha256).unwrap().unwrap();
            let kept = Certificate::parse(der).unwrap();
            assert_eq!((kept.sha256(), kept.serial_text()), (entry.sha256.clone(), entry.serial.clone()));
            if entry.role == "root" {
                roots.push(entry);
            } else {
                places.entry(entry.place.clone()).or_default().push(entry);
            }
        }
        let present: Vec<_> = roots.iter().filter(|root| root.superseded_at.is_none()).collect();
        assert_eq!(present.len(), 1, "{roots:?}");
        assert_eq!(present[0].sha256, self.root().sha256());
        for (place, entries) in &places {
            what_lies_there_is_noted(Path::new(place), entries);
        }
        for folder in placed(&self.out) {
            let folder = folder.canonicalize().unwrap();
            let noted = folder.to_str().and_then(|place| places.get(place));
            assert!(
                noted.is_some_and(|entries| entries.iter().any(stands)),
                "nothing is noted of {}",
                folder.display()
            );
        }
    }
}

fn stands(entry: &Entry) -> bool {
    entry.written && entry.superseded_at.is_none()
}

#[track_caller]
fn what_lies_there_is_noted(place: &Path, entries: &[Entry]) {
    if !place.exists() {
        return;
    }
    let mut roles = Vec::new();
    for entry in entries {
        let there = entry.is_at(place);
        assert_eq!(there, stands(entry), "whether it is there: {entry:?}");
        if there {
            assert!(!roles.contains(&&entry.role), "two of {} at {}", entry.role, place.display());
            roles.push(&entry.role);
        }
    }
}
