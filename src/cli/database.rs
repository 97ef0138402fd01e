//! `--database`, the same for every subcommand.

use clap::Args;

use super::{Stop, bad_flag};
use crate::storage::Database;

/// Where the data is.
#[derive(Args)]
pub(super) struct DatabaseFlag {
    /// Where the data is: a path, or sqlite:PATH; made if absent
    // Parsed after clap, whose errors would repeat a password.
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "DATABASE",
        default_value = "minitwit.db"
    )]
    database: String,
}

impl DatabaseFlag {
    /// The database, if the flag names one.
    pub(super) fn parse(&self) -> Result<Database, Stop> {
        self.database.parse().map_err(|error| bad_flag("--database", error))
    }
}
