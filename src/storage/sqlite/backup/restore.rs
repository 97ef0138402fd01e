//! Puts a backup in the place of a database.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};

use super::copying::{self, Pace};
use super::swap::{self, Replaced};
use super::target::begin;
use super::{Contents, Failure, Result, cannot_write, contents, refused, space};
use crate::domain::UnixSeconds;
use crate::storage::sqlite::place::{beside, folder_of};
use crate::storage::sqlite::schema::{Found, Trouble, recognise};
use crate::storage::sqlite::seal;

/// A backup to be put in the place of a database.
pub(crate) struct Restore<'a> {
    /// The backup.
    pub(crate) from: &'a Path,
    /// The database, which need not be there.
    pub(crate) database: &'a Path,
    /// Whether to replace what the backup does not hold.
    pub(crate) replace_newer: bool,
}

/// What was done.
pub(crate) struct Restored {
    /// The database, absolute, links resolved.
    pub(crate) file: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
    /// When the backup was last changed: the moment it is of, unless it was copied since.
    pub(crate) as_of: Option<SystemTime>,
    /// What it holds.
    pub(crate) contents: Contents,
    /// Where that is now what was there before.
    pub(crate) kept: Option<PathBuf>,
}

impl Restore<'_> {
    /// Checks the backup and what is in its way, copies it and puts the copy in place. Until the
    /// last step nothing is changed; what is replaced is kept.
    pub(crate) fn run(&self) -> Result<Restored> {
        let (backup, held) = self.open_backup().map_err(|trouble| refused(trouble, self.from))?;
        let file = self.locate()?;
        let unfinished = beside(&file, ".restoring");
        let _lock = begin(&unfinished).map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock => Failure(format!(
                "{} is being restored by another `minitwit restore`",
                file.display()
            )),
            _ => cannot_write(&unfinished, error),
        })?;
        let restored = self.put_in_place(&backup, &held, &file, &unfinished);
        for suffix in ["", "-wal", "-journal"] {
            let _ = fs::remove_file(beside(&unfinished, suffix));
        }
        restored
    }

    fn put_in_place(
        &self,
        backup: &Connection,
        held: &Contents,
        file: &Path,
        unfinished: &Path,
    ) -> Result<Restored> {
        // Held until the end: nobody starts to serve what is about to be replaced.
        let replaced = Replaced::open(file)?;
        if let (Some(there), false) = (replaced.contents(), self.replace_newer) {
            refuse_newer(file, there, held)?;
        }
        let found = fs::metadata(self.from).ok();
        space::require(folder_of(file), found.as_ref().map_or(0, fs::Metadata::len), file)?;
        let unsound = |trouble| match trouble {
            Trouble::Copy(_, error) => cannot_write(file, error),
            Trouble::Refused(reason) => Failure(format!(
                "{} {reason}; nothing was changed: take another backup",
                self.from.display()
            )),
            other => refused(other, self.from),
        };
        copying::copy(backup, unfinished, Pace::Swift).map_err(unsound)?;
        let contents = contents::check(unfinished).map_err(unsound)?;
        give_owner(unfinished, file).map_err(|error| cannot_write(file, error))?;
        let kept = swap::swap(replaced, unfinished, file)?;
        let bytes = fs::metadata(file).map_or(0, |file| file.len());
        let as_of = found.and_then(|found| found.modified().ok());
        Ok(Restored { file: file.to_owned(), bytes, as_of, contents, kept })
    }

    /// The backup, which is left as it is and may be on a disk that cannot be written.
    fn open_backup(&self) -> std::result::Result<(Connection, Contents), Trouble> {
        let refuse = |why: &str| Trouble::Refused(why.into());
        match fs::metadata(self.from) {
            Ok(found) if !found.is_file() => {
                return Err(refuse("is not a file: give the path of a backup"));
            }
            Ok(_) => {}
            Err(error) => return Err(refuse(&format!("cannot be opened: {error}"))),
        }
        let path = fs::canonicalize(self.from)
            .map_err(|error| refuse(&format!("cannot be opened: {error}")))?;
        let db = connect(&path)?;
        match recognise(&db)? {
            Found::Nothing => return Err(refuse("is empty: it is no backup")),
            Found::Version(0) => {
                return Err(refuse(
                    "is a database of the original program, not a backup: copy it to where it is \
                     to be served, while nothing serves there",
                ));
            }
            Found::Version(_) | Found::Unmarked => {}
        }
        if let Some(seal) = seal::read(&db)? {
            return Err(refuse(&format!(
                "is sealed, because its data has moved to {}: it cannot be served",
                seal.target
            )));
        }
        let contents = Contents::read(&db)?;
        Ok((db, contents))
    }

    /// Where the database is or will be.
    fn locate(&self) -> Result<PathBuf> {
        let database = self.database;
        let refuse = |why: &dyn std::fmt::Display| {
            Failure(format!("{} cannot be restored: {why}", database.display()))
        };
        let identity = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
        if identity(self.from).ok() == identity(database).ok() {
            return Err(refuse(&"it is the backup itself"));
        }
        if database.exists() {
            return fs::canonicalize(database).map_err(|error| refuse(&error));
        }
        let folder = folder_of(database);
        let there = fs::canonicalize(folder).ok().filter(|folder| folder.is_dir());
        match (there, database.file_name()) {
            (Some(folder), Some(name)) => Ok(folder.join(name)),
            _ => Err(refuse(&format_args!(
                "there is no folder {}; create it, or mount its disk",
                folder.display()
            ))),
        }
    }
}

/// Opens a backup without needing to write anything beside it, unless it came with a log.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0) {
        return Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_READ_WRITE);
    }
    let name = percent_encode(path.as_os_str().as_bytes(), NON_ALPHANUMERIC);
    let uri = format!("file:{name}?immutable=1");
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(OsStr::new(&uri), flags)
}

/// Refuses to replace what the backup does not hold.
fn refuse_newer(file: &Path, there: &Contents, backup: &Contents) -> Result<()> {
    let refuse = |what: String| {
        Err(Failure(format!(
            "{} {what}; nothing was changed. To put the backup in its place all the same, and \
             keep what is there beside it, say --replace-newer",
            file.display()
        )))
    };
    if there.is_fresh() {
        return Ok(());
    }
    if there.secret != backup.secret {
        return refuse(format!(
            "is another MiniTwit than the one of the backup, with {} users and {} messages",
            there.users, there.messages
        ));
    }
    let newer = [(there.last_message, backup.last_message), (there.last_user, backup.last_user)];
    if newer.iter().any(|(there, backup)| there > backup) || there.noted_at > backup.noted_at {
        return refuse(format!(
            "is newer than the backup: it holds {} users and {} messages, the newest of {}, and \
             the backup {} users and {} messages, the newest of {}",
            there.users,
            there.messages,
            moment(there.newest),
            backup.users,
            backup.messages,
            moment(backup.newest)
        ));
    }
    Ok(())
}

/// A moment in UTC, as people write it.
fn moment(seconds: Option<UnixSeconds>) -> String {
    let moment = seconds.and_then(|at| time::OffsetDateTime::from_unix_timestamp(at).ok());
    moment.map_or("no time".into(), crate::storage::sqlite::place::in_words)
}

/// Gives a file made by root to whom the database belongs: its server does not run as root.
fn give_owner(new: &Path, file: &Path) -> std::io::Result<()> {
    let there = fs::metadata(file);
    if let Ok(there) = &there {
        fs::set_permissions(new, there.permissions())?;
    }
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let model = there.or_else(|_| fs::metadata(folder_of(file)))?;
    chown(new, Some(model.uid()), Some(model.gid()))
}
