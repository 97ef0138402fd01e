//! Rows of `message`.
//!
//! `CROSS JOIN` tells SQLite's planner to take the tables in the order written: messages by
//! their index first, then each author by row id.

use rusqlite::{CachedStatement, Connection, Params, Row, params};

use super::users;
use crate::domain::{Cursor, Message, MessageText, UnixSeconds};
use crate::storage::Result;

/// Before every message: where a timeline starts that is not continued.
pub(super) const NEWEST: Cursor = Cursor { pub_date: i64::MAX, message_id: i64::MAX };

/// Inserts a message by the named user.
pub(super) fn insert(
    tx: &Connection,
    author: &str,
    text: &MessageText,
    pub_date: UnixSeconds,
) -> Result<()> {
    let author = users::expect_id(tx, author)?;
    tx.prepare_cached("INSERT INTO message (author_id, text, pub_date) VALUES (?, ?, ?)")?
        .execute(params![author, text.as_str(), pub_date])?;
    Ok(())
}

/// Everybody's messages.
pub(super) fn of_everybody(
    db: &Connection,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Message>> {
    let before = before.unwrap_or(NEWEST);
    let statement = db.prepare_cached(
        "SELECT m.message_id, u.username, u.email, m.text, m.pub_date
         FROM message m CROSS JOIN user u ON u.user_id = m.author_id
         WHERE m.flagged = 0 AND (m.pub_date, m.message_id) < (?1, ?2)
         ORDER BY m.pub_date DESC, m.message_id DESC LIMIT ?3",
    )?;
    collect(statement, params![before.pub_date, before.message_id, limit])
}

/// The messages of one author.
pub(super) fn by(
    db: &Connection,
    username: &str,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Message>> {
    let before = before.unwrap_or(NEWEST);
    let author = users::expect_id(db, username)?;
    let statement = db.prepare_cached(
        "SELECT m.message_id, u.username, u.email, m.text, m.pub_date
         FROM message m CROSS JOIN user u ON u.user_id = m.author_id
         WHERE m.author_id = ?1 AND m.flagged = 0 AND (m.pub_date, m.message_id) < (?2, ?3)
         ORDER BY m.pub_date DESC, m.message_id DESC LIMIT ?4",
    )?;
    collect(statement, params![author, before.pub_date, before.message_id, limit])
}

fn collect(mut statement: CachedStatement<'_>, params: impl Params) -> Result<Vec<Message>> {
    let messages = statement.query_map(params, from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// A message from the columns all of these queries have.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        author: row.get(1)?,
        email: row.get(2)?,
        text: row.get(3)?,
        pub_date: row.get(4)?,
    })
}
