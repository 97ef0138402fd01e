//! Rows of `user`.

use std::collections::HashSet;

use tokio_postgres::Row;

use super::lanes::Lanes;
use super::numbers::canonical_number;
use super::value;
use crate::domain::{NewAccount, User, UserId};
use crate::storage::{Error, Result};

const FIND: &str = r#"
    SELECT user_id, username, email, pw_hash FROM "user" WHERE username = $1"#;

/// Who is found by every spelling of a number.
const FIND_NUMBER: &str = r#"
    SELECT u.username FROM numeric_username n JOIN "user" u USING (user_id)
    WHERE n.value = $1 ORDER BY user_id LIMIT 1"#;

/// $4 is what the name is as a number, if it is one.
const INSERT: &str = r#"
    INSERT INTO "user" (username, email, pw_hash)
    SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM numeric_username WHERE value = $4)
    ON CONFLICT (username) DO NOTHING RETURNING user_id"#;

const REPLACE_HASH: &str = r#"
    UPDATE "user" SET pw_hash = $3 WHERE user_id = $1 AND pw_hash = $2"#;

const EXISTING: &str = r#"SELECT username FROM "user" WHERE username = ANY($1)"#;

/// All statements of this file.
pub(super) const ALL: [&str; 5] = [FIND, FIND_NUMBER, INSERT, REPLACE_HASH, EXISTING];

/// Inserts an account, unless the name already finds somebody.
pub(super) async fn insert(lanes: &Lanes, account: &NewAccount) -> Result<UserId> {
    let username = account.username.as_str();
    let number = canonical_number(username);
    let inserted = lanes
        .write(INSERT, &[&username, &account.email.as_str(), &account.pw_hash, &number])
        .await?;
    value(inserted.first().ok_or(Error::UsernameTaken)?, 0)
}

/// The user of that name with their password hash.
pub(super) async fn find(lanes: &Lanes, username: &str) -> Result<(User, String)> {
    match find_exactly(lanes, username).await {
        Err(Error::UnknownUser) => find_exactly(lanes, &spelling(lanes, username).await?).await,
        outcome => outcome,
    }
}

async fn find_exactly(lanes: &Lanes, username: &str) -> Result<(User, String)> {
    if cannot_be(username) {
        return Err(Error::UnknownUser);
    }
    let rows = lanes.read(FIND, &[&username]).await?;
    let row = rows.first().ok_or(Error::UnknownUser)?;
    Ok((from_row(row)?, value(row, 3)?))
}

/// How the user writes themselves whom the original program found by that spelling of a number.
/// [`Error::UnknownUser`] if there is none, as for every name that is no number.
pub(super) async fn spelling(lanes: &Lanes, username: &str) -> Result<String> {
    let number = canonical_number(username).ok_or(Error::UnknownUser)?;
    let rows = lanes.read(FIND_NUMBER, &[&number]).await?;
    value(rows.first().ok_or(Error::UnknownUser)?, 0)
}

/// Whether nobody can have that name: Postgres knows no NUL and would refuse the question.
pub(super) fn cannot_be(username: &str) -> bool {
    username.contains('\0')
}

/// A user from the columns `user_id, username, email`.
pub(super) fn from_row(row: &Row) -> Result<User> {
    Ok(User { id: value(row, 0)?, username: value(row, 1)?, email: value(row, 2)? })
}

/// Replaces a hash that still is `old`.
pub(super) async fn replace_hash(lanes: &Lanes, user: UserId, old: &str, new: &str) -> Result<()> {
    lanes.write(REPLACE_HASH, &[&user, &old, &new]).await?;
    Ok(())
}

/// Those of the names that are somebody's.
pub(super) async fn existing(lanes: &Lanes, names: Vec<String>) -> Result<HashSet<String>> {
    let names: Vec<String> = names.into_iter().filter(|name| !cannot_be(name)).collect();
    let rows = lanes.read(EXISTING, &[&names]).await?;
    rows.iter().map(|row| value(row, 0)).collect()
}
