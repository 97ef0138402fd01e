//! The database file, what lies beside it, and the disk they are on.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::storage::sqlite::{beside, last_backup};
use crate::telemetry::{OptionalGauge, Registry};

/// Numbers of a database file, which is looked at when somebody asks.
pub(super) struct Files {
    database: PathBuf,
    database_bytes: OptionalGauge,
    wal_bytes: OptionalGauge,
    disk_free: OptionalGauge,
    disk_bytes: OptionalGauge,
    last_backup: OptionalGauge,
}

impl Files {
    pub(super) fn new(r: &Registry, database: PathBuf) -> Self {
        let gauge = |name, help| r.optional_gauge(name, help);
        Self {
            database,
            database_bytes: gauge("database_size_bytes", "Size of the database file."),
            wal_bytes: gauge("database_wal_size_bytes", "Size of the write-ahead log."),
            disk_free: gauge("disk_free_bytes", "Room left for us beside the database."),
            disk_bytes: gauge("disk_size_bytes", "Size of the database's file system."),
            last_backup: gauge(
                "last_backup_timestamp_seconds",
                "As of when the last good backup was made, 0 if there is none.",
            ),
        }
    }

    /// Looks everything up. May wait for the disk.
    pub(super) fn look(&self) {
        let database = fs::canonicalize(&self.database).unwrap_or(self.database.clone());
        self.database_bytes.set(size(&database));
        self.wal_bytes.set(size(&beside(&database, "-wal")));
        let disk = rustix::fs::statvfs(&database).ok();
        let bytes = |blocks: u64, of: u64| i64::try_from(blocks.saturating_mul(of)).ok();
        self.disk_free.set(disk.as_ref().and_then(|disk| bytes(disk.f_bavail, disk.f_frsize)));
        self.disk_bytes.set(disk.as_ref().and_then(|disk| bytes(disk.f_blocks, disk.f_frsize)));
        self.last_backup.set(Some(last_backup::time(&database).map_or(0, unix_seconds)));
    }
}

fn size(file: &Path) -> Option<i64> {
    fs::metadata(file).ok().and_then(|file| i64::try_from(file.len()).ok())
}

fn unix_seconds(time: SystemTime) -> i64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
}
