//! `minitwit init-db`

use actix_web::rt::System;
use clap::Args;

use super::Stop;
use super::database::DatabaseFlag;
use crate::storage;

/// Make or upgrade the schema of the database; safe to repeat, never drops or changes a row.
#[derive(Args)]
pub(super) struct InitDb {
    #[command(flatten)]
    database: DatabaseFlag,
}

impl InitDb {
    pub(super) fn run(&self) -> Result<(), Stop> {
        super::start_log();
        let database = self.database.parse()?;
        let report = System::new()
            .block_on(storage::init(&database))
            .map_err(|error| Stop::Failure(error.to_string()))?;
        for line in report.0 {
            println!("{line}");
        }
        Ok(())
    }
}
