//! What had to be changed: kept in `adoption_note`, and summed up for the operator.

use std::collections::BTreeMap;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Statement, Transaction, params};

use super::super::schema::Trouble;
use super::value::python_repr;

/// How many changes of one kind the report shows one by one.
const SHOWN: usize = 20;

/// How many characters of a value the report shows.
const SHOWN_CHARS: usize = 60;

/// Why a value was changed or dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::storage::sqlite) enum Kind {
    /// Two users had one name.
    SameName,
    /// A user had none.
    Nameless,
    /// A text looked like a number.
    Number,
    /// It was NULL.
    Missing,
    /// A text was a BLOB.
    Bytes,
    /// A text held U+0000.
    Nul,
    /// A text was not UTF-8.
    NotUtf8,
    /// An id was a text or a fraction.
    Id,
    /// A date was a text or a fraction.
    Date,
    /// A message had no date that can be read.
    NoDate,
    /// A flag was not a whole number.
    Flag,
    /// A message had no author.
    Orphan,
    /// A follow was there already.
    Repeated,
    /// A follow had only one end.
    Dangling,
}

impl Kind {
    /// What was wrong, and what was done.
    pub(in crate::storage::sqlite) fn note(self) -> &'static str {
        match self {
            Self::SameName => "the name is another user's, who was found by it: renamed",
            Self::Nameless => "the user had no name: named",
            Self::Number => "stored as a number: now the text that was shown",
            Self::Missing => "NULL: now empty",
            Self::Bytes => "stored as bytes: now the text they are",
            Self::Nul => "held a NUL character: now its picture U+2400",
            Self::NotUtf8 => "was not UTF-8: now U+FFFD where it was not",
            Self::Id => "not stored as a whole number: now the one it equals",
            Self::Date => "the date was not a whole number of seconds: now it is",
            Self::NoDate => "no date that can be read: now the latest of the messages before it",
            Self::Flag => "the flag was not a whole number: now it is",
            Self::Orphan => "the author is missing: moved to the table orphan_message",
            Self::Repeated => "follows the same user twice: now once",
            Self::Dangling => "follower or followed is missing: dropped",
        }
    }
}

/// A place in the original's tables.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Name of the table.
    pub(super) table: &'a str,
    /// Row id.
    pub(super) row: i64,
    /// Name of the column.
    pub(super) column: &'a str,
}

/// Writes notes as they come and remembers the first of each kind.
pub(super) struct Notes<'t> {
    insert: Statement<'t>,
    kinds: BTreeMap<Kind, Tally>,
}

#[derive(Default)]
struct Tally {
    count: usize,
    shown: Vec<String>,
}

impl<'t> Notes<'t> {
    /// Nothing noted yet.
    pub(super) fn new(tx: &'t Transaction<'_>) -> Result<Self, Trouble> {
        let insert = tx.prepare(
            "INSERT INTO adoption_note (table_name, row_id, column_name, original, note)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        Ok(Self { insert, kinds: BTreeMap::new() })
    }

    /// Keeps a changed value as it was and tells the operator; `now` is what it has become, if it
    /// is still there.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        place: Place<'_>,
        original: ValueRef<'_>,
        now: Option<&str>,
    ) -> Result<(), Trouble> {
        self.keep(kind, place, original)?;
        self.tell(kind, || line(place, original, now));
        Ok(())
    }

    /// Keeps a value as it was.
    pub(super) fn keep(
        &mut self,
        kind: Kind,
        place: Place<'_>,
        original: ValueRef<'_>,
    ) -> Result<(), Trouble> {
        let Place { table, row, column } = place;
        let original = ToSqlOutput::Borrowed(original);
        self.insert.execute(params![table, row, column, original, kind.note()])?;
        Ok(())
    }

    /// Counts a change, and tells the operator if it is one of the first of its kind.
    pub(super) fn tell(&mut self, kind: Kind, line: impl FnOnce() -> String) {
        let tally = self.kinds.entry(kind).or_default();
        tally.count += 1;
        if tally.shown.len() < SHOWN {
            tally.shown.push(line());
        }
    }

    /// A line for each kind, followed by lines for its first changes.
    pub(super) fn into_report(self) -> Vec<String> {
        let mut report = Vec::new();
        for (kind, tally) in self.kinds {
            report.push(format!("{} × {}", tally.count, kind.note()));
            let shown = tally.shown.len();
            report.extend(tally.shown);
            if tally.count > shown {
                report.push(format!("  … {} more in the table adoption_note", tally.count - shown));
            }
        }
        report
    }
}

/// Addresses and password hashes are nobody's business, and this may end up in a log.
fn line(place: Place<'_>, original: ValueRef<'_>, now: Option<&str>) -> String {
    let Place { table, row, column } = place;
    let place = format!("  {table} {row}, {column}");
    if matches!(column, "email" | "pw_hash") {
        return place;
    }
    let now = now.map(|now| format!(" → {}", quoted(now))).unwrap_or_default();
    format!("{place}: {}{now}", shown(original))
}

/// A value as the report shows it.
pub(super) fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".into(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => python_repr(number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => quoted(&String::from_utf8_lossy(bytes)),
    }
}

/// On one line, without what a terminal would obey.
fn quoted(text: &str) -> String {
    let start: String = text.chars().take(SHOWN_CHARS).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("{start:?}{more}")
}
