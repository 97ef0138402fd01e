//! `--database`, the same for every subcommand.

#[cfg(feature = "postgres")]
use std::time::Duration;

use clap::Args;

use super::{Stop, bad_flag, secret};
use crate::storage::Database;
#[cfg(feature = "postgres")]
use crate::storage::postgres::Target;

/// Where the data is.
#[derive(Args)]
pub(super) struct DatabaseFlag {
    /// Where the data is: a path or sqlite:PATH, which serve and init-db make if it is absent; or,
    /// shared by several servers, postgres://USER:PASSWORD@HOST/DATABASE; or @FILE that holds one
    /// of these
    // Parsed after clap, whose errors would repeat a password.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "DATABASE")]
    #[cfg_attr(feature = "sqlite", arg(default_value = "minitwit.db"))]
    database: String,

    /// How long to wait for a Postgres that is away, in seconds
    #[cfg(feature = "postgres")]
    #[arg(
        long,
        env = "MINITWIT_DATABASE_WAIT",
        value_name = "SECONDS",
        default_value_t = Target::DEFAULT_WAIT.as_secs()
    )]
    database_wait: u64,
}

impl DatabaseFlag {
    /// The database, if the flag names one.
    pub(super) fn parse(&self) -> Result<Database, Stop> {
        let database = secret::value("--database", &self.database)?;
        let database = database.parse().map_err(|error| bad_flag("--database", error))?;
        #[cfg(feature = "postgres")]
        let database = match database {
            Database::Postgres(target) => {
                let wait = Duration::from_secs(self.database_wait);
                Database::Postgres(Box::new(target.waited_for(wait)))
            }
            #[cfg(feature = "sqlite")]
            file @ Database::Sqlite(_) => file,
        };
        Ok(database)
    }
}

#[cfg(feature = "sqlite")]
impl DatabaseFlag {
    /// The file, for what is done to files alone; `instead` says what there is for Postgres.
    #[cfg_attr(not(feature = "postgres"), expect(irrefutable_let_patterns))]
    pub(super) fn parse_file(&self, instead: &str) -> Result<std::path::PathBuf, Stop> {
        let Database::Sqlite(path) = self.parse()? else {
            return Err(Stop::Usage(format!("--database: a Postgres, not a file: {instead}")));
        };
        Ok(path)
    }
}

/// How a server uses a Postgres.
#[cfg(feature = "postgres")]
#[derive(Args)]
pub(super) struct ConnectionsFlag {
    /// Connections to Postgres, all opened at start: what writes has one of them, the others read
    #[arg(
        long,
        env = "MINITWIT_DATABASE_CONNECTIONS",
        value_name = "2..100",
        default_value_t = Target::DEFAULT_CONNECTIONS,
        value_parser = clap::value_parser!(u16).range(2..=100)
    )]
    database_connections: u16,
}

#[cfg(feature = "postgres")]
impl ConnectionsFlag {
    /// The database, used as the flag says.
    pub(super) fn apply(&self, database: Database) -> Database {
        match database {
            Database::Postgres(target) => {
                Database::Postgres(Box::new(target.with_connections(self.database_connections)))
            }
            #[cfg(feature = "sqlite")]
            file @ Database::Sqlite(_) => file,
        }
    }
}
