//! Copying the write-ahead log into the database, beside the writer.
//!
//! SQLite would do it within a commit, and everybody whose write is in that commit would wait
//! until some thousand pages are on disk. Here a thread of its own copies them while the writer
//! goes on. It never quite catches up with a busy writer, and the log starts over only once all
//! of it is copied; so the writer copies the little that is left.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::storage::sqlite::wal_index::WalIndex;
use crate::storage::{Error, Result};

/// Pages in the log from which on they are copied: 4 MB, SQLite's own default. A longer log has
/// pages that change again and again copied less often, but then more of them at once: of those
/// who post meanwhile, the slowest of a hundred waits a third longer with three times the pages.
const LONG: u32 = if cfg!(test) { 50 } else { 1_000 };

/// Pages in the log from which on the writer does not leave them to the thread, which may have no
/// processor to run on: 16 MB.
const TOO_LONG: u32 = 4 * LONG;

/// Pages that the writer may copy itself.
const LITTLE: i64 = 100;

/// How often the thread tries to catch up before it leaves the rest to the writer.
const ROUNDS: usize = 2;

/// The writer's side.
pub(super) struct Checkpoints {
    wal_index: Arc<WalIndex>,
    wanted: SyncSender<()>,
    thread: JoinHandle<()>,
    /// Set by the thread when the writer is to copy what is left.
    nearly_done: Arc<AtomicBool>,
}

impl Checkpoints {
    /// Starts the thread, with a connection of its own, in place of what the writer's connection
    /// would do by itself.
    pub(super) fn start(writer: &Connection, wal_index: Arc<WalIndex>) -> Result<Self> {
        writer.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = Path::new(writer.path().unwrap_or_default());
        let db = Connection::open_with_flags(path, flags)?;
        db.busy_timeout(Duration::ZERO)?;
        // Reads the schema, and with it what a connection has to know of the log.
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        let (wanted, orders) = sync_channel(1);
        let nearly_done = Arc::new(AtomicBool::new(false));
        let told = nearly_done.clone();
        let thread = thread::Builder::new()
            .name("sqlite-log".into())
            .spawn(move || catch_up(&db, &orders, &told))
            .map_err(|error| Error::Unavailable(error.into()))?;
        Ok(Self { wal_index, wanted, thread, nearly_done })
    }

    /// To be called after each commit, when nobody waits for an answer any more.
    pub(super) fn after_commit(&self, writer: &Connection) {
        let pages = self.wal_index.log_pages().unwrap_or(TOO_LONG);
        if pages < LONG {
            return;
        }
        if self.nearly_done.swap(false, Ordering::AcqRel) || pages >= TOO_LONG {
            // Fails while the disk is full; then the log grows on, as far as it can.
            let _ = copy(writer);
        } else {
            // Full: it is at work.
            let _ = self.wanted.try_send(());
        }
    }

    /// Ends the thread and closes its connection.
    pub(super) fn end(self) {
        drop(self.wanted);
        // An error means that it has panicked: then it has ended, too.
        let _ = self.thread.join();
    }
}

/// Copies whenever it is told to, until nobody can tell it any more.
fn catch_up(db: &Connection, orders: &Receiver<()>, nearly_done: &AtomicBool) {
    while orders.recv().is_ok() {
        for _ in 0..ROUNDS {
            match copy(db) {
                Ok(left) if left > LITTLE => {}
                Ok(_) | Err(_) => break,
            }
        }
        nearly_done.store(true, Ordering::Release);
    }
}

/// Copies those pages that no reader is in the way of, without waiting for anybody. Returns how
/// many are left.
fn copy(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], |row| {
        let (pages, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(pages - copied)
    })
}
