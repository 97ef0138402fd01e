//! Copying the write-ahead log into the database, beside the writer.
//!
//! SQLite would do it within a commit, and everybody whose write is in that commit would wait
//! until some thousand pages are on disk. Here a thread of its own copies them, and waits for the
//! disk, while the writer goes on. It never quite catches up with a busy writer, and the log starts
//! over only once all of it is copied; so the writer copies the little that is left.

use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::storage::sqlite::wal_index::WalIndex;
use crate::storage::{Error, Result};

/// Pages in the log from which on they are copied: 4 MB, SQLite's own default. Reads look for each
/// page in the log first, and a longer one takes them longer.
const LONG: u32 = if cfg!(test) { 50 } else { 1_000 };

/// How long no log is copied after the last one. Who writes in masses fills many logs in that time,
/// with pages that change again and again, and has them copied once.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 5 } else { 500 });

/// Pages in the log that are copied without a pause: 48 MB.
const VERY_LONG: u32 = 12 * LONG;

/// Pages in the log from which on the writer does not leave them to the thread, which may have no
/// processor to run on: 96 MB.
const TOO_LONG: u32 = 2 * VERY_LONG;

/// Pages that the writer may copy itself.
const LITTLE: u32 = 100;

/// How often the thread tries to catch up before it leaves the rest to the writer.
const ROUNDS: usize = 4;

/// The writer's side.
pub(super) struct Checkpoints {
    wal_index: Arc<WalIndex>,
    wanted: SyncSender<()>,
    thread: JoinHandle<()>,
    /// Set by the thread when the writer is to copy what is left of this log.
    nearly_done: Arc<AtomicBool>,
    /// When a log was copied, and pages of the present one that are.
    last: Instant,
    copied: u32,
}

impl Checkpoints {
    /// Starts the thread, with a connection of its own, in place of what the writer's connection
    /// would do by itself.
    pub(super) fn start(writer: &Connection, wal_index: Arc<WalIndex>) -> Result<Self> {
        let cannot = |error: io::Error| Error::Unavailable(error.into());
        writer.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = Path::new(writer.path().unwrap_or_default());
        let db = Connection::open_with_flags(path, flags)?;
        db.busy_timeout(Duration::ZERO)?;
        // Reads the schema, and with it what a connection has to know of the log.
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        let file = ManuallyDrop::new(File::open(path).map_err(cannot)?);
        // Holds nothing: whoever is at work takes no further order.
        let (wanted, orders) = sync_channel(0);
        let nearly_done = Arc::new(AtomicBool::new(false));
        let copying = Copying { db, file, wal_index: wal_index.clone() };
        let told = nearly_done.clone();
        let thread = thread::Builder::new()
            .name("sqlite-log".into())
            .spawn(move || copying.run(&orders, &told))
            .map_err(cannot)?;
        Ok(Self { wal_index, wanted, thread, nearly_done, last: Instant::now(), copied: 0 })
    }

    /// To be called after each commit, when nobody waits for an answer any more, and now and then
    /// when there is none: a long log is copied then, too.
    pub(super) fn mind(&mut self, writer: &Connection) {
        let pages = self.wal_index.log_pages().unwrap_or(TOO_LONG);
        if pages < LONG {
            // Of a log that has started over since.
            self.nearly_done.store(false, Ordering::Relaxed);
            self.copied = 0;
        } else if self.nearly_done.swap(false, Ordering::AcqRel) || pages >= TOO_LONG {
            // Fails while the disk is full; then the log grows on, as far as it can.
            self.copied = copy(writer).unwrap_or(0);
            self.last = Instant::now();
        } else if pages > self.copied && (pages >= VERY_LONG || self.last.elapsed() >= PAUSE) {
            // Refused: it is at work.
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

/// The thread's side.
struct Copying {
    db: Connection,
    /// The same file. Never closed: that would drop SQLite's own locks on it, for such is POSIX.
    file: ManuallyDrop<File>,
    wal_index: Arc<WalIndex>,
}

impl Copying {
    /// Copies whenever it is told to, until nobody can tell it any more.
    fn run(self, orders: &Receiver<()>, nearly_done: &AtomicBool) {
        while orders.recv().is_ok() {
            let mut left = None;
            for _ in 0..ROUNDS {
                left = self.catch_up();
                if left.is_none_or(|pages| pages <= LITTLE) {
                    break;
                }
            }
            nearly_done.store(left.is_some(), Ordering::Release);
        }
    }

    /// Copies what is in the log, and waits until it is on disk. Returns how many pages have been
    /// written to the log meanwhile; `None` if that failed, or somebody else is copying.
    fn catch_up(&self) -> Option<u32> {
        let copied = copy(&self.db).ok()?;
        // SQLite waits for the disk only once nothing is left, and then the writer would, for all
        // that was copied here. It hears of an error itself: each who has the file open does.
        let _ = self.file.sync_data();
        Some(self.wal_index.log_pages().ok()?.saturating_sub(copied))
    }
}

/// Copies those pages that no reader is in the way of, without waiting for anybody. Returns how
/// many of the log are copied by now.
fn copy(db: &Connection) -> rusqlite::Result<u32> {
    db.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], |row| row.get(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes until so many pages are in the log; every call makes it start over if it can.
    fn fill(db: &Connection, index: &WalIndex, pages: u32) {
        loop {
            db.execute("INSERT INTO filler VALUES (zeroblob(4000))", []).unwrap();
            if index.log_pages().unwrap() >= pages {
                return;
            }
        }
    }

    #[test]
    fn what_was_said_of_one_log_does_not_hold_for_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA journal_mode = wal; CREATE TABLE filler (x)").unwrap();
        let index = Arc::new(WalIndex::open(&path).unwrap());
        let mut checkpoints = Checkpoints::start(&db, index.clone()).unwrap();

        fill(&db, &index, LONG);
        while !checkpoints.nearly_done.load(Ordering::Acquire) {
            checkpoints.mind(&db);
            thread::sleep(Duration::from_millis(1));
        }
        fill(&db, &index, 1);
        assert!(index.log_pages().unwrap() < LONG, "the log was copied, but did not start over");
        checkpoints.mind(&db);
        let is_kept = checkpoints.nearly_done.load(Ordering::Acquire);
        assert!(!is_kept, "the writer would copy the next log itself");
        checkpoints.end();
    }
}
