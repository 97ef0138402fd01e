//! Whether the file has changed, at the price of one system call.
//!
//! Every commit, by whatever process, rewrites the header of the WAL index, which all
//! connections share in the file `…-shm`: among others it holds a counter of transactions
//! (<https://sqlite.org/walformat.html>, section 2.1). `PRAGMA data_version` tells the same, but
//! takes a lock and gives it back for each look, which costs ten times as much.

use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::beside;

/// Bytes of the header that differ after every commit; a copy of them follows.
const HEADER_BYTES: usize = 48;

type Header = [u8; HEADER_BYTES];

/// Tells versions of the file apart.
pub(super) struct Versions {
    /// Never closed: that would drop SQLite's own locks on the file, for such is POSIX.
    wal_index: ManuallyDrop<File>,
    last: Mutex<(Header, u64)>,
}

impl Versions {
    /// Watches the database in `path`, on which a connection has to be open in WAL mode.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let wal_index = ManuallyDrop::new(File::open(beside(path, "-shm"))?);
        // Says to whom it may concern that the file is served. Nothing depends on it for long.
        let _ = wal_index.try_lock_shared();
        Ok(Self { last: Mutex::new((header(&wal_index)?, 0)), wal_index })
    }

    /// The version now; `None` if the file cannot be read.
    pub(super) fn current(&self) -> Option<u64> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let header = header(&self.wal_index).ok()?;
        if header != last.0 {
            *last = (header, last.1 + 1);
        }
        Some(last.1)
    }
}

fn header(wal_index: &File) -> io::Result<Header> {
    let mut header = [0; HEADER_BYTES];
    wal_index.read_exact_at(&mut header, 0)?;
    Ok(header)
}
