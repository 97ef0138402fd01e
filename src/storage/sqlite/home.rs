//! What a reader sees at home, merged from the timelines of whom they follow.
//!
//! Asking for all their messages in one query makes SQLite read every message that any of them
//! ever wrote, or, by date, every message there is. Here each author costs one seek, and only
//! the few who wrote last are read any further.

use rusqlite::{Connection, params};

use super::messages::{NEWEST, from_row};
use crate::domain::{Cursor, Message, UnixSeconds, UserId};
use crate::storage::Result;

/// The newest messages of a reader and of those they follow.
pub(super) fn timeline(
    db: &Connection,
    reader: UserId,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Message>> {
    let places = places(db, reader, before.unwrap_or(NEWEST), limit)?;
    let mut message = db.prepare_cached(
        "SELECT m.message_id, u.username, u.email, m.text, m.pub_date
         FROM message m CROSS JOIN user u ON u.user_id = m.author_id WHERE m.message_id = ?",
    )?;
    let messages = places.iter().map(|place| message.query_row([place.message_id], from_row));
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// Where the messages are, newest first. Takes the authors by their newest message, and stops
/// when what is left is older than all that the page has room for.
fn places(db: &Connection, reader: UserId, before: Cursor, limit: i64) -> Result<Vec<Cursor>> {
    let mut authors = db.prepare_cached(
        "WITH author (id) AS (SELECT whom_id FROM follower WHERE who_id = ?1 UNION SELECT ?1)
         SELECT id, (SELECT pub_date FROM message
                     WHERE author_id = id AND flagged = 0 AND (pub_date, message_id) < (?2, ?3)
                     ORDER BY pub_date DESC, message_id DESC LIMIT 1) AS newest
         FROM author WHERE newest IS NOT NULL ORDER BY newest DESC",
    )?;
    let mut authors = authors.query(params![reader, before.pub_date, before.message_id])?;
    let room = usize::try_from(limit).unwrap_or(0);
    let mut places: Vec<Cursor> = Vec::with_capacity(room.min(64));
    while let Some(author) = authors.next()? {
        let newest: UnixSeconds = author.get(1)?;
        let oldest = match places.get(room.wrapping_sub(1)) {
            Some(last) if newest < last.pub_date => break,
            Some(last) => last.pub_date,
            None => UnixSeconds::MIN,
        };
        add_places_of(db, &mut places, author.get(0)?, before, oldest, limit)?;
        places.sort_unstable_by(|a, b| b.cmp(a));
        places.truncate(room);
    }
    Ok(places)
}

/// Adds the places of one author's newest messages that are not older than `oldest`.
fn add_places_of(
    db: &Connection,
    places: &mut Vec<Cursor>,
    author: UserId,
    before: Cursor,
    oldest: UnixSeconds,
    limit: i64,
) -> Result<()> {
    let mut newest = db.prepare_cached(
        "SELECT pub_date, message_id FROM message
         WHERE author_id = ?1 AND flagged = 0 AND (pub_date, message_id) < (?2, ?3)
           AND pub_date >= ?4
         ORDER BY pub_date DESC, message_id DESC LIMIT ?5",
    )?;
    let params = params![author, before.pub_date, before.message_id, oldest, limit];
    let found = newest
        .query_map(params, |row| Ok(Cursor { pub_date: row.get(0)?, message_id: row.get(1)? }))?;
    for place in found {
        places.push(place?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn database(messages: &[(i64, i64)], follows: &[i64]) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("../../../schema.sql")).unwrap();
        for user in 1..=8 {
            db.execute("INSERT INTO user VALUES (?1, 'u' || ?1, 'e@x', 'h')", [user]).unwrap();
        }
        for (author, at) in messages {
            let insert = "INSERT INTO message (author_id, text, pub_date) VALUES (?, 'x', ?)";
            db.execute(insert, [author, at]).unwrap();
        }
        for whom in follows {
            db.execute("INSERT OR IGNORE INTO follower VALUES (1, ?)", [whom]).unwrap();
        }
        db
    }

    /// The same by brute force.
    fn expected(db: &Connection, before: Cursor, limit: i64) -> Vec<i64> {
        let mut all = db
            .prepare(
                "SELECT message_id FROM message WHERE (pub_date, message_id) < (?1, ?2) AND
                 (author_id = 1 OR author_id IN (SELECT whom_id FROM follower WHERE who_id = 1))
                 ORDER BY pub_date DESC, message_id DESC LIMIT ?3",
            )
            .unwrap();
        let params = params![before.pub_date, before.message_id, limit];
        all.query_map(params, |row| row.get(0)).unwrap().map(|id| id.unwrap()).collect()
    }

    proptest! {
        #[test]
        fn merging_finds_what_reading_everything_finds(
            messages in prop::collection::vec((1..9i64, 0..12i64), 0..60),
            follows in prop::collection::vec(1..9i64, 0..8),
            pub_date in 0..14i64,
            message_id in 0..70i64,
            limit in 0..12i64,
        ) {
            let db = database(&messages, &follows);
            let before = Cursor { pub_date, message_id };
            let found = timeline(&db, 1, Some(before), limit).unwrap();
            let found: Vec<i64> = found.into_iter().map(|message| message.id).collect();
            prop_assert_eq!(found, expected(&db, before, limit));
        }
    }
}
