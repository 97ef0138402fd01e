//! What is in a file, judged without changing it.

use rusqlite::Connection;

use super::{APPLICATION_ID, SCHEMA, Trouble, VERSION};
use crate::storage::sqlite::adoption;

/// A file we can serve, now or after some work.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::storage::sqlite) enum Found {
    /// An empty file.
    Nothing,
    /// A database of this schema version; of the original program, if 0.
    Version(i32),
    /// Our current tables, but not marked as such: `.dump` and `.recover` of the sqlite3 shell
    /// do not write the marks.
    Unmarked,
}

/// Says what is in a file, or why we do not want it.
pub(in crate::storage::sqlite) fn recognise(conn: &Connection) -> Result<Found, Trouble> {
    let application_id: i32 = pragma(conn, "application_id")?;
    let version: i32 = pragma(conn, "user_version")?;
    match application_id {
        APPLICATION_ID => known_version(version),
        0 => recognise_by_tables(conn),
        _ => Err(another_program(conn)?),
    }
}

fn known_version(version: i32) -> Result<Found, Trouble> {
    match version {
        1..=VERSION => Ok(Found::Version(version)),
        _ => Err(Trouble::Refused(format!(
            "has schema version {version}, and this minitwit knows those up to {VERSION}; it was \
             left as it is: use a newer minitwit"
        ))),
    }
}

fn recognise_by_tables(conn: &Connection) -> Result<Found, Trouble> {
    let anything: bool =
        conn.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    if !anything {
        Ok(Found::Nothing)
    } else if has_our_tables(conn)? {
        Ok(Found::Unmarked)
    } else if adoption::is_original(conn)? {
        Ok(Found::Version(0))
    } else {
        Err(another_program(conn)?)
    }
}

/// Whether each column of each table of [`SCHEMA`] is there.
fn has_our_tables(conn: &Connection) -> Result<bool, Trouble> {
    let ours = Connection::open_in_memory()?;
    ours.execute_batch(SCHEMA)?;
    let mut columns = ours.prepare(
        "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
    )?;
    let mut wanted = columns.query([])?;
    let mut there = conn.prepare(
        "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE)",
    )?;
    while let Some(row) = wanted.next()? {
        let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
        if !there.query_row([table, column], |row| row.get::<_, bool>(0))? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn another_program(conn: &Connection) -> Result<Trouble, Trouble> {
    let mut tables = conn.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         ORDER BY rowid LIMIT 8",
    )?;
    let tables = tables.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let tables = if tables.is_empty() { "none".into() } else { tables.join(", ") };
    Ok(Trouble::Refused(format!(
        "is a SQLite database of another program (tables: {tables}); it was left as it is: give \
         another path"
    )))
}

fn pragma(conn: &Connection, name: &str) -> Result<i32, Trouble> {
    Ok(conn.pragma_query_value(None, name, |row| row.get(0))?)
}
