//! The copy of the file as it was.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::{Connection, OpenFlags};
use time::OffsetDateTime;

use super::super::schema::Trouble;
use crate::storage::sqlite::place::{beside, folder_of, free_name};

/// A finished copy.
pub(in crate::storage::sqlite) struct Backup {
    path: PathBuf,
}

impl Backup {
    /// Copies the database to a new file beside it which only this user can read. The caller
    /// holds the write lock, so that the copy is of what will be adopted.
    pub(super) fn make(file: &Path) -> Result<Self, Trouble> {
        // Only who holds the lock writes here: what is there, an interrupted attempt has left.
        let unfinished = beside(file, ".original.unfinished");
        let path = free_name(file, ".original-", OffsetDateTime::now_utc());
        let made = copy(file, &unfinished).and_then(|()| {
            fs::rename(&unfinished, &path)
                .and_then(|()| File::open(folder_of(&path))?.sync_all())
                .map_err(|error| Trouble::Copy(path.clone(), error))
        });
        if made.is_err() {
            remove(&unfinished);
        }
        made.map(|()| Self { path })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Deletes it, after nothing came of what it was made for.
    pub(in crate::storage::sqlite) fn discard(self) {
        remove(&self.path);
    }
}

/// Copies through SQLite, which knows about changes that are still in a log beside the file.
pub(in crate::storage::sqlite) fn copy(file: &Path, to: &Path) -> Result<(), Trouble> {
    create_private(to).map_err(|error| Trouble::Copy(to.into(), error))?;
    // A connection of its own, because SQLite refuses to copy from one that is in a transaction.
    let from = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut target = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // The copy gets its name only after it is whole and on disk.
    target.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))?;
    target.pragma_update(None, "synchronous", "off")?;
    match Copying::new(&from, &mut target)?.step(-1)? {
        StepResult::Done => {}
        other => return Err(Trouble::Refused(format!("could not be copied ({other:?})"))),
    }
    target.close().map_err(|(_, error)| error)?;
    File::open(to).and_then(|copy| copy.sync_all()).map_err(|error| Trouble::Copy(to.into(), error))
}

fn create_private(path: &Path) -> io::Result<()> {
    remove(path);
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(())
}

/// A failure needs no word: who creates the file next will meet its cause and say so.
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}
