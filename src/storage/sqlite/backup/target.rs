//! Where a backup goes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{Failure, Result, cannot_write};
use crate::storage::sqlite::place::{beside, folder_of};

/// What every SQLite database begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The name of a backup, and the file that will get it.
pub(super) struct Target {
    /// The name.
    pub(super) file: PathBuf,
    /// What is written first; nobody else does so meanwhile.
    pub(super) unfinished: PathBuf,
    _lock: File,
}

impl Target {
    /// Decides on a name and begins an empty file beside it, which only this user can read.
    pub(super) fn find(to: &Path, database: &Path) -> Result<Self> {
        let is_folder = to.is_dir() || to.as_os_str().as_encoded_bytes().ends_with(b"/");
        let file = match database.file_name() {
            Some(name) if is_folder => to.join(name),
            _ => to.to_owned(),
        };
        let folder = folder_of(&file);
        if !folder.is_dir() {
            let (file, folder) = (file.display(), folder.display());
            return Err(Failure(format!(
                "{file} cannot be written: there is no folder {folder}; create it, or mount its \
                 disk"
            )));
        }
        refuse_to_replace(&file, database)?;
        Self::begin(file)
    }

    fn begin(file: PathBuf) -> Result<Self> {
        let unfinished = beside(&file, ".unfinished");
        let lock = begin(&unfinished).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => {
                let file = file.display();
                Failure(format!(
                    "{file} is being written by another `minitwit backup`: wait for it"
                ))
            }
            _ => cannot_write(&file, error),
        })?;
        Ok(Self { file, unfinished, _lock: lock })
    }

    /// Leaves nothing behind of a backup that came to nothing.
    pub(super) fn discard(&self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            // What cannot be removed, the next backup writes over.
            let _ = fs::remove_file(beside(&self.unfinished, suffix));
        }
    }
}

/// Makes an empty file, or empties what an interrupted attempt has left, and locks it.
pub(super) fn begin(path: &Path) -> io::Result<File> {
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    file.try_lock()?;
    file.set_len(0)?;
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(beside(path, suffix));
    }
    Ok(file)
}

/// A backup replaces a backup and nothing else.
fn refuse_to_replace(file: &Path, database: &Path) -> Result<()> {
    let refuse = |why: &str| Err(Failure(format!("{} {why}", file.display())));
    let there = match fs::metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        found => Some(found.map_err(|error| cannot_write(file, error))?),
    };
    let its_own = fs::metadata(database).map_err(|error| cannot_write(file, error))?;
    let name = fs::canonicalize(folder_of(file)).ok().zip(file.file_name());
    let name = name.map(|(folder, name)| folder.join(name));
    let mut besides = ["-wal", "-shm", "-journal"].iter().map(|end| beside(database, end));
    let is_beside = besides.any(|beside| name.as_ref() == Some(&beside));
    match there {
        Some(there) if (there.dev(), there.ino()) == (its_own.dev(), its_own.ino()) => {
            refuse("is the database itself: give another name, best on another disk")
        }
        _ if is_beside => refuse("belongs to the database: give another name"),
        None => Ok(()),
        Some(there) if !there.is_file() => refuse("is not a regular file: give another name"),
        Some(there) if there.len() > 0 && !is_database(file) => {
            refuse("is no backup, and is not replaced: give another name")
        }
        Some(_) if beside(file, "-wal").exists() => {
            refuse("is a database in use, not a backup: give another name")
        }
        Some(_) => Ok(()),
    }
}

fn is_database(file: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    File::open(file).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *MAGIC
}
