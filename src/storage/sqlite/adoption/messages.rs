//! Messages, and those that nobody wrote.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, Statement, Transaction};

use super::super::schema::Trouble;
use super::aside::continue_after;
use super::notes::{Kind, Notes, Place};
use super::original::Original;
use super::value;

/// Columns of the query in [`copy`]; the further ones come after them.
const COLUMNS: [&str; 5] = ["message_id", "author_id", "text", "pub_date", "flagged"];
const MESSAGE_ID: usize = 0;
const AUTHOR_ID: usize = 1;
const TEXT: usize = 2;
const PUB_DATE: usize = 3;
const FLAGGED: usize = 4;
const USER: usize = 5;
const FURTHER: usize = 6;

/// Copies all messages, those without an author to `orphan_message`; returns how many have one.
/// Users must have been copied.
pub(super) fn copy(
    tx: &Transaction<'_>,
    from: &Original,
    notes: &mut Notes<'_>,
) -> Result<usize, Trouble> {
    let mut messages = Messages::new(tx, from, notes)?;
    // Joined as the original did: where an id is a text, SQLite compares it as a number.
    let mut read = tx.prepare(&format!(
        "SELECT m.message_id, m.author_id, m.text, m.pub_date, {}, u.user_id{}
         FROM {} m LEFT JOIN user u ON u.user_id = m.author_id
         ORDER BY m.message_id",
        if from.has_flagged { "m.flagged" } else { "0" },
        from.further_names("m."),
        from.aside,
    ))?;
    let (mut count, mut last_id) = (0, 0);
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        last_id = row.get(MESSAGE_ID)?;
        match row.get(USER)? {
            Some(author) => {
                messages.add(row, author)?;
                count += 1;
            }
            None => messages.add_orphan(row)?,
        }
    }
    // The last may be an orphan, unknown to the table itself.
    continue_after(tx, from.name, last_id)?;
    Ok(count)
}

struct Messages<'a, 'n> {
    from: &'a Original,
    insert: Statement<'a>,
    insert_orphan: Statement<'a>,
    parse_date: Statement<'a>,
    notes: &'a mut Notes<'n>,
    /// The latest date so far.
    latest: Option<i64>,
}

impl<'a, 'n> Messages<'a, 'n> {
    fn new(
        tx: &'a Transaction<'a>,
        from: &'a Original,
        notes: &'a mut Notes<'n>,
    ) -> Result<Self, Trouble> {
        let insert = |table: &str| {
            tx.prepare(&format!(
                "INSERT INTO {table} (message_id, author_id, text, pub_date, flagged{})
                 VALUES (?, ?, ?, ?, ?{})",
                from.further_names(""),
                from.further_parameters(),
            ))
        };
        Ok(Self {
            from,
            insert: insert("message")?,
            insert_orphan: insert("orphan_message")?,
            parse_date: tx.prepare("SELECT unixepoch(?1)")?,
            notes,
            latest: None,
        })
    }

    fn add(&mut self, row: &Row<'_>, author: i64) -> Result<(), Trouble> {
        let stored_author = row.get_ref(AUTHOR_ID)?;
        let (text, text_changed) = value::text(row.get_ref(TEXT)?);
        let (date, date_changed) = self.date(row)?;
        let flag = value::flag(row.get_ref(FLAGGED)?);

        self.insert.raw_bind_parameter(1, row.get::<_, i64>(MESSAGE_ID)?)?;
        self.insert.raw_bind_parameter(2, author)?;
        self.insert.raw_bind_parameter(3, &text)?;
        self.insert.raw_bind_parameter(4, date)?;
        self.insert.raw_bind_parameter(5, flag)?;
        self.from.bind_further(row, FURTHER, &mut self.insert, 6)?;
        self.insert.raw_execute()?;

        if !matches!(stored_author, ValueRef::Integer(_)) {
            self.note(row, Kind::Id, AUTHOR_ID, Some(&author.to_string()))?;
        }
        if let Some(kind) = text_changed {
            self.note(row, kind, TEXT, Some(&text))?;
        }
        if let Some(kind) = date_changed {
            self.note(row, kind, PUB_DATE, Some(&date.to_string()))?;
        }
        if !matches!(row.get_ref(FLAGGED)?, ValueRef::Integer(_)) {
            self.note(row, Kind::Flag, FLAGGED, Some(&flag.to_string()))?;
        }
        Ok(())
    }

    fn add_orphan(&mut self, row: &Row<'_>) -> Result<(), Trouble> {
        for index in MESSAGE_ID..=FLAGGED {
            let value = ToSqlOutput::Borrowed(row.get_ref(index)?);
            self.insert_orphan.raw_bind_parameter(index + 1, value)?;
        }
        self.from.bind_further(row, FURTHER, &mut self.insert_orphan, 6)?;
        self.insert_orphan.raw_execute()?;
        self.date(row)?;
        self.note(row, Kind::Orphan, AUTHOR_ID, None)
    }

    /// When the message was posted, as far as that can be known.
    fn date(&mut self, row: &Row<'_>) -> Result<(i64, Option<Kind>), Trouble> {
        let stored = row.get_ref(PUB_DATE)?;
        let known = match value::whole_number(stored) {
            Some(date) => Some(date),
            None => self.written_date(stored)?,
        };
        let Some(date) = known else {
            return Ok((self.latest.unwrap_or(0), Some(Kind::NoDate)));
        };
        self.latest = self.latest.max(Some(date));
        let changed = !matches!(stored, ValueRef::Integer(_));
        Ok((date, changed.then_some(Kind::Date)))
    }

    /// A date like `2012-02-29 12:30:00`. SQLite reads it, but would take much else for a date.
    fn written_date(&mut self, stored: ValueRef<'_>) -> Result<Option<i64>, Trouble> {
        let (text, _) = value::text(stored);
        let text = text.trim();
        let shape: String =
            text.chars().take(10).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        if shape != "0000-00-00" {
            return Ok(None);
        }
        Ok(self.parse_date.query_row([text], |row| row.get(0)).optional()?.flatten())
    }

    fn note(
        &mut self,
        row: &Row<'_>,
        kind: Kind,
        index: usize,
        now: Option<&str>,
    ) -> Result<(), Trouble> {
        let place =
            Place { table: self.from.name, row: row.get(MESSAGE_ID)?, column: COLUMNS[index] };
        self.notes.add(kind, place, row.get_ref(index)?, now)
    }
}
