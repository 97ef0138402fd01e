//! `minitwit backup`

use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use clap::Args;

use super::Stop;
use super::database::DatabaseFlag;
use crate::storage::sqlite::backup::{Backup as Order, Contents, Made, megabytes};
use crate::storage::sqlite::in_words;

/// What there is for who does not use SQLite.
pub(super) const ON_POSTGRES: &str =
    "back that up with pg_dump, or pg_basebackup and its log, as docs/backup.md says";

/// Copy the database to a file while it is served, and check the copy.
///
/// Runs at the lowest priority. Exit status: 0 there is a new backup; 1 there is none, and the
/// last one is as it was; 2 a mistake in the flags.
#[derive(Args)]
pub(super) struct Backup {
    #[command(flatten)]
    database: DatabaseFlag,

    /// The backup, replaced if it is there; in a folder, it gets the name of the database
    #[arg(long, env = "MINITWIT_BACKUP_TO", value_name = "FILE|FOLDER")]
    to: PathBuf,

    /// How many backups to keep: the newest has the name FILE, earlier ones FILE.TIME
    #[arg(
        long,
        env = "MINITWIT_BACKUP_KEEP",
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    keep: u16,
}

impl Backup {
    pub(super) fn run(&self) -> Result<(), Stop> {
        super::start_log();
        let database = self.database.parse_file(ON_POSTGRES)?;
        if let Err(error) = rustix::process::nice(19) {
            log::warn!("the backup runs at the usual priority: {error}");
        }
        let began = Instant::now();
        let order = Order { database: &database, to: &self.to, keep: self.keep.into() };
        let made = order.make().map_err(|failure| Stop::Failure(failure.to_string()))?;
        tell(&made, began);
        Ok(())
    }
}

fn tell(made: &Made, began: Instant) {
    let as_of = in_words(made.as_of.into());
    println!("{}: {}, as of {as_of}", made.file.display(), megabytes(made.bytes));
    println!("checked: {}", counts(&made.contents));
    if let Some(earlier) = &made.earlier {
        println!("the one before is {}", earlier.display());
    }
    for removed in &made.removed {
        println!("removed {}", removed.display());
    }
    println!("took {:.1} s", began.elapsed().as_secs_f64());
}

/// What is in it.
pub(super) fn counts(contents: &Contents) -> String {
    let Contents { users, messages, follows, newest, .. } = contents;
    let newest = newest.and_then(|at| time::OffsetDateTime::from_unix_timestamp(at).ok());
    let newest = newest.map(|at| format!("; the newest message is of {}", in_words(at)));
    let newest = newest.unwrap_or_default();
    format!("{users} users, {messages} messages, {follows} follows{newest}")
}

/// Which moment something is of.
pub(super) fn moment(at: Option<SystemTime>) -> String {
    at.map(|at| format!(", as of {}", in_words(at.into()))).unwrap_or_default()
}
