//! Reads rows of the source and makes of them what goes to Postgres, and what goes to the report.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params, Row};

use super::failure::Result;
use super::report::{Change, Report, Values, in_json};
use super::rules::Rules;
use super::tables::{Kind, TABLES, Table};
use super::wire::{Digest, DigestKey, begin_row};

/// Rows are handed on in pieces of about so many bytes.
const PIECE: usize = 256 * 1024;

/// How often the progress is told, in rows.
const TELL_EVERY: u64 = 1024;

/// Reads the source, and remembers what it needs for later rows.
pub(super) struct Reader {
    /// Where rows are read.
    pub(super) db: Connection,
    /// What becomes of values.
    pub(super) rules: Rules,
    /// What is told of those that change or stay behind.
    pub(super) report: Report,
    /// Of the digests.
    pub(super) key: DigestKey,
    /// Rows read so far, for who watches.
    pub(super) progress: Arc<AtomicU64>,
    /// Whether the notes of an adoption are new to the operator.
    pub(super) adopting: bool,
    further: HashMap<&'static str, Vec<String>>,
}

/// What came of rows that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Rows there are.
    pub(super) read: u64,
    /// Of the rows that arrive, as they are written.
    pub(super) arrives: Digest,
}

impl Reader {
    /// Reads through that connection.
    pub(super) fn new(db: Connection, report: Report) -> Result<Self> {
        let mut further = HashMap::new();
        for table in &TABLES {
            further.insert(table.name, further_columns(&db, table)?);
        }
        let (rules, key, progress) = (Rules::new(), DigestKey::default(), Arc::default());
        Ok(Self { db, rules, report, key, progress, adopting: false, further })
    }

    /// How many rows all tables have.
    pub(super) fn count(&self) -> Result<u64> {
        let mut count = 0;
        for table in &TABLES {
            let sql = format!("SELECT count(*) FROM {}", table.quoted());
            count += self.db.query_row(&sql, [], |row| row.get::<_, i64>(0))? as u64;
        }
        Ok(count)
    }

    /// Reads all rows of a table and hands them on, ready for COPY, in pieces.
    pub(super) fn read_all(
        &mut self,
        table: &Table,
        hand_on: impl FnMut(Vec<u8>) -> Result<()>,
    ) -> Result<Tally> {
        self.read(table, &format!("{} t", table.quoted()), [], hand_on)
    }

    /// As [`Reader::read_all`], of the rows that SQL's FROM leaves, where the table is `t`.
    pub(super) fn read(
        &mut self,
        table: &Table,
        from: &str,
        params: impl Params,
        mut hand_on: impl FnMut(Vec<u8>) -> Result<()>,
    ) -> Result<Tally> {
        let Self { db, rules, report, key, progress, adopting, further } = self;
        let is_news = *adopting && table.name == "adoption_note";
        let further = further.get(table.name).map_or(&[][..], Vec::as_slice);
        let further_names: String = further.iter().map(|name| format!(", t.{name}")).collect();
        let mut query = db.prepare_cached(&format!(
            "SELECT {}{further_names} FROM {from}",
            table.source_names("t."),
        ))?;
        let mut rows = query.query(params)?;
        let mut tally = Tally::default();
        let mut piece = Vec::with_capacity(PIECE + PIECE / 8);
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            let start = piece.len();
            match convert(db, rules, table, row, &mut piece, &mut changes)? {
                Ok(()) => {
                    tally.arrives.add(key, &piece[start..]);
                    for change in changes.drain(..) {
                        report.changed(table.name, values(table, row, table.key)?, &change)?;
                    }
                    report_further(report, table, row, further)?;
                    if is_news {
                        report.adopted(values(table, row, table.columns.len())?)?;
                    }
                }
                Err(why) => {
                    piece.truncate(start);
                    changes.clear();
                    let mut all = values(table, row, table.columns.len())?;
                    all.extend(further_values(table, row, further)?);
                    report.left_behind(table.name, all, &why)?;
                }
            }
            tally.read += 1;
            if tally.read % TELL_EVERY == 0 {
                progress.fetch_add(TELL_EVERY, Ordering::Relaxed);
            }
            if piece.len() >= PIECE {
                hand_on(std::mem::replace(&mut piece, Vec::with_capacity(PIECE + PIECE / 8)))?;
            }
        }
        progress.fetch_add(tally.read % TELL_EVERY, Ordering::Relaxed);
        if !piece.is_empty() {
            hand_on(piece)?;
        }
        Ok(tally)
    }
}

/// Writes a row as COPY does; why it stays behind, if it must.
fn convert(
    db: &Connection,
    rules: &mut Rules,
    table: &Table,
    row: &Row<'_>,
    out: &mut Vec<u8>,
    changes: &mut Vec<Change>,
) -> Result<std::result::Result<(), String>> {
    let id = match row.get_ref(0)? {
        ValueRef::Integer(id) => id,
        _ => 0,
    };
    begin_row(out, table.columns.len());
    for (index, column) in table.columns.iter().enumerate() {
        let value = row.get_ref(index)?;
        match rules.cell(db, column.kind, id, value) {
            Ok((cell, why)) => {
                cell.put(out);
                if let Some(why) = why {
                    let (was, now) = (in_json(value), cell.in_json());
                    changes.push(Change { column: column.name, was, now, why });
                }
            }
            Err(why) => return Ok(Err(format!("{}: {why}", column.name))),
        }
    }
    if table.columns[1].kind == Kind::Username {
        rules.users.insert(id);
    }
    Ok(Ok(()))
}

/// The first columns of a row, for the report.
fn values(table: &Table, row: &Row<'_>, count: usize) -> Result<Values> {
    let mut values = Values::new();
    for (index, column) in table.columns.iter().take(count).enumerate() {
        values.insert(column.source.to_owned(), in_json(row.get_ref(index)?));
    }
    Ok(values)
}

fn further_values(table: &Table, row: &Row<'_>, further: &[String]) -> Result<Values> {
    let mut values = Values::new();
    for (index, name) in further.iter().enumerate() {
        let value = row.get_ref(table.columns.len() + index)?;
        if value != ValueRef::Null {
            values.insert(name.trim_matches('"').to_owned(), in_json(value));
        }
    }
    Ok(values)
}

/// What operators had added to a row: Postgres' tables have no room for it.
fn report_further(
    report: &mut Report,
    table: &Table,
    row: &Row<'_>,
    further: &[String],
) -> Result<()> {
    let mut added = further_values(table, row, further)?;
    if !added.is_empty() {
        added.extend(values(table, row, table.key)?);
        report.left_behind_in_part(table.name, added)?;
    }
    Ok(())
}

/// Columns that are not ours, quoted for SQL.
fn further_columns(db: &Connection, table: &Table) -> Result<Vec<String>> {
    let mut query = db.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = query.query_map([table.name], |row| row.get::<_, String>(0))?;
    let names = names.collect::<rusqlite::Result<Vec<_>>>()?;
    let ours =
        |name: &String| table.columns.iter().any(|column| column.source.eq_ignore_ascii_case(name));
    let further = names.iter().filter(|name| !ours(name));
    Ok(further.map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect())
}
