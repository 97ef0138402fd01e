//! The seal of a file whose data has moved to Postgres: no MiniTwit writes to it any more.

use rusqlite::{Connection, OptionalExtension};

use crate::storage::Error;

/// Where a file's data has moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this database has moved to {target}")]
pub(crate) struct Seal {
    /// The Postgres, without user and password.
    pub(crate) target: String,
    /// When, in unix seconds.
    pub(crate) moved_at: i64,
    /// What that Postgres is known by: the same is in its table `minitwit`.
    pub(crate) token: Vec<u8>,
    /// Whether there is a report of rows that did not arrive as they were.
    pub(crate) see_report: bool,
}

impl From<Seal> for Error {
    /// Nothing was stored here, and it can be stored there.
    fn from(seal: Seal) -> Self {
        Self::Unavailable(Box::new(seal))
    }
}

/// The seal, if the file has one.
pub(crate) fn read(db: &Connection) -> rusqlite::Result<Option<Seal>> {
    let is_sealed = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'moved'";
    if !db.prepare_cached(is_sealed)?.exists([])? {
        return Ok(None);
    }
    let sql = "SELECT target, moved_at, token, see_report FROM moved";
    db.query_row(sql, [], |row| {
        Ok(Seal {
            target: row.get(0)?,
            moved_at: row.get(1)?,
            token: row.get(2)?,
            see_report: row.get(3)?,
        })
    })
    .optional()
}

/// Seals the file once the transaction commits. Triggers refuse the writes of programs that do
/// not look for the seal.
#[cfg(feature = "postgres")]
pub(crate) fn write(tx: &Connection, seal: &Seal, tables: &[&str]) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE TABLE moved (
             only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
             target     TEXT NOT NULL,
             moved_at   INTEGER NOT NULL, -- unix seconds
             token      BLOB NOT NULL,
             see_report INTEGER NOT NULL
         )",
    )?;
    tx.execute(
        "INSERT INTO moved VALUES (1, ?1, ?2, ?3, ?4)",
        rusqlite::params![seal.target, seal.moved_at, seal.token, seal.see_report],
    )?;
    let message = seal.to_string().replace('\'', "''");
    for table in tables {
        for event in ["INSERT", "UPDATE", "DELETE"] {
            tx.execute_batch(&format!(
                "CREATE TRIGGER moved_{table}_{event} BEFORE {event} ON \"{table}\"
                 BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ))?;
        }
    }
    Ok(())
}

/// Looks for the seal only when another connection has changed the file.
#[derive(Debug, Default)]
pub(super) struct Watch {
    data_version: Option<i64>,
}

impl Watch {
    /// The seal, if there is one. To be called within a transaction that writes.
    pub(super) fn look(&mut self, tx: &Connection) -> rusqlite::Result<Option<Seal>> {
        let version =
            tx.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get::<_, i64>(0))?;
        if self.data_version == Some(version) {
            return Ok(None);
        }
        let seal = read(tx)?;
        if seal.is_none() {
            self.data_version = Some(version);
        }
        Ok(seal)
    }
}
