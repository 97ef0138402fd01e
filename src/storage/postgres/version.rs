//! Whether anything has changed, at the price of a round trip that all who ask share.
//!
//! `pg_current_snapshot()` says which transactions are visible: while it says the same, so are
//! the rows. Another connection may lead to another server, whose transactions are others by the
//! same numbers; so it counts too through which connections we looked.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::lanes::{DEADLINE, Lanes};
use super::value;
use crate::storage::{Error, Result};

const SNAPSHOT: &str = "SELECT pg_current_snapshot()::text";

/// All statements of this file.
pub(super) const ALL: [&str; 1] = [SNAPSHOT];

/// Tells versions of the database apart.
pub(super) struct Versions {
    callers: mpsc::UnboundedSender<oneshot::Sender<Option<u64>>>,
}

impl Versions {
    /// Starts the task that looks; it ends when this is dropped.
    pub(super) fn start(lanes: Arc<Lanes>) -> Self {
        let (callers, waiting) = mpsc::unbounded_channel();
        tokio::spawn(answer(lanes, waiting));
        Self { callers }
    }

    /// The version now, or at a moment between the call and its answer.
    pub(super) async fn current(&self) -> Result<u64> {
        let (reply, answer) = oneshot::channel();
        let unavailable = || Error::Unavailable("Postgres does not answer".into());
        self.callers.send(reply).map_err(|_| unavailable())?;
        match timeout(DEADLINE, answer).await {
            Ok(Ok(Some(version))) => Ok(version),
            _ => Err(unavailable()),
        }
    }
}

/// Looks once for all who asked before it began.
async fn answer(
    lanes: Arc<Lanes>,
    mut waiting: mpsc::UnboundedReceiver<oneshot::Sender<Option<u64>>>,
) {
    let mut last = (0, String::new());
    let mut version = 0;
    let mut callers = Vec::new();
    while waiting.recv_many(&mut callers, usize::MAX).await > 0 {
        let seen = look(&lanes).await;
        if let Ok(seen) = &seen
            && *seen != last
        {
            last.clone_from(seen);
            version += 1;
        }
        for caller in callers.drain(..) {
            // Who gave up waiting is not told.
            let _ = caller.send(seen.is_ok().then_some(version));
        }
    }
}

async fn look(lanes: &Lanes) -> Result<(u64, String)> {
    let rows = lanes.read(SNAPSHOT, &[]).await?;
    let row = rows.first().ok_or_else(|| Error::Failed("no snapshot".into()))?;
    // Counted after the look: the connection it went through was opened before.
    Ok((lanes.epoch(), value(row, 0)?))
}
