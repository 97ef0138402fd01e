//! What the writing thread does.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::checkpoints::Checkpoints;
use super::complaints::Complaints;
use super::{Order, Write, unavailable};
use crate::storage::sqlite::errors::is_busy;
use crate::storage::sqlite::latest::Latest;
use crate::storage::sqlite::place::Place;
use crate::storage::sqlite::seal::{Seal, Watch};
use crate::storage::sqlite::wal_index::WalIndex;
use crate::storage::{Error, Result};
use crate::telemetry::metrics;

/// Writes in one transaction, so that the first of a long queue is not answered last.
const GROUP: usize = 512;

/// How often the writer looks up from waiting for the lock, to drop what nobody waits for.
const LOCK_ROUND: Duration = Duration::from_millis(250);

/// How long a `latest` that no write carries along stays in memory only.
const LATEST_DELAY: Duration = Duration::from_millis(250);

/// Statements kept prepared: all there are, with room.
const PREPARED_STATEMENTS: usize = 64;

/// Writes that go into one transaction.
type Group = Vec<Box<dyn Write>>;

/// The connection that writes, and what is to be minded.
pub(super) struct Work {
    db: Connection,
    place: Place,
    latest: Arc<Latest>,
    watch: Watch,
    checkpoints: Checkpoints,
}

impl Work {
    /// Prepares the connection.
    pub(super) fn new(
        db: Connection,
        place: Place,
        latest: Arc<Latest>,
        wal_index: Arc<WalIndex>,
    ) -> Result<Self> {
        db.busy_timeout(LOCK_ROUND)?;
        db.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        let checkpoints = Checkpoints::start(&db, wal_index)?;
        Ok(Self { db, place, latest, watch: Watch::default(), checkpoints })
    }

    /// Works until it is told to close, or nobody can send orders any more.
    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        let mut complaints = Complaints::default();
        loop {
            let (group, close) = gather(orders);
            if !group.is_empty() || self.latest.is_pending() {
                complaints.note(self.commit(group));
            }
            self.checkpoints.mind(&self.db);
            if let Some(closed) = close {
                self.checkpoints.end();
                fold_in(&self.db);
                drop(self.db);
                // Nobody listens when the writer was dropped rather than closed.
                let _ = closed.send(());
                return;
            }
        }
    }

    /// Runs a group as one transaction and answers everybody in it.
    fn commit(&mut self, mut group: Group) -> Result<()> {
        let committed = self.transact(&mut group);
        if committed.is_err() && !self.db.is_autocommit() {
            // Fails only if SQLite has rolled back already, which is just as well.
            let _ = self.db.execute_batch("ROLLBACK");
        }
        for write in group {
            write.answer(committed.as_ref().map_err(again).copied());
        }
        committed
    }

    fn transact(&mut self, group: &mut Group) -> Result<()> {
        let db = &self.db;
        self.place.check()?;
        if !begin(db, group)? {
            return Ok(());
        }
        if let Some(seal) = self.watch.look(db)? {
            return Err(seal.into());
        }
        for write in group.iter_mut() {
            attempt(db, write.as_mut())?;
        }
        let stored = self.latest.store(db)?;
        db.prepare_cached("COMMIT")?.execute([])?;
        stored();
        if !group.is_empty() {
            metrics().commit_writes.observe(group.len() as f64);
        }
        Ok(())
    }
}

/// Leaves all data in the main file, so that copying a stopped server's file copies everything.
fn fold_in(db: &Connection) {
    // Others keep the file open and read from the log: it is theirs to fold in at their end, and
    // their writes shall not wait for us.
    let outcome = db
        .busy_timeout(Duration::ZERO)
        .and_then(|()| db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    if let Err(error) = outcome {
        log::warn!("the write-ahead log was not folded in: {error}");
    }
}

/// Waits for a write, or until a `latest` may be due, and takes along all that wait with it.
fn gather(orders: &Receiver<Order>) -> (Group, Option<oneshot::Sender<()>>) {
    let mut group = Group::new();
    let mut next = orders.recv_timeout(LATEST_DELAY);
    loop {
        match next {
            Ok(Order::Write(write, _waited)) => group.push(write),
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

/// Takes the write lock. While another process has it, waits as long as somebody waits for one
/// of the writes, and fails when all have given up; `false` when there is only a `latest` to
/// store, which can come later.
fn begin(db: &Connection, group: &mut Group) -> rusqlite::Result<bool> {
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
    let undoes_itself = write.undoes_itself();
    if !undoes_itself {
        db.prepare_cached("SAVEPOINT one_write")?.execute([])?;
    }
    let succeeded = write.run(db);
    if !succeeded && db.is_autocommit() {
        // SQLite rolls everything back by itself when the disk is full or fails.
        return Err(unavailable("the disk is full or failing"));
    }
    if undoes_itself {
        return Ok(());
    }
    if !succeeded {
        db.prepare_cached("ROLLBACK TO one_write")?.execute([])?;
    }
    db.prepare_cached("RELEASE one_write")?.execute([])?;
    Ok(())
}

/// The same error for one more caller, who may need to know the seal.
fn again(error: &Error) -> Error {
    match error {
        Error::Unavailable(reason) if let Some(seal) = reason.downcast_ref::<Seal>() => {
            seal.clone().into()
        }
        other => other.again(),
    }
}
