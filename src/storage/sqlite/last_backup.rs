//! When a database was last backed up: the modification time of an empty file beside it. Whoever
//! makes a backup says so there, and servers tell it in their metrics. A script of the operator's
//! may say so as well, with `touch`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::beside;

/// The end of the file's name.
const SUFFIX: &str = ".last-backup";

/// Says that a good backup of the database in that file, as it was at that time, exists now.
pub fn note(database: &Path, of: SystemTime) -> io::Result<()> {
    File::create(place(database)?)?.set_modified(of)
}

/// What the last good backup holds is of that time; `None` if there never was one.
pub fn time(database: &Path) -> Option<SystemTime> {
    fs::metadata(place(database).ok()?).and_then(|file| file.modified()).ok()
}

/// The same for all names of the database.
fn place(database: &Path) -> io::Result<PathBuf> {
    Ok(beside(&fs::canonicalize(database)?, SUFFIX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_last_backup_is_remembered_beside_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let (database, link) = (folder.path().join("m.db"), folder.path().join("link.db"));
        fs::write(&database, "").unwrap();
        std::os::unix::fs::symlink(&database, &link).unwrap();
        assert_eq!(time(&database), None);
        for seconds in [1_000, 2_000] {
            let of = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            note(&link, of).unwrap();
            assert_eq!(time(&database), Some(of));
        }
        assert!(note(&folder.path().join("absent.db"), SystemTime::now()).is_err());
    }
}
