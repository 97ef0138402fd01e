//! Rows of `session`.

use super::lanes::Lanes;
use super::users;
use crate::domain::{SessionKey, UnixSeconds, User, UserId};
use crate::storage::Result;

/// What another server is deleting at this moment is left to it.
const BEGIN: &str = "
    WITH ended AS (DELETE FROM session WHERE session_key IN (
        SELECT session_key FROM session WHERE expires <= $3 FOR UPDATE SKIP LOCKED))
    INSERT INTO session (session_key, user_id, expires) VALUES ($1, $2, $4)";

const USER: &str = r#"
    SELECT u.user_id, u.username, u.email FROM session s JOIN "user" u USING (user_id)
    WHERE s.session_key = $1 AND s.expires > $2"#;

const END: &str = "DELETE FROM session WHERE session_key = $1";

/// All statements of this file.
pub(super) const ALL: [&str; 3] = [BEGIN, USER, END];

/// Inserts a session and deletes those that have ended by `now`.
pub(super) async fn begin(
    lanes: &Lanes,
    user: UserId,
    key: SessionKey,
    now: UnixSeconds,
    expires: UnixSeconds,
) -> Result<()> {
    lanes.write(BEGIN, &[&&key.0[..], &user, &now, &expires]).await?;
    Ok(())
}

/// Whose session it is.
pub(super) async fn user(lanes: &Lanes, key: SessionKey, now: UnixSeconds) -> Result<Option<User>> {
    let rows = lanes.read(USER, &[&&key.0[..], &now]).await?;
    rows.first().map(users::from_row).transpose()
}

/// Deletes a session.
pub(super) async fn end(lanes: &Lanes, key: SessionKey) -> Result<()> {
    lanes.write(END, &[&&key.0[..]]).await?;
    Ok(())
}
