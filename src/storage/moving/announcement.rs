//! Where a file's data goes, told to servers on it: a small file beside it, which holds the URL
//! with its password.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::storage::postgres::Target;
use crate::storage::sqlite::beside;

/// The end of its name.
const SUFFIX: &str = ".moved-to";

/// Which Postgres, and which migration.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Announcement {
    /// The URL as the operator gave it.
    pub(crate) url: String,
    /// The migration's token, which is in the seal as well, once there is one.
    pub(crate) token: Vec<u8>,
}

impl Announcement {
    /// The name of the file beside `database`.
    pub(crate) fn path(database: &Path) -> PathBuf {
        beside(database, SUFFIX)
    }

    /// Writes it, in the place of an earlier one; it is on disk once this returns.
    pub(crate) fn write(&self, database: &Path) -> io::Result<()> {
        let path = Self::path(database);
        let unfinished = beside(&path, ".unfinished");
        let _ = fs::remove_file(&unfinished);
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        let token: String = self.token.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(file, "{}\n{token}", self.url)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }

    /// Reads it; `None` if there is none.
    pub(crate) fn read(database: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read_to_string(Self::path(database)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let mut lines = text.lines();
        let (url, token) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let byte = |at| u8::from_str_radix(token.get(at..at + 2)?, 16).ok();
        let token = (0..token.len()).step_by(2).map_while(byte).collect();
        Ok(Some(Self { url: url.to_owned(), token }))
    }

    /// Removes it, if there is one.
    pub(crate) fn remove(database: &Path) -> io::Result<()> {
        match fs::remove_file(Self::path(database)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    /// The Postgres, if the URL names one.
    pub(crate) fn target(&self) -> Option<Target> {
        Target::parse(&self.url).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_read_as_it_was_written_and_is_nobody_elses_business() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("m.db");
        assert!(Announcement::read(&database).unwrap().is_none());
        let url = "postgres://ada:hunter2@db/mini".to_owned();
        for token in [vec![0, 255, 7], vec![1; 16]] {
            let announcement = Announcement { url: url.clone(), token };
            announcement.write(&database).unwrap();
            assert!(Announcement::read(&database).unwrap() == Some(announcement));
        }
        let mode = Announcement::path(&database).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        Announcement::remove(&database).unwrap();
        Announcement::remove(&database).unwrap();
        assert!(Announcement::read(&database).unwrap().is_none());
    }
}
