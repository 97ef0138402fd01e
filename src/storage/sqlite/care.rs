//! Looking after the people in a file.

use async_trait::async_trait;

use super::{SqliteStorage, accounts, moderation};
use crate::domain::{
    Account, Email, Found, LeftBehind, MessageId, Search, SessionKey, UnixSeconds, User, UserId,
    Username,
};
use crate::storage::{Care, Result};

#[async_trait]
impl Care for SqliteStorage {
    async fn search(
        &self,
        sought: &Search,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Found> {
        let sought = sought.clone();
        self.readers.read(move |db| moderation::search(db, &sought, before, limit)).await
    }

    async fn set_flagged(&self, messages: &[MessageId], flagged: bool) -> Result<Vec<MessageId>> {
        let messages = messages.to_owned();
        self.writer.write(move |tx| moderation::set_flagged(tx, &messages, flagged)).await
    }

    async fn delete_message(&self, author: UserId, message: MessageId) -> Result<bool> {
        self.writer.write(move |tx| moderation::delete(tx, author, message)).await
    }

    async fn delete_messages(&self, author: UserId, limit: usize) -> Result<usize> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.writer.write(move |tx| moderation::delete_some(tx, author, limit)).await
    }

    async fn users(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers.read(move |db| accounts::list(db, after, limit)).await
    }

    async fn account(&self, user: UserId, now: UnixSeconds) -> Result<Account> {
        self.readers.read(move |db| accounts::account(db, user, now)).await
    }

    async fn rename(&self, user: UserId, name: &Username) -> Result<()> {
        let name = name.clone();
        self.writer.write(move |tx| accounts::rename(tx, user, name.as_str())).await
    }

    async fn set_email(&self, user: UserId, email: &Email) -> Result<()> {
        let email = email.clone();
        self.writer.write(move |tx| accounts::set_email(tx, user, &email)).await
    }

    async fn set_password(
        &self,
        user: UserId,
        was: Option<&str>,
        pw_hash: &str,
        keep: Option<SessionKey>,
    ) -> Result<bool> {
        let (was, pw_hash) = (was.map(str::to_owned), pw_hash.to_owned());
        let work = move |tx: &_| accounts::set_password(tx, user, was.as_deref(), &pw_hash, keep);
        self.writer.write(work).await
    }

    async fn end_sessions(&self, user: UserId) -> Result<u64> {
        self.writer.write(move |tx| accounts::end_sessions(tx, user, None)).await
    }

    async fn delete_user(&self, user: UserId, left_behind: LeftBehind) -> Result<()> {
        self.writer.write(move |tx| accounts::delete(tx, user, left_behind)).await
    }
}
