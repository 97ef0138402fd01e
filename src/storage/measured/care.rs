//! Looking after the people, counted and timed.

use async_trait::async_trait;

use super::MeasuredStorage;
use super::operation::{Operation, measured};
use crate::domain::{
    Account, Email, Found, LeftBehind, MessageId, Search, SessionKey, UnixSeconds, User, UserId,
    Username,
};
use crate::storage::{Care, Result};

#[async_trait]
impl Care for MeasuredStorage {
    async fn search(
        &self,
        sought: &Search,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Found> {
        measured(Operation::Search, self.0.search(sought, before, limit)).await
    }

    async fn set_flagged(&self, messages: &[MessageId], flagged: bool) -> Result<Vec<MessageId>> {
        measured(Operation::SetFlagged, self.0.set_flagged(messages, flagged)).await
    }

    async fn delete_message(&self, author: UserId, message: MessageId) -> Result<bool> {
        measured(Operation::DeleteMessage, self.0.delete_message(author, message)).await
    }

    async fn delete_messages(&self, author: UserId, limit: usize) -> Result<usize> {
        measured(Operation::DeleteMessage, self.0.delete_messages(author, limit)).await
    }

    async fn users(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>> {
        measured(Operation::Users, self.0.users(after, limit)).await
    }

    async fn account(&self, user: UserId, now: UnixSeconds) -> Result<Account> {
        measured(Operation::Account, self.0.account(user, now)).await
    }

    async fn rename(&self, user: UserId, name: &Username) -> Result<()> {
        measured(Operation::Rename, self.0.rename(user, name)).await
    }

    async fn set_email(&self, user: UserId, email: &Email) -> Result<()> {
        measured(Operation::SetEmail, self.0.set_email(user, email)).await
    }

    async fn set_password(
        &self,
        user: UserId,
        was: Option<&str>,
        pw_hash: &str,
        keep: Option<SessionKey>,
    ) -> Result<bool> {
        measured(Operation::SetPassword, self.0.set_password(user, was, pw_hash, keep)).await
    }

    async fn end_sessions(&self, user: UserId) -> Result<u64> {
        measured(Operation::EndSessions, self.0.end_sessions(user)).await
    }

    async fn delete_user(&self, user: UserId, left_behind: LeftBehind) -> Result<()> {
        measured(Operation::DeleteUser, self.0.delete_user(user, left_behind)).await
    }
}
