//! A posted message, as the shapes that write take it and store it. They check no credentials and
//! no lengths.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, params};
use serde::Deserialize;

/// How a connection is set up: as durable as MiniTwit's own.
pub(crate) const SETTINGS: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

/// The body of the call.
#[derive(Deserialize)]
pub(crate) struct Posted {
    pub(crate) content: String,
}

/// The query of the call.
#[derive(Deserialize)]
pub(crate) struct Latest {
    pub(crate) latest: i64,
}

/// Inserts a message by that user.
pub(crate) fn insert(db: &Connection, username: &str, text: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "INSERT INTO message (author_id, text, pub_date)
         SELECT user_id, ?, unixepoch() FROM user WHERE username = ?",
    )?
    .execute(params![text, username])
}

/// Stores the number of the most recent call.
pub(crate) fn store_latest(db: &Connection, latest: i64) -> rusqlite::Result<usize> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    db.prepare_cached("REPLACE INTO latest (only_row, latest, noted_at) VALUES (1, ?, ?)")?
        .execute(params![latest, now.as_micros() as i64])
}
