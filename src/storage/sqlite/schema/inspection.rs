//! Looks at a file without changing it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::recognise::{Found, recognise};
use super::{PATIENCE, Trouble, file, open, patiently};
#[cfg(feature = "postgres")]
use crate::storage::OpenError;
#[cfg(feature = "postgres")]
use crate::storage::sqlite::source::Origin;

/// Says whose the tables of a file are, and where it is. A file that is missing, empty or of
/// another program is an error.
#[cfg(feature = "postgres")]
pub(in crate::storage::sqlite) fn inspect(path: &Path) -> Result<(Origin, PathBuf), OpenError> {
    match look(path).map_err(|trouble| trouble.explain(path))? {
        (_, Found::Version(0), file) => Ok((Origin::Original, file)),
        (_, _, file) => Ok((Origin::MiniTwit, file)),
    }
}

/// Opens a file that has to be there, and says what is in it and its absolute path, links
/// resolved. One that is empty or of another program is refused.
pub(in crate::storage::sqlite) fn look(
    path: &Path,
) -> Result<(Connection, Found, PathBuf), Trouble> {
    if fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Err(Trouble::Refused("does not exist: give the path of a database file".into()));
    }
    let file = file::locate(path)?;
    let has_log = file::has_write_ahead_log(&file);
    let conn = open(&file, PATIENCE)?;
    let found = patiently(PATIENCE, || recognise(&conn));
    // The last to close a file moves its write-ahead log into it: not into one of others.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log)?;
    match found? {
        Found::Nothing => Err(Trouble::Refused("is empty: it holds no MiniTwit".into())),
        found => Ok((conn, found, file)),
    }
}
