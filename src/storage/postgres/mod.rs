//! A Postgres that several servers share: connections that are kept open and take many queries
//! at once, and one task that stores messages together.

mod accounts;
mod care;
mod connect;
mod counts;
pub(crate) mod diagnosis;
mod errors;
mod follows;
mod lane;
mod lanes;
mod latest;
mod messages;
mod moderation;
pub(crate) mod numbers;
pub(crate) mod schema;
mod scribe;
mod sessions;
mod target;
mod tls;
mod users;
mod version;

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::oneshot;
use tokio_postgres::types::FromSqlOwned;
use tokio_postgres::{Client, Row};

pub(crate) use connect::Trouble;
pub use target::{Target, TargetError};

use self::connect::Connector;
use self::lanes::Lanes;
use self::scribe::Scribe;
use self::version::Versions;
use super::{Countable, Error, InitReport, OpenError, Part, Place, Result, Storage, counting};
use crate::domain::{
    Cursor, Message, MessageText, NewAccount, SessionKey, TimelineOf, UnixSeconds, User, UserId,
};

/// How long to pause between two attempts to reach a database that is away.
const PAUSE: Duration = Duration::from_millis(250);

/// The result of what is done before a database is served.
type Prepared<T> = std::result::Result<T, Trouble>;

/// Everything in a Postgres database.
pub struct PostgresStorage {
    lanes: Arc<Lanes>,
    scribe: Scribe,
    versions: Versions,
    secret: [u8; 32],
}

/// Makes or upgrades the schema; see [`super::init`]. An absent server is waited for.
pub(super) async fn init(target: &Target) -> std::result::Result<InitReport, OpenError> {
    match prepare(target).await {
        Ok((_, report)) => Ok(report),
        Err(trouble) => Err(trouble.explain(target)),
    }
}

/// A connection to the database, whose schema is as it should be.
async fn prepare(target: &Target) -> Prepared<(Client, InitReport)> {
    patiently(target, async || {
        let mut client = target.connect().await?;
        let report = schema::prepare(&mut client).await?;
        Ok((client, report))
    })
    .await
}

/// Repeats what fails because the database is away, and says once that it does.
async fn patiently<T>(target: &Target, attempt: impl AsyncFn() -> Prepared<T>) -> Prepared<T> {
    let (start, wait) = (Instant::now(), target.wait());
    let mut told = false;
    loop {
        match attempt().await {
            Err(Trouble::Absent(reason)) if start.elapsed() < wait => {
                if !told {
                    log::warn!("{target}: {reason}; waiting for it, up to {} s", wait.as_secs());
                    told = true;
                }
            }
            outcome => return outcome,
        }
        tokio::time::sleep(PAUSE.min(wait)).await;
    }
}

impl PostgresStorage {
    /// Makes or upgrades the schema of the database and opens it to be served. An absent server
    /// is waited for.
    pub async fn open(target: &Target) -> std::result::Result<(Self, InitReport), OpenError> {
        Self::connect(target).await.map_err(|trouble| trouble.explain(target))
    }

    /// Opens a database that a migration is filling, to be served once that is done, with one
    /// more connection.
    #[cfg(feature = "sqlite")]
    pub(crate) async fn follow(target: &Target) -> std::result::Result<(Self, Client), OpenError> {
        let connect = async {
            let client = target.connect().await?;
            Ok((Self::assemble(target, &client).await?, client))
        };
        connect.await.map_err(|trouble: Trouble| trouble.explain(target))
    }

    async fn connect(target: &Target) -> Prepared<(Self, InitReport)> {
        let (client, report) = prepare(target).await?;
        latest::tidy(&client).await?;
        Ok((Self::assemble(target, &client).await?, report))
    }

    /// Opens all connections.
    async fn assemble(target: &Target, client: &Client) -> Prepared<Self> {
        let secret = read_secret(client).await?;
        let server = random_hex()?;
        let connector = Connector::new(target, lanes::STATEMENT_TIMEOUT)?;
        let lanes = Arc::new(Lanes::new(connector, target.connections(), statements()));
        let (scribe, versions) = start(lanes.clone(), server).await?;
        let storage = Self { lanes, scribe, versions, secret };
        storage.lanes.wait_until_open(target.wait().max(PAUSE)).await?;
        Ok(storage)
    }
}

/// All statements, which every connection has prepared.
fn statements() -> Vec<&'static str> {
    [
        &users::ALL[..],
        &sessions::ALL,
        &messages::ALL,
        &follows::ALL,
        &latest::ALL,
        &version::ALL,
        &scribe::ALL,
        &moderation::ALL,
        &accounts::ALL,
        &counting::ALL,
    ]
    .concat()
}

/// Starts the thread that drives the connections, until they are closed.
async fn start(lanes: Arc<Lanes>, server: String) -> Prepared<(Scribe, Versions)> {
    let refused = |error: String| Trouble::Refused(format!("no thread can be started: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| refused(error.to_string()))?;
    let (started, tasks) = oneshot::channel();
    let run = async move {
        lanes.start();
        let scribe = Scribe::start(lanes.clone(), server);
        let _ = started.send((scribe, Versions::start(lanes.clone())));
        lanes.closed().await;
    };
    thread::Builder::new()
        .name("postgres".into())
        .spawn(move || runtime.block_on(run))
        .map_err(|error| refused(error.to_string()))?;
    tasks.await.map_err(|error| refused(error.to_string()))
}

async fn read_secret(client: &Client) -> Prepared<[u8; 32]> {
    let row = client.query_one("SELECT bytes FROM secret", &[]).await?;
    let bytes: &[u8] = row.try_get(0)?;
    bytes.try_into().map_err(|_| Trouble::Refused("its secret is damaged".to_owned()))
}

/// What this server notes `latest` under.
fn random_hex() -> Prepared<String> {
    let bytes = schema::random::<16>()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A column of a row, as the type that the statement gives it.
fn value<T: FromSqlOwned>(row: &Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(|error| Error::Failed(errors::text(&error).into()))
}

#[async_trait]
impl Storage for PostgresStorage {
    async fn register(&self, account: NewAccount) -> Result<UserId> {
        self.scribe.all_noted().await?;
        users::insert(&self.lanes, &account).await
    }

    async fn user(&self, username: &str) -> Result<User> {
        Ok(users::find(&self.lanes, username).await?.0)
    }

    async fn user_with_password_hash(&self, username: &str) -> Result<(User, String)> {
        users::find(&self.lanes, username).await
    }

    async fn replace_password_hash(&self, user: UserId, old: &str, new: &str) -> Result<()> {
        users::replace_hash(&self.lanes, user, old, new).await
    }

    async fn existing_usernames(&self, names: Vec<String>) -> Result<HashSet<String>> {
        users::existing(&self.lanes, names).await
    }

    async fn begin_session(
        &self,
        user: UserId,
        key: SessionKey,
        now: UnixSeconds,
        expires: UnixSeconds,
    ) -> Result<()> {
        sessions::begin(&self.lanes, user, key, now, expires).await
    }

    async fn session_user(&self, key: SessionKey, now: UnixSeconds) -> Result<Option<User>> {
        sessions::user(&self.lanes, key, now).await
    }

    async fn end_session(&self, key: SessionKey) -> Result<()> {
        sessions::end(&self.lanes, key).await
    }

    async fn record_message(
        &self,
        author: &str,
        text: MessageText,
        pub_date: UnixSeconds,
    ) -> Result<()> {
        if users::cannot_be(author) {
            return Err(Error::UnknownUser);
        }
        match self.scribe.store(author, text.clone(), pub_date).await {
            Err(Error::UnknownUser) => {
                let author = users::spelling(&self.lanes, author).await?;
                self.scribe.store(&author, text, pub_date).await
            }
            outcome => outcome,
        }
    }

    async fn timeline(
        &self,
        of: TimelineOf<'_>,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        messages::timeline(&self.lanes, of, before, limit).await
    }

    async fn follow(&self, who: &str, whom: &str) -> Result<()> {
        self.scribe.all_noted().await?;
        follows::follow(&self.lanes, who, whom).await
    }

    async fn unfollow(&self, who: &str, whom: &str) -> Result<()> {
        self.scribe.all_noted().await?;
        follows::unfollow(&self.lanes, who, whom).await
    }

    async fn is_following(&self, who: UserId, whom: &str) -> Result<bool> {
        follows::is_following(&self.lanes, who, whom).await
    }

    async fn followed_by(&self, username: &str, limit: usize) -> Result<Vec<String>> {
        follows::followed_by(&self.lanes, username, limit).await
    }

    async fn note_latest(&self, latest: i64) -> Result<()> {
        self.scribe.note(latest).await
    }

    async fn store_latest(&self) -> Result<()> {
        // Noting it has stored it.
        Ok(())
    }

    async fn latest(&self) -> Result<i64> {
        latest::newest(&self.lanes).await
    }

    async fn version(&self) -> Result<Option<u64>> {
        self.versions.current().await.map(Some)
    }

    async fn count(&self, what: Countable, behind: Option<Place>, limit: u32) -> Result<Part> {
        counts::count(&self.lanes, what, behind, limit).await
    }

    async fn ready(&self) -> Result<()> {
        latest::newest(&self.lanes).await.map(drop)
    }

    fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    async fn close(&self) {
        self.lanes.close();
        self.lanes.closed().await;
    }
}

impl Drop for PostgresStorage {
    fn drop(&mut self) {
        self.lanes.close();
    }
}

#[cfg(test)]
mod tests;
