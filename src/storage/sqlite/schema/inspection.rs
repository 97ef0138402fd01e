//! Looks at a file that somebody wants to move out of, without changing it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;

use super::recognise::{Found, recognise};
use super::{PATIENCE, Trouble, file, open, patiently};
use crate::storage::OpenError;
use crate::storage::sqlite::source::Origin;

/// Says whose the tables of a file are, and where it is. A file that is missing, empty or of
/// another program is an error.
pub(in crate::storage::sqlite) fn inspect(path: &Path) -> Result<(Origin, PathBuf), OpenError> {
    look(path).map_err(|trouble| trouble.explain(path))
}

fn look(path: &Path) -> Result<(Origin, PathBuf), Trouble> {
    if fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Err(Trouble::Refused("does not exist: give the path of a database file".into()));
    }
    let file = file::locate(path)?;
    let conn = open(&file, PATIENCE)?;
    let found = patiently(PATIENCE, || recognise(&conn));
    // The last to close a file moves its write-ahead log into it: not into one of others.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    match found? {
        Found::Nothing => Err(Trouble::Refused("is empty: it holds no MiniTwit".into())),
        Found::Version(0) => Ok((Origin::Original, file)),
        Found::Version(_) | Found::Unmarked => Ok((Origin::MiniTwit, file)),
    }
}
