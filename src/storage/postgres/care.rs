//! Looking after the people in a database.

use async_trait::async_trait;

use super::{PostgresStorage, accounts, moderation};
use crate::domain::{
    Account, Email, Found, LeftBehind, MessageId, Search, SessionKey, UnixSeconds, User, UserId,
    Username,
};
use crate::storage::{Care, Result};

#[async_trait]
impl Care for PostgresStorage {
    async fn search(
        &self,
        sought: &Search,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Found> {
        moderation::search(&self.lanes, sought, before, limit).await
    }

    async fn set_flagged(&self, messages: &[MessageId], flagged: bool) -> Result<Vec<MessageId>> {
        moderation::set_flagged(&self.lanes, messages, flagged).await
    }

    async fn delete_message(&self, author: UserId, message: MessageId) -> Result<bool> {
        moderation::delete(&self.lanes, author, message).await
    }

    async fn delete_messages(&self, author: UserId, limit: usize) -> Result<usize> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        moderation::delete_some(&self.lanes, author, limit).await
    }

    async fn users(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>> {
        accounts::list(&self.lanes, after, i64::try_from(limit).unwrap_or(i64::MAX)).await
    }

    async fn account(&self, user: UserId, now: UnixSeconds) -> Result<Account> {
        accounts::account(&self.lanes, user, now).await
    }

    async fn rename(&self, user: UserId, name: &Username) -> Result<()> {
        accounts::rename(&self.lanes, user, name.as_str()).await
    }

    async fn set_email(&self, user: UserId, email: &Email) -> Result<()> {
        accounts::set_email(&self.lanes, user, email).await
    }

    async fn set_password(
        &self,
        user: UserId,
        was: Option<&str>,
        pw_hash: &str,
        keep: Option<SessionKey>,
    ) -> Result<bool> {
        accounts::set_password(&self.lanes, user, was, pw_hash, keep).await
    }

    async fn end_sessions(&self, user: UserId) -> Result<u64> {
        accounts::end_sessions(&self.lanes, user).await
    }

    async fn delete_user(&self, user: UserId, left_behind: LeftBehind) -> Result<()> {
        accounts::delete(&self.lanes, user, left_behind).await
    }
}
