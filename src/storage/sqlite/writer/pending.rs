//! What one caller wants written, and waits for.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::unavailable;
use crate::storage::Result;

/// A write that waits for its transaction.
pub(super) trait Write: Send {
    /// Whether nobody waits for the answer.
    fn is_abandoned(&self) -> bool;
    /// Whether nothing is left of it when it fails.
    fn undoes_itself(&self) -> bool;
    /// Does the work, keeps its outcome, and returns whether it was a success.
    fn run(&mut self, tx: &Connection) -> bool;
    /// Answers with the outcome, or with what went wrong with the transaction.
    fn answer(self: Box<Self>, committed: Result<()>);
}

/// A write with the way back to its caller.
pub(super) struct Pending<T, F> {
    work: Option<F>,
    undoes_itself: bool,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Pending<T, F> {
    /// A write that has not been run.
    pub(super) fn new(work: F, undoes_itself: bool, reply: oneshot::Sender<Result<T>>) -> Self {
        Self { work: Some(work), undoes_itself, outcome: None, reply }
    }
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T> + Send> Write for Pending<T, F> {
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn undoes_itself(&self) -> bool {
        self.undoes_itself
    }

    fn run(&mut self, tx: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(tx));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let outcome = match (self.outcome, committed) {
            (Some(outcome), Ok(())) => outcome,
            (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(unavailable("the write was not reached")),
        };
        // The caller may have given up: then nobody is told, and nothing was promised.
        let _ = self.reply.send(outcome);
    }
}
