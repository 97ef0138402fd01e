//! `minitwit migrate-to-postgres`

use std::path::PathBuf;

use actix_web::rt::System;
use clap::Args;

use super::{Stop, bad_flag, secret};
use crate::migration::{self, Ending, Options};
use crate::storage::postgres::Target;

/// Move everything from a SQLite file into a Postgres, check it and report it.
///
/// Exit status: 0 all rows arrived; 3 they arrived, but see the report; 1 nothing usable, run it
/// again; 2 a mistake in the flags.
#[derive(Args)]
pub(super) struct MigrateToPostgres {
    /// The file to move: a MiniTwit's, or one of the original program, which is left as it is
    #[arg(long, env = "MINITWIT_MIGRATE_FROM", value_name = "PATH")]
    from: PathBuf,

    /// Where to: postgres://USER:PASSWORD@HOST/DATABASE, empty; or @FILE that holds this
    // Parsed after clap, whose errors would repeat a password.
    #[arg(long, env = "MINITWIT_MIGRATE_TO", hide_env_values = true, value_name = "URL")]
    to: String,

    /// Check both sides, and report what would be changed; changes nothing
    #[arg(long, env = "MINITWIT_MIGRATE_DRY_RUN")]
    dry_run: bool,

    /// Where to write what does not arrive as it was. Unset: beside the file
    #[arg(long, env = "MINITWIT_MIGRATE_REPORT", value_name = "PATH")]
    report: Option<PathBuf>,

    /// Where to adopt a copy of a file of the original program. Unset: beside the file
    #[arg(long, env = "MINITWIT_MIGRATE_WORK_DIR", value_name = "FOLDER")]
    work_dir: Option<PathBuf>,
}

impl MigrateToPostgres {
    pub(super) fn run(self) -> Result<(), Stop> {
        let to_url = secret::value("--to", &self.to)?.into_owned();
        let to = Target::parse(&to_url).map_err(|error| bad_flag("--to", error))?;
        super::start_log();
        let options = Options {
            from: self.from,
            to,
            to_url,
            work_dir: self.work_dir,
            report: self.report,
            dry_run: self.dry_run,
        };
        match System::new().block_on(migration::run(&options)) {
            Ok(Ending::AllArrived) => Ok(()),
            Ok(Ending::SeeReport(Some(report))) => Err(Stop::SeeReport(format!(
                "not everything is as it was: see {}",
                report.display()
            ))),
            Ok(Ending::SeeReport(None)) => Err(Stop::SeeReport(
                "not everything is as it was: see the report of the migration".to_owned(),
            )),
            Err(failure) => Err(Stop::Failure(failure.to_string())),
        }
    }
}
