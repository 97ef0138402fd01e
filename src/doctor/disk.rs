//! Room for the database, and whether its disk is one.

use std::fs;
use std::path::Path;

use super::file;
use crate::storage::Database;
use crate::storage::diagnosis::Finding;

/// Less than this is full in an hour of a busy day.
const SCARCE: u64 = 64 * 1024 * 1024;

/// Fewer files than this that can still be made are scarce.
const FEW_FILES: u64 = 1_000;

/// Looks at the disk of a file.
pub(super) fn examine(database: &Database) -> Vec<Finding> {
    let Some(file) = file(database) else { return Vec::new() };
    let folder = file.parent().unwrap_or(Path::new("/"));
    let mut findings = vec![space(&file, folder)];
    findings.extend(kind(folder));
    findings
}

fn space(file: &Path, folder: &Path) -> Finding {
    let disk = match rustix::fs::statvfs(folder) {
        Ok(disk) => disk,
        Err(error) => {
            return Finding::problem(
                format!("the free space of {} cannot be told: {error}", folder.display()),
                "look at the disk",
            );
        }
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let held = fs::metadata(file).map_or(0, |file| file.len());
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let room = format!("{} are free in {}", megabytes(free), folder.display());
    if free < SCARCE {
        return Finding::problem(
            format!("only {room}: when none are left, nothing can be stored"),
            "free some space: old logs, .replaced- and .original- copies of the database",
        );
    }
    // 0 where files are not counted.
    if disk.f_files > 0 && disk.f_favail < FEW_FILES {
        return Finding::problem(
            format!("only {} more files can be made in {}", disk.f_favail, folder.display()),
            "delete small files that nobody needs: caches, mails, sessions",
        );
    }
    if free < 2 * held {
        return Finding::notice(
            format!("{room}, and the database has {}", megabytes(held)),
            "keep backups on another disk: there is hardly room for one here",
        );
    }
    Finding::fine(room)
}

/// File systems that forget, or whose locks cannot be trusted.
#[cfg(target_os = "linux")]
fn kind(folder: &Path) -> Option<Finding> {
    // From linux/magic.h.
    const TMPFS: u64 = 0x0102_1994;
    const NFS: u64 = 0x6969;
    const CIFS: u64 = 0xff53_4d42;
    const SMB2: u64 = 0xfe53_4d42;
    let kind = rustix::fs::statfs(folder).ok()?.f_type as u64 & 0xffff_ffff;
    match kind {
        TMPFS => Some(Finding::notice(
            format!(
                "{} is in memory: the database is gone with the machine's power",
                folder.display()
            ),
            "put it on a disk",
        )),
        NFS | CIFS | SMB2 => Some(Finding::problem(
            format!(
                "{} is on another machine, where SQLite's locks cannot be trusted",
                folder.display()
            ),
            "put the database on a local disk, or use Postgres",
        )),
        _ => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn kind(_: &Path) -> Option<Finding> {
    None
}
