//! Why a migration stops, as one line.

use std::error::Error;
use std::io;

use crate::storage::OpenError;

/// What went wrong and what to do, without any password.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

/// The result of a part of a migration.
pub(super) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// One line of anything.
    pub(super) fn new(text: impl std::fmt::Display) -> Self {
        Self(text.to_string().replace('\n', " "))
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(format_args!("the SQLite file cannot be used: {error}"))
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::new(format_args!("Postgres failed: {}", in_words(&error)))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(format_args!("a file cannot be written or read: {error}"))
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self(error.0)
    }
}

/// What Postgres or the way to it says: the error alone is only "db error".
pub(super) fn in_words(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        let detail = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
        return format!("{}{detail}", error.message());
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
