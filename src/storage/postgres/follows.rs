//! Rows of `follower`.

use super::lanes::Lanes;
use super::users::{self, cannot_be};
use super::value;
use crate::domain::UserId;
use crate::storage::{Error, Result};

/// Tells whether both are somebody. In one statement: what `made` does is done in any case.
const FOLLOW: &str = r#"
    WITH who AS (SELECT user_id FROM "user" WHERE username = $1),
         whom AS (SELECT user_id FROM "user" WHERE username = $2),
         made AS (INSERT INTO follower (who_id, whom_id)
                  SELECT who.user_id, whom.user_id FROM who, whom ON CONFLICT DO NOTHING)
    SELECT EXISTS (SELECT FROM who), EXISTS (SELECT FROM whom)"#;

const UNFOLLOW: &str = r#"
    WITH who AS (SELECT user_id FROM "user" WHERE username = $1),
         whom AS (SELECT user_id FROM "user" WHERE username = $2),
         ended AS (DELETE FROM follower f USING who, whom
                   WHERE f.who_id = who.user_id AND f.whom_id = whom.user_id)
    SELECT EXISTS (SELECT FROM who), EXISTS (SELECT FROM whom)"#;

const IS_FOLLOWING: &str = r#"
    SELECT FROM follower f JOIN "user" u ON u.user_id = f.whom_id
    WHERE f.who_id = $1 AND u.username = $2"#;

/// A row for the user, and one for each of whom they follow: rather than none for nobody.
const FOLLOWED_BY: &str = r#"
    SELECT f.whom_id, f.username FROM "user" who
    LEFT JOIN LATERAL (
        SELECT f.whom_id, whom.username FROM follower f
        CROSS JOIN LATERAL (SELECT username FROM "user" WHERE user_id = f.whom_id OFFSET 0) whom
        WHERE f.who_id = who.user_id AND f.whom_id > $2 ORDER BY f.whom_id LIMIT $3
    ) f ON true
    WHERE who.username = $1 ORDER BY f.whom_id"#;

/// All statements of this file.
pub(super) const ALL: [&str; 4] = [FOLLOW, UNFOLLOW, IS_FOLLOWING, FOLLOWED_BY];

/// Names fetched at once, so that nobody waits long behind a long list.
const PAGE: usize = 1000;

/// Inserts the pair, unless it is there.
pub(super) async fn follow(lanes: &Lanes, who: &str, whom: &str) -> Result<()> {
    change(lanes, FOLLOW, who, whom).await
}

/// Deletes the pair, if it is there.
pub(super) async fn unfollow(lanes: &Lanes, who: &str, whom: &str) -> Result<()> {
    change(lanes, UNFOLLOW, who, whom).await
}

async fn change(lanes: &Lanes, sql: &'static str, who: &str, whom: &str) -> Result<()> {
    let (who_exists, whom_exists) = attempt(lanes, sql, who, whom).await?;
    if who_exists && whom_exists {
        return Ok(());
    }
    let spelled = async |exists: bool, name: &str| match exists {
        true => Ok(name.to_owned()),
        false => users::spelling(lanes, name).await,
    };
    let (who, whom) = (spelled(who_exists, who).await?, spelled(whom_exists, whom).await?);
    match attempt(lanes, sql, &who, &whom).await? {
        (true, true) => Ok(()),
        _ => Err(Error::UnknownUser),
    }
}

async fn attempt(lanes: &Lanes, sql: &'static str, who: &str, whom: &str) -> Result<(bool, bool)> {
    if cannot_be(who) || cannot_be(whom) {
        return Err(Error::UnknownUser);
    }
    let rows = lanes.write(sql, &[&who, &whom]).await?;
    let row = rows.first().ok_or(Error::UnknownUser)?;
    Ok((value(row, 0)?, value(row, 1)?))
}

/// Whether the pair is there.
pub(super) async fn is_following(lanes: &Lanes, who: UserId, whom: &str) -> Result<bool> {
    if cannot_be(whom) {
        return Ok(false);
    }
    if !lanes.read(IS_FOLLOWING, &[&who, &whom]).await?.is_empty() {
        return Ok(true);
    }
    // Found by another spelling, unless somebody else has that name exactly.
    match users::find(lanes, whom).await {
        Ok((user, _)) if user.username != whom => {
            Ok(!lanes.read(IS_FOLLOWING, &[&who, &user.username]).await?.is_empty())
        }
        Ok(_) | Err(Error::UnknownUser) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Names of whom the user follows.
pub(super) async fn followed_by(
    lanes: &Lanes,
    username: &str,
    limit: usize,
) -> Result<Vec<String>> {
    match followed_by_exactly(lanes, username, limit).await {
        Err(Error::UnknownUser) => {
            let username = users::spelling(lanes, username).await?;
            followed_by_exactly(lanes, &username, limit).await
        }
        outcome => outcome,
    }
}

async fn followed_by_exactly(lanes: &Lanes, username: &str, limit: usize) -> Result<Vec<String>> {
    if cannot_be(username) {
        return Err(Error::UnknownUser);
    }
    let mut names: Vec<String> = Vec::new();
    let mut after = UserId::MIN;
    loop {
        let page = (limit - names.len()).min(PAGE);
        let rows = lanes.read(FOLLOWED_BY, &[&username, &after, &(page as i64)]).await?;
        let last = rows.last().ok_or(Error::UnknownUser)?;
        let Some(last) = value::<Option<UserId>>(last, 0)? else { return Ok(names) };
        after = last;
        for row in &rows {
            names.push(value(row, 1)?);
        }
        if rows.len() < page || names.len() == limit {
            return Ok(names);
        }
    }
}
