//! The data, for commands that work beside the servers that serve it.

use actix_web::rt::System;

use super::Stop;
use super::database::DatabaseFlag;
use crate::storage::{self, Database, Error, Storage};

/// Connections to Postgres: one that writes and one that reads.
#[cfg(feature = "postgres")]
const CONNECTIONS: u16 = 2;

/// Opens the database, which has to be there, and does the work.
pub(super) fn with_storage<T>(
    flag: &DatabaseFlag,
    work: impl AsyncFnOnce(&dyn Storage) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let database = flag.parse()?;
    super::start_log();
    let database = existing(database)?;
    System::new().block_on(async {
        let (storage, report) =
            storage::open(&database).await.map_err(|error| Stop::Failure(error.to_string()))?;
        // One line says that all is as it should be; more, what had to be changed.
        if report.0.len() > 1 {
            report.0.iter().for_each(|line| log::warn!("{line}"));
        }
        let outcome = work(&*storage).await;
        storage.close().await;
        outcome
    })
}

/// A server makes a file that is missing; here it is a mistake in its name.
fn existing(database: Database) -> Result<Database, Stop> {
    match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite(path) if !path.exists() => Err(Stop::Failure(format!(
            "{}: there is no such database: give the one that is served (--database, \
             DATABASE_URL)",
            path.display()
        ))),
        #[cfg(feature = "sqlite")]
        Database::Sqlite(_) => Ok(database),
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => {
            Ok(Database::Postgres(Box::new(target.with_connections(CONNECTIONS))))
        }
    }
}

/// What went wrong in the database, as the one line that stops a command.
pub(super) fn failed(error: Error) -> Stop {
    Stop::Failure(error.to_string())
}
