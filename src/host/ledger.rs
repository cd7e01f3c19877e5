//! `Ledger`: every certificate that was issued, in SQLite. The door of rusqlite.
//!
//! A row is durable before its certificate can be found on disk. Concurrent runs wait for each other; that a serial
//! is never given twice is the database's own constraint.

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;

/// Raised when the tables change; a ledger of a newer qcert is refused, not guessed at.
const VERSION: i64 = 1;
/// A run holds the database for milliseconds at a time; many runs may queue.
const PATIENCE: Duration = Duration::from_mins(2);

/// Negative: SQLite then counts KiB and not pages.
const CACHE_KIBIBYTES: i64 = -256;

/// Times are seconds since 1970-01-01T00:00:00Z. `state` is `issued` from before the files can be found until they
/// are in their place, then `written`.
const TABLES: &str = "
    CREATE TABLE certificate (
        root TEXT NOT NULL,
        serial TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('root', 'server', 'client')),
        machine TEXT NOT NULL,
        profile TEXT NOT NULL,
        sha256 TEXT NOT NULL UNIQUE,
        issued_at INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        not_after INTEGER NOT NULL,
        folder TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('issued', 'written')),
        der BLOB NOT NULL,
        PRIMARY KEY (root, serial)
    ) STRICT;
    CREATE INDEX certificate_machine ON certificate (machine);
    PRAGMA user_version = 1;
";

#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    connection: Mutex<Connection>,
}

/// One certificate.
#[derive(Debug, Clone)]
pub struct Row {
    /// SHA-256 thumbprint of the root that signed it.
    pub root: String,
    pub serial: String,
    pub role: &'static str,
    pub machine: String,
    pub profile: &'static str,
    pub sha256: String,
    pub issued_at: OffsetDateTime,
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
    /// Where its files are put.
    pub folder: String,
    pub der: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("cannot use the ledger `{}`", .0.display())]
    Database(PathBuf, #[source] rusqlite::Error),
    #[error("the ledger `{}` was made by a newer qcert", .0.display())]
    Newer(PathBuf),
    #[error("the ledger `{}` is held by another program for more than two minutes", .0.display())]
    Busy(PathBuf),
    #[error("a serial number was drawn twice; nothing was written")]
    SerialTaken,
}

impl LedgerError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Database(_, error) => match error.sqlite_error_code() {
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                    "it is damaged: put it back from a backup, or move it away to begin a new one"
                }
                Some(ErrorCode::DiskFull) => "free some space where the home is and run the same command again",
                _ => "check that the disk has space and that this account may write there",
            },
            Self::Newer(_) => "use the newer qcert, or another home with `--home DIR`",
            Self::Busy(_) => "close the program that has the ledger open and try again",
            Self::SerialTaken => "try again; if it happens twice, the machine's random generator is broken",
        }
    }
}

impl Ledger {
    /// Opens the ledger and makes it if it is not there. Called by one run at a time, under the home's lock.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let at = |error| wrap(path, error);
        let connection = Connection::open(path).map_err(at)?;
        connection.busy_timeout(PATIENCE).map_err(at)?;
        // Before anything is changed in it.
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(at)?;
        if version > VERSION {
            return Err(LedgerError::Newer(path.to_owned()));
        }
        // Rows are entered and hardly read again: a cache of the default 2 MiB would only grow with a long list.
        connection.pragma_update(None, "cache_size", CACHE_KIBIBYTES).map_err(at)?;
        // Readers and the writer do not wait for each other.
        connection.pragma_update(None, "journal_mode", "WAL").map_err(at)?;
        if version < VERSION {
            connection.execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} COMMIT;")).map_err(at)?;
        }
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    pub fn has_root(&self) -> Result<bool, LedgerError> {
        let connection = self.connection();
        let found =
            connection.query_row("SELECT 1 FROM certificate WHERE role = 'root' LIMIT 1", [], |_| Ok(())).optional();
        Ok(found.map_err(|error| wrap(&self.path, error))?.is_some())
    }

    /// Whether this root issued a certificate with this SHA-256 thumbprint.
    pub fn knows(&self, sha256: &str) -> Result<bool, LedgerError> {
        let connection = self.connection();
        let found =
            connection.query_row("SELECT 1 FROM certificate WHERE sha256 = ?1", [sha256], |_| Ok(())).optional();
        Ok(found.map_err(|error| wrap(&self.path, error))?.is_some())
    }

    /// Enters certificates, all or none, durably. Until `written` says otherwise they count as issued only.
    pub fn enter(&self, rows: &[Row]) -> Result<(), LedgerError> {
        let result = self.in_transaction("FULL", |transaction| {
            let mut insert = transaction
                .prepare("INSERT INTO certificate VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'issued', ?11)")?;
            for row in rows {
                insert.execute(params![
                    row.root,
                    row.serial,
                    row.role,
                    row.machine,
                    row.profile,
                    row.sha256,
                    row.issued_at.unix_timestamp(),
                    row.not_before.unix_timestamp(),
                    row.not_after.unix_timestamp(),
                    row.folder,
                    row.der,
                ])?;
            }
            Ok(())
        });
        match result {
            Err(LedgerError::Database(_, error))
                if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) =>
            {
                Err(LedgerError::SerialTaken)
            }
            other => other,
        }
    }

    /// Notes that the files of these certificates are in their place. This is not waited for: after a power failure
    /// they may count as issued only, as after one a moment earlier.
    pub fn written(&self, sha256: &[String]) -> Result<(), LedgerError> {
        self.in_transaction("NORMAL", |transaction| {
            let mut update = transaction.prepare("UPDATE certificate SET state = 'written' WHERE sha256 = ?1")?;
            for thumbprint in sha256 {
                update.execute([thumbprint])?;
            }
            Ok(())
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no transaction open: they are rolled back when dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In WAL mode FULL makes each commit durable, NORMAL only the next checkpoint.
    fn in_transaction(
        &self,
        synchronous: &str,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<()>,
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

    fn row(serial: &str, sha256: &str) -> Row {
        Row {
            root: "r".into(),
            serial: serial.into(),
            role: "server",
            machine: "m".into(),
            profile: "qlik",
            sha256: sha256.into(),
            issued_at: datetime!(2026-11-21 00:00 UTC),
            not_before: datetime!(2026-11-14 00:00 UTC),
            not_after: datetime!(2036-11-21 00:00 UTC),
            folder: "m".into(),
            der: vec![1],
        }
    }

    #[test]
    fn a_serial_is_given_once_and_rows_come_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let ledger = Ledger::open(&path).unwrap();
        ledger.enter(&[row("1", "a")]).unwrap();
        assert!(matches!(ledger.enter(&[row("2", "b"), row("1", "c")]), Err(LedgerError::SerialTaken)));
        assert!(ledger.knows("a").unwrap() && !ledger.knows("b").unwrap());
        assert!(!ledger.has_root().unwrap());
        ledger.written(&["a".into()]).unwrap();
        drop(ledger);
        assert!(Ledger::open(&path).unwrap().knows("a").unwrap());
    }

    #[test]
    fn a_newer_ledger_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
        assert!(matches!(Ledger::open(&path), Err(LedgerError::Newer(_))));
        std::fs::write(&path, "not a database, but long enough to be looked at as one").unwrap();
        assert!(matches!(Ledger::open(&path), Err(LedgerError::Database(..))));
    }
}
