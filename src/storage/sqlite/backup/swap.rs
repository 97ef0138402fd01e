//! The moment in which one database takes the place of another.
//!
//! A database and its log belong together: whoever finds the one with the log of another reads
//! nonsense. So the log is folded into the old file, or put away, before the new one gets its
//! name.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use time::OffsetDateTime;

use super::contents::is_damage;
use super::{Contents, Failure, Result, cannot_write, occupants, refused};
use crate::storage::sqlite::place::{beside, folder_of, free_name};
use crate::storage::sqlite::schema::{Found, Trouble, recognise};
use crate::storage::sqlite::seal;

/// What is in the place of the database that is to come.
pub(super) enum Replaced {
    /// Nothing; at most the log of one that is gone.
    Nothing,
    /// A MiniTwit, which nobody else can open as long as the connection is.
    MiniTwit(Connection, Contents),
    /// A file without anything in it, or one that cannot be read any more.
    Unreadable,
}

impl Replaced {
    /// Looks at what is there and takes hold of it. Fails if anybody else has it open, or if it
    /// is no MiniTwit's.
    pub(super) fn open(file: &Path) -> Result<Self> {
        if !file.exists() {
            return Ok(Self::Nothing);
        }
        let occupants = occupants::find(file);
        if !occupants.is_empty() {
            return Err(in_use(file, &format!(" by {}", occupants.join(", "))));
        }
        match take_hold(file) {
            Ok(held) => Ok(held),
            Err(Trouble::Sqlite(error)) if is_damage(&error) => Ok(Self::Unreadable),
            Err(trouble) if trouble.is_busy() => Err(in_use(file, "")),
            Err(trouble) => Err(refused(trouble, file)),
        }
    }

    /// What is in it, if that can be told.
    pub(super) fn contents(&self) -> Option<&Contents> {
        match self {
            Self::MiniTwit(_, contents) => Some(contents),
            Self::Nothing | Self::Unreadable => None,
        }
    }
}

fn take_hold(file: &Path) -> std::result::Result<Replaced, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    // What cannot be used is left as it is, with its log.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))?;
    db.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    match recognise(&db)? {
        Found::Nothing => return Ok(Replaced::Unreadable),
        Found::Version(0) => {
            return Err(Trouble::Refused(
                "is a database of the original program; it was left as it is: give another path, \
                 or move it away"
                    .into(),
            ));
        }
        Found::Version(_) | Found::Unmarked => {}
    }
    if let Some(seal) = seal::read(&db)? {
        return Err(Trouble::Refused(format!(
            "is sealed, because its data has moved to {}: what the backup holds is older than \
             that. To serve it all the same, move this file away first",
            seal.target
        )));
    }
    let contents = Contents::read(&db)?;
    Ok(Replaced::MiniTwit(db, contents))
}

fn in_use(file: &Path, by: &str) -> Failure {
    Failure(format!("{} is in use{by}: stop that first; nothing was changed", file.display()))
}

/// Gives `new` the name of the database. What had it is kept under a name beside it, which is
/// returned.
pub(super) fn swap(replaced: Replaced, new: &Path, file: &Path) -> Result<Option<PathBuf>> {
    let kept = free_name(file, ".replaced-", OffsetDateTime::now_utc());
    let outcome = match replaced {
        Replaced::MiniTwit(db, _) => swap_whole(db, new, file, &kept),
        Replaced::Unreadable => put_away(file, &kept).and_then(|()| fs::rename(new, file)),
        Replaced::Nothing => put_away(file, &kept).and_then(|()| take_free_place(new, file)),
    };
    outcome.and_then(|()| sync(file)).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => in_use(file, ": it was made a moment ago"),
        _ => cannot_write(file, error),
    })?;
    let is_there = ["", "-wal", "-journal"].iter().any(|end| beside(&kept, end).exists());
    Ok(is_there.then_some(kept))
}

/// Replaces a sound database, whose log is folded into it first: from then on either file is
/// whole by itself, whichever has the name when the machine stops.
fn swap_whole(db: Connection, new: &Path, file: &Path, kept: &Path) -> io::Result<()> {
    let folded = db.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()));
    if folded.is_err() {
        // Its log goes with it as it is.
        drop(db);
        put_away(file, kept)?;
        return fs::rename(new, file);
    }
    link(file, kept)?;
    sync(file)?;
    fs::rename(new, file)?;
    // Held until here.
    drop(db);
    Ok(())
}

/// Gives what is there other names, together with its log, and leaves nothing that SQLite would
/// apply to another file. The database itself keeps its old name as well, if that can be.
fn put_away(file: &Path, kept: &Path) -> io::Result<()> {
    if file.exists() {
        link(file, kept)?;
        sync(file)?;
    }
    for suffix in ["-wal", "-journal"] {
        match fs::rename(beside(file, suffix), beside(kept, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // An index of a log: worth nothing without it, and made anew.
    match fs::remove_file(beside(file, "-shm")) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => sync(file),
    }
}

/// Not every file system knows two names for one file.
fn link(file: &Path, kept: &Path) -> io::Result<()> {
    fs::hard_link(file, kept).or_else(|_| fs::rename(file, kept))
}

/// Takes the name unless somebody has taken it meanwhile.
fn take_free_place(new: &Path, file: &Path) -> io::Result<()> {
    match fs::hard_link(new, file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        Err(_) => fs::rename(new, file),
        Ok(()) => Ok(()),
    }
}

fn sync(file: &Path) -> io::Result<()> {
    File::open(folder_of(file))?.sync_all()
}
