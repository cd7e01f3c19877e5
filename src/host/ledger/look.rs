//! Reading the ledger: whole, or what is asked for. Nothing is changed here.

use super::super::platform;
use super::entry::{COLUMNS, Entry};
use super::{Ledger, LedgerError, tables, wrap};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Params, params};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

impl Ledger {
    /// Opens a ledger to look at it: nothing is made, and nobody has to wait. It may lie where nothing can be written.
    ///
    /// Where something can be, SQLite makes its files for readers beside the ledger and takes them away again at the end,
    /// which one that was opened for reading alone would leave there.
    pub fn look(path: &Path) -> Result<Self, LedgerError> {
        Self::look_for(path, super::PATIENCE)
    }

    /// The same, for who will not wait at all.
    pub fn glance(path: &Path) -> Result<Self, LedgerError> {
        Self::look_for(path, Duration::ZERO)
    }

    fn look_for(path: &Path, patience: Duration) -> Result<Self, LedgerError> {
        let at = |error| wrap(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(platform::openable_path(path), flags).map_err(at)?;
        connection.busy_timeout(patience).map_err(at)?;
        connection.pragma_update(None, "query_only", true).map_err(at)?;
        let version = match tables::version(&connection) {
            Ok(version) => version,
            Err(error) if may_not_write(&error) => return Self::look_without_writing(path, error),
            Err(error) => return Err(at(error)),
        };
        Self::of_version(path, connection, version)
    }

    /// SQLite makes a file for readers beside a ledger in WAL mode. Where it may not, and no run has left anything
    /// beside the ledger, nobody writes it now: it can be read as it is.
    fn look_without_writing(path: &Path, error: rusqlite::Error) -> Result<Self, LedgerError> {
        let waiting = path.with_extension("sqlite-wal");
        if waiting.metadata().is_ok_and(|metadata| metadata.len() > 0) {
            return Err(wrap(path, error));
        }
        let at = |error| wrap(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(immutable(path), flags).map_err(at)?;
        let version = tables::version(&connection).map_err(at)?;
        Self::of_version(path, connection, version)
    }

    fn of_version(path: &Path, connection: Connection, version: i64) -> Result<Self, LedgerError> {
        match version.cmp(&tables::VERSION) {
            std::cmp::Ordering::Less => Err(LedgerError::Older(path.to_owned())),
            std::cmp::Ordering::Greater => Err(LedgerError::Newer(path.to_owned())),
            std::cmp::Ordering::Equal => Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) }),
        }
    }

    /// Every certificate, in the order of their making.
    pub fn each(&self, take: impl FnMut(Entry)) -> Result<(), LedgerError> {
        self.read(&format!("SELECT {COLUMNS} FROM certificate ORDER BY id"), [], take)
    }

    /// Server and client certificates that are not superseded: what is in its place as far as is known, revoked or not.
    pub fn each_in_place(&self, take: impl FnMut(Entry)) -> Result<(), LedgerError> {
        let query = format!(
            "SELECT {COLUMNS} FROM certificate WHERE role IN ('server', 'client') AND superseded_at IS NULL ORDER BY id"
        );
        self.read(&query, [], take)
    }

    /// Names that begin so, of machines and of what else has certificates, in their order; at most so many.
    pub fn names(&self, begin: &str, most: usize) -> Result<Vec<String>, LedgerError> {
        let connection = self.connection();
        let read = || {
            // The range, and not a pattern: it is read off the index.
            let mut statement = connection.prepare(
                "SELECT DISTINCT machine FROM certificate
                 WHERE machine >= ?1 AND machine < ?1 || char(1114111) AND role IN ('server', 'client')
                 ORDER BY machine LIMIT ?2",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let names = statement.query_map(params![begin, most], |row| row.get(0))?;
            names.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| wrap(&self.path, error))
    }

    /// The certificate itself.
    pub fn encoding(&self, sha256: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let connection = self.connection();
        connection
            .query_row("SELECT der FROM encoding WHERE sha256 = ?1", [sha256], |row| row.get(0))
            .optional()
            .map_err(|error| wrap(&self.path, error))
    }

    pub(super) fn read(
        &self,
        query: &str,
        params: impl Params,
        mut take: impl FnMut(Entry),
    ) -> Result<(), LedgerError> {
        let connection = self.connection();
        let read = || {
            let mut statement = connection.prepare(query)?;
            let mut rows = statement.query(params)?;
            while let Some(row) = rows.next()? {
                take(Entry::read(row)?);
            }
            Ok(())
        };
        read().map_err(|error| wrap(&self.path, error))
    }
}

/// Whether SQLite was kept from making its file for readers.
fn may_not_write(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
}

/// The ledger's URI that says that nobody writes it (https://sqlite.org/uri.html).
fn immutable(path: &Path) -> String {
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23").replace('\\', "/");
    // A drive letter follows a slash of its own.
    let path = if path.as_bytes().get(1) == Some(&b':') { format!("/{path}") } else { path };
    format!("file:{path}?immutable=1")
}
