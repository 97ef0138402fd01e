//! A log of failing writes that cannot fill a disk.

use std::time::{Duration, Instant};

use crate::storage::sqlite::seal::Seal;
use crate::storage::{Error, Result};

/// Logs when writing starts to fail, when it works again, and in between once a minute: every
/// caller is told anyway, and a full disk should not be filled by its own log.
#[derive(Default)]
pub(super) struct Complaints {
    last: Option<Instant>,
    failed: u64,
}

impl Complaints {
    const PAUSE: Duration = Duration::from_secs(60);

    /// Notes how a transaction ended.
    pub(super) fn note(&mut self, outcome: Result<()>) {
        match outcome {
            Ok(()) if self.failed > 0 => {
                log::info!("writing works again after {} failed transactions", self.failed);
                *self = Self::default();
            }
            Ok(()) => {}
            // Not a failure: the writes are done where the data is now.
            Err(Error::Unavailable(reason)) if reason.is::<Seal>() => {}
            Err(error) => {
                self.failed += 1;
                if self.last.is_none_or(|last| last.elapsed() >= Self::PAUSE) {
                    log::error!("nothing can be written: {error}");
                    self.last = Some(Instant::now());
                }
            }
        }
    }
}
