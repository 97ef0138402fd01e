//! Rows of `session`.

use rusqlite::{Connection, OptionalExtension, params};

use super::users;
use crate::domain::{SessionKey, UnixSeconds, User, UserId};
use crate::storage::Result;

/// Inserts a session and deletes those that have ended by `now`.
pub(super) fn begin(
    tx: &Connection,
    user: UserId,
    key: SessionKey,
    now: UnixSeconds,
    expires: UnixSeconds,
) -> Result<()> {
    tx.prepare_cached("DELETE FROM session WHERE expires <= ?")?.execute([now])?;
    tx.prepare_cached("INSERT INTO session (session_key, user_id, expires) VALUES (?, ?, ?)")?
        .execute(params![key.0, user, expires])?;
    Ok(())
}

/// Whose session it is.
pub(super) fn user(db: &Connection, key: SessionKey, now: UnixSeconds) -> Result<Option<User>> {
    Ok(db
        .prepare_cached(
            "SELECT u.user_id, u.username, u.email FROM session s JOIN user u USING (user_id)
             WHERE s.session_key = ? AND s.expires > ?",
        )?
        .query_row(params![key.0, now], users::from_row)
        .optional()?)
}

/// Deletes a session.
pub(super) fn end(tx: &Connection, key: SessionKey) -> Result<()> {
    tx.prepare_cached("DELETE FROM session WHERE session_key = ?")?.execute([key.0])?;
    Ok(())
}
