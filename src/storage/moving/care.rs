//! Looking after the people, wherever they are.

use async_trait::async_trait;

use super::{MovingStorage, is_sealed, wherever_it_is};
use crate::domain::{
    Account, Email, Found, LeftBehind, MessageId, Search, SessionKey, UnixSeconds, User, UserId,
    Username,
};
use crate::storage::{Care, Result};

#[async_trait]
impl Care for MovingStorage {
    async fn search(
        &self,
        sought: &Search,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Found> {
        wherever_it_is!(self.search(sought, before, limit))
    }

    async fn set_flagged(&self, messages: &[MessageId], flagged: bool) -> Result<Vec<MessageId>> {
        wherever_it_is!(self.set_flagged(messages, flagged))
    }

    async fn delete_message(&self, author: UserId, message: MessageId) -> Result<bool> {
        wherever_it_is!(self.delete_message(author, message))
    }

    async fn delete_messages(&self, author: UserId, limit: usize) -> Result<usize> {
        wherever_it_is!(self.delete_messages(author, limit))
    }

    async fn users(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>> {
        wherever_it_is!(self.users(after, limit))
    }

    async fn account(&self, user: UserId, now: UnixSeconds) -> Result<Account> {
        wherever_it_is!(self.account(user, now))
    }

    async fn rename(&self, user: UserId, name: &Username) -> Result<()> {
        wherever_it_is!(self.rename(user, name))
    }

    async fn set_email(&self, user: UserId, email: &Email) -> Result<()> {
        wherever_it_is!(self.set_email(user, email))
    }

    async fn set_password(
        &self,
        user: UserId,
        was: Option<&str>,
        pw_hash: &str,
        keep: Option<SessionKey>,
    ) -> Result<bool> {
        wherever_it_is!(self.set_password(user, was, pw_hash, keep))
    }

    async fn end_sessions(&self, user: UserId) -> Result<u64> {
        wherever_it_is!(self.end_sessions(user))
    }

    async fn delete_user(&self, user: UserId, left_behind: LeftBehind) -> Result<()> {
        wherever_it_is!(self.delete_user(user, left_behind))
    }
}
