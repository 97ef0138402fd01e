//! What it takes to look after a MiniTwit and the people in it.

use std::time::Duration;

use async_trait::async_trait;

use super::Result;
use crate::domain::{
    Account, Email, Found, LeftBehind, MessageId, Search, SessionKey, UnixSeconds, User, UserId,
    Username,
};

/// The part of [`Storage`](super::Storage) that moderators, operators and account pages use; its
/// rules hold here too. What a method changes is seen by the next request on every server.
///
/// Users are given by id, because a name may become another's while something is done to them.
/// Unless something else is said, [`Error::UnknownUser`](super::Error::UnknownUser) tells that
/// there is no such user.
#[async_trait]
pub trait Care: Send + Sync {
    /// Looks through up to `limit` messages, those stored last first, from the first one older
    /// than `before` on: all there are, or those of the author sought, who may be nobody.
    async fn search(
        &self,
        sought: &Search,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Found>;

    /// Hides messages from every page and call, or shows them again. Returns the ids that are no
    /// message's; the others are done.
    async fn set_flagged(&self, messages: &[MessageId], flagged: bool) -> Result<Vec<MessageId>>;

    /// Deletes a message. `false` if that author has none of that id.
    async fn delete_message(&self, author: UserId, message: MessageId) -> Result<bool>;

    /// Deletes up to `limit` messages of an author; returns how many.
    async fn delete_messages(&self, author: UserId, limit: usize) -> Result<usize>;

    /// Up to `limit` users by id, from the first one after `after` on.
    async fn users(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>>;

    /// What there is of a user; sessions that ended by `now` do not count.
    async fn account(&self, user: UserId, now: UnixSeconds) -> Result<Account>;

    /// Gives a user another name. [`Error::UsernameTaken`](super::Error::UsernameTaken) if it
    /// finds somebody else.
    async fn rename(&self, user: UserId, name: &Username) -> Result<()>;

    /// Gives a user another e-mail address.
    async fn set_email(&self, user: UserId, email: &Email) -> Result<()>;

    /// Gives a user another password and ends their sessions but `keep`. `false`, and nothing is
    /// changed, if the hash is not `was` any more.
    async fn set_password(
        &self,
        user: UserId,
        was: Option<&str>,
        pw_hash: &str,
        keep: Option<SessionKey>,
    ) -> Result<bool>;

    /// Ends the sessions of a user; returns how many. Nobody has none.
    async fn end_sessions(&self, user: UserId) -> Result<u64>;

    /// Deletes a user with their sessions and follows, those by others too. See
    /// [`delete_gently`] for somebody who has written a lot.
    async fn delete_user(&self, user: UserId, left_behind: LeftBehind) -> Result<()>;
}

/// Messages deleted in one transaction. A million others on disk, a thousand take SQLite 63 ms.
const PART: usize = 250;

/// Between two of them: another process that waits for the file looks every 25 ms or so.
const PAUSE: Duration = Duration::from_millis(40);

/// Deletes a user as [`Care::delete_user`] does; but their messages go first, part by part, so that
/// the writes of others need not wait for all of them. If it breaks off, it can be done again.
pub async fn delete_gently(
    storage: &(impl Care + ?Sized),
    user: UserId,
    left_behind: LeftBehind,
) -> Result<()> {
    if left_behind == LeftBehind::Nothing {
        while storage.delete_messages(user, PART).await? == PART {
            tokio::time::sleep(PAUSE).await;
        }
    }
    storage.delete_user(user, left_behind).await
}
