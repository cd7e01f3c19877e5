//! One certificate in the ledger: as it is entered, and as it is read. What its state is by now, the caller's clock says.

use crate::host::files;
use crate::pki::thumbprint;
use rusqlite::{Connection, Transaction, params};
use std::path::Path;
use time::OffsetDateTime;

/// A certificate to be entered.
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
    /// Where its files are put: the whole path of a folder.
    pub place: String,
    /// How to make its like, for the room that made it; `None` where that cannot be.
    pub recipe: Option<String>,
    pub evidence: Option<Evidence>,
    pub der: Vec<u8>,
}

/// A certificate that was entered.
#[derive(Debug, Clone)]
pub struct Entry {
    /// In the order of their making; those of one bundle follow each other.
    pub id: i64,
    pub root: String,
    pub serial: String,
    pub role: String,
    pub machine: String,
    pub profile: String,
    pub sha256: String,
    pub issued_at: OffsetDateTime,
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
    pub place: String,
    /// Whether its files are known to have arrived there.
    pub written: bool,
    pub recipe: Option<String>,
    pub evidence: Option<Evidence>,
    pub superseded_at: Option<OffsetDateTime>,
    pub revoked_at: Option<OffsetDateTime>,
    pub reason: Option<String>,
}

/// A file that shows that a certificate arrived at its place: its name there, and the SHA-256 of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub file: String,
    sha256: String,
}

impl Evidence {
    pub fn new(file: &str, bytes: &[u8]) -> Self {
        Self { file: file.to_owned(), sha256: thumbprint::sha256(bytes) }
    }

    pub fn fits(&self, bytes: &[u8]) -> bool {
        self.sha256 == thumbprint::sha256(bytes)
    }

    /// Whether the file is in this folder.
    pub fn is_at(&self, place: &Path) -> bool {
        let path = place.join(&self.file);
        // A pipe would hold up who reads it.
        path.is_file() && files::read_file(&path).is_ok_and(|bytes| self.fits(bytes.expose()))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (sha256, file) = text.split_once(' ')?;
        Some(Self { file: file.to_owned(), sha256: sha256.to_owned() })
    }

    pub(super) fn text(&self) -> String {
        format!("{} {}", self.sha256, self.file)
    }
}

/// The columns that `Entry::read` takes, in its order.
pub(super) const COLUMNS: &str = "id, root, serial, role, machine, profile, sha256, issued_at, not_before, not_after, \
     place, written, recipe, evidence, superseded_at, revoked_at, reason";

impl Entry {
    /// Whether what shows it is in this folder now.
    pub fn is_at(&self, place: &Path) -> bool {
        self.evidence.as_ref().is_some_and(|evidence| evidence.is_at(place))
    }

    pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let time = |seconds: i64| OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Ok(Self {
            id: row.get(0)?,
            root: row.get(1)?,
            serial: row.get(2)?,
            role: row.get(3)?,
            machine: row.get(4)?,
            profile: row.get(5)?,
            sha256: row.get(6)?,
            issued_at: time(row.get(7)?),
            not_before: time(row.get(8)?),
            not_after: time(row.get(9)?),
            place: row.get(10)?,
            written: row.get(11)?,
            recipe: row.get(12)?,
            evidence: row.get::<_, Option<String>>(13)?.as_deref().and_then(Evidence::parse),
            superseded_at: row.get::<_, Option<i64>>(14)?.map(time),
            revoked_at: row.get::<_, Option<i64>>(15)?.map(time),
            reason: row.get(16)?,
        })
    }
}

pub(super) fn insert(transaction: &Transaction<'_>, row: &Row) -> rusqlite::Result<()> {
    transaction
        .prepare(
            "INSERT INTO certificate
                (root, serial, role, machine, profile, sha256, issued_at, not_before, not_after, place, written, recipe,
                 evidence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12)",
        )?
        .execute(params![
            row.root,
            row.serial,
            row.role,
            row.machine,
            row.profile,
            row.sha256,
            row.issued_at.unix_timestamp(),
            row.not_before.unix_timestamp(),
            row.not_after.unix_timestamp(),
            row.place,
            row.recipe,
            row.evidence.as_ref().map(Evidence::text),
        ])?;
    transaction.prepare("INSERT INTO encoding VALUES (?1, ?2)")?.execute(params![row.sha256, row.der]).map(drop)
}

pub(super) fn is_current_root(connection: &Connection, sha256: &str) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM certificate WHERE sha256 = ?1 AND role = 'root' AND superseded_at IS NULL")?
        .exists([sha256])
}

/// These are in their place now; whatever else was to be there is not. A root is superseded by another root alone.
pub(super) fn note_written(
    transaction: &Transaction<'_>,
    sha256: &[String],
    now: OffsetDateTime,
) -> rusqlite::Result<()> {
    let mut supersede = transaction.prepare(
        "UPDATE certificate SET superseded_at = ?2
         WHERE place = (SELECT place FROM certificate WHERE sha256 = ?1 AND role <> 'root')
           AND superseded_at IS NULL AND role <> 'root'",
    )?;
    for thumbprint in sha256 {
        supersede.execute(params![thumbprint, now.unix_timestamp()])?;
    }
    let mut arrive =
        transaction.prepare("UPDATE certificate SET written = 1, superseded_at = NULL WHERE sha256 = ?1")?;
    for thumbprint in sha256 {
        arrive.execute([thumbprint])?;
    }
    Ok(())
}
