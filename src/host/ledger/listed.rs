//! Reading the ledger from end to end, fast: each certificate is borrowed from the database while it is looked at.
//!
//! A hundred thousand of them take a moment this way and a second as `Entry`s. Nothing is changed here.

use super::{Ledger, LedgerError, wrap};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row};

/// A certificate that was entered, without what only its making over needs. Times are seconds since 1970, as the ledger
/// has them.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    pub root: &'a str,
    pub serial: &'a str,
    pub role: LedgerRole,
    pub machine: &'a str,
    pub profile: &'a str,
    pub sha256: &'a str,
    pub issued_at: i64,
    pub not_before: i64,
    pub not_after: i64,
    pub place: &'a str,
    /// Whether its files are known to have arrived there.
    pub written: bool,
    pub superseded_at: Option<i64>,
    pub revoked_at: Option<i64>,
    pub reason: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LedgerRole {
    Root,
    /// A root signed by the one before it.
    Cross,
    Server,
    Client,
}

impl LedgerRole {
    pub const ALL: [Self; 4] = [Self::Root, Self::Cross, Self::Server, Self::Client];

    /// As the table has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Cross => "cross",
            Self::Server => "server",
            Self::Client => "client",
        }
    }

    /// Whether it is for a machine, and not for a site.
    pub fn is_leaf(self) -> bool {
        matches!(self, Self::Server | Self::Client)
    }
}

/// The revocation list that was made last.
#[derive(Debug, Clone, Copy)]
pub struct LastList {
    pub number: i64,
    pub issued_at: i64,
}

const COLUMNS: &str = "root, serial, role, machine, profile, sha256, issued_at, not_before, not_after, place, written, \
     superseded_at, revoked_at, reason";

impl Ledger {
    /// Every certificate as of one moment: the roots, then all others, each in the order of their making.
    pub fn list(&self, mut take: impl FnMut(Listed<'_>)) -> Result<(), LedgerError> {
        let connection = self.connection();
        // Both questions see the same moment, also while others write.
        let mut read = || {
            let moment = connection.unchecked_transaction()?;
            for which in ["role = 'root'", "role <> 'root'"] {
                rows(&moment, &format!("SELECT {COLUMNS} FROM certificate WHERE {which} ORDER BY id"), &mut take)?;
            }
            Ok(())
        };
        read().map_err(|error| wrap(&self.path, error))
    }

    /// The last revocation list of this root.
    pub fn last_list(&self, root: &str) -> Result<Option<LastList>, LedgerError> {
        let connection = self.connection();
        let found = connection.query_row("SELECT number, issued_at FROM crl WHERE root = ?1", [root], |row| {
            Ok(LastList { number: row.get(0)?, issued_at: row.get(1)? })
        });
        found.optional().map_err(|error| wrap(&self.path, error))
    }
}

fn rows(connection: &Connection, query: &str, take: &mut impl FnMut(Listed<'_>)) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(listed(row)?);
    }
    Ok(())
}

fn listed<'a>(row: &'a Row<'_>) -> rusqlite::Result<Listed<'a>> {
    Ok(Listed {
        root: text(row, 0)?,
        serial: text(row, 1)?,
        role: role(row, 2)?,
        machine: text(row, 3)?,
        profile: text(row, 4)?,
        sha256: text(row, 5)?,
        issued_at: row.get(6)?,
        not_before: row.get(7)?,
        not_after: row.get(8)?,
        place: text(row, 9)?,
        written: row.get(10)?,
        superseded_at: row.get(11)?,
        revoked_at: row.get(12)?,
        reason: row.get_ref(13)?.as_str_or_null().map_err(|error| unreadable(13, error))?,
    })
}

fn text<'a>(row: &'a Row<'_>, index: usize) -> rusqlite::Result<&'a str> {
    row.get_ref(index)?.as_str().map_err(|error| unreadable(index, error))
}

fn role(row: &Row<'_>, index: usize) -> rusqlite::Result<LedgerRole> {
    let word = text(row, index)?;
    let known = LedgerRole::ALL.into_iter().rev().find(|role| role.word() == word);
    known.ok_or_else(|| unreadable(index, rusqlite::types::FromSqlError::InvalidType))
}

fn unreadable(index: usize, error: rusqlite::types::FromSqlError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
}
