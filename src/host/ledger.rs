//! `Ledger`: every certificate that was issued, and what became of it, in SQLite. The door of rusqlite.
//!
//! A row is durable before its certificate can be found on disk. Concurrent runs wait for each other; that a serial
//! is never given twice is the database's own constraint. Nothing is ever deleted from it.

mod arrival;
mod entry;
mod listed;
mod look;
mod revocation;
mod snapshot;
mod tables;

pub use entry::{Entry, Evidence, Row};
pub use listed::{LastList, LedgerRole, Listed};
pub use revocation::NextList;
pub use snapshot::{Issued, Snapshot};

use super::platform;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;

/// A run holds the database for milliseconds at a time; many runs may queue.
const PATIENCE: Duration = Duration::from_mins(2);

/// Negative: SQLite then counts KiB and not pages.
const CACHE_KIBIBYTES: i64 = -256;

#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    connection: Mutex<Connection>,
}

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("cannot use the ledger `{}`", .0.display())]
    Database(PathBuf, #[source] rusqlite::Error),
    #[error("the ledger `{}` was made by a newer qcert", .0.display())]
    Newer(PathBuf),
    #[error("the ledger `{}` is held by another program for more than two minutes", .0.display())]
    Busy(PathBuf),
    #[error("the ledger `{}` was made by an older qcert", .0.display())]
    Older(PathBuf),
    #[error("the ledger `{}` is too large for a backup, which holds 1 GiB of it", .0.display())]
    TooLarge(PathBuf),
    #[error("a serial number was drawn twice; nothing was written")]
    SerialTaken,
    #[error("another run replaced the root; nothing was issued under the old one")]
    RootReplaced,
}

impl LedgerError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Database(_, error) => match error.sqlite_error_code() {
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                    "it is damaged: put it back from a backup, or move it away to begin a new one"
                }
                Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
                    "free some space where the home is and run the same command again"
                }
                _ => "check that the disk has space and that this account may write there",
            },
            Self::Newer(_) => "use the newer qcert, or another home with `--home DIR`",
            Self::Older(_) => "run `qcert export` or `qcert renew` once, which bring it up to date",
            Self::TooLarge(_) => "copy the whole home while no qcert runs",
            Self::RootReplaced => "run the same command again: it then uses the new root",
            Self::Busy(_) => "close the program that has the ledger open and try again",
            Self::SerialTaken => "try again; if it happens twice, the machine's random generator is broken",
        }
    }
}

impl Ledger {
    /// Opens the ledger and makes it if it is not there. Called by one run at a time, under the home's lock.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let at = |error| wrap(path, error);
        let mut connection = Connection::open(platform::openable_path(path)).map_err(at)?;
        connection.busy_timeout(PATIENCE).map_err(at)?;
        // Before anything is changed in it.
        let version = tables::version(&connection).map_err(at)?;
        if version > tables::VERSION {
            return Err(LedgerError::Newer(path.to_owned()));
        }
        // Rows are entered and hardly read again: a cache of the default 2 MiB would only grow with a long list.
        connection.pragma_update(None, "cache_size", CACHE_KIBIBYTES).map_err(at)?;
        // Readers and the writer do not wait for each other.
        connection.pragma_update(None, "journal_mode", "WAL").map_err(at)?;
        tables::bring_up_to_date(&mut connection, version).map_err(at)?;
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    /// Whether this certificate, by its SHA-256 thumbprint, was issued here.
    pub fn knows(&self, sha256: &str) -> Result<bool, LedgerError> {
        self.finds("SELECT 1 FROM certificate WHERE sha256 = ?1", sha256)
    }

    /// The present root's thumbprint, and what its file is known by. Roots that were replaced do not count.
    pub fn current_root(&self) -> Result<Option<(String, Option<Evidence>)>, LedgerError> {
        let connection = self.connection();
        let found = connection
            .query_row(
                "SELECT sha256, evidence FROM certificate WHERE role = 'root' AND superseded_at IS NULL
                 ORDER BY id DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?)),
            )
            .optional()
            .map_err(|error| wrap(&self.path, error))?;
        Ok(found.map(|(root, evidence)| (root, evidence.as_deref().and_then(Evidence::parse))))
    }

    /// When the row that was entered last was issued, by the clock of its run.
    pub fn last_issued_at(&self) -> Result<Option<OffsetDateTime>, LedgerError> {
        let connection = self.connection();
        let found =
            connection.query_row("SELECT issued_at FROM certificate ORDER BY id DESC LIMIT 1", [], |row| row.get(0));
        let seconds: Option<i64> = found.optional().map_err(|error| wrap(&self.path, error))?;
        Ok(seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()))
    }

    /// Makes this root the present one: enters it, if it is new, and marks the one before as superseded. All of that is
    /// durable, or nothing of it.
    pub fn enter_root(&self, row: &Row) -> Result<(), LedgerError> {
        self.in_transaction("FULL", |transaction| {
            transaction.execute(
                "UPDATE certificate SET superseded_at = ?1
                 WHERE role = 'root' AND superseded_at IS NULL AND sha256 <> ?2",
                params![row.issued_at.unix_timestamp(), row.sha256],
            )?;
            let known = transaction.execute(
                "UPDATE certificate SET superseded_at = NULL, evidence = ?2 WHERE role = 'root' AND sha256 = ?1",
                params![row.sha256, row.evidence.as_ref().map(Evidence::text)],
            )?;
            if known == 0 {
                entry::insert(transaction, row)?;
            }
            Ok(())
        })
    }

    /// Enters certificates of the present root, all or none, durably. Until `written` says otherwise nobody knows
    /// whether their files arrived.
    pub fn enter(&self, rows: &[Row]) -> Result<(), LedgerError> {
        let mut replaced = false;
        let result = self.in_transaction("FULL", |transaction| {
            for row in rows {
                if !entry::is_current_root(transaction, &row.root)? {
                    replaced = true;
                    return Err(rusqlite::Error::QueryReturnedNoRows);
                }
                entry::insert(transaction, row)?;
            }
            Ok(())
        });
        match result {
            Err(_) if replaced => Err(LedgerError::RootReplaced),
            Err(LedgerError::Database(_, error))
                if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) =>
            {
                Err(LedgerError::SerialTaken)
            }
            other => other,
        }
    }

    fn finds(&self, query: &str, value: &str) -> Result<bool, LedgerError> {
        let connection = self.connection();
        connection
            .prepare(query)
            .and_then(|mut statement| statement.exists([value]))
            .map_err(|error| wrap(&self.path, error))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no transaction open: they are rolled back when dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In WAL mode FULL makes each commit durable, NORMAL only the next checkpoint.
    fn in_transaction(
        &self,
        synchronous: &str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.connection();
        connection.pragma_update(None, "synchronous", synchronous).map_err(|error| wrap(&self.path, error))?;
        connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                work(&transaction)?;
                transaction.commit()
            })
            .map_err(|error| wrap(&self.path, error))
    }
}

fn wrap(path: &Path, error: rusqlite::Error) -> LedgerError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => LedgerError::Busy(path.to_owned()),
        _ => LedgerError::Database(path.to_owned(), error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    pub(super) const NOW: OffsetDateTime = datetime!(2026-11-22 00:00 UTC);

    pub(super) fn row(role: &'static str, serial: &str, sha256: &str) -> Row {
        Row {
            root: "r".into(),
            serial: serial.into(),
            role,
            machine: "m".into(),
            profile: "qlik",
            sha256: sha256.into(),
            issued_at: datetime!(2026-11-21 00:00 UTC),
            not_before: datetime!(2026-11-14 00:00 UTC),
            not_after: datetime!(2036-11-21 00:00 UTC),
            place: "m".into(),
            recipe: None,
            evidence: Some(Evidence::new("server.pem", sha256.as_bytes())),
            der: vec![1],
        }
    }

    pub(super) fn ledger() -> (tempfile::TempDir, Ledger) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
        (folder, ledger)
    }

    pub(super) fn states(ledger: &Ledger) -> Vec<(String, bool, bool)> {
        let mut states = Vec::new();
        ledger.each(|entry| states.push((entry.sha256, entry.written, entry.superseded_at.is_some()))).unwrap();
        states
    }

    #[test]
    fn a_serial_is_given_once_and_rows_come_together() {
        let (folder, ledger) = ledger();
        assert!(matches!(ledger.enter(&[row("server", "1", "a")]), Err(LedgerError::RootReplaced)));
        assert!(ledger.current_root().unwrap().is_none());
        ledger.enter_root(&row("root", "0", "r")).unwrap();
        ledger.enter(&[row("server", "1", "a")]).unwrap();
        let twice = ledger.enter(&[row("server", "2", "b"), row("server", "1", "c")]);
        assert!(matches!(twice, Err(LedgerError::SerialTaken)));
        assert!(ledger.knows("a").unwrap() && !ledger.knows("b").unwrap());
        drop(ledger);
        assert!(Ledger::open(&folder.path().join("ledger.sqlite")).unwrap().knows("a").unwrap());
    }

    #[test]
    fn nothing_is_issued_under_a_root_that_was_replaced() {
        let (_folder, ledger) = ledger();
        ledger.enter_root(&row("root", "0", "r")).unwrap();
        ledger.enter_root(&Row { root: "s".into(), ..row("root", "0", "s") }).unwrap();
        assert_eq!(ledger.current_root().unwrap().unwrap().0, "s");
        assert!(matches!(ledger.enter(&[row("server", "1", "a")]), Err(LedgerError::RootReplaced)));
        ledger.enter_root(&row("root", "0", "r")).unwrap();
        assert_eq!(ledger.current_root().unwrap().unwrap().0, "r");
        ledger.enter(&[row("server", "1", "a")]).unwrap();
        assert_eq!(states(&ledger).len(), 3);
    }

    #[test]
    fn a_ledger_of_the_first_version_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(tables::FIRST_VERSION).unwrap();
        old.execute_batch(
            "INSERT INTO certificate VALUES ('r', '0', 'root', 'CA', 'qlik', 'r', 5, 4, 6, '/home', 'written', x'30');
             INSERT INTO certificate VALUES ('r', '1', 'server', 'm', 'qlik', 'a', 5, 4, 6, '/m', 'issued', x'31');",
        )
        .unwrap();
        drop(old);
        let ledger = Ledger::open(&path).unwrap();
        assert_eq!(states(&ledger), [("r".into(), true, false), ("a".into(), false, false)]);
        assert_eq!(ledger.current_root().unwrap().unwrap().0, "r");
        assert_eq!(ledger.encoding("a").unwrap().unwrap(), b"1");
    }

    #[test]
    fn a_newer_ledger_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", tables::VERSION + 1).unwrap();
        assert!(matches!(Ledger::open(&path), Err(LedgerError::Newer(_))));
        std::fs::write(&path, "not a database, but long enough to be looked at as one").unwrap();
        assert!(matches!(Ledger::open(&path), Err(LedgerError::Database(..))));
    }
}
