//! The embedded database: one writer that commits in groups, several readers beside it.

mod accounts;
mod adoption;
pub(crate) mod backup;
mod care;
mod counts;
pub(crate) mod diagnosis;
mod errors;
mod follows;
mod home;
pub mod last_backup;
mod latest;
mod messages;
mod moderation;
mod place;
mod readers;
mod schema;
pub(crate) mod seal;
mod sessions;
#[cfg(feature = "postgres")]
pub(crate) mod source;
mod users;
mod wal_index;
mod writer;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Countable, Error, InitReport, OpenError, Part, Place as Behind, Result, Storage};
use crate::domain::{
    Cursor, Message, MessageText, NewAccount, SessionKey, TimelineOf, UnixSeconds, User, UserId,
};
use latest::Latest;
use place::Place;
pub(crate) use place::{beside, in_words};
use readers::Readers;
use wal_index::WalIndex;
use writer::Writer;

/// Everything in one SQLite file in WAL mode.
pub struct SqliteStorage {
    writer: Writer,
    readers: Readers,
    wal_index: Arc<WalIndex>,
    place: Place,
    latest: Arc<Latest>,
    secret: [u8; 32],
}

/// Makes or upgrades the schema of the file; see [`super::init`].
pub fn init(path: &Path) -> std::result::Result<InitReport, OpenError> {
    schema::prepare(path).map(|(_, report)| report)
}

impl SqliteStorage {
    /// Makes or upgrades the schema of the file and opens it to be served.
    pub fn open(path: &Path) -> std::result::Result<(Self, InitReport), OpenError> {
        let (connection, report) = schema::prepare(path)?;
        let cannot_serve =
            |error: Error| OpenError(format!("{}: cannot be served: {error}", path.display()));
        let secret = read_secret(&connection).map_err(cannot_serve)?;
        let latest = Arc::new(Latest::open(&connection).map_err(cannot_serve)?);
        // Absolute, so that a name like `file:x` is not taken for an URI.
        let file = connection.path().unwrap_or_default().to_owned();
        let unreadable = |error: std::io::Error| cannot_serve(Error::Unavailable(error.into()));
        let place = Place::of(file.as_ref()).map_err(unreadable)?;
        let wal_index = Arc::new(WalIndex::open(file.as_ref()).map_err(unreadable)?);
        let writer = Writer::start(connection, place.clone(), latest.clone(), wal_index.clone());
        let storage = Self {
            readers: Readers::open(file.as_ref()).map_err(cannot_serve)?,
            writer: writer.map_err(cannot_serve)?,
            wal_index,
            place,
            latest,
            secret,
        };
        Ok((storage, report))
    }
}

#[cfg(feature = "postgres")]
impl SqliteStorage {
    /// Whether reads look for the seal of the file first, and fail with it.
    pub(crate) fn watch_for_seal(&self, watch: bool) {
        self.readers.watch_for_seal(watch);
    }

    /// The seal of the file, if it has one.
    pub(crate) async fn seal(&self) -> Result<Option<seal::Seal>> {
        match self.readers.read(|db| Ok(seal::read(db)?)).await {
            Err(Error::Unavailable(reason)) => match reason.downcast::<seal::Seal>() {
                Ok(seal) => Ok(Some(*seal)),
                Err(reason) => Err(Error::Unavailable(reason)),
            },
            outcome => outcome,
        }
    }

    /// The `latest` that is noted but not stored, and when it was noted, in unix microseconds.
    pub(crate) fn unstored_latest(&self) -> Option<(i64, i64)> {
        self.latest.unstored()
    }

    /// Lets go of a `latest` that is stored elsewhere.
    pub(crate) fn forget_unstored_latest(&self) {
        self.latest.forget_unstored();
    }
}

/// The seal of a file, if it is one of ours and has one. The file is left as it is.
#[cfg(feature = "postgres")]
pub(crate) fn seal_of(path: &Path) -> Option<seal::Seal> {
    let (_, file) = schema::inspect(path).ok()?;
    let db = rusqlite::Connection::open(file).ok()?;
    seal::read(&db).ok()?
}

fn read_secret(connection: &rusqlite::Connection) -> Result<[u8; 32]> {
    Ok(connection.query_row("SELECT bytes FROM secret", [], |row| row.get(0))?)
}

#[async_trait]
impl Storage for SqliteStorage {
    async fn register(&self, account: NewAccount) -> Result<UserId> {
        self.writer.write(move |tx| users::insert(tx, &account)).await
    }

    async fn user(&self, username: &str) -> Result<User> {
        let username = username.to_owned();
        self.readers.read(move |db| Ok(users::find(db, &username)?.0)).await
    }

    async fn user_with_password_hash(&self, username: &str) -> Result<(User, String)> {
        let username = username.to_owned();
        self.readers.read(move |db| users::find(db, &username)).await
    }

    async fn replace_password_hash(&self, user: UserId, old: &str, new: &str) -> Result<()> {
        let (old, new) = (old.to_owned(), new.to_owned());
        self.writer.write(move |tx| users::replace_hash(tx, user, &old, &new)).await
    }

    async fn existing_usernames(&self, names: Vec<String>) -> Result<HashSet<String>> {
        self.readers.read(move |db| users::existing(db, names)).await
    }

    async fn begin_session(
        &self,
        user: UserId,
        key: SessionKey,
        now: UnixSeconds,
        expires: UnixSeconds,
    ) -> Result<()> {
        self.writer.write(move |tx| sessions::begin(tx, user, key, now, expires)).await
    }

    async fn session_user(&self, key: SessionKey, now: UnixSeconds) -> Result<Option<User>> {
        self.readers.read(move |db| sessions::user(db, key, now)).await
    }

    async fn end_session(&self, key: SessionKey) -> Result<()> {
        self.writer.write_with_one_statement(move |tx| sessions::end(tx, key)).await
    }

    async fn record_message(
        &self,
        author: &str,
        text: MessageText,
        pub_date: UnixSeconds,
    ) -> Result<()> {
        let author = author.to_owned();
        self.writer
            .write_with_one_statement(move |tx| messages::insert(tx, &author, &text, pub_date))
            .await
    }

    async fn timeline(
        &self,
        of: TimelineOf<'_>,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        match of {
            TimelineOf::Everybody => {
                self.readers.read(move |db| messages::of_everybody(db, before, limit)).await
            }
            TimelineOf::Author(username) => {
                let username = username.to_owned();
                self.readers.read(move |db| messages::by(db, &username, before, limit)).await
            }
            TimelineOf::Reader(user) => {
                self.readers.read(move |db| home::timeline(db, user, before, limit)).await
            }
        }
    }

    async fn follow(&self, who: &str, whom: &str) -> Result<()> {
        let (who, whom) = (who.to_owned(), whom.to_owned());
        self.writer.write_with_one_statement(move |tx| follows::follow(tx, &who, &whom)).await
    }

    async fn unfollow(&self, who: &str, whom: &str) -> Result<()> {
        let (who, whom) = (who.to_owned(), whom.to_owned());
        self.writer.write_with_one_statement(move |tx| follows::unfollow(tx, &who, &whom)).await
    }

    async fn is_following(&self, who: UserId, whom: &str) -> Result<bool> {
        let whom = whom.to_owned();
        self.readers.read(move |db| follows::is_following(db, who, &whom)).await
    }

    async fn followed_by(&self, username: &str, limit: usize) -> Result<Vec<String>> {
        let username = username.to_owned();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers.read(move |db| follows::followed_by(db, &username, limit)).await
    }

    async fn note_latest(&self, latest: i64) -> Result<()> {
        self.latest.note(latest);
        Ok(())
    }

    async fn store_latest(&self) -> Result<()> {
        // It goes with every transaction.
        self.writer.write(|_| Ok(())).await
    }

    async fn latest(&self) -> Result<i64> {
        let latest = self.latest.clone();
        self.readers.read(move |db| latest.newest(db)).await
    }

    async fn version(&self) -> Result<Option<u64>> {
        Ok(self.version_at_once())
    }

    fn version_at_once(&self) -> Option<u64> {
        self.wal_index.version()
    }

    async fn count(&self, what: Countable, behind: Option<Behind>, limit: u32) -> Result<Part> {
        self.readers.read(move |db| counts::count(db, what, behind, limit)).await
    }

    async fn ready(&self) -> Result<()> {
        self.place.check()?;
        self.readers.read(|db| Ok(db.query_row("SELECT 1 FROM secret", [], |_| Ok(()))?)).await
    }

    fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    async fn close(&self) {
        self.writer.close().await;
        self.readers.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Care, contract};

    #[tokio::test]
    async fn the_contract_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (storage, _) = SqliteStorage::open(&folder.path().join("m.db")).unwrap();
        contract::keep(Arc::new(storage)).await;
    }

    #[tokio::test]
    async fn what_was_noted_and_stored_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.db");
        let (storage, _) = SqliteStorage::open(&path).unwrap();
        storage.note_latest(42).await.unwrap();
        let secret = *storage.secret();
        storage.close().await;
        assert!(storage.end_session(SessionKey([0; 32])).await.is_err(), "written after the end");

        let (storage, _) = SqliteStorage::open(&path).unwrap();
        assert_eq!(storage.latest().await.unwrap(), 42);
        assert_eq!(storage.secret(), &secret);
    }

    #[tokio::test]
    async fn the_log_starts_over_again_and_again_while_others_write_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let (storage, _) = SqliteStorage::open(&folder.path().join("m.db")).unwrap();
        let post = async |n: u32| {
            let text = MessageText::parse(&format!("{n} {}", "x".repeat(3_000))).unwrap();
            storage.record_message("foo", text, 1).await.unwrap();
        };
        contract::register(&storage, "foo").await;
        let mut longest = 0;
        for n in 0..1_500 {
            post(n).await;
            longest = longest.max(storage.wal_index.log_pages().unwrap());
            if n % 10 == 0 {
                let newest = storage.timeline(TimelineOf::Everybody, None, 1).await.unwrap();
                assert!(newest[0].text.starts_with(&format!("{n} ")), "a message is missing");
            }
        }
        assert!(longest < 1_500, "{longest} pages of the 4,500 and more that were written");
    }

    #[tokio::test]
    async fn adopted_users_are_found_by_every_spelling_of_their_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.db");
        let (storage, _) = SqliteStorage::open(&path).unwrap();
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch(
            "INSERT INTO user VALUES (7, '123', 'a@b', 'x');
             INSERT INTO numeric_username VALUES (7, 123);",
        )
        .unwrap();
        for spelling in ["123", "00123", "1.23e2"] {
            assert_eq!(storage.user(spelling).await.unwrap().id, 7, "{spelling}");
        }
        assert!(storage.user("1234").await.is_err());
        let name = |text| crate::domain::Username::parse(text).unwrap();
        storage.rename(7, &name("00123")).await.unwrap();
        assert_eq!(storage.user("00123").await.unwrap().id, 7);
        assert!(storage.user("123").await.is_err());
    }
}
