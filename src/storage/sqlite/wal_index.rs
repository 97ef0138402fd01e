//! What the header of the WAL index tells, at the price of one system call.
//!
//! All connections to a database, of whatever process, share the index in the file `…-shm`. Every
//! commit rewrites its header: among others it holds a counter of transactions and the number of
//! pages in the log (<https://sqlite.org/walformat.html>, section 2.1). `PRAGMA data_version`
//! tells as well whether the file has changed, but takes a lock and gives it back for each look,
//! which costs ten times as much.

use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use super::beside;

/// Bytes of the header that differ after every commit; a copy of them follows.
const HEADER_BYTES: usize = 48;

/// Where in the header the number of pages in the log stands, in the machine's byte order.
const LOG_PAGES_AT: u64 = 16;

type Header = [u8; HEADER_BYTES];

/// The WAL index of an open database.
pub(super) struct WalIndex {
    /// Never closed: that would drop SQLite's own locks on the file, for such is POSIX.
    file: ManuallyDrop<File>,
    /// The header that was seen last, and how many were seen before it.
    last: RwLock<(Header, u64)>,
}

impl WalIndex {
    /// Opens that of the database in `path`, on which a connection has to be open in WAL mode.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = ManuallyDrop::new(File::open(beside(path, "-shm"))?);
        // Says to whom it may concern that the file is served. Nothing depends on it for long.
        let _ = file.try_lock_shared();
        Ok(Self { last: RwLock::new((header(&file)?, 0)), file })
    }

    /// A number that changes with the database; `None` if the file cannot be read.
    pub(super) fn version(&self) -> Option<u64> {
        // Nobody waits for whoever reads the file, unless there is something new in it.
        let seen = header(&self.file).ok()?;
        let last = *self.last.read().unwrap_or_else(PoisonError::into_inner);
        if seen == last.0 {
            return Some(last.1);
        }
        let mut last = self.last.write().unwrap_or_else(PoisonError::into_inner);
        // Read once more: another may have seen what is newer than `seen` by now.
        let seen = header(&self.file).ok()?;
        if seen != last.0 {
            *last = (seen, last.1 + 1);
        }
        Some(last.1)
    }

    /// Pages in the log, whether or not they have been copied to the database since. Just as
    /// many as one commit's when the log has started over.
    pub(super) fn log_pages(&self) -> io::Result<u32> {
        let mut pages = [0; 4];
        self.file.read_exact_at(&mut pages, LOG_PAGES_AT)?;
        Ok(u32::from_ne_bytes(pages))
    }
}

fn header(file: &File) -> io::Result<Header> {
    let mut header = [0; HEADER_BYTES];
    file.read_exact_at(&mut header, 0)?;
    Ok(header)
}
