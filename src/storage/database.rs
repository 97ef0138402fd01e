//! Which database, and the one place that knows which backend serves it.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::Storage;
#[cfg(feature = "postgres")]
use super::postgres::{PostgresStorage, Target, TargetError};
#[cfg(all(feature = "sqlite", not(feature = "postgres")))]
use super::sqlite::SqliteStorage;

/// Where the data is: `--database`, as an operator writes it.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file: `PATH` or `sqlite:PATH`.
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    /// A server: `postgres://…` or `postgresql://…`.
    #[cfg(feature = "postgres")]
    Postgres(Box<Target>),
}

/// What `--database` may be in this build.
const FORMS: &str = if cfg!(all(feature = "sqlite", feature = "postgres")) {
    "a path, sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE"
} else if cfg!(feature = "sqlite") {
    "a path, or sqlite:PATH"
} else {
    "postgres://USER:PASSWORD@HOST/DATABASE"
};

/// A `--database` that names no database this program can open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// An empty text.
    #[error("it is empty: give {FORMS}")]
    Empty,
    /// An URL of another kind. Only its scheme is told, the rest may hold a password.
    #[error("{0}:// is not supported by this build: give {FORMS}")]
    UnsupportedScheme(String),
    /// A path, which this build cannot open.
    #[cfg(not(feature = "sqlite"))]
    #[error("a path: SQLite is not supported by this build: give {FORMS}")]
    UnsupportedPath,
    /// An URL of Postgres that has a mistake.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Target(#[from] TargetError),
}

impl FromStr for Database {
    type Err = DatabaseError;

    fn from_str(text: &str) -> Result<Self, DatabaseError> {
        match text.split_once("://") {
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => {
                Ok(Self::Postgres(Box::new(Target::parse(text)?)))
            }
            Some((scheme, _)) => Err(DatabaseError::UnsupportedScheme(scheme.to_owned())),
            None => Self::file(text.strip_prefix("sqlite:").unwrap_or(text)),
        }
    }
}

impl Database {
    fn file(path: &str) -> Result<Self, DatabaseError> {
        if path.is_empty() {
            return Err(DatabaseError::Empty);
        }
        #[cfg(feature = "sqlite")]
        return Ok(Self::Sqlite(PathBuf::from(path)));
        #[cfg(not(feature = "sqlite"))]
        Err(DatabaseError::UnsupportedPath)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => path.display().fmt(f),
            #[cfg(feature = "postgres")]
            Self::Postgres(target) => target.fmt(f),
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
pub async fn init(database: &Database) -> Result<InitReport, OpenError> {
    match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite(path) => super::sqlite::init(path),
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => super::postgres::init(target).await,
    }
}

/// As [`init`], and opens the database to be served. What is done with it is measured.
pub async fn open(database: &Database) -> Result<(Arc<dyn Storage>, InitReport), OpenError> {
    let (storage, report) = open_backend(database).await?;
    #[cfg(feature = "metrics")]
    let storage = Arc::new(super::measured::MeasuredStorage(storage));
    Ok((storage, report))
}

async fn open_backend(database: &Database) -> Result<(Arc<dyn Storage>, InitReport), OpenError> {
    match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite(path) => {
            #[cfg(feature = "postgres")]
            return super::moving::open(path).await;
            #[cfg(not(feature = "postgres"))]
            {
                let (storage, report) = SqliteStorage::open(path)?;
                Ok((Arc::new(storage), report))
            }
        }
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => {
            let (storage, report) = PostgresStorage::open(target).await?;
            Ok((Arc::new(storage), report))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_path_and_a_sqlite_url_name_a_file() {
        assert_eq!("a b.db".parse(), Ok(Database::Sqlite("a b.db".into())));
        assert_eq!("sqlite:/srv/x.db".parse(), Ok(Database::Sqlite("/srv/x.db".into())));
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_url_of_postgres_names_a_server_and_hides_its_password() {
        for scheme in ["postgres", "postgresql"] {
            let database: Database = format!("{scheme}://ada:hunter2@db/mini").parse().unwrap();
            assert_eq!(database.to_string(), "postgres://db:5432/mini");
            assert_eq!(format!("{database:?}"), "Database(postgres://db:5432/mini)");
        }
    }

    #[test]
    fn an_error_never_repeats_a_password() {
        let error = "mysql://root:hunter2@db/x".parse::<Database>().unwrap_err().to_string();
        assert_eq!(error, format!("mysql:// is not supported by this build: give {FORMS}"));
        assert_eq!("".parse::<Database>(), Err(DatabaseError::Empty));
    }
}
