//! Notes in the SQLite file which rows change while it is copied. Triggers do it, so that no
//! change is missed, whoever makes it: this server, another one, or the sqlite3 shell.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OptionalExtension};

use super::failure::{Failure, Result};
use super::tables::{Kind, TABLES, Table};

/// How long another process may keep the file locked.
const PATIENCE: Duration = Duration::from_secs(10);

/// Keeps a migration's token and what has changed since it began.
const NOTES: &str = "
    CREATE TABLE moving (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), token BLOB NOT NULL);
    CREATE TABLE moving_change (
        change_id  INTEGER PRIMARY KEY AUTOINCREMENT,
        table_name TEXT NOT NULL,
        key_1,
        key_2
    );";

/// A change of a name may remove a row that had it, and SQLite runs no trigger for that.
const REPLACED_USERS: &str = "
    CREATE TRIGGER moving_user_replaced_by_insert BEFORE INSERT ON user BEGIN
        INSERT INTO moving_change (table_name, key_1)
        SELECT 'user', user_id FROM user WHERE username = NEW.username;
    END;
    CREATE TRIGGER moving_user_replaced_by_update BEFORE UPDATE OF username ON user BEGIN
        INSERT INTO moving_change (table_name, key_1)
        SELECT 'user', user_id FROM user
        WHERE username = NEW.username AND user_id <> OLD.user_id;
    END;";

/// Begins to note changes, in the place of an earlier migration's notes. `snapshot` is called
/// while nobody can write: what it reads is noted from then on.
pub(super) fn begin<T>(
    db: &Connection,
    token: &[u8],
    snapshot: impl FnOnce() -> Result<T>,
) -> Result<T> {
    take_write_lock(db)?;
    let outcome = (|| {
        forget(db)?;
        db.execute_batch(NOTES)?;
        db.execute("INSERT INTO moving VALUES (1, ?1)", [token])?;
        // The secret never changes.
        for table in TABLES.iter().filter(|table| table.name != "secret") {
            db.execute_batch(&triggers(table))?;
        }
        db.execute_batch(REPLACED_USERS)?;
        snapshot()
    })();
    db.execute_batch(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    outcome
}

/// Begins a transaction that writes. SQLite alone would sleep too long between two attempts.
pub(super) fn take_write_lock(db: &Connection) -> Result<()> {
    let start = Instant::now();
    db.busy_timeout(Duration::ZERO)?;
    loop {
        match db.execute_batch("BEGIN IMMEDIATE") {
            Ok(()) => break,
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && start.elapsed() < PATIENCE =>
            {
                std::thread::sleep(Duration::from_micros(200));
            }
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                return Err(Failure::new(format_args!(
                    "{} is in use: another process has kept it locked for more than {} seconds; \
                     end that process or its transaction, and start again",
                    db.path().unwrap_or_default(),
                    PATIENCE.as_secs()
                )));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(db.busy_timeout(PATIENCE)?)
}

/// Stops noting, and drops the notes.
pub(super) fn forget(db: &Connection) -> Result<()> {
    let triggers: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'moving\\_%' ESCAPE '\\'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in triggers {
        db.execute_batch(&format!("DROP TRIGGER \"{name}\""))?;
    }
    Ok(db.execute_batch("DROP TABLE IF EXISTS moving; DROP TABLE IF EXISTS moving_change")?)
}

/// The token of the migration that notes changes, if one does.
pub(super) fn token(db: &Connection) -> Result<Option<Vec<u8>>> {
    let notes = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'moving'";
    if !db.prepare(notes)?.exists([])? {
        return Ok(None);
    }
    Ok(db.query_row("SELECT token FROM moving", [], |row| row.get(0)).optional()?)
}

/// The last change so far.
pub(super) fn last(db: &Connection) -> Result<i64> {
    let sql = "SELECT coalesce(max(change_id), 0) FROM moving_change";
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}

/// A subquery for the keys of the table's rows that changed after change ?1 and up to ?2.
pub(super) fn changed_keys(table: &Table) -> String {
    format!(
        "(SELECT DISTINCT key_1, key_2 FROM moving_change
          WHERE table_name = '{}' AND change_id > ?1 AND change_id <= ?2)",
        table.name
    )
}

/// For SQL's FROM: the rows of the table, as `t`, that changed after change ?1 and up to ?2.
pub(super) fn changed_rows(table: &Table) -> String {
    let columns = table.key_columns().iter().zip(["key_1", "key_2"]);
    let on: Vec<_> =
        columns.map(|(column, key)| format!("t.\"{}\" = c.{key}", column.source)).collect();
    format!("{} c CROSS JOIN {} t ON {}", changed_keys(table), table.quoted(), on.join(" AND "))
}

fn triggers(table: &Table) -> String {
    let name = table.name;
    let keys: Vec<_> = table.key_columns().iter().map(|column| column.source).collect();
    let key = |row: &str| {
        let mut key: Vec<_> = keys.iter().map(|column| format!("{row}.\"{column}\"")).collect();
        key.resize(2, "NULL".into());
        key.join(", ")
    };
    let (old, new) = (key("OLD"), key("NEW"));
    let note = format!("INSERT INTO moving_change (table_name, key_1, key_2) SELECT '{name}', ");
    format!(
        "CREATE TRIGGER moving_{name}_insert AFTER INSERT ON \"{name}\" BEGIN {note} {new}; END;
         CREATE TRIGGER moving_{name}_delete AFTER DELETE ON \"{name}\" BEGIN {note} {old}; END;
         CREATE TRIGGER moving_{name}_update AFTER UPDATE ON \"{name}\" BEGIN {note} {new};
             {note} {old} WHERE ({old}) IS NOT ({new}); END;"
    )
}

/// Writes a key as COPY does; `None` if Postgres can have no row of that key.
pub(super) fn put_key(
    table: &Table,
    row: &rusqlite::Row<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<()>> {
    use rusqlite::types::ValueRef;

    use super::wire::{begin_row, put_bigint, put_bytes};

    let start = out.len();
    begin_row(out, table.key);
    for (index, column) in table.key_columns().iter().enumerate() {
        match (column.kind, row.get_ref(index)?) {
            (Kind::Server, _) => put_bytes(out, &super::rules::FILE_AS_SERVER),
            (_, ValueRef::Integer(number)) => put_bigint(out, number),
            (Kind::Key, ValueRef::Blob(bytes)) => put_bytes(out, bytes),
            _ => {
                out.truncate(start);
                return Ok(None);
            }
        }
    }
    Ok(Some(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("../../schema.sql")).unwrap();
        db.execute_batch(
            "PRAGMA foreign_keys = ON;
             INSERT INTO user VALUES (1, 'a', '', ''), (2, 'b', '', '');
             INSERT INTO message VALUES (1, 1, 'x', 0, 0);",
        )
        .unwrap();
        begin(&db, b"token", || Ok(())).unwrap();
        db
    }

    fn noted(sql: &str) -> Vec<String> {
        let db = database();
        db.execute_batch(sql).unwrap();
        let mut query = db
            .prepare(
                "SELECT DISTINCT table_name || ' ' || quote(key_1) || ' ' || quote(key_2)
                 FROM moving_change ORDER BY 1",
            )
            .unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(|row| row.unwrap()).collect()
    }

    #[test]
    fn every_kind_of_change_is_noted() {
        assert_eq!(noted("INSERT INTO message VALUES (7, 1, 'y', 0, 0)"), ["message 7 NULL"]);
        assert_eq!(noted("UPDATE message SET flagged = 1"), ["message 1 NULL"]);
        assert_eq!(noted("DELETE FROM message"), ["message 1 NULL"]);
        assert_eq!(noted("UPDATE user SET pw_hash = 'x'"), ["user 1 NULL", "user 2 NULL"]);
        assert_eq!(
            noted("INSERT INTO follower VALUES (1, 2); DELETE FROM follower"),
            ["follower 1 2"]
        );
        assert_eq!(noted("INSERT INTO session VALUES (x'01', 1, 5)"), ["session X'01' NULL"]);
        assert_eq!(noted("INSERT INTO latest VALUES (1, 5, 6)"), ["latest 1 NULL"]);
    }

    #[test]
    fn a_new_key_notes_the_old_one_too() {
        assert_eq!(
            noted("UPDATE message SET message_id = 9"),
            ["message 1 NULL", "message 9 NULL"]
        );
    }

    #[test]
    fn what_a_deletion_takes_along_is_noted() {
        assert_eq!(
            noted("INSERT INTO follower VALUES (2, 1); DELETE FROM user WHERE user_id = 2"),
            ["follower 2 1", "user 2 NULL"]
        );
    }

    #[test]
    fn a_replaced_user_is_noted() {
        assert_eq!(
            noted("INSERT OR REPLACE INTO user VALUES (5, 'b', '', '')"),
            ["user 2 NULL", "user 5 NULL"]
        );
        assert_eq!(
            noted(
                "DELETE FROM message; UPDATE OR REPLACE user SET username = 'b' WHERE user_id = 1"
            ),
            ["message 1 NULL", "user 1 NULL", "user 2 NULL"]
        );
    }

    #[test]
    fn notes_end_without_a_trace() {
        let db = database();
        assert_eq!(token(&db).unwrap().as_deref(), Some(&b"token"[..]));
        forget(&db).unwrap();
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'moving%'";
        assert_eq!(db.query_row(sql, [], |row| row.get(0)), Ok(0));
        assert_eq!(token(&db).unwrap(), None);
    }
}
