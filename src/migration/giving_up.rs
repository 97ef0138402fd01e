//! The way back: a migration that fails or is stopped before the seal leaves no trace in the file.

use std::path::Path;
use std::sync::atomic::Ordering;

use tokio::signal::unix::{SignalKind, signal};

use super::Run;
use super::changes::{forget, take_write_lock, token};
use super::failure::{Failure, Result};
use super::sealing::read_seal;
use crate::storage::moving::announcement::Announcement;
use crate::storage::sqlite::source::inspect;

/// Done at the first SIGINT or SIGTERM.
pub(super) async fn stopped() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Takes back what the migration of that token has put into the file and beside it; says which
/// database is the true one.
pub(super) fn give_up(file: &Path, run: &Run) -> Result<&'static str> {
    let (_, file) = inspect(file)?;
    if read_seal(&file)?.is_some() {
        return Ok("the SQLite file is sealed, and Postgres the true database: run it again to \
                   see that all is in order");
    }
    let announced = Announcement::read(&file)?;
    if announced.is_some_and(|announced| announced.token == run.token) {
        Announcement::remove(&file)?;
    }
    let db = rusqlite::Connection::open(&file)?;
    let ours = token(&db)?.as_deref() == Some(&run.token[..]);
    if ours && !run.sealing.load(Ordering::Relaxed) {
        take_write_lock(&db)?;
        forget(&db)?;
        db.execute_batch("COMMIT")?;
    }
    Ok("the SQLite file is the true database, as before")
}

/// What is said when somebody has stopped the migration.
pub(super) fn stopped_with(truth: Result<&'static str>) -> Failure {
    let truth = truth.unwrap_or("run it again");
    Failure::new(format_args!("stopped before everything was moved: {truth}"))
}
