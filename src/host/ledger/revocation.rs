//! Revocation in the ledger: which certificates are meant, which are revoked, and the numbers of the lists.
//!
//! What was revoked stays so, with its first date and reason. A list's number is durable before the list can be found.

use super::entry::{COLUMNS, Entry};
use super::{Ledger, LedgerError};
use rusqlite::{OptionalExtension as _, Transaction, params};
use time::OffsetDateTime;

/// A list to be made.
#[derive(Debug)]
pub struct NextList {
    pub number: u64,
    /// In the order of their revocation.
    pub revoked: Vec<Entry>,
}

impl Ledger {
    /// The certificate with this SHA-256 thumbprint.
    pub fn by_thumbprint(&self, sha256: &str) -> Result<Option<Entry>, LedgerError> {
        Ok(self.select("sha256 = ?1", sha256)?.pop())
    }

    /// Those with this serial number, of whichever root.
    pub fn by_serial(&self, serial: &str) -> Result<Vec<Entry>, LedgerError> {
        self.select("serial = ?1", serial)
    }

    /// Those of this machine, of whichever root; case does not count.
    pub fn by_machine(&self, machine: &str) -> Result<Vec<Entry>, LedgerError> {
        self.select("machine = ?1 COLLATE NOCASE", machine)
    }

    /// Those that are revoked, of whichever root.
    pub fn revoked(&self) -> Result<Vec<Entry>, LedgerError> {
        let mut entries = Vec::new();
        self.read(&revoked_query("revoked_at IS NOT NULL"), [], |entry| entries.push(entry))?;
        Ok(entries)
    }

    /// Revokes certificates of the present root, all or none, durably. Those that are revoked already stay as they are.
    pub fn revoke(&self, root: &str, sha256: &[String], at: OffsetDateTime, reason: &str) -> Result<(), LedgerError> {
        self.under_root(root, |transaction| {
            let mut update = transaction.prepare(
                "UPDATE certificate SET revoked_at = ?2, reason = ?3
                 WHERE sha256 = ?1 AND role <> 'root' AND revoked_at IS NULL",
            )?;
            for thumbprint in sha256 {
                update.execute(params![thumbprint, at.unix_timestamp(), reason])?;
            }
            Ok(())
        })
    }

    /// Takes a number for a list of the present root, above the last one and above `seen`, and reads what is to be on
    /// it, in one step and durably.
    pub fn next_list(&self, root: &str, seen: i64, now: OffsetDateTime) -> Result<NextList, LedgerError> {
        let mut next = NextList { number: 0, revoked: Vec::new() };
        self.under_root(root, |transaction| {
            let last: Option<i64> =
                transaction.query_row("SELECT number FROM crl WHERE root = ?1", [root], |row| row.get(0)).optional()?;
            let none_above = rusqlite::Error::IntegralValueOutOfRange(0, i64::MAX);
            let number = last.unwrap_or(0).max(seen).checked_add(1).ok_or(none_above)?;
            transaction.execute(
                "INSERT INTO crl VALUES (?1, ?2, ?3)
                 ON CONFLICT (root) DO UPDATE SET number = excluded.number, issued_at = excluded.issued_at",
                params![root, number, now.unix_timestamp()],
            )?;
            next.number = number.unsigned_abs();
            let mut statement = transaction.prepare(&revoked_query("root = ?1 AND revoked_at IS NOT NULL"))?;
            let rows = statement.query_map([root], Entry::read)?;
            next.revoked = rows.collect::<Result<_, _>>()?;
            Ok(())
        })?;
        Ok(next)
    }

    fn select(&self, condition: &str, value: &str) -> Result<Vec<Entry>, LedgerError> {
        let mut entries = Vec::new();
        let query = format!("SELECT {COLUMNS} FROM certificate WHERE {condition} ORDER BY id");
        self.read(&query, [value], |entry| entries.push(entry))?;
        Ok(entries)
    }

    /// A durable transaction that is not begun under a root that another run replaced.
    fn under_root(
        &self,
        root: &str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        let mut replaced = false;
        let result = self.in_transaction("FULL", |transaction| {
            let mut current = transaction
                .prepare("SELECT 1 FROM certificate WHERE sha256 = ?1 AND role = 'root' AND superseded_at IS NULL")?;
            replaced = !current.exists([root])?;
            if replaced { Err(rusqlite::Error::QueryReturnedNoRows) } else { work(transaction) }
        });
        if replaced { Err(LedgerError::RootReplaced) } else { result }
    }
}

fn revoked_query(condition: &str) -> String {
    format!("SELECT {COLUMNS} FROM certificate WHERE {condition} ORDER BY revoked_at, id")
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::*;
    use time::Duration;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-22 00:00 UTC);

    fn row(root: &str, role: &'static str, serial: &str, sha256: &str) -> Row {
        Row {
            root: root.into(),
            serial: serial.into(),
            role,
            machine: "M.test".into(),
            profile: "qlik",
            sha256: sha256.into(),
            issued_at: NOW,
            not_before: NOW,
            not_after: NOW + Duration::days(1),
            place: "m".into(),
            recipe: None,
            evidence: None,
            der: vec![1],
        }
    }

    fn ledger() -> (tempfile::TempDir, Ledger) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
        ledger.enter_root(&row("r", "root", "0", "r")).unwrap();
        ledger.enter(&[row("r", "server", "1", "a"), row("r", "client", "2", "b")]).unwrap();
        (folder, ledger)
    }

    #[test]
    fn what_is_revoked_stays_so_with_its_first_date() {
        let (_folder, ledger) = ledger();
        let both = ["b".to_owned(), "a".to_owned()];
        ledger.revoke("r", &both[..1], NOW, "superseded").unwrap();
        ledger.revoke("r", &both, NOW + Duration::hours(1), "key-compromise").unwrap();
        let told = |entry: &Entry| (entry.sha256.clone(), entry.revoked_at, entry.reason.clone());
        let revoked: Vec<_> = ledger.revoked().unwrap().iter().map(told).collect();
        let later = Some(NOW + Duration::hours(1));
        assert_eq!(
            revoked,
            [("b".into(), Some(NOW), Some("superseded".into())), ("a".into(), later, Some("key-compromise".into()))]
        );
        ledger.revoke("r", &["r".to_owned()], NOW, "unspecified").unwrap();
        assert_eq!(ledger.revoked().unwrap().len(), 2, "a root is never revoked");
    }

    #[test]
    fn numbers_rise_above_all_that_was_seen() {
        let (_folder, ledger) = ledger();
        ledger.revoke("r", &["a".to_owned()], NOW, "unspecified").unwrap();
        let first = ledger.next_list("r", 0, NOW).unwrap();
        assert_eq!((first.number, first.revoked.len()), (1, 1));
        assert_eq!(ledger.next_list("r", 0, NOW).unwrap().number, 2);
        assert_eq!(ledger.next_list("r", 40, NOW).unwrap().number, 41);
        assert_eq!(ledger.next_list("r", 7, NOW).unwrap().number, 42);
        assert!(ledger.next_list("r", i64::MAX, NOW).is_err());
        assert_eq!(ledger.next_list("r", 0, NOW).unwrap().number, 43);
    }

    #[test]
    fn nothing_is_revoked_under_a_root_that_was_replaced() {
        let (_folder, ledger) = ledger();
        ledger.enter_root(&row("s", "root", "0", "s")).unwrap();
        assert!(matches!(ledger.revoke("r", &["a".to_owned()], NOW, "x"), Err(LedgerError::RootReplaced)));
        assert!(matches!(ledger.next_list("r", 0, NOW), Err(LedgerError::RootReplaced)));
        assert_eq!(ledger.next_list("s", 0, NOW).unwrap().number, 1);
    }

    #[test]
    fn certificates_are_found_by_what_people_have() {
        let (_folder, ledger) = ledger();
        assert_eq!(ledger.by_thumbprint("b").unwrap().unwrap().serial, "2");
        assert!(ledger.by_thumbprint("c").unwrap().is_none());
        assert_eq!(ledger.by_serial("1").unwrap()[0].sha256, "a");
        assert_eq!(ledger.by_machine("m.TEST").unwrap().len(), 3);
    }
}
