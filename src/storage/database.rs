//! Which database, and the one place that knows which backend serves it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::Storage;

/// Where the data is: `--database`, as an operator writes it.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file: `PATH` or `sqlite:PATH`.
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
}

/// A `--database` that names no database this program can open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// An empty text.
    #[error("it is empty: give a path, or sqlite:PATH")]
    Empty,
    /// An URL of another kind. Only its scheme is told, the rest may hold a password.
    #[error("{0}: is not supported by this build: give a path, or sqlite:PATH")]
    UnsupportedScheme(String),
}

impl FromStr for Database {
    type Err = DatabaseError;

    fn from_str(text: &str) -> Result<Self, DatabaseError> {
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(DatabaseError::UnsupportedScheme(scheme.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        if path.is_empty() {
            return Err(DatabaseError::Empty);
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

/// Why a database cannot be served. One line that names the database and says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub String);

/// What opening found, line by line, for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InitReport(pub Vec<String>);

/// Makes the schema, brings an older one up to date, adopts a database of the original program.
/// Safe to repeat. Returns what it found and did.
pub fn init(database: &Database) -> Result<InitReport, OpenError> {
    match database {
        Database::Sqlite(path) => super::sqlite::init(path),
    }
}

/// As [`init`], and opens the database to be served.
pub fn open(database: &Database) -> Result<(Arc<dyn Storage>, InitReport), OpenError> {
    match database {
        Database::Sqlite(path) => {
            let (storage, report) = super::sqlite::SqliteStorage::open(path)?;
            Ok((Arc::new(storage), report))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_a_sqlite_url_name_a_file() {
        assert_eq!("a b.db".parse(), Ok(Database::Sqlite("a b.db".into())));
        assert_eq!("sqlite:/srv/x.db".parse(), Ok(Database::Sqlite("/srv/x.db".into())));
    }

    #[test]
    fn an_error_never_repeats_a_password() {
        let error = "mysql://root:hunter2@db/x".parse::<Database>().unwrap_err().to_string();
        assert_eq!(error, "mysql: is not supported by this build: give a path, or sqlite:PATH");
        assert_eq!("".parse::<Database>(), Err(DatabaseError::Empty));
    }
}
