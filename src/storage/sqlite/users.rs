//! Rows of `user`.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::{NewAccount, User, UserId};
use crate::storage::{Error, Result};

/// Inserts an account, unless the name already finds somebody.
pub(super) fn insert(tx: &Connection, account: &NewAccount) -> Result<UserId> {
    let username = account.username.as_str();
    if id(tx, username)?.is_some() {
        return Err(Error::UsernameTaken);
    }
    tx.prepare_cached("INSERT INTO user (username, email, pw_hash) VALUES (?, ?, ?)")?
        .execute(params![username, account.email.as_str(), account.pw_hash])?;
    Ok(tx.last_insert_rowid())
}

/// The id of the user of that name.
pub(super) fn id(db: &Connection, username: &str) -> Result<Option<UserId>> {
    let exact = db
        .prepare_cached("SELECT user_id FROM user WHERE username = ?")?
        .query_row([username], |row| row.get(0))
        .optional()?;
    Ok(match exact {
        Some(id) => Some(id),
        None => numeric_id(db, username)?,
    })
}

/// As [`id`], with nobody as an error.
pub(super) fn expect_id(db: &Connection, username: &str) -> Result<UserId> {
    id(db, username)?.ok_or(Error::UnknownUser)
}

/// The id of the user whom the original program found by that spelling of a number. SQLite
/// converts the text as it did there, because the column's affinity is the same.
fn numeric_id(db: &Connection, username: &str) -> Result<Option<UserId>> {
    Ok(db
        .prepare_cached("SELECT user_id FROM numeric_username WHERE value = ? ORDER BY user_id")?
        .query_row([username], |row| row.get(0))
        .optional()?)
}

/// The user of that name with their password hash.
pub(super) fn find(db: &Connection, username: &str) -> Result<(User, String)> {
    let id = expect_id(db, username)?;
    let row = |row: &Row<'_>| Ok((from_row(row)?, row.get(3)?));
    Ok(db
        .prepare_cached("SELECT user_id, username, email, pw_hash FROM user WHERE user_id = ?")?
        .query_row([id], row)?)
}

/// A user from the columns `user_id, username, email`.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User { id: row.get(0)?, username: row.get(1)?, email: row.get(2)? })
}

/// Replaces a hash that still is `old`.
pub(super) fn replace_hash(tx: &Connection, user: UserId, old: &str, new: &str) -> Result<()> {
    tx.prepare_cached("UPDATE user SET pw_hash = ?3 WHERE user_id = ?1 AND pw_hash = ?2")?
        .execute(params![user, old, new])?;
    Ok(())
}

/// Those of the names that are somebody's.
pub(super) fn existing(db: &Connection, names: Vec<String>) -> Result<HashSet<String>> {
    let mut exists = db.prepare_cached("SELECT 1 FROM user WHERE username = ?")?;
    let mut existing = HashSet::new();
    for name in names {
        if exists.exists([&name])? {
            existing.insert(name);
        }
    }
    Ok(existing)
}
