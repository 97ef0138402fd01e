//! A file as one who moves out of it meets it: recognised without being changed.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::adoption;
use super::schema;
use crate::storage::OpenError;

/// Whose tables a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Ours, of any version.
    MiniTwit,
    /// The original program's.
    Original,
}

/// Says whose a file is, and its absolute path, links resolved. The file is left as it is; one
/// that is missing, empty or another program's is an error.
pub(crate) fn inspect(path: &Path) -> Result<(Origin, PathBuf), OpenError> {
    schema::inspect(path)
}

/// Opens a file for reading and writing, after bringing it up to date; see [`super::init`].
pub(crate) fn open(path: &Path) -> Result<(Connection, Vec<String>), OpenError> {
    schema::prepare(path).map(|(connection, report)| (connection, report.0))
}

/// Copies a database as of one moment to a new file which only this user can read.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), OpenError> {
    adoption::copy(from, to).map_err(|trouble| trouble.explain(from))
}

/// The text that a value becomes which should be one, and what was wrong with it, if anything.
pub(crate) fn as_text(value: ValueRef<'_>) -> (std::borrow::Cow<'_, str>, Option<&'static str>) {
    let (text, kind) = adoption::text(value);
    (text, kind.map(adoption::Kind::note))
}

/// The whole number that a value is or spells, towards zero, if there is one.
pub(crate) fn as_whole_number(value: ValueRef<'_>) -> Option<i64> {
    adoption::whole_number(value)
}
