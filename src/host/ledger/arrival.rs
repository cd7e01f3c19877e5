//! Which certificates arrived at their place: noted while they are put there, found out anew where nobody could note it.
//!
//! Only one run at a time puts files in their place or finds out what is there: otherwise the last one noted would not
//! be the one that stands.

use super::entry::{self, Evidence};
use super::{Ledger, LedgerError, wrap};
use rusqlite::{Connection, OptionalExtension as _};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

impl Ledger {
    /// Lets `place` put the files of these certificates into their place, and notes that they are there and that what
    /// was there before is not. Other runs wait meanwhile, so that the last one to place is the last one noted; where
    /// one of them replaced the root since these were entered, they have no place any more. The notes are not waited
    /// for: after a power failure, or a kill, they are found out anew by `confirm`.
    pub fn place<E: From<LedgerError>>(
        &self,
        sha256: &[String],
        now: OffsetDateTime,
        place: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let mut placed = None;
        let noted = self.in_transaction("NORMAL", |transaction| {
            for thumbprint in sha256 {
                if !under_the_current_root(transaction, thumbprint)? {
                    placed = Some(Err(LedgerError::RootReplaced.into()));
                    return Ok(());
                }
            }
            let result = placed.insert(place());
            if result.is_ok() { entry::note_written(transaction, sha256, now) } else { Ok(()) }
        });
        match (placed, noted) {
            (Some(Ok(())), Err(error)) => {
                // The files stand and the ledger knows the certificates; it only does not know yet that they arrived.
                tracing::warn!("the ledger does not know yet that new certificates are in their place: {error}");
                Ok(())
            }
            (Some(result), _) => result,
            // It was not even begun.
            (None, noted) => Ok(noted?),
        }
    }

    /// Finds out, for certificates that nobody noted as arrived, whether they did: `is_there` looks for what shows it.
    pub fn confirm(&self, now: OffsetDateTime, is_there: impl Fn(&Path, &Evidence) -> bool) -> Result<(), LedgerError> {
        let look = |connection: &Connection| -> rusqlite::Result<Vec<String>> {
            let rows = unconfirmed(connection)?.into_iter();
            Ok(rows.filter(|(_, place, evidence)| is_there(place, evidence)).map(|row| row.0).collect())
        };
        // Mostly there are none, or those of a run that is still at work, and nobody has to wait.
        if look(&self.connection()).map_err(|error| wrap(&self.path, error))?.is_empty() {
            return Ok(());
        }
        // What was seen may have been noted, or replaced, by another run since: what is seen now stays until it is noted.
        self.in_transaction("NORMAL", |transaction| entry::note_written(transaction, &look(transaction)?, now))
    }
}

fn under_the_current_root(connection: &Connection, sha256: &str) -> rusqlite::Result<bool> {
    let root: Option<String> = connection
        .prepare("SELECT root FROM certificate WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()?;
    root.map_or(Ok(false), |root| entry::is_current_root(connection, &root))
}

fn unconfirmed(connection: &Connection) -> rusqlite::Result<Vec<(String, PathBuf, Evidence)>> {
    let mut statement = connection
        .prepare("SELECT sha256, place, evidence FROM certificate WHERE written = 0 AND evidence IS NOT NULL")?;
    let rows = statement.query_map([], |row| {
        let (sha256, place, evidence): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Evidence::parse(&evidence).map(|evidence| (sha256, PathBuf::from(place), evidence)))
    })?;
    let rows: rusqlite::Result<Vec<_>> = rows.collect();
    Ok(rows?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::super::tests::{NOW, ledger, row, states};
    use super::*;

    #[test]
    fn what_is_placed_supersedes_what_was_there() {
        let (_folder, ledger) = ledger();
        ledger.enter_root(&row("root", "0", "r")).unwrap();
        let place = |sha256: &str| ledger.place::<LedgerError>(&[sha256.to_owned()], NOW, || Ok(()));
        for (serial, sha256) in [("1", "a"), ("2", "b")] {
            ledger.enter(&[row("server", serial, sha256)]).unwrap();
        }
        place("b").unwrap();
        place("a").unwrap();
        assert_eq!(states(&ledger)[1..], [("a".into(), true, false), ("b".into(), true, true)]);
        ledger.enter(&[row("server", "3", "c")]).unwrap();
        let failed = ledger.place(&["c".to_owned()], NOW, || Err(LedgerError::SerialTaken));
        assert!(matches!(failed, Err(LedgerError::SerialTaken)));
        assert_eq!(
            states(&ledger)[1..],
            [("a".into(), true, false), ("b".into(), true, true), ("c".into(), false, false)]
        );
        ledger.confirm(NOW, |_, _| false).unwrap();
        assert!(!states(&ledger)[3].1);
        ledger.confirm(NOW, |place, evidence| place == Path::new("m") && evidence.fits(b"c")).unwrap();
        assert_eq!(
            states(&ledger)[1..],
            [("a".into(), true, true), ("b".into(), true, true), ("c".into(), true, false)]
        );
    }

    #[test]
    fn what_another_run_places_while_it_is_confirmed_stays() {
        let (folder, ledger) = ledger();
        let other = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
        ledger.enter_root(&row("root", "0", "r")).unwrap();
        ledger.enter(&[row("server", "1", "a")]).unwrap();
        ledger.enter(&[row("server", "2", "b")]).unwrap();
        let there = std::cell::Cell::new(b"a");
        let look = |_: &Path, evidence: &Evidence| {
            let fits = evidence.fits(there.get());
            if fits && there.replace(b"b") == b"a" {
                other.place::<LedgerError>(&["b".to_owned()], NOW, || Ok(())).unwrap();
            }
            fits
        };
        ledger.confirm(NOW, look).unwrap();
        assert_eq!(states(&ledger)[1..], [("a".into(), false, true), ("b".into(), true, false)]);
    }

    #[test]
    fn nothing_is_placed_under_a_root_that_was_replaced() {
        let (_folder, ledger) = ledger();
        ledger.enter_root(&row("root", "0", "r")).unwrap();
        ledger.enter(&[row("server", "1", "a")]).unwrap();
        ledger.enter_root(&Row { root: "s".into(), ..row("root", "0", "s") }).unwrap();
        let placed = ledger.place(&["a".to_owned()], NOW, || panic!("a bundle of the old root is placed"));
        assert!(matches!(placed, Err(LedgerError::RootReplaced)));
    }
}
