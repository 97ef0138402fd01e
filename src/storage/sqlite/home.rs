//! What a reader sees at home, merged from the timelines of whom they follow.
//!
//! Asking for all their messages in one query makes SQLite read every message that any of them
//! ever wrote, or, by date, every message there is. Here each author costs one seek, and only
//! the few who wrote last are read any further. With ten million messages those seeks go to as
//! many places of the file; so for who follows many, the newest messages of all are looked at
//! first, which are together.

use rusqlite::{Connection, params};

use super::messages::{NEWEST, from_row};
use crate::domain::{Cursor, Message, UnixSeconds, UserId};
use crate::storage::Result;

/// Who follows so many people has the newest messages of all looked at first.
const MANY: i64 = 256;

/// How many of them are looked at. They cost about what seeks for a few hundred people do.
const LOOK_AMONG: i64 = 1024;

/// After how many it is first asked whether it looks like enough.
const LOOK_FIRST: i64 = 128;

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

/// Where the messages are, newest first.
fn places(db: &Connection, reader: UserId, before: Cursor, limit: i64) -> Result<Vec<Cursor>> {
    let found = match follows_many(db, reader)? {
        true => among_the_newest(db, reader, before, limit, LOOK_AMONG)?,
        false => None,
    };
    found.map_or_else(|| places_by_author(db, reader, before, limit), Ok)
}

/// Whether a seek for each of them costs more than a look at the newest messages of all.
fn follows_many(db: &Connection, reader: UserId) -> Result<bool> {
    let mut last_of_many =
        db.prepare_cached("SELECT 1 FROM follower WHERE who_id = ? LIMIT 1 OFFSET ?")?;
    Ok(last_of_many.exists([reader, MANY - 1])?)
}

/// Where the messages are, if enough of the `among` newest ones of all are the reader's: who
/// follows many active people finds a page in a few hundred. Gives up as soon as that is unlikely.
fn among_the_newest(
    db: &Connection,
    reader: UserId,
    before: Cursor,
    limit: i64,
    among: i64,
) -> Result<Option<Vec<Cursor>>> {
    let mut newest = db.prepare_cached(
        "SELECT pub_date, message_id, author_id = ?1 OR EXISTS
             (SELECT 1 FROM follower WHERE who_id = ?1 AND whom_id = author_id)
         FROM message WHERE flagged = 0 AND (pub_date, message_id) < (?2, ?3)
         ORDER BY pub_date DESC, message_id DESC LIMIT ?4",
    )?;
    let mut newest = newest.query(params![reader, before.pub_date, before.message_id, among])?;
    let mut places = Vec::new();
    for seen in 0..among {
        let found = places.len() as i64;
        if found >= limit {
            return Ok(Some(places));
        }
        if seen > 0 && seen % LOOK_FIRST == 0 && found * among < limit * seen {
            return Ok(None);
        }
        let Some(row) = newest.next()? else { return Ok(Some(places)) };
        if row.get(2)? {
            places.push(Cursor { pub_date: row.get(0)?, message_id: row.get(1)? });
        }
    }
    Ok((places.len() as i64 >= limit).then_some(places))
}

/// Where the messages are, newest first. Takes the authors by their newest message, and stops
/// when what is left is older than all that the page has room for.
fn places_by_author(
    db: &Connection,
    reader: UserId,
    before: Cursor,
    limit: i64,
) -> Result<Vec<Cursor>> {
    // LIMIT keeps SQLite from looking everybody up twice, for WHERE and for the result.
    let mut authors = db.prepare_cached(
        "WITH author (id) AS (SELECT whom_id FROM follower WHERE who_id = ?1 UNION SELECT ?1)
         SELECT id, newest FROM (
             SELECT id, (SELECT pub_date FROM message
                         WHERE author_id = id AND flagged = 0 AND (pub_date, message_id) < (?2, ?3)
                         ORDER BY pub_date DESC, message_id DESC LIMIT 1) AS newest
             FROM author LIMIT -1
         ) WHERE newest IS NOT NULL ORDER BY newest DESC",
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

    /// Of 300 people, the reader follows all but ten: the page is among the newest messages, and
    /// the last page is found by author, for there the rest is others'.
    #[test]
    fn who_follows_many_reads_every_page() {
        let db = database(&[], &[]);
        for user in 9..=309 {
            db.execute("INSERT INTO user VALUES (?1, 'u' || ?1, 'e@x', 'h')", [user]).unwrap();
            let at = if user < 20 { user } else { 10_000 + user };
            let insert = "INSERT INTO message (author_id, text, pub_date) VALUES (?, 'x', ?)";
            db.execute(insert, [user, at]).unwrap();
            if user > 18 {
                db.execute("INSERT INTO follower VALUES (1, ?)", [user]).unwrap();
            }
        }
        assert!(follows_many(&db, 1).unwrap() && !follows_many(&db, 2).unwrap());
        let (mut before, mut read) = (NEWEST, Vec::new());
        while let Some(last) = timeline(&db, 1, Some(before), 31).unwrap().last().cloned() {
            let page = timeline(&db, 1, Some(before), 31).unwrap();
            let ids: Vec<i64> = page.iter().map(|message| message.id).collect();
            assert_eq!(ids, expected(&db, before, 31));
            before = Cursor { pub_date: last.pub_date, message_id: last.id };
            read.extend(ids);
        }
        assert_eq!(read.len(), 291);
    }

    /// Nobody followed wrote any of the newest messages: it is not looked at all of them.
    #[test]
    fn a_look_at_messages_of_others_is_given_up() {
        let others: Vec<_> = (0..2_000).map(|at| (2, at)).collect();
        let db = database(&others, &[3]);
        assert!(among_the_newest(&db, 1, NEWEST, 31, LOOK_AMONG).unwrap().is_none());
        assert_eq!(timeline(&db, 1, None, 31).unwrap(), []);
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

        #[test]
        fn looking_at_the_newest_finds_the_same_or_gives_up(
            messages in prop::collection::vec((1..9i64, 0..12i64), 0..60),
            follows in prop::collection::vec(1..9i64, 0..8),
            pub_date in 0..14i64,
            message_id in 0..70i64,
            limit in 0..12i64,
            among in 0..70i64,
        ) {
            let db = database(&messages, &follows);
            let before = Cursor { pub_date, message_id };
            if let Some(found) = among_the_newest(&db, 1, before, limit, among).unwrap() {
                let found: Vec<i64> = found.into_iter().map(|place| place.message_id).collect();
                prop_assert_eq!(found, expected(&db, before, limit));
            }
        }
    }
}
