//! The one thread that writes, and commits in groups.
//!
//! A commit waits for the disk; whatever arrives meanwhile goes into the next transaction
//! together and is answered after its commit. Competing writers would instead wait for each
//! other in SQLite's busy handler, with tails of a second.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::errors::is_busy;
use super::latest::Latest;
use super::seal::{Seal, Watch};
use crate::storage::{Error, Result};

/// Writes that may wait. At a few thousand commits a second this is far below a second's work;
/// beyond it callers are told to come back.
const QUEUE: usize = 4096;

/// Writes in one transaction, so that the first of a long queue is not answered last.
const GROUP: usize = 512;

/// How long a caller waits for its commit, while another process holds the file.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often the writer looks up from waiting for the lock, to drop what nobody waits for.
const LOCK_ROUND: Duration = Duration::from_millis(250);

/// How long a `latest` that no write carries along stays in memory only.
const LATEST_DELAY: Duration = Duration::from_millis(250);

/// Statements kept prepared: all there are, with room.
const PREPARED_STATEMENTS: usize = 64;

/// The way to the writing thread.
pub(super) struct Writer {
    queue: SyncSender<Order>,
}

enum Order {
    Write(Box<dyn Write>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the thread; it ends when the writer is closed or dropped.
    pub(super) fn start(db: Connection, latest: Arc<Latest>) -> Result<Self> {
        db.busy_timeout(LOCK_ROUND)?;
        db.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        let (queue, orders) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || run(&db, &orders, &latest))
            .map_err(|error| Error::Unavailable(error.into()))?;
        Ok(Self { queue })
    }

    /// Does the work in some transaction and returns its outcome once that is on disk. When the
    /// work fails, what it did is undone, and what others did in the same transaction is not.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, outcome) = oneshot::channel();
        let write = Pending { work: Some(work), outcome: None, reply };
        self.queue.try_send(Order::Write(Box::new(write))).map_err(|refused| match refused {
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

/// A write that waits for its transaction.
trait Write: Send {
    /// Whether nobody waits for the answer.
    fn is_abandoned(&self) -> bool;
    /// Does the work, keeps its outcome, and returns whether it was a success.
    fn run(&mut self, tx: &Connection) -> bool;
    /// Answers with the outcome, or with what went wrong with the transaction.
    fn answer(self: Box<Self>, committed: Result<()>);
}

struct Pending<T, F> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T> + Send> Write for Pending<T, F> {
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, tx: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(tx));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let outcome = match (self.outcome, committed) {
            (Some(outcome), Ok(())) => outcome,
            (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(unavailable("the write was not reached")),
        };
        // The caller may have given up: then nobody is told, and nothing was promised.
        let _ = self.reply.send(outcome);
    }
}

fn run(db: &Connection, orders: &Receiver<Order>, latest: &Latest) {
    let mut complaints = Complaints::default();
    let mut watch = Watch::default();
    loop {
        let (group, close) = gather(orders);
        if !group.is_empty() || latest.is_pending() {
            complaints.note(commit(db, group, latest, &mut watch));
        }
        if let Some(closed) = close {
            checkpoint(db);
            // Nobody listens when the writer was dropped rather than closed.
            let _ = closed.send(());
            return;
        }
    }
}

/// Waits for a write, or until a `latest` may be due, and takes along all that wait with it.
fn gather(orders: &Receiver<Order>) -> (Vec<Box<dyn Write>>, Option<oneshot::Sender<()>>) {
    let mut group = Vec::new();
    let mut next = orders.recv_timeout(LATEST_DELAY);
    loop {
        match next {
            Ok(Order::Write(write)) => group.push(write),
            Ok(Order::Close(closed)) => return (group, Some(closed)),
            Err(RecvTimeoutError::Disconnected) => return (group, Some(oneshot::channel().0)),
            Err(RecvTimeoutError::Timeout) => return (group, None),
        }
        if group.len() == GROUP {
            return (group, None);
        }
        next = orders.try_recv().map_err(|_| RecvTimeoutError::Timeout);
    }
}

/// Runs a group as one transaction and answers everybody in it.
fn commit(
    db: &Connection,
    mut group: Vec<Box<dyn Write>>,
    latest: &Latest,
    watch: &mut Watch,
) -> Result<()> {
    let committed = transact(db, &mut group, latest, watch);
    if committed.is_err() && !db.is_autocommit() {
        // Fails only if SQLite has rolled back already, which is just as well.
        let _ = db.execute_batch("ROLLBACK");
    }
    for write in group {
        write.answer(committed.as_ref().map_err(again).copied());
    }
    committed
}

fn transact(
    db: &Connection,
    group: &mut Vec<Box<dyn Write>>,
    latest: &Latest,
    watch: &mut Watch,
) -> Result<()> {
    if !begin(db, group)? {
        return Ok(());
    }
    if let Some(seal) = watch.look(db)? {
        return Err(seal.into());
    }
    for write in group.iter_mut() {
        attempt(db, write.as_mut())?;
    }
    let stored = latest.store(db)?;
    db.prepare_cached("COMMIT")?.execute([])?;
    stored();
    Ok(())
}

/// Takes the write lock. While another process has it, waits as long as somebody waits for one
/// of the writes, and fails when all have given up; `false` when there is only a `latest` to
/// store, which can come later.
fn begin(db: &Connection, group: &mut Vec<Box<dyn Write>>) -> rusqlite::Result<bool> {
    let awaited = !group.is_empty();
    loop {
        match db.prepare_cached("BEGIN IMMEDIATE")?.execute([]) {
            Ok(_) => return Ok(true),
            Err(error) if is_busy(&error) => {
                group.retain(|write| !write.is_abandoned());
                if group.is_empty() {
                    return if awaited { Err(error) } else { Ok(false) };
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Runs one write so that it can fail alone. An error here is one that ended the transaction.
fn attempt(db: &Connection, write: &mut dyn Write) -> Result<()> {
    db.prepare_cached("SAVEPOINT one_write")?.execute([])?;
    if !write.run(db) {
        if db.is_autocommit() {
            // SQLite rolls everything back by itself when the disk is full or fails.
            return Err(unavailable("the disk is full or failing"));
        }
        db.prepare_cached("ROLLBACK TO one_write")?.execute([])?;
    }
    db.prepare_cached("RELEASE one_write")?.execute([])?;
    Ok(())
}

/// The same error for one more caller.
fn again(error: &Error) -> Error {
    match error {
        Error::Unavailable(reason) => match reason.downcast_ref::<Seal>() {
            Some(seal) => seal.clone().into(),
            None => Error::Unavailable(reason.to_string().into()),
        },
        Error::Uncertain(reason) => Error::Uncertain(reason.to_string().into()),
        Error::Failed(reason) => Error::Failed(reason.to_string().into()),
        other => Error::Failed(other.to_string().into()),
    }
}

/// Logs when writing starts to fail, when it works again, and in between once a minute: every
/// caller is told anyway, and a full disk should not be filled by its own log.
#[derive(Default)]
struct Complaints {
    last: Option<Instant>,
    failed: u64,
}

impl Complaints {
    const PAUSE: Duration = Duration::from_secs(60);

    fn note(&mut self, outcome: Result<()>) {
        match outcome {
            Ok(()) if self.failed > 0 => {
                log::info!("writing works again after {} failed transactions", self.failed);
                *self = Self::default();
            }
            Ok(()) => {}
            Err(error) => {
                self.failed += 1;
                if self.last.is_none_or(|last| last.elapsed() >= Self::PAUSE) {
                    log::error!("nothing can be written: {error}");
                    self.last = Some(Instant::now());
                }
            }
        }
    }
}

/// Leaves all data in the main file, so that copying a stopped server's file copies everything.
fn checkpoint(db: &Connection) {
    let outcome = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    if let Err(error) = outcome {
        log::warn!("the write-ahead log was not folded in: {error}");
    }
}
