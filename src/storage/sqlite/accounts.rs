//! What is done to accounts, rather than with them.

use rusqlite::{Connection, OptionalExtension, params};

use super::users;
use crate::domain::{
    Account, Email, LeftBehind, NO_PASSWORD, SessionKey, UnixSeconds, User, UserId,
    names_of_deleted,
};
use crate::storage::{Error, Result};

/// Users by id.
pub(super) fn list(db: &Connection, after: Option<UserId>, limit: i64) -> Result<Vec<User>> {
    let mut statement = db.prepare_cached(
        "SELECT user_id, username, email FROM user WHERE user_id > ? ORDER BY user_id LIMIT ?",
    )?;
    let users =
        statement.query_map(params![after.unwrap_or(UserId::MIN), limit], users::from_row)?;
    Ok(users.collect::<rusqlite::Result<_>>()?)
}

/// What there is of a user.
pub(super) fn account(db: &Connection, user: UserId, now: UnixSeconds) -> Result<Account> {
    let mut statement = db.prepare_cached(
        "SELECT user_id, username, email, pw_hash <> ?3,
            (SELECT count(*) FROM message WHERE author_id = ?1 AND flagged = 0),
            (SELECT count(*) FROM message WHERE author_id = ?1 AND flagged <> 0),
            (SELECT max(pub_date) FROM message WHERE author_id = ?1 AND flagged = 0),
            (SELECT count(*) FROM follower WHERE who_id = ?1),
            (SELECT count(*) FROM follower WHERE whom_id = ?1),
            (SELECT count(*) FROM session WHERE user_id = ?1 AND expires > ?2)
         FROM user WHERE user_id = ?1",
    )?;
    let account = statement.query_row(params![user, now, NO_PASSWORD], |row| {
        Ok(Account {
            user: users::from_row(row)?,
            has_password: row.get(3)?,
            messages: row.get(4)?,
            flagged: row.get(5)?,
            last_message: row.get(6)?,
            follows: row.get(7)?,
            followers: row.get(8)?,
            sessions: row.get(9)?,
        })
    });
    account.optional()?.ok_or(Error::UnknownUser)
}

/// Gives a user another name. What the original program took for the old one finds them no more.
pub(super) fn rename(tx: &Connection, user: UserId, name: &str) -> Result<()> {
    if users::id(tx, name)?.is_some_and(|other| other != user) {
        return Err(Error::UsernameTaken);
    }
    let mut update = tx.prepare_cached("UPDATE user SET username = ?2 WHERE user_id = ?1")?;
    some(update.execute(params![user, name])?)?;
    tx.prepare_cached("DELETE FROM numeric_username WHERE user_id = ?")?.execute([user])?;
    Ok(())
}

/// Gives a user another e-mail address.
pub(super) fn set_email(tx: &Connection, user: UserId, email: &Email) -> Result<()> {
    let mut update = tx.prepare_cached("UPDATE user SET email = ?2 WHERE user_id = ?1")?;
    some(update.execute(params![user, email.as_str()])?)
}

/// Gives a user another password, unless the hash is not `was`, and ends their sessions.
pub(super) fn set_password(
    tx: &Connection,
    user: UserId,
    was: Option<&str>,
    pw_hash: &str,
    keep: Option<SessionKey>,
) -> Result<bool> {
    let mut current = tx.prepare_cached("SELECT pw_hash FROM user WHERE user_id = ?")?;
    let current: Option<String> = current.query_row([user], |row| row.get(0)).optional()?;
    let current = current.ok_or(Error::UnknownUser)?;
    if was.is_some_and(|was| was != current) {
        return Ok(false);
    }
    tx.prepare_cached("UPDATE user SET pw_hash = ?2 WHERE user_id = ?1")?
        .execute(params![user, pw_hash])?;
    end_sessions(tx, user, keep)?;
    Ok(true)
}

/// Ends the sessions of a user but one; returns how many.
pub(super) fn end_sessions(tx: &Connection, user: UserId, keep: Option<SessionKey>) -> Result<u64> {
    let mut delete =
        tx.prepare_cached("DELETE FROM session WHERE user_id = ?1 AND session_key IS NOT ?2")?;
    Ok(delete.execute(params![user, keep.map(|key| key.0)])? as u64)
}

/// Deletes a user.
pub(super) fn delete(tx: &Connection, user: UserId, left_behind: LeftBehind) -> Result<()> {
    // What adoption kept of their name and address.
    tx.prepare_cached("DELETE FROM adoption_note WHERE table_name = 'user' AND row_id = ?")?
        .execute([user])?;
    if left_behind == LeftBehind::Messages && has_messages(tx, user)? {
        return leave_messages(tx, user);
    }
    tx.prepare_cached("DELETE FROM message WHERE author_id = ?")?.execute([user])?;
    // Sessions, follows and numbers go along.
    some(tx.prepare_cached("DELETE FROM user WHERE user_id = ?")?.execute([user])?)
}

fn has_messages(tx: &Connection, user: UserId) -> Result<bool> {
    Ok(tx.prepare_cached("SELECT 1 FROM message WHERE author_id = ? LIMIT 1")?.exists([user])?)
}

/// Leaves a user without name, address, password, sessions and follows.
fn leave_messages(tx: &Connection, user: UserId) -> Result<()> {
    tx.prepare_cached("DELETE FROM follower WHERE who_id = ?1 OR whom_id = ?1")?.execute([user])?;
    end_sessions(tx, user, None)?;
    for name in names_of_deleted(user) {
        match rename(tx, user, &name) {
            Err(Error::UsernameTaken) => {}
            renamed => {
                renamed?;
                break;
            }
        }
    }
    tx.prepare_cached("UPDATE user SET email = '', pw_hash = ?2 WHERE user_id = ?1")?
        .execute(params![user, NO_PASSWORD])?;
    Ok(())
}

/// That something was changed: otherwise the user is nobody.
fn some(changed: usize) -> Result<()> {
    if changed == 0 { Err(Error::UnknownUser) } else { Ok(()) }
}
