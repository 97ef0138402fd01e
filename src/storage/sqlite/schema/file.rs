//! The file itself, before SQLite sees it.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::Trouble;
use crate::storage::sqlite::place::folder_of;

/// Returns the absolute path of the database file, links resolved, and creates it empty if there
/// is none. Absolute, because SQLite gives `:memory:` and `file:…` meanings of their own.
pub(super) fn locate(path: &Path) -> Result<PathBuf, Trouble> {
    if path == Path::new(":memory:") {
        return Err(Trouble::Refused("is not a file: MiniTwit keeps its data on disk".into()));
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            return Err(Trouble::Refused("is a folder: give the path of a database file".into()));
        }
        Ok(found) if !found.is_file() => {
            return Err(Trouble::Refused(
                "is not a regular file: give the path of a database file".into(),
            ));
        }
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create_private(path).map_err(|error| cannot_create(path, &error))?;
        }
        Err(error) => return Err(Trouble::Refused(format!("cannot be opened: {error}"))),
    }
    fs::canonicalize(path).map_err(|error| Trouble::Refused(format!("cannot be opened: {error}")))
}

/// Creates an empty file which only this user can read; SQLite gives the files it puts beside it
/// the same mode.
fn create_private(path: &Path) -> io::Result<()> {
    // Closing a file drops all locks this process holds on it, those of SQLite's connections
    // too: whoever opens a connection after this knows that nobody is about to close it here.
    static CREATING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = CREATING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if path.exists() {
        return Ok(());
    }
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    Ok(())
}

fn cannot_create(path: &Path, error: &io::Error) -> Trouble {
    let folder = folder_of(path);
    Trouble::Refused(if folder.is_dir() {
        format!("cannot be created: {error}")
    } else {
        let folder = folder.display();
        format!("cannot be created: there is no folder {folder}; create it, or give another path")
    })
}

/// Whether the file has changes beside it that are not in it yet.
pub(super) fn has_write_ahead_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).is_ok_and(|log| log.len() > 0)
}
