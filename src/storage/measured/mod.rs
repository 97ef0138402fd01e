//! A storage whose calls are counted and timed.

mod care;
mod operation;

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

use self::operation::{Operation, counted, measured};
use super::{Countable, Part, Place, Result, Storage};
use crate::domain::{
    Cursor, Message, MessageText, NewAccount, SessionKey, TimelineOf, UnixSeconds, User, UserId,
};
use crate::telemetry::metrics;

/// Counts what a storage does, and takes its time.
pub(super) struct MeasuredStorage(pub(super) Arc<dyn Storage>);

#[async_trait]
impl Storage for MeasuredStorage {
    async fn register(&self, account: NewAccount) -> Result<UserId> {
        let call = self.0.register(account);
        counted(Operation::Register, &metrics().registrations, call).await
    }

    async fn user(&self, username: &str) -> Result<User> {
        measured(Operation::User, self.0.user(username)).await
    }

    async fn user_with_password_hash(&self, username: &str) -> Result<(User, String)> {
        measured(Operation::User, self.0.user_with_password_hash(username)).await
    }

    async fn replace_password_hash(&self, user: UserId, old: &str, new: &str) -> Result<()> {
        let call = self.0.replace_password_hash(user, old, new);
        measured(Operation::ReplacePasswordHash, call).await
    }

    async fn existing_usernames(&self, names: Vec<String>) -> Result<HashSet<String>> {
        measured(Operation::ExistingUsernames, self.0.existing_usernames(names)).await
    }

    async fn begin_session(
        &self,
        user: UserId,
        key: SessionKey,
        now: UnixSeconds,
        expires: UnixSeconds,
    ) -> Result<()> {
        let call = self.0.begin_session(user, key, now, expires);
        counted(Operation::BeginSession, &metrics().sign_ins, call).await
    }

    async fn session_user(&self, key: SessionKey, now: UnixSeconds) -> Result<Option<User>> {
        measured(Operation::SessionUser, self.0.session_user(key, now)).await
    }

    async fn end_session(&self, key: SessionKey) -> Result<()> {
        measured(Operation::EndSession, self.0.end_session(key)).await
    }

    async fn record_message(
        &self,
        author: &str,
        text: MessageText,
        pub_date: UnixSeconds,
    ) -> Result<()> {
        let call = self.0.record_message(author, text, pub_date);
        counted(Operation::RecordMessage, &metrics().messages, call).await
    }

    async fn timeline(
        &self,
        of: TimelineOf<'_>,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let operation = match of {
            TimelineOf::Everybody => Operation::PublicTimeline,
            TimelineOf::Author(_) => Operation::UserTimeline,
            TimelineOf::Reader(_) => Operation::HomeTimeline,
        };
        measured(operation, self.0.timeline(of, before, limit)).await
    }

    async fn follow(&self, who: &str, whom: &str) -> Result<()> {
        counted(Operation::Follow, &metrics().follows, self.0.follow(who, whom)).await
    }

    async fn unfollow(&self, who: &str, whom: &str) -> Result<()> {
        counted(Operation::Unfollow, &metrics().unfollows, self.0.unfollow(who, whom)).await
    }

    async fn is_following(&self, who: UserId, whom: &str) -> Result<bool> {
        measured(Operation::IsFollowing, self.0.is_following(who, whom)).await
    }

    async fn followed_by(&self, username: &str, limit: usize) -> Result<Vec<String>> {
        measured(Operation::FollowedBy, self.0.followed_by(username, limit)).await
    }

    async fn note_latest(&self, latest: i64) -> Result<()> {
        measured(Operation::NoteLatest, self.0.note_latest(latest)).await
    }

    /// Not measured: a server asks for it when it ends.
    async fn store_latest(&self) -> Result<()> {
        self.0.store_latest().await
    }

    async fn latest(&self) -> Result<i64> {
        measured(Operation::Latest, self.0.latest()).await
    }

    /// Not measured: every view of the public page asks, and mostly it costs less than to
    /// measure it would.
    fn version<'a: 'f, 'f>(
        &'a self,
    ) -> Pin<Box<dyn Future<Output = Result<Option<u64>>> + Send + 'f>> {
        self.0.version()
    }

    fn version_at_once(&self) -> Option<u64> {
        self.0.version_at_once()
    }

    async fn count(&self, what: Countable, behind: Option<Place>, limit: u32) -> Result<Part> {
        measured(Operation::Count, self.0.count(what, behind, limit)).await
    }

    async fn ready(&self) -> Result<()> {
        measured(Operation::Ready, self.0.ready()).await
    }

    fn secret(&self) -> &[u8; 32] {
        self.0.secret()
    }

    async fn close(&self) {
        self.0.close().await;
    }
}
