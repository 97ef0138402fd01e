//! Rows of `message` as moderators see them: flagged ones too.

use rusqlite::{Connection, Row, params};

use crate::domain::{Found, MessageId, Search, StoredMessage, UserId};
use crate::storage::Result;

/// The column `fits` tells whether a message is one of those sought.
const COLUMNS: &str = "
    SELECT m.message_id, m.author_id, u.username, m.text, m.pub_date, m.flagged <> 0,
           (?3 IS NULL OR instr(lower(m.text), lower(?3)) > 0)
           AND (?4 IS NULL OR m.pub_date >= ?4) AND (?5 IS NULL OR m.pub_date < ?5)
           AND (?6 IS NULL OR (m.flagged <> 0) = ?6)
    FROM message m CROSS JOIN user u ON u.user_id = m.author_id";

/// Looks through up to `limit` messages.
pub(super) fn search(
    db: &Connection,
    sought: &Search,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Found> {
    let Search { author, text, since, until, flagged } = sought;
    let whose = author.map_or("", |_| "m.author_id = ?7 AND");
    let mut statement = db.prepare_cached(&format!(
        "{COLUMNS} WHERE {whose} m.message_id < ?1 ORDER BY m.message_id DESC LIMIT ?2"
    ))?;
    let before = before.unwrap_or(MessageId::MAX);
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = match author {
        Some(author) => {
            statement.query(params![before, most, text, since, until, flagged, author])?
        }
        None => statement.query(params![before, most, text, since, until, flagged])?,
    };
    let (mut found, mut seen) = (Found::default(), 0);
    while let Some(row) = rows.next()? {
        if row.get(6)? {
            found.messages.push(from_row(row)?);
        }
        seen += 1;
        found.last = if seen < limit { None } else { Some(row.get(0)?) };
    }
    Ok(found)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<StoredMessage> {
    Ok(StoredMessage {
        id: row.get(0)?,
        author_id: row.get(1)?,
        author: row.get(2)?,
        text: row.get(3)?,
        pub_date: row.get(4)?,
        flagged: row.get(5)?,
    })
}

/// Flags the messages or takes their flag away. Returns the ids that are no message's.
pub(super) fn set_flagged(
    tx: &Connection,
    messages: &[MessageId],
    flagged: bool,
) -> Result<Vec<MessageId>> {
    let mut update = tx.prepare_cached("UPDATE message SET flagged = ?2 WHERE message_id = ?1")?;
    let mut unknown = Vec::new();
    for message in messages {
        if update.execute(params![message, flagged])? == 0 {
            unknown.push(*message);
        }
    }
    Ok(unknown)
}

/// Deletes up to `limit` messages of an author.
pub(super) fn delete_some(tx: &Connection, author: UserId, limit: i64) -> Result<usize> {
    let mut delete = tx.prepare_cached(
        "DELETE FROM message WHERE message_id IN
             (SELECT message_id FROM message WHERE author_id = ? LIMIT ?)",
    )?;
    Ok(delete.execute([author, limit])?)
}

/// Deletes a message, if it is that author's.
pub(super) fn delete(tx: &Connection, author: UserId, message: MessageId) -> Result<bool> {
    let mut delete =
        tx.prepare_cached("DELETE FROM message WHERE message_id = ? AND author_id = ?")?;
    Ok(delete.execute([message, author])? > 0)
}
