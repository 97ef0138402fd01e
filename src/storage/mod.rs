//! Where everything is kept: one trait, a room for each database behind it.
//!
//! Nothing outside this module knows SQL or a driver.

mod care;
#[cfg(test)]
mod contract;
mod counting;
mod database;
pub mod diagnosis;
#[cfg(feature = "metrics")]
mod measured;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub(crate) mod moving;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::collections::HashSet;
use std::error::Error as StdError;

use async_trait::async_trait;

use crate::domain::{
    Cursor, Message, MessageText, NewAccount, SessionKey, TimelineOf, UnixSeconds, User, UserId,
};

pub use care::{Care, delete_gently};
pub use counting::{Countable, Part, Place};
pub use database::{Database, DatabaseError, InitReport, OpenError, init, open};

/// What can go wrong, as far as a caller can act on it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The username the call is about (either of the two, for a follow) is nobody's.
    #[error("no such user")]
    UnknownUser,
    /// The username is somebody's already.
    #[error("the username is taken")]
    UsernameTaken,
    /// Nothing was stored, and trying again later may work: the database is busy, full,
    /// read-only or away.
    #[error("the database is unavailable: {0}")]
    Unavailable(Box<dyn StdError + Send + Sync>),
    /// The database took the change and did not say what became of it: it may be stored, or be
    /// stored yet.
    #[error("the database did not answer: {0}")]
    Uncertain(Box<dyn StdError + Send + Sync>),
    /// Nothing was stored, and trying again will not help: a fault of ours or of the file.
    #[error("the database failed: {0}")]
    Failed(Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// The same error for one more caller of those whose changes were stored together.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::UnknownUser => Self::UnknownUser,
            Self::UsernameTaken => Self::UsernameTaken,
            Self::Unavailable(reason) => Self::Unavailable(reason.to_string().into()),
            Self::Uncertain(reason) => Self::Uncertain(reason.to_string().into()),
            Self::Failed(reason) => Self::Failed(reason.to_string().into()),
        }
    }
}

/// The result of a storage call.
pub type Result<T> = std::result::Result<T, Error>;

/// What MiniTwit asks of a database. A method is one transaction: it happens wholly or not at
/// all, and when one that changes something returns `Ok`, the change is on disk.
///
/// A username is found by its exact spelling. (A database of the original program could not tell
/// `00123` from `123`; users adopted from one are found by each spelling that it took for theirs.)
/// One that holds U+0000 is nobody's.
///
/// Every method may return [`Error::Unavailable`] or [`Error::Failed`], and one that changes
/// something [`Error::Uncertain`]; further errors are named.
#[async_trait]
pub trait Storage: Care + Send + Sync + 'static {
    /// Stores a new account. [`Error::UsernameTaken`] if the name is somebody's, also when two
    /// ask for it at once.
    async fn register(&self, account: NewAccount) -> Result<UserId>;

    /// The user of that name, or [`Error::UnknownUser`].
    async fn user(&self, username: &str) -> Result<User>;

    /// The user of that name with their password hash, or [`Error::UnknownUser`].
    async fn user_with_password_hash(&self, username: &str) -> Result<(User, String)>;

    /// Replaces a password hash, unless it is no longer `old`.
    async fn replace_password_hash(&self, user: UserId, old: &str, new: &str) -> Result<()>;

    /// Which of the names are somebody's.
    async fn existing_usernames(&self, names: Vec<String>) -> Result<HashSet<String>>;

    /// Starts a session that lasts until `expires`, and forgets those that had ended by `now`.
    async fn begin_session(
        &self,
        user: UserId,
        key: SessionKey,
        now: UnixSeconds,
        expires: UnixSeconds,
    ) -> Result<()>;

    /// Whose session it is; `None` if there is none, it was ended, or it expired by `now`.
    async fn session_user(&self, key: SessionKey, now: UnixSeconds) -> Result<Option<User>>;

    /// Ends a session, if there is one.
    async fn end_session(&self, key: SessionKey) -> Result<()>;

    /// Stores a message by the named user. [`Error::UnknownUser`] if there is none.
    async fn record_message(
        &self,
        author: &str,
        text: MessageText,
        pub_date: UnixSeconds,
    ) -> Result<()>;

    /// Up to `limit` unflagged messages, newest first, ties by id, newest id first; with `before`
    /// only those that come after that place. [`Error::UnknownUser`] for an unknown author.
    async fn timeline(
        &self,
        of: TimelineOf<'_>,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Message>>;

    /// Makes `who` follow `whom`; harmless when it already is so. [`Error::UnknownUser`] if
    /// either is nobody.
    async fn follow(&self, who: &str, whom: &str) -> Result<()>;

    /// Makes `who` no longer follow `whom`; harmless when it already is so.
    /// [`Error::UnknownUser`] if either is nobody.
    async fn unfollow(&self, who: &str, whom: &str) -> Result<()>;

    /// Whether `who` follows the user named `whom`.
    async fn is_following(&self, who: UserId, whom: &str) -> Result<bool>;

    /// Up to `limit` names of whom the named user follows, by row id of the followed.
    /// [`Error::UnknownUser`] if there is no such user.
    async fn followed_by(&self, username: &str, limit: usize) -> Result<Vec<String>>;

    /// Notes the `latest` of a simulator call. Once this returns, [`Storage::latest`] returns it,
    /// until a later call brings another. It is stored no later than a change that is asked for
    /// while or after this is polled, and within a second; so a crash forgets no `latest` of a
    /// call that stored something, and at most those of the last second's other calls.
    async fn note_latest(&self, latest: i64) -> Result<()>;

    /// Stores at once what [`Storage::note_latest`] has noted.
    async fn store_latest(&self) -> Result<()>;

    /// The `latest` noted last, over all processes on this database; 0 if none ever was.
    async fn latest(&self) -> Result<i64>;

    /// A number that has changed whenever anything stored may have changed since it was read,
    /// whoever changed it. What was made of data read after it may be shown again while it is
    /// the same. `None` where that cannot be told at a price below that of reading again.
    async fn version(&self) -> Result<Option<u64>>;

    /// What [`Storage::version`] tells, where nobody has to be waited for; else `None`.
    fn version_at_once(&self) -> Option<u64> {
        None
    }

    /// Counts the next rows, up to `limit`, behind the place where another part ended, or from
    /// the start. Takes a time that `limit` bounds.
    async fn count(&self, what: Countable, behind: Option<Place>, limit: u32) -> Result<Part>;

    /// Whether the database answers now.
    async fn ready(&self) -> Result<()>;

    /// 32 random bytes made with the database, the same for all servers on it.
    fn secret(&self) -> &[u8; 32];

    /// Stores what is only noted and lets go of the database. Later calls may fail.
    async fn close(&self);
}
