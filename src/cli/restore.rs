//! `minitwit restore`

use std::path::PathBuf;

use clap::Args;

use super::Stop;
use super::backup::{counts, moment};
use super::database::DatabaseFlag;
use crate::storage::sqlite::backup::{Restore as Order, megabytes};

const ON_POSTGRES: &str = "restore that with pg_restore or a base backup, as docs/backup.md says";

/// Put a backup in the place of the database, which is kept beside it; the server is stopped.
///
/// The backup is checked first. Exit status: 0 it is in place; 1 nothing was changed; 2 a mistake
/// in the flags.
#[derive(Args)]
pub(super) struct Restore {
    #[command(flatten)]
    database: DatabaseFlag,

    /// The backup
    #[arg(long, env = "MINITWIT_RESTORE_FROM", value_name = "FILE")]
    from: PathBuf,

    /// Replace the database even if it holds what the backup does not
    #[arg(long)]
    replace_newer: bool,
}

impl Restore {
    pub(super) fn run(&self) -> Result<(), Stop> {
        super::start_log();
        let database = self.database.parse_file(ON_POSTGRES)?;
        let order =
            Order { from: &self.from, database: &database, replace_newer: self.replace_newer };
        let restored = order.run().map_err(|failure| Stop::Failure(failure.to_string()))?;
        println!(
            "{} is restored from {}{}: {}",
            restored.file.display(),
            self.from.display(),
            moment(restored.as_of),
            megabytes(restored.bytes)
        );
        println!("checked: {}", counts(&restored.contents));
        if let Some(kept) = restored.kept {
            println!("what was there before is kept as {}", kept.display());
        }
        println!("start the server again: minitwit serve --database {}", database.display());
        Ok(())
    }
}
