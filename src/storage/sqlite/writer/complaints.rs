//! What the log says of failing writes.

use crate::storage::sqlite::seal::Seal;
use crate::storage::{Error, Result};

/// Transactions that failed in a row.
#[derive(Default)]
pub(super) struct Complaints {
    failed: u64,
}

impl Complaints {
    /// Notes how a transaction ended.
    pub(super) fn note(&mut self, outcome: Result<()>) {
        match outcome {
            Ok(()) if self.failed > 0 => {
                log::info!("writing works again after {} failed transactions", self.failed);
                self.failed = 0;
            }
            Ok(()) => {}
            // Not a failure: the writes are done where the data is now.
            Err(Error::Unavailable(reason)) if reason.is::<Seal>() => {}
            Err(error) => {
                self.failed += 1;
                log::error!("nothing can be written: {error}");
            }
        }
    }
}
