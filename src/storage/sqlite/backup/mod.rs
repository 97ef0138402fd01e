//! Copies of a file that may be served meanwhile, and their way back.
//!
//! A backup is one file, as of one moment, which has been opened and checked before it gets its
//! name. `docs/backup.md` tells operators what to do with it.

mod contents;
mod copying;
mod occupants;
mod restore;
mod rotation;
mod space;
mod swap;
mod target;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

pub(crate) use self::contents::Contents;
pub(crate) use self::restore::Restore;
pub(crate) use self::space::megabytes;
use self::target::Target;
use super::last_backup;
use super::place::folder_of;
use super::schema::{self, Found, Trouble};
use super::seal;

/// Why there is no backup, or nothing was restored. One line that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failure(String);

type Result<T> = std::result::Result<T, Failure>;

/// A backup to be made.
pub(crate) struct Backup<'a> {
    /// The file to copy.
    pub(crate) database: &'a Path,
    /// The name of the backup, or the folder it goes to.
    pub(crate) to: &'a Path,
    /// How many there are to be in the end, this one and earlier ones.
    pub(crate) keep: usize,
}

/// A backup that is on disk.
pub(crate) struct Made {
    /// Where it is.
    pub(crate) file: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
    /// The moment it is of.
    pub(crate) as_of: SystemTime,
    /// What is in it.
    pub(crate) contents: Contents,
    /// Where the backup is by now that had its name before, if it is kept.
    pub(crate) earlier: Option<PathBuf>,
    /// Older ones, which were removed.
    pub(crate) removed: Vec<PathBuf>,
}

impl Backup<'_> {
    /// Makes it, and notes beside the database that there is one.
    pub(crate) fn make(&self) -> Result<Made> {
        let explain = |trouble: Trouble| refused(trouble, self.database);
        let (db, found, database) = schema::look(self.database).map_err(explain)?;
        refuse_to_back_up(&db, found).map_err(explain)?;
        // It is ours: what a server that was killed has left in the log may go into the file.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
            .map_err(|error| explain(error.into()))?;
        let target = Target::find(self.to, &database)?;
        let needed = pages(&db).map_err(|error| explain(error.into()))?;
        let copied = space::require(folder_of(&target.file), needed, &database)
            .and_then(|()| self.copy(&db, &target, &database));
        if copied.is_err() {
            target.discard();
        }
        let (as_of, contents) = copied?;
        let rotated = rotation::rotate(&target, self.keep)?;
        let bytes = fs::metadata(&target.file).map_or(needed, |file| file.len());
        let (file, earlier, removed) = (target.file, rotated.earlier, rotated.removed);
        last_backup::note(&database, as_of).map_err(|error| {
            Failure(format!(
                "{} is written and good, but the file {}.last-backup, which alerts about old \
                 backups go by, is not: {error}; let this user write it",
                file.display(),
                database.display()
            ))
        })?;
        Ok(Made { file, bytes, as_of, contents, earlier, removed })
    }

    /// Copies, checks the copy and sees to it that it is on disk.
    fn copy(
        &self,
        db: &Connection,
        target: &Target,
        database: &Path,
    ) -> Result<(SystemTime, Contents)> {
        let unfinished = &target.unfinished;
        let failed = |trouble: Trouble| match trouble {
            Trouble::Copy(_, error) => cannot_write(&target.file, error),
            other => refused(other, database),
        };
        let as_of = SystemTime::now();
        let there = copying::copy(db, unfinished, copying::Pace::Gentle).map_err(failed)?;
        let copy = contents::check(unfinished).map_err(|trouble| match trouble {
            Trouble::Refused(reason) => Failure(format!(
                "the copy of {} {reason}; earlier backups were left as they are: see what \
                     `minitwit doctor` says of the database",
                database.display()
            )),
            other => cannot_write(&target.file, other),
        })?;
        if copy != there {
            return Err(Failure(format!(
                "the copy of {} does not hold what it should; nothing was replaced: look at the \
                 health of the disk of {}",
                database.display(),
                target.file.display()
            )));
        }
        File::options()
            .write(true)
            .open(unfinished)
            .and_then(|file| file.set_modified(as_of).and(file.sync_all()))
            .map_err(|error| cannot_write(&target.file, error))?;
        Ok((as_of, copy))
    }
}

/// Only what is served is worth a backup: one of a file that has been left would deceive.
fn refuse_to_back_up(db: &Connection, found: Found) -> std::result::Result<(), Trouble> {
    if found == Found::Version(0) {
        return Err(Trouble::Refused(
            "is a database of the original program: let `minitwit init-db` adopt it first (which \
             keeps a copy), or copy it while that program is stopped"
                .into(),
        ));
    }
    let Some(seal) = seal::read(db)? else { return Ok(()) };
    Err(Trouble::Refused(format!(
        "is sealed, because its data has moved to {}: back that up with pg_dump or pg_basebackup, \
         as docs/backup.md says",
        seal.target
    )))
}

/// The size of the database with what is in its log, in bytes.
fn pages(db: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let bytes: i64 = db.query_row(sql, [], |row| row.get(0))?;
    Ok(u64::try_from(bytes).unwrap_or_default())
}

fn refused(trouble: Trouble, path: &Path) -> Failure {
    Failure(trouble.explain(path).to_string())
}

fn cannot_write(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure(format!(
        "{} cannot be written: {error}; nothing was replaced: look at the free space and the \
         permissions of its folder",
        path.display()
    ))
}
