//! The last steps: Postgres catches up, the file is sealed, Postgres is the true database.
//!
//! While the file is not sealed it is the true one; the commit of its seal is the one moment in
//! which that changes. Whoever finds a sealed file and a Postgres in the state `sealing` with the
//! same token, completes what is left: the state becomes `ready`.

use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use tokio_postgres::Client;

use super::catching_up::CatchingUp;
use super::changes::{forget, take_write_lock};
use super::failure::Result;
use super::progress::say;
use super::reader::Reader;
use super::tables::TABLES;
use super::target::Destination;
use crate::storage::moving::announcement::Announcement;
use crate::storage::moving::presence::is_held;
use crate::storage::sqlite::beside;
use crate::storage::sqlite::seal::{self, Seal};

/// So few changes are left when the last pass may begin.
const FEW: i64 = 64;

/// How long a server may take to open its connections to Postgres.
const SERVERS_PATIENCE: Duration = Duration::from_secs(15);

/// After one server is ready, how much longer others are given.
const GRACE: Duration = Duration::from_millis(1_500);

/// Between two passes, while servers get ready.
const PAUSE: Duration = Duration::from_millis(50);

/// What is needed to seal a file.
pub(super) struct Sealing<'a> {
    /// The file.
    pub(super) file: &'a Path,
    /// A connection that may write to it.
    pub(super) control: Connection,
    /// Where the data goes.
    pub(super) destination: &'a Destination,
    /// What servers are told.
    pub(super) announcement: Announcement,
    /// Set before Postgres takes itself for complete.
    pub(super) begun: &'a AtomicBool,
}

impl Sealing<'_> {
    /// Brings everything that has changed meanwhile to Postgres and makes it the true database.
    /// Leaves `reader` within a transaction that sees the file as of that moment, and the
    /// destination's connection in one that sees Postgres so. Returns how many changes there were.
    pub(super) async fn carry_out(self, reader: &mut Reader) -> Result<i64> {
        let mut catching_up = CatchingUp::begin(self.destination.filler().await?).await?;
        self.announcement.write(self.file)?;
        say("announced to servers where the data goes");
        self.catch_up(&mut catching_up, reader).await?;
        let began = loop {
            let began = Instant::now();
            if self.last_pass(&mut catching_up, reader).await? {
                break began;
            }
            self.catch_up(&mut catching_up, reader).await?;
        };
        let paused = began.elapsed();
        say(format_args!("sealed: writes waited for {} ms", paused.as_millis()));
        declare_ready(&catching_up.client, &self.announcement.token).await?;
        say("ready: Postgres is the true database now");
        Ok(catching_up.done)
    }

    /// Pass after pass, until little is left and servers are ready to go over.
    async fn catch_up(&self, catching_up: &mut CatchingUp, reader: &mut Reader) -> Result<()> {
        let served = is_served(self.file);
        let mut waiting = Waiting::new(self.file, served);
        let mut caught_up = 0;
        loop {
            reader.rules.now = self.destination.now().await?;
            reader.db.execute_batch("BEGIN")?;
            let count = catching_up.apply(reader, &self.announcement.token).await?;
            catching_up.client.batch_execute("COMMIT").await?;
            reader.db.execute_batch("COMMIT")?;
            caught_up += count;
            if count <= FEW && waiting.is_over() {
                break;
            }
            if count <= FEW {
                tokio::time::sleep(PAUSE).await;
            }
        }
        say(format_args!("caught up with {caught_up} changes"));
        Ok(())
    }

    /// The pass during which nobody can write. `false` if it was too much for one.
    async fn last_pass(&self, catching_up: &mut CatchingUp, reader: &mut Reader) -> Result<bool> {
        reader.rules.now = self.destination.now().await?;
        take_write_lock(&self.control)?;
        reader.db.execute_batch("BEGIN")?;
        if catching_up.apply(reader, &self.announcement.token).await? > 20 * FEW {
            catching_up.client.batch_execute("COMMIT").await?;
            reader.db.execute_batch("COMMIT")?;
            self.control.execute_batch("ROLLBACK")?;
            return Ok(false);
        }
        let client = &catching_up.client;
        // What cannot be reported is not left behind.
        reader.report.flush()?;
        set_sequences(client, reader).await?;
        self.begun.store(true, Ordering::Relaxed);
        client
            .batch_execute(
                "UPDATE minitwit SET state = 'sealing'; SET LOCAL synchronous_commit = on; COMMIT;
                 SET synchronous_commit = on",
            )
            .await?;
        self.destination
            .client
            .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
            .await?;
        forget(&self.control)?;
        let tables: Vec<_> = TABLES.iter().map(|table| table.name).collect();
        seal::write(&self.control, &self.seal(reader), &tables)?;
        self.control.execute_batch("COMMIT")?;
        Ok(true)
    }

    fn seal(&self, reader: &Reader) -> Seal {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Seal {
            target: self.destination.to_string(),
            moved_at: i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX),
            token: self.announcement.token.clone(),
            see_report: !reader.report.is_empty(),
        }
    }
}

/// Whether a server is running on the file.
fn is_served(file: &Path) -> bool {
    // Never closed: that would drop SQLite's own locks on it in this process, for such is POSIX.
    File::open(beside(file, "-shm")).map(ManuallyDrop::new).is_ok_and(|index| is_held(&index))
}

/// Waits for servers to be ready to go over.
struct Waiting {
    announcement: PathBuf,
    served: bool,
    since: Instant,
    ready_since: Option<Instant>,
}

impl Waiting {
    fn new(file: &Path, served: bool) -> Self {
        let announcement = Announcement::path(file);
        Self { announcement, served, since: Instant::now(), ready_since: None }
    }

    fn is_over(&mut self) -> bool {
        if !self.served {
            return true;
        }
        if self.ready_since.is_none() && File::open(&self.announcement).is_ok_and(|a| is_held(&a)) {
            self.ready_since = Some(Instant::now());
        }
        let in_vain = self.since.elapsed() > SERVERS_PATIENCE;
        if in_vain && self.ready_since.is_none() {
            say("no server says that it can follow: those on the file will refuse writes");
        }
        in_vain || self.ready_since.is_some_and(|since| since.elapsed() > GRACE)
    }
}

/// Makes new ids come after all that the source has ever given.
pub(super) async fn set_sequences(client: &Client, reader: &Reader) -> Result<()> {
    let mut set = String::new();
    for (table, column) in [("user", "user_id"), ("message", "message_id")] {
        let sql = format!(
            "SELECT max(coalesce((SELECT max(seq) FROM sqlite_sequence
                                  WHERE name = '{table}' AND typeof(seq) = 'integer'), 0),
                        coalesce((SELECT max({column}) FROM \"{table}\"), 0))"
        );
        let last: i64 = reader.db.query_row(&sql, [], |row| row.get(0))?;
        if last > 0 {
            set += &format!(
                "SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), {last});"
            );
        }
    }
    Ok(client.batch_execute(&set).await?)
}

/// Completes a move whose file is sealed. On disk once this returns.
pub(super) async fn declare_ready(client: &Client, token: &[u8]) -> Result<()> {
    let ready = "UPDATE minitwit SET state = 'ready' WHERE token = $1 AND state <> 'ready'";
    client.execute(ready, &[&token]).await?;
    Ok(())
}

/// The seal of a file, looked at without changing anything.
pub(super) fn read_seal(file: &Path) -> Result<Option<Seal>> {
    Ok(seal::read(&super::source::connect(file)?)?)
}
