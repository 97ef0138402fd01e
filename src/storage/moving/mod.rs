//! A SQLite file that may be moved to Postgres while it is served.
//!
//! `migrate-to-postgres` announces in a file beside the database where the data goes. A server
//! that sees this opens its connections there and says that it is ready. When the file gets its
//! seal, which refuses every write, the server goes over: what was refused is done on Postgres,
//! and everything else is asked of it from then on. Nobody is told anything.

pub(crate) mod announcement;
mod care;
mod following;
pub(crate) mod presence;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::RwLock;

use self::announcement::Announcement;
use self::following::Next;
use super::postgres::PostgresStorage;
use super::sqlite::SqliteStorage;
use super::sqlite::seal::Seal;
use super::{Countable, Error, InitReport, OpenError, Part, Place, Result, Storage};
use crate::domain::{
    Cursor, Message, MessageText, NewAccount, SessionKey, TimelineOf, UnixSeconds, User, UserId,
};

/// How often a server looks whether its file is about to be moved.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long a request waits for the server to go over.
const GO_OVER_PATIENCE: Duration = Duration::from_millis(700);

/// SQLite until the file is sealed, Postgres from then on.
pub(crate) struct MovingStorage(Arc<Inner>);

struct Inner {
    file: PathBuf,
    sqlite: SqliteStorage,
    /// The Postgres to go over to, once it is announced and connected to.
    next: Mutex<Option<Next>>,
    moved: OnceLock<Moved>,
    /// Held by whoever goes over, so that one does.
    going_over: tokio::sync::Mutex<()>,
    /// Written to while what is noted in memory goes over, so that nothing is noted behind it.
    noting: RwLock<()>,
}

/// Where the data is now.
struct Moved {
    storage: Arc<PostgresStorage>,
    /// The file's last version: those of Postgres count on from it.
    versions_before: u64,
}

/// Opens a file to be served, or the Postgres that its data has moved to.
pub(super) async fn open(
    path: &Path,
) -> std::result::Result<(Arc<dyn Storage>, InitReport), OpenError> {
    if let Some((storage, report)) = following::open_moved(path).await? {
        return Ok((Arc::new(storage), report));
    }
    let (sqlite, report) = SqliteStorage::open(path)?;
    let inner = Arc::new(Inner {
        // Absolute, links resolved: as the migration names it.
        file: std::fs::canonicalize(path).unwrap_or(path.to_owned()),
        sqlite,
        next: Mutex::default(),
        moved: OnceLock::new(),
        going_over: tokio::sync::Mutex::default(),
        noting: RwLock::default(),
    });
    tokio::spawn(keep_looking(Arc::downgrade(&inner)));
    Ok((Arc::new(MovingStorage(inner)), report))
}

/// Follows announcements until the move is done or the storage is gone.
async fn keep_looking(storage: Weak<Inner>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(inner) = storage.upgrade() else { return };
        if inner.moved.get().is_some() {
            return;
        }
        if let Err(error) = inner.look().await {
            log::error!("{error}");
        }
    }
}

impl Inner {
    /// Looks whether the file is about to be moved, or has been.
    async fn look(self: &Arc<Self>) -> Result<()> {
        let announced = Announcement::read(&self.file).map_err(|e| Error::Unavailable(e.into()))?;
        let known = self.next().as_ref().map(|next| next.announcement.clone());
        if announced != known {
            let past = self.next().take();
            if let Some(past) = past {
                past.storage.close().await;
            }
            self.sqlite.watch_for_seal(announced.is_some());
            if let Some(announced) = &announced {
                let next = Next::prepare(announced, &self.file).await?;
                log::info!("{next} is being filled from this file; ready to go over to it");
                *self.next() = Some(next);
            }
        }
        if announced.is_some() && self.sqlite.seal().await?.is_some() {
            self.go_over().await?;
        }
        Ok(())
    }

    /// Goes over to the Postgres that the seal names, unless that is done. Goes on when whoever
    /// called gives up.
    async fn go_over(self: &Arc<Self>) -> Result<&Moved> {
        let inner = self.clone();
        let going = tokio::spawn(async move { inner.go_over_now().await });
        match tokio::time::timeout(GO_OVER_PATIENCE, going).await {
            Ok(Ok(gone)) => gone?,
            Ok(Err(died)) => return Err(Error::Failed(died.into())),
            Err(_) => {
                return Err(Error::Unavailable(
                    "the data has moved, and its new place does not answer".into(),
                ));
            }
        }
        let not_gone = || Error::Failed("the move has come to nothing".into());
        self.moved.get().ok_or_else(not_gone)
    }

    async fn go_over_now(&self) -> Result<()> {
        let _turn = self.going_over.lock().await;
        if self.moved.get().is_some() {
            return Ok(());
        }
        let no_seal = || Error::Failed("the file has lost its seal".into());
        let seal = self.sqlite.seal().await?.ok_or_else(no_seal)?;
        let next = self.next().take();
        let next = match next.filter(|next| next.announcement.token == seal.token) {
            Some(next) => next,
            None => Next::sealed(&seal, &self.file).await?,
        };
        let _nobody_notes = self.noting.write().await;
        let noted = self.sqlite.unstored_latest();
        next.complete(&seal, noted).await?;
        self.sqlite.forget_unstored_latest();
        let versions_before = self.sqlite.version().await?.unwrap_or(0) + 1;
        log::warn!(
            "{} has moved to {}, and so has this server: give it that database (--database, \
             DATABASE_URL) when it is started next",
            self.file.display(),
            seal.target
        );
        self.moved.get_or_init(|| Moved { storage: next.storage, versions_before });
        Ok(())
    }

    fn next(&self) -> std::sync::MutexGuard<'_, Option<Next>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a call failed because the file is sealed: then nothing was stored.
fn is_sealed<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Unavailable(reason)) if reason.is::<Seal>())
}

/// Calls a method of the database that is the true one.
macro_rules! wherever_it_is {
    ($self:ident.$method:ident($($argument:expr),*)) => {{
        let inner = &$self.0;
        if let Some(moved) = inner.moved.get() {
            return moved.storage.$method($($argument),*).await;
        }
        let outcome = inner.sqlite.$method($(Clone::clone(&$argument)),*).await;
        if !is_sealed(&outcome) {
            return outcome;
        }
        inner.go_over().await?.storage.$method($($argument),*).await
    }};
}
use wherever_it_is;

#[async_trait]
impl Storage for MovingStorage {
    async fn register(&self, account: NewAccount) -> Result<UserId> {
        wherever_it_is!(self.register(account))
    }

    async fn user(&self, username: &str) -> Result<User> {
        wherever_it_is!(self.user(username))
    }

    async fn user_with_password_hash(&self, username: &str) -> Result<(User, String)> {
        wherever_it_is!(self.user_with_password_hash(username))
    }

    async fn replace_password_hash(&self, user: UserId, old: &str, new: &str) -> Result<()> {
        wherever_it_is!(self.replace_password_hash(user, old, new))
    }

    async fn existing_usernames(&self, names: Vec<String>) -> Result<HashSet<String>> {
        wherever_it_is!(self.existing_usernames(names))
    }

    async fn begin_session(
        &self,
        user: UserId,
        key: SessionKey,
        now: UnixSeconds,
        expires: UnixSeconds,
    ) -> Result<()> {
        wherever_it_is!(self.begin_session(user, key, now, expires))
    }

    async fn session_user(&self, key: SessionKey, now: UnixSeconds) -> Result<Option<User>> {
        wherever_it_is!(self.session_user(key, now))
    }

    async fn end_session(&self, key: SessionKey) -> Result<()> {
        wherever_it_is!(self.end_session(key))
    }

    async fn record_message(
        &self,
        author: &str,
        text: MessageText,
        pub_date: UnixSeconds,
    ) -> Result<()> {
        wherever_it_is!(self.record_message(author, text, pub_date))
    }

    async fn timeline(
        &self,
        of: TimelineOf<'_>,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        wherever_it_is!(self.timeline(of, before, limit))
    }

    async fn follow(&self, who: &str, whom: &str) -> Result<()> {
        wherever_it_is!(self.follow(who, whom))
    }

    async fn unfollow(&self, who: &str, whom: &str) -> Result<()> {
        wherever_it_is!(self.unfollow(who, whom))
    }

    async fn is_following(&self, who: UserId, whom: &str) -> Result<bool> {
        wherever_it_is!(self.is_following(who, whom))
    }

    async fn followed_by(&self, username: &str, limit: usize) -> Result<Vec<String>> {
        wherever_it_is!(self.followed_by(username, limit))
    }

    async fn note_latest(&self, latest: i64) -> Result<()> {
        let noting = self.0.noting.read().await;
        if let Some(moved) = self.0.moved.get() {
            drop(noting);
            return moved.storage.note_latest(latest).await;
        }
        self.0.sqlite.note_latest(latest).await
    }

    async fn store_latest(&self) -> Result<()> {
        wherever_it_is!(self.store_latest())
    }

    async fn latest(&self) -> Result<i64> {
        wherever_it_is!(self.latest())
    }

    async fn version(&self) -> Result<Option<u64>> {
        match self.0.moved.get() {
            None => self.0.sqlite.version().await,
            Some(moved) => {
                let version = moved.storage.version().await?;
                Ok(version.map(|version| moved.versions_before + version))
            }
        }
    }

    fn version_at_once(&self) -> Option<u64> {
        match self.0.moved.get() {
            None => self.0.sqlite.version_at_once(),
            Some(_) => None,
        }
    }

    async fn count(&self, what: Countable, behind: Option<Place>, limit: u32) -> Result<Part> {
        wherever_it_is!(self.count(what, behind, limit))
    }

    async fn ready(&self) -> Result<()> {
        wherever_it_is!(self.ready())
    }

    fn secret(&self) -> &[u8; 32] {
        // It has moved along, and is the same.
        self.0.sqlite.secret()
    }

    async fn close(&self) {
        self.0.sqlite.close().await;
        if let Some(moved) = self.0.moved.get() {
            moved.storage.close().await;
        }
        let next = self.0.next().take();
        if let Some(next) = next {
            next.storage.close().await;
        }
    }
}
