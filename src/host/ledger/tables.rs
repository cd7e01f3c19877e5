//! The ledger's tables, and how an older ledger gets them. Nothing here is ever deleted but what was copied.

use rusqlite::{Connection, TransactionBehavior};

/// Raised when the tables change; a ledger of a newer qcert is refused, not guessed at.
pub(super) const VERSION: i64 = 2;

/// Times are seconds since 1970-01-01T00:00:00Z. `written` is 0 from before the files can be found until they are known
/// to be in their place. A `cross` is a root signed by the one before it. Encodings lie apart, so that a list of everything need not pass over them.
const TABLES: &str = "
    CREATE TABLE certificate (
        id INTEGER PRIMARY KEY,
        root TEXT NOT NULL,
        serial TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('root', 'cross', 'server', 'client')),
        machine TEXT NOT NULL,
        profile TEXT NOT NULL,
        sha256 TEXT NOT NULL UNIQUE,
        issued_at INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        not_after INTEGER NOT NULL,
        place TEXT NOT NULL,
        written INTEGER NOT NULL CHECK (written IN (0, 1)),
        recipe TEXT,
        evidence TEXT,
        superseded_at INTEGER,
        revoked_at INTEGER,
        reason TEXT,
        UNIQUE (root, serial)
    ) STRICT;
    CREATE INDEX certificate_machine ON certificate (machine);
    CREATE INDEX certificate_place ON certificate (place);
    CREATE INDEX certificate_root ON certificate (id) WHERE role = 'root';
    CREATE INDEX certificate_unconfirmed ON certificate (id) WHERE written = 0;
    CREATE TABLE encoding (sha256 TEXT PRIMARY KEY, der BLOB NOT NULL) STRICT;
    CREATE TABLE crl (root TEXT PRIMARY KEY, number INTEGER NOT NULL, issued_at INTEGER NOT NULL) STRICT;
";

/// The first version kept one table, and did not know how its bundles were written.
const FROM_FIRST_VERSION: &str = "
    INSERT INTO certificate
        (root, serial, role, machine, profile, sha256, issued_at, not_before, not_after, place, written)
        SELECT root, serial, role, machine, profile, sha256, issued_at, not_before, not_after, folder, state = 'written'
        FROM first_version ORDER BY rowid;
    INSERT INTO encoding SELECT sha256, der FROM first_version;
    DROP TABLE first_version;
";

pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Makes the tables, or changes those of an older qcert, in one step.
pub(super) fn bring_up_to_date(connection: &mut Connection, version: i64) -> rusqlite::Result<()> {
    if version == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version == 1 {
        transaction
            .execute_batch("DROP INDEX certificate_machine; ALTER TABLE certificate RENAME TO first_version;")?;
    }
    transaction.execute_batch(TABLES)?;
    if version == 1 {
        transaction.execute_batch(FROM_FIRST_VERSION)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

/// The tables as the first version made them.
#[cfg(test)]
pub(super) const FIRST_VERSION: &str = "
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
