//! Rows of `message` as moderators see them: flagged ones too.

use tokio_postgres::Row;

use super::lanes::Lanes;
use super::value;
use crate::domain::{Found, MessageId, Search, StoredMessage, UserId};
use crate::storage::Result;

/// Takes a part of all messages and tells how many that are, where it ends, and which of them are
/// those sought.
macro_rules! search {
    ($whose:literal) => {
        concat!(
            r#"
    WITH part AS MATERIALIZED (
        SELECT message_id, author_id, text, pub_date, flagged FROM message
        WHERE message_id < $1 "#,
            $whose,
            r#" ORDER BY message_id DESC LIMIT $2
    ), seen AS (SELECT count(*) AS number, min(message_id) AS last FROM part)
    SELECT seen.number, seen.last, f.* FROM seen LEFT JOIN (
        SELECT p.message_id, p.author_id, u.username, p.text, p.pub_date, p.flagged <> 0
        FROM part p JOIN "user" u ON u.user_id = p.author_id
        WHERE ($3::text IS NULL OR strpos(lower(p.text), lower($3)) > 0)
          AND ($4::bigint IS NULL OR p.pub_date >= $4)
          AND ($5::bigint IS NULL OR p.pub_date < $5)
          AND ($6::boolean IS NULL OR (p.flagged <> 0) = $6)
    ) f ON true ORDER BY f.message_id DESC"#
        )
    };
}

const OF_EVERYBODY: &str = search!("");

const BY: &str = search!("AND author_id = $7");

const SET_FLAGGED: &str = "
    UPDATE message SET flagged = $2 WHERE message_id = ANY($1) RETURNING message_id";

const DELETE: &str = "
    DELETE FROM message WHERE message_id = $1 AND author_id = $2 RETURNING message_id";

const DELETE_SOME: &str = "
    DELETE FROM message WHERE message_id IN (
        SELECT message_id FROM message WHERE author_id = $1 LIMIT $2) RETURNING message_id";

/// All statements of this file.
pub(super) const ALL: [&str; 5] = [OF_EVERYBODY, BY, SET_FLAGGED, DELETE, DELETE_SOME];

/// Looks through up to `limit` messages.
pub(super) async fn search(
    lanes: &Lanes,
    sought: &Search,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Found> {
    let Search { author, text, since, until, flagged } = sought;
    if limit == 0 || text.as_ref().is_some_and(|text| text.contains('\0')) {
        return Ok(Found::default());
    }
    let before = before.unwrap_or(MessageId::MAX);
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = match author {
        Some(author) => {
            lanes.read(BY, &[&before, &most, text, since, until, flagged, author]).await?
        }
        None => lanes.read(OF_EVERYBODY, &[&before, &most, text, since, until, flagged]).await?,
    };
    let Some(first) = rows.first() else { return Ok(Found::default()) };
    let seen: i64 = value(first, 0)?;
    let last = if seen < most { None } else { value(first, 1)? };
    if value::<Option<MessageId>>(first, 2)?.is_none() {
        return Ok(Found { messages: Vec::new(), last });
    }
    let messages = rows.iter().map(from_row).collect::<Result<_>>()?;
    Ok(Found { messages, last })
}

fn from_row(row: &Row) -> Result<StoredMessage> {
    Ok(StoredMessage {
        id: value(row, 2)?,
        author_id: value(row, 3)?,
        author: value(row, 4)?,
        text: value(row, 5)?,
        pub_date: value(row, 6)?,
        flagged: value(row, 7)?,
    })
}

/// Flags the messages or takes their flag away. Returns the ids that are no message's.
pub(super) async fn set_flagged(
    lanes: &Lanes,
    messages: &[MessageId],
    flagged: bool,
) -> Result<Vec<MessageId>> {
    let rows = lanes.write(SET_FLAGGED, &[&messages, &i64::from(flagged)]).await?;
    let known = rows.iter().map(|row| value(row, 0)).collect::<Result<Vec<MessageId>>>()?;
    Ok(messages.iter().copied().filter(|message| !known.contains(message)).collect())
}

/// Deletes up to `limit` messages of an author.
pub(super) async fn delete_some(lanes: &Lanes, author: UserId, limit: i64) -> Result<usize> {
    Ok(lanes.write(DELETE_SOME, &[&author, &limit]).await?.len())
}

/// Deletes a message, if it is that author's.
pub(super) async fn delete(lanes: &Lanes, author: UserId, message: MessageId) -> Result<bool> {
    Ok(!lanes.write(DELETE, &[&message, &author]).await?.is_empty())
}
