//! The original's tables: how they are known, and what of each is needed to copy it.

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Row, Statement};

use super::super::schema::Trouble;
use super::notes::{Kind, Notes, Place};

/// Tables of the original, with the columns that make them it.
const COLUMNS: [(&str, &[&str]); 3] = [
    ("user", &["user_id", "username", "email", "pw_hash"]),
    ("follower", &["who_id", "whom_id"]),
    ("message", &["message_id", "author_id", "text", "pub_date"]),
];

/// A column of `message` which some early databases lack.
const FLAGGED: &str = "flagged";

/// Whether the tables are those of the original program, whatever else there may be.
pub(in crate::storage::sqlite) fn is_original(conn: &Connection) -> Result<bool, Trouble> {
    for (table, columns) in COLUMNS {
        if !is_ordinary(conn, table)? {
            return Ok(false);
        }
        for column in columns {
            if !has_column(conn, table, column)? {
                return Ok(false);
            }
        }
    }
    Ok(has_integer_key(conn, "user", "user_id")? && has_integer_key(conn, "message", "message_id")?)
}

/// Whether it is a table with row ids: no view, nothing virtual.
fn is_ordinary(conn: &Connection, table: &str) -> Result<bool, Trouble> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_list(?1)
                              WHERE schema = 'main' AND type = 'table' AND NOT wr)";
    Ok(conn.query_row(sql, [table], |row| row.get(0))?)
}

fn has_column(conn: &Connection, table: &str, column: &str) -> Result<bool, Trouble> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE)";
    Ok(conn.query_row(sql, [table, column], |row| row.get(0))?)
}

/// Whether the column is the row id, and so a whole number that no two rows share.
fn has_integer_key(conn: &Connection, table: &str, column: &str) -> Result<bool, Trouble> {
    let sql = "SELECT coalesce(group_concat(lower(name || ' ' || type)), '')
               FROM pragma_table_info(?1) WHERE pk > 0";
    let key: String = conn.query_row(sql, [table], |row| row.get(0))?;
    Ok(key == format!("{column} integer"))
}

/// One of the original's tables, renamed to be out of the way of ours.
pub(super) struct Original {
    /// Its name in the original, which is that of ours too.
    pub(super) name: &'static str,
    /// Its name now, quoted for SQL.
    pub(super) aside: String,
    /// Whether it has the column `flagged`.
    pub(super) has_flagged: bool,
    /// Columns that the original did not have.
    pub(super) further: Vec<Column>,
    /// The last id it gave, also if that row is gone; `None` where it is not known.
    pub(super) last_id: Option<i64>,
}

/// A column that operators had added.
pub(super) struct Column {
    pub(super) name: String,
    /// Its type and default, for SQL.
    pub(super) declaration: String,
}

impl Original {
    /// Describes a table before it is renamed to `aside`.
    pub(super) fn describe(
        conn: &Connection,
        name: &'static str,
        aside: &str,
    ) -> Result<Self, Trouble> {
        Ok(Self {
            name,
            aside: quote(aside),
            has_flagged: has_column(conn, name, FLAGGED)?,
            further: further_columns(conn, name)?,
            last_id: last_id(conn, name)?,
        })
    }

    /// For SQL: `, "a", "b"` of the further columns, or `, t."a", t."b"` of them in table `t.`.
    pub(super) fn further_names(&self, table: &str) -> String {
        self.further.iter().map(|column| format!(", {table}{}", quote(&column.name))).collect()
    }

    /// For SQL: a parameter for each further column.
    pub(super) fn further_parameters(&self) -> String {
        ", ?".repeat(self.further.len())
    }

    /// Hands the further columns, which the row has from index `from` on, to parameters from
    /// `to` on.
    pub(super) fn bind_further(
        &self,
        row: &Row<'_>,
        from: usize,
        insert: &mut Statement<'_>,
        to: usize,
    ) -> Result<(), Trouble> {
        for index in 0..self.further.len() {
            let value = ToSqlOutput::Borrowed(row.get_ref(from + index)?);
            insert.raw_bind_parameter(to + index, value)?;
        }
        Ok(())
    }

    /// Keeps the values of the further columns of a row that is dropped.
    pub(super) fn keep_further(
        &self,
        row: &Row<'_>,
        from: usize,
        kind: Kind,
        row_id: i64,
        notes: &mut Notes<'_>,
    ) -> Result<(), Trouble> {
        for (index, column) in self.further.iter().enumerate() {
            let place = Place { table: self.name, row: row_id, column: &column.name };
            notes.keep(kind, place, row.get_ref(from + index)?)?;
        }
        Ok(())
    }
}

fn further_columns(conn: &Connection, table: &str) -> Result<Vec<Column>, Trouble> {
    let mut columns = conn.prepare("SELECT name, type, dflt_value FROM pragma_table_info(?1)")?;
    let mut rows = columns.query([table])?;
    let mut further = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        if !is_known(table, &name) {
            let mut declaration: String = row.get(1)?;
            if let Some(default) = row.get::<_, Option<String>>(2)? {
                declaration += &format!(" DEFAULT ({default})");
            }
            further.push(Column { name, declaration });
        }
    }
    Ok(further)
}

fn is_known(table: &str, column: &str) -> bool {
    let column = column.to_ascii_lowercase();
    let known = COLUMNS.iter().find(|(name, _)| *name == table);
    known.is_some_and(|(_, columns)| columns.contains(&column.as_str()))
        || (table == "message" && column == FLAGGED)
}

fn last_id(conn: &Connection, table: &str) -> Result<Option<i64>, Trouble> {
    if !conn.table_exists(None, "sqlite_sequence")? {
        return Ok(None);
    }
    let sql = "SELECT max(seq) FROM sqlite_sequence
               WHERE name = ?1 COLLATE NOCASE AND typeof(seq) = 'integer'";
    Ok(conn.query_row(sql, [table], |row| row.get(0))?)
}

/// Quotes a name for SQL.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
