//! The connections that read. In WAL mode they never wait for the writer.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags};

use super::seal;
use crate::storage::{Error, Result};
use crate::telemetry::{Held, metrics};

/// Reading connections. More than cores, so that one that waits for the disk holds up no other;
/// each keeps up to 2 MB of pages.
const READERS: u32 = 4;

/// How long a read waits for a connection, or for the rare lock that WAL leaves (recovery).
const PATIENCE: Duration = Duration::from_secs(5);

/// Statements kept prepared on each connection: all there are, with room.
const PREPARED_STATEMENTS: usize = 64;

/// A pool of connections that only read.
pub(super) struct Readers {
    /// Nothing once they are closed.
    open: RwLock<Option<Open>>,
    /// Whether each read looks for the seal first.
    watching: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Open {
    pool: r2d2::Pool<SqliteConnectionManager>,
    /// Each connection is counted as long as the pool is there.
    _connections: Arc<Vec<Held>>,
}

impl Readers {
    /// Opens all connections at once, so that a first burst does not pay for it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let manager = SqliteConnectionManager::file(path).with_flags(flags()).with_init(prepare);
        let pool = r2d2::Pool::builder()
            .max_size(READERS)
            .test_on_check_out(false)
            .connection_timeout(PATIENCE)
            .build(manager)
            .map_err(|error| Error::Unavailable(error.into()))?;
        metrics().connections_max.set(READERS.into());
        let connections: Vec<_> = (0..READERS).map(|_| metrics().connections.hold()).collect();
        let open = Open { pool, _connections: Arc::new(connections) };
        Ok(Self { open: RwLock::new(Some(open)), watching: Arc::default() })
    }

    /// Closes the connections that are not at work; later reads fail. Whoever is the last to
    /// close the file leaves nothing beside it.
    pub(super) fn close(&self) {
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether reads fail with the [`Seal`](super::seal::Seal) once the file has one: what they
    /// would find may be old by then.
    #[cfg(feature = "postgres")]
    pub(super) fn watch_for_seal(&self, watch: bool) {
        self.watching.store(watch, Ordering::Release);
    }

    /// Runs a read, as one transaction, on a thread that may wait for the disk.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Open { pool, .. }) = open else {
            return Err(Error::Unavailable("the database is closed".into()));
        };
        let watching = self.watching.clone();
        let waiting = metrics().reads_waiting.hold();
        let outcome = tokio::task::spawn_blocking(move || {
            let db = pool.get().map_err(|error| Error::Unavailable(error.into()))?;
            drop(waiting);
            let _busy = metrics().connections_busy.hold();
            let tx = db.unchecked_transaction()?;
            if watching.load(Ordering::Acquire)
                && let Some(seal) = seal::read(&tx)?
            {
                return Err(seal.into());
            }
            work(&tx)
        });
        outcome.await.map_err(|error| Error::Failed(error.into()))?
    }
}

/// Reading a WAL needs to write its index, so the file is opened for writing and the connection
/// told not to. Without SQLite's own mutexes: a connection is on one thread at a time.
fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn prepare(db: &mut Connection) -> rusqlite::Result<()> {
    db.busy_timeout(PATIENCE)?;
    db.pragma_update(None, "query_only", true)?;
    db.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    Ok(())
}
