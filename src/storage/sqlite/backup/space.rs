//! Room for a copy, asked for before it is begun.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Failure, Result};
use crate::storage::sqlite::place::folder_of;

/// What is left to a server on the same disk for its write-ahead log: more than it keeps of it.
const MARGIN: u64 = 96 * 1024 * 1024;

/// Fails if there is no room for so many bytes, or none would be left for the database.
pub(super) fn require(folder: &Path, bytes: u64, database: &Path) -> Result<()> {
    let unknown = |error: io::Error| {
        Failure(format!("{}: its free space cannot be told: {error}", folder.display()))
    };
    let free = free(folder).map_err(unknown)?;
    let margin = if is_same_disk(folder, folder_of(database)) { MARGIN } else { 0 };
    if free >= bytes + margin {
        return Ok(());
    }
    let beside = if margin > 0 { " and the server's own log" } else { "" };
    Err(Failure(format!(
        "{} has {} free, and {} are needed for the copy{beside}; nothing was written: free some \
         space, keep fewer backups, or choose another disk",
        folder.display(),
        megabytes(free),
        megabytes(bytes + margin)
    )))
}

/// Bytes that this user can still write in a folder.
fn free(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn is_same_disk(one: &Path, other: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).ok();
    device(one) == device(other)
}

/// As people read it.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
