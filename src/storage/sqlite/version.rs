//! Whether the file has changed, at the price of two microseconds.
//!
//! `PRAGMA data_version` differs from its last value on the same connection when any other
//! connection, of this process or another, has committed since. Each connection kept here sees
//! every change at its own next look, and then moves the one number that all of them share.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;

use rusqlite::Connection;

use super::readers::open_reader;
use crate::storage::Result;

/// Tells versions of the file apart.
pub(super) struct Versions {
    current: AtomicU64,
    watches: Vec<Mutex<Watch>>,
}

struct Watch {
    db: Connection,
    seen: i64,
}

impl Versions {
    /// Opens one connection a core, so that threads seldom wait for each other here.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let cores = available_parallelism().map_or(1, usize::from);
        let watch = |_| -> Result<_> {
            let db = open_reader(path)?;
            let seen = data_version(&db)?;
            Ok(Mutex::new(Watch { db, seen }))
        };
        Ok(Self {
            current: AtomicU64::new(0),
            watches: (0..cores).map(watch).collect::<Result<_>>()?,
        })
    }

    /// The version now; `None` when SQLite cannot tell.
    pub(super) fn current(&self) -> Option<u64> {
        let free = self.watches.iter().find_map(|watch| watch.try_lock().ok());
        let mut watch = match free {
            Some(watch) => watch,
            None => self.watches.first()?.lock().ok()?,
        };
        let version = data_version(&watch.db).ok()?;
        if version != watch.seen {
            watch.seen = version;
            self.current.fetch_add(1, Ordering::AcqRel);
        }
        Some(self.current.load(Ordering::Acquire))
    }
}

fn data_version(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}
