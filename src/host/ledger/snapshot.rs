//! `Snapshot`: the whole ledger at one moment, in memory: to be kept elsewhere, or to be taken over by an empty ledger.
//!
//! SQLite itself copies it (`VACUUM INTO`), in one read transaction: runs that write meanwhile are in it whole or not at
//! all. A snapshot that comes from outside is not trusted: its tables must be the ledger's own, and it is searched for
//! damage, before a row of it is read.

use super::entry::Evidence;
use super::{Ledger, LedgerError, tables, wrap};
use crate::pki::manifest::LEDGER_LIMIT;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OptionalExtension as _, params, params_from_iter};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Each copy in memory has a name of its own, by which a second connection finds it.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Negative: SQLite then counts KiB and not pages.
const TAKING_OVER_KIBIBYTES: i64 = -64 << 10;

#[derive(Debug)]
pub struct Snapshot {
    /// For errors: the ledger, or the file that it came from.
    path: PathBuf,
    connection: Connection,
}

/// One row, with the certificate itself.
#[derive(Debug)]
pub struct Issued {
    pub root: String,
    pub serial: String,
    pub role: String,
    pub machine: String,
    pub sha256: String,
    pub not_before: i64,
    pub not_after: i64,
    /// `None` where the ledger lost it.
    pub der: Option<Vec<u8>>,
}

impl Ledger {
    pub fn snapshot(&self) -> Result<Snapshot, LedgerError> {
        let name = format!("file:/qcert-{}?vfs=memdb", NEXT.fetch_add(1, Ordering::Relaxed));
        let copy = || {
            // It lives for as long as a connection to it is open.
            let connection = Connection::open(&name)?;
            self.connection().execute("VACUUM INTO ?1", [&name])?;
            Ok(connection)
        };
        let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
            // There is no disk in this.
            Some(ErrorCode::DiskFull | ErrorCode::TooBig | ErrorCode::OutOfMemory) => {
                LedgerError::TooLarge(self.path.clone())
            }
            _ => wrap(&self.path, error),
        };
        Ok(Snapshot { path: self.path.clone(), connection: copy().map_err(failed)? })
    }

    /// Whether nothing was ever entered.
    pub fn is_empty(&self) -> Result<bool, LedgerError> {
        let found = self.connection().query_row("SELECT 1 FROM certificate LIMIT 1", [], |_| Ok(())).optional();
        Ok(found.map_err(|error| wrap(&self.path, error))?.is_none())
    }

    /// Takes over every row of the snapshot, durably, or none. `evidence` is what the present root's file is known by
    /// here. This ledger must be empty.
    pub fn take_over(&self, snapshot: &Snapshot, evidence: &Evidence) -> Result<(), LedgerError> {
        // Thumbprints come in no order: their index does not fit into what a run needs that enters a few.
        let cache = |size| self.connection().pragma_update(None, "cache_size", size);
        cache(TAKING_OVER_KIBIBYTES).map_err(|error| wrap(&self.path, error))?;
        self.in_transaction("FULL", |transaction| {
            for (table, columns) in tables_of(transaction)? {
                // By their names: in a ledger that was brought up to date they may stand in another order.
                let names = columns.join(", ");
                let places = vec!["?"; columns.len()].join(", ");
                let mut read = snapshot.connection.prepare(&format!("SELECT {names} FROM {table}"))?;
                let mut write = transaction.prepare(&format!("INSERT INTO {table} ({names}) VALUES ({places})"))?;
                let mut rows = read.query([])?;
                while let Some(row) = rows.next()? {
                    let values = (0..columns.len()).map(|column| row.get::<_, Value>(column));
                    write.execute(params_from_iter(values.collect::<Result<Vec<_>, _>>()?))?;
                }
            }
            let known = "UPDATE certificate SET evidence = ?1 WHERE role = 'root' AND superseded_at IS NULL";
            transaction.execute(known, params![evidence.text()]).map(drop)
        })
    }
}

impl Snapshot {
    /// Takes one in that was kept elsewhere, of `size` octets. An older one is brought up to date.
    pub fn read(path: &Path, source: impl io::Read, size: u64) -> Result<Self, LedgerError> {
        let size = usize::try_from(size.min(LEDGER_LIMIT)).unwrap_or(usize::MAX);
        let at = |error| wrap(path, error);
        let mut connection = Connection::open_in_memory().map_err(at)?;
        connection.deserialize_read_exact(MAIN_DB, source, size, false).map_err(at)?;
        let version = tables::version(&connection).map_err(at)?;
        if version > tables::VERSION {
            return Err(LedgerError::Newer(path.to_owned()));
        }
        connection.pragma_update(None, "trusted_schema", false).map_err(at)?;
        connection.pragma_update(None, "cell_size_check", true).map_err(at)?;
        tables::bring_up_to_date(&mut connection, version).map_err(at)?;
        let mut own = Connection::open_in_memory().map_err(at)?;
        tables::bring_up_to_date(&mut own, 0).map_err(at)?;
        let sound = || {
            Ok(!does_anything(&connection)?
                && tables_of(&own)? == tables_of(&connection)?
                && is_undamaged(&connection)?)
        };
        if !sound().map_err(at)? {
            return Err(wrap(path, rusqlite::Error::SqliteFailure(damaged(), None)));
        }
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Its bytes: an ordinary database file.
    pub fn with_bytes<R>(&mut self, take: impl FnOnce(&[u8]) -> R) -> Result<R, LedgerError> {
        let bytes = self.connection.serialize(MAIN_DB).map_err(|error| wrap(&self.path, error))?;
        Ok(take(&bytes))
    }

    pub fn count(&self) -> Result<u64, LedgerError> {
        let count = self.connection.query_row("SELECT count(*) FROM certificate", [], |row| row.get::<_, i64>(0));
        Ok(u64::try_from(count.map_err(|error| wrap(&self.path, error))?).unwrap_or(0))
    }

    /// The thumbprint of the root that counts as the present one.
    pub fn current_root(&self) -> Result<Option<String>, LedgerError> {
        let query = "SELECT sha256 FROM certificate WHERE role = 'root' AND superseded_at IS NULL
                     ORDER BY id DESC LIMIT 1";
        let found = self.connection.query_row(query, [], |row| row.get(0)).optional();
        found.map_err(|error| wrap(&self.path, error))
    }

    /// Every row, in the order of their making.
    pub fn each(&self, mut take: impl FnMut(Issued)) -> Result<(), LedgerError> {
        let mut read = || {
            let mut statement = self.connection.prepare(
                "SELECT root, serial, role, machine, certificate.sha256, not_before, not_after, der
                 FROM certificate LEFT JOIN encoding ON encoding.sha256 = certificate.sha256 ORDER BY id",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                take(Issued {
                    root: row.get(0)?,
                    serial: row.get(1)?,
                    role: row.get(2)?,
                    machine: row.get(3)?,
                    sha256: row.get(4)?,
                    not_before: row.get(5)?,
                    not_after: row.get(6)?,
                    der: row.get(7)?,
                });
            }
            Ok(())
        };
        read().map_err(|error| wrap(&self.path, error))
    }
}

fn damaged() -> rusqlite::ffi::Error {
    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT)
}

/// Its tables, each with its columns, both by name.
fn tables_of(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let mut statement = connection.prepare(
        "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_xinfo(tables.name) AS columns
         WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%' ORDER BY columns.name",
    )?;
    let mut rows = statement.query([])?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        found.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(found)
}

/// A ledger only holds; it has no triggers, no views and no tables that are programs.
fn does_anything(connection: &Connection) -> rusqlite::Result<bool> {
    let query = "SELECT 1 FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR sql LIKE '%VIRTUAL%'
                 OR sql LIKE '%GENERATED%' OR sql LIKE '% AS (%'";
    connection.prepare(query)?.exists([])
}

fn is_undamaged(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("PRAGMA quick_check(1)", [], |row| Ok(row.get::<_, String>(0)? == "ok"))
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::*;
    use time::macros::datetime;

    fn row(role: &'static str, sha256: &str) -> Row {
        let now = datetime!(2026-11-22 00:00 UTC);
        Row {
            root: "r".into(),
            serial: sha256.into(),
            role,
            machine: "m".into(),
            profile: "qlik",
            sha256: sha256.into(),
            issued_at: now,
            not_before: now,
            not_after: now,
            place: "m".into(),
            recipe: Some("{}".into()),
            evidence: None,
            der: vec![1, 2],
        }
    }

    fn filled(folder: &Path) -> Ledger {
        let ledger = Ledger::open(&folder.join("one.sqlite")).unwrap();
        ledger.enter_root(&row("root", "r")).unwrap();
        ledger.enter(&[row("server", "a"), row("client", "b")]).unwrap();
        ledger
    }

    fn bytes(ledger: &Ledger) -> Vec<u8> {
        ledger.snapshot().unwrap().with_bytes(<[u8]>::to_vec).unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Snapshot, LedgerError> {
        Snapshot::read(Path::new("backup"), bytes, bytes.len() as u64)
    }

    #[test]
    fn an_empty_ledger_takes_over_every_row() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = filled(folder.path());
        let snapshot = read(&bytes(&ledger)).unwrap();
        assert_eq!((snapshot.count().unwrap(), snapshot.current_root().unwrap()), (3, Some("r".into())));
        let other = Ledger::open(&folder.path().join("other.sqlite")).unwrap();
        assert!(other.is_empty().unwrap() && !ledger.is_empty().unwrap());
        let evidence = Evidence::new("root.pem", b"root");
        other.take_over(&snapshot, &evidence).unwrap();
        let all = |ledger: &Ledger| {
            let mut rows = Vec::new();
            ledger.each(|entry| rows.push(format!("{:?}", super::super::Entry { evidence: None, ..entry }))).unwrap();
            rows
        };
        assert_eq!(all(&ledger), all(&other));
        assert_eq!(other.encoding("b").unwrap().unwrap(), [1, 2]);
        assert_eq!(other.current_root().unwrap(), Some(("r".into(), Some(evidence.clone()))));
        // All or none: the second time the rows are there already.
        assert!(other.take_over(&snapshot, &evidence).is_err());
        assert_eq!(all(&other).len(), 3);
    }

    #[test]
    fn an_older_ledger_is_brought_up_to_date() {
        let old = Connection::open_in_memory().unwrap();
        old.execute_batch(tables::FIRST_VERSION).unwrap();
        old.execute_batch("INSERT INTO certificate VALUES ('r','0','root','CA','qlik','r',5,4,6,'/h','written',x'30')")
            .unwrap();
        let mut old = Snapshot { path: PathBuf::new(), connection: old };
        let snapshot = read(&old.with_bytes(<[u8]>::to_vec).unwrap()).unwrap();
        assert_eq!(snapshot.current_root().unwrap(), Some("r".into()));
    }

    #[test]
    fn what_is_not_the_ledgers_own_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = filled(folder.path());
        for sql in [
            "CREATE TRIGGER t AFTER INSERT ON certificate BEGIN DELETE FROM certificate; END",
            "CREATE VIEW v AS SELECT 1",
            "CREATE VIRTUAL TABLE v USING rtree (a, b, c)",
            "DROP TABLE crl",
            "ALTER TABLE certificate ADD COLUMN more TEXT AS (place)",
            "ALTER TABLE certificate ADD COLUMN more TEXT",
        ] {
            let snapshot = ledger.snapshot().unwrap();
            snapshot.connection.execute_batch(sql).unwrap();
            let Snapshot { path, connection } = snapshot;
            let changed = Snapshot { path, connection }.with_bytes(<[u8]>::to_vec).unwrap();
            assert!(read(&changed).is_err(), "{sql}");
        }
        let good = bytes(&ledger);
        for bad in [&b"not a database"[..], &[], &good[..good.len() / 2], &good[4096..]] {
            assert!(read(bad).is_err());
        }
    }
}
