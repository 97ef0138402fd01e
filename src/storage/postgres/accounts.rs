//! What is done to accounts, rather than with them.

use tokio_postgres::Row;

use super::lanes::Lanes;
use super::numbers::canonical_number;
use super::{users, value};
use crate::domain::{
    Account, Email, LeftBehind, NO_PASSWORD, SessionKey, UnixSeconds, User, UserId,
    names_of_deleted,
};
use crate::storage::{Error, Result};

const LIST: &str = r#"
    SELECT user_id, username, email FROM "user" WHERE user_id > $1 ORDER BY user_id LIMIT $2"#;

const ACCOUNT: &str = r#"
    SELECT user_id, username, email, pw_hash <> $3,
        (SELECT count(*) FROM message WHERE author_id = $1 AND flagged = 0),
        (SELECT count(*) FROM message WHERE author_id = $1 AND flagged <> 0),
        (SELECT max(pub_date) FROM message WHERE author_id = $1 AND flagged = 0),
        (SELECT count(*) FROM follower WHERE who_id = $1),
        (SELECT count(*) FROM follower WHERE whom_id = $1),
        (SELECT count(*) FROM session WHERE user_id = $1 AND expires > $2)
    FROM "user" WHERE user_id = $1"#;

/// $3 is what the name is as a number, if it is one. Tells whether there is such a user, and
/// whether the name was free.
const RENAME: &str = r#"
    WITH renamed AS (
        UPDATE "user" SET username = $2 WHERE user_id = $1 AND NOT EXISTS (
            SELECT FROM numeric_username WHERE value = $3 AND user_id <> $1) RETURNING user_id
    ), forgotten AS (DELETE FROM numeric_username n USING renamed r WHERE n.user_id = r.user_id)
    SELECT EXISTS (SELECT FROM "user" WHERE user_id = $1), EXISTS (SELECT FROM renamed)"#;

const SET_EMAIL: &str = r#"UPDATE "user" SET email = $2 WHERE user_id = $1 RETURNING user_id"#;

/// Tells whether there is such a user, and whether the hash was the old one.
const SET_PASSWORD: &str = r#"
    WITH changed AS (
        UPDATE "user" SET pw_hash = $3 WHERE user_id = $1 AND ($2::text IS NULL OR pw_hash = $2)
        RETURNING user_id
    ), ended AS (DELETE FROM session s USING changed c
                 WHERE s.user_id = c.user_id AND s.session_key IS DISTINCT FROM $4::bytea)
    SELECT EXISTS (SELECT FROM "user" WHERE user_id = $1), EXISTS (SELECT FROM changed)"#;

const END_SESSIONS: &str = "DELETE FROM session WHERE user_id = $1 RETURNING user_id";

/// The rest goes along with the user.
const DELETE: &str = r#"
    WITH messages AS (DELETE FROM message WHERE author_id = $1),
         notes AS (DELETE FROM adoption_note WHERE table_name = 'user' AND row_id = $1)
    DELETE FROM "user" WHERE user_id = $1 RETURNING user_id"#;

/// Only if there are messages, and the name ($2) is nobody's.
const LEAVE_MESSAGES: &str = r#"
    WITH left_user AS (
        UPDATE "user" SET username = $2, email = '', pw_hash = $3
        WHERE user_id = $1 AND EXISTS (SELECT FROM message WHERE author_id = $1)
        RETURNING user_id
    ), sessions AS (DELETE FROM session s USING left_user l WHERE s.user_id = l.user_id),
       numbers AS (DELETE FROM numeric_username n USING left_user l WHERE n.user_id = l.user_id),
       notes AS (DELETE FROM adoption_note n USING left_user l
                 WHERE n.table_name = 'user' AND n.row_id = l.user_id),
       follows AS (DELETE FROM follower f USING left_user l
                   WHERE f.who_id = l.user_id OR f.whom_id = l.user_id)
    SELECT user_id FROM left_user"#;

/// All statements of this file.
pub(super) const ALL: [&str; 8] =
    [LIST, ACCOUNT, RENAME, SET_EMAIL, SET_PASSWORD, END_SESSIONS, DELETE, LEAVE_MESSAGES];

/// How often a deletion is tried again that a message of that moment stood in the way of.
const ATTEMPTS: usize = 10;

/// Users by id.
pub(super) async fn list(lanes: &Lanes, after: Option<UserId>, limit: i64) -> Result<Vec<User>> {
    let rows = lanes.read(LIST, &[&after.unwrap_or(UserId::MIN), &limit]).await?;
    rows.iter().map(users::from_row).collect()
}

/// What there is of a user.
pub(super) async fn account(lanes: &Lanes, user: UserId, now: UnixSeconds) -> Result<Account> {
    let rows = lanes.read(ACCOUNT, &[&user, &now, &NO_PASSWORD]).await?;
    let row = rows.first().ok_or(Error::UnknownUser)?;
    Ok(Account {
        user: users::from_row(row)?,
        has_password: value(row, 3)?,
        messages: value(row, 4)?,
        flagged: value(row, 5)?,
        last_message: value(row, 6)?,
        follows: value(row, 7)?,
        followers: value(row, 8)?,
        sessions: value(row, 9)?,
    })
}

/// Gives a user another name. What the original program took for the old one finds them no more.
pub(super) async fn rename(lanes: &Lanes, user: UserId, name: &str) -> Result<()> {
    let rows = lanes.write(RENAME, &[&user, &name, &canonical_number(name)]).await?;
    if outcome(&rows)? { Ok(()) } else { Err(Error::UsernameTaken) }
}

/// Gives a user another e-mail address.
pub(super) async fn set_email(lanes: &Lanes, user: UserId, email: &Email) -> Result<()> {
    some(&lanes.write(SET_EMAIL, &[&user, &email.as_str()]).await?)
}

/// Gives a user another password, unless the hash is not `was`, and ends their sessions.
pub(super) async fn set_password(
    lanes: &Lanes,
    user: UserId,
    was: Option<&str>,
    pw_hash: &str,
    keep: Option<SessionKey>,
) -> Result<bool> {
    let keep = keep.as_ref().map(|key| &key.0[..]);
    outcome(&lanes.write(SET_PASSWORD, &[&user, &was, &pw_hash, &keep]).await?)
}

/// Ends the sessions of a user; returns how many.
pub(super) async fn end_sessions(lanes: &Lanes, user: UserId) -> Result<u64> {
    Ok(lanes.write(END_SESSIONS, &[&user]).await?.len() as u64)
}

/// Deletes a user.
pub(super) async fn delete(lanes: &Lanes, user: UserId, left_behind: LeftBehind) -> Result<()> {
    if left_behind == LeftBehind::Messages && leave_messages(lanes, user).await? {
        return Ok(());
    }
    for _ in 0..ATTEMPTS {
        match lanes.write(DELETE, &[&user]).await {
            // A message that was posted meanwhile still refers to them.
            Err(Error::UnknownUser) => {}
            deleted => return some(&deleted?),
        }
    }
    Err(Error::Unavailable("the user keeps posting".into()))
}

/// Whether there are messages to be left, and a user to be left without anything else.
async fn leave_messages(lanes: &Lanes, user: UserId) -> Result<bool> {
    for name in names_of_deleted(user).take(ATTEMPTS) {
        match lanes.write(LEAVE_MESSAGES, &[&user, &name, &NO_PASSWORD]).await {
            Err(Error::UsernameTaken) => {}
            left => return Ok(!left?.is_empty()),
        }
    }
    Err(Error::UsernameTaken)
}

/// The outcome of a statement that tells first whether there is such a user.
fn outcome(rows: &[Row]) -> Result<bool> {
    let row = rows.first().ok_or(Error::UnknownUser)?;
    if value(row, 0)? { value(row, 1) } else { Err(Error::UnknownUser) }
}

/// That something was changed: otherwise the user is nobody.
fn some(rows: &[Row]) -> Result<()> {
    if rows.is_empty() { Err(Error::UnknownUser) } else { Ok(()) }
}
