//! The one thread that writes, and commits in groups.
//!
//! A commit waits for the disk; whatever arrives meanwhile goes into the next transaction
//! together and is answered after its commit. Competing writers would instead wait for each
//! other in SQLite's busy handler, with tails of a second.

mod checkpoints;
mod complaints;
mod pending;
mod work;

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use self::pending::{Pending, Write};
use self::work::Work;
use super::latest::Latest;
use super::place::Place;
use super::wal_index::WalIndex;
use crate::storage::{Error, Result};
use crate::telemetry::{Held, metrics};

/// Writes that may wait. At a few thousand commits a second this is far below a second's work;
/// beyond it callers are told to come back.
const QUEUE: usize = 4096;

/// How long a caller waits for its commit, while another process holds the file.
const PATIENCE: Duration = Duration::from_secs(10);

/// The way to the writing thread.
pub(super) struct Writer {
    queue: SyncSender<Order>,
}

enum Order {
    /// Counted as waiting until it is taken out of the queue.
    Write(Box<dyn Write>, Held),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the thread; it ends when the writer is closed or dropped.
    pub(super) fn start(
        db: Connection,
        place: Place,
        latest: Arc<Latest>,
        wal_index: Arc<WalIndex>,
    ) -> Result<Self> {
        let work = Work::new(db, place, latest, wal_index)?;
        let (queue, orders) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || work.run(&orders))
            .map_err(|error| Error::Unavailable(error.into()))?;
        Ok(Self { queue })
    }

    /// Does the work in some transaction and returns its outcome once that is on disk. When the
    /// work fails, what it did is undone, and what others did in the same transaction is not.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.order(work, false).await
    }

    /// The same for work that undoes itself when it fails, because what changes something is one
    /// statement, and the last: spares what it takes to undo it.
    pub(super) async fn write_with_one_statement<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.order(work, true).await
    }

    async fn order<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
        undoes_itself: bool,
    ) -> Result<T> {
        let (reply, outcome) = oneshot::channel();
        let write = Box::new(Pending::new(work, undoes_itself, reply));
        let order = Order::Write(write, metrics().writes_waiting.hold());
        self.queue.try_send(order).map_err(|refused| match refused {
            TrySendError::Full(_) => unavailable("too many writes are waiting"),
            TrySendError::Disconnected(_) => unavailable("the database is closed"),
        })?;
        match tokio::time::timeout(PATIENCE, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(unavailable("the writer ended")),
            // The lock may be had, and the write committed, in the very moment of giving up.
            Err(_) => Err(Error::Uncertain("another process keeps the database locked".into())),
        }
    }

    /// Commits what waits, stores what is only noted, and ends the thread.
    pub(super) async fn close(&self) {
        let (closed, wait) = oneshot::channel();
        if self.queue.try_send(Order::Close(closed)).is_ok() {
            let _ = wait.await;
        }
    }
}

fn unavailable(reason: &str) -> Error {
    Error::Unavailable(reason.into())
}
