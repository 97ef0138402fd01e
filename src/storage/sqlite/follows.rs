//! Rows of `follower`.

use rusqlite::{Connection, params};

use super::users;
use crate::domain::UserId;
use crate::storage::Result;

/// Inserts the pair, unless it is there.
pub(super) fn follow(tx: &Connection, who: &str, whom: &str) -> Result<()> {
    let (who, whom) = (users::expect_id(tx, who)?, users::expect_id(tx, whom)?);
    tx.prepare_cached("INSERT OR IGNORE INTO follower (who_id, whom_id) VALUES (?, ?)")?
        .execute([who, whom])?;
    Ok(())
}

/// Deletes the pair, if it is there.
pub(super) fn unfollow(tx: &Connection, who: &str, whom: &str) -> Result<()> {
    let (who, whom) = (users::expect_id(tx, who)?, users::expect_id(tx, whom)?);
    tx.prepare_cached("DELETE FROM follower WHERE who_id = ? AND whom_id = ?")?
        .execute([who, whom])?;
    Ok(())
}

/// Whether the pair is there.
pub(super) fn is_following(db: &Connection, who: UserId, whom: &str) -> Result<bool> {
    let Some(whom) = users::id(db, whom)? else { return Ok(false) };
    Ok(db
        .prepare_cached("SELECT 1 FROM follower WHERE who_id = ? AND whom_id = ?")?
        .exists([who, whom])?)
}

/// Names of whom the user follows.
pub(super) fn followed_by(db: &Connection, username: &str, limit: i64) -> Result<Vec<String>> {
    let who = users::expect_id(db, username)?;
    let mut statement = db.prepare_cached(
        "SELECT u.username FROM follower f CROSS JOIN user u ON u.user_id = f.whom_id
         WHERE f.who_id = ? ORDER BY f.whom_id LIMIT ?",
    )?;
    let names = statement.query_map(params![who, limit], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}
