//! Two connections that work off statements while others copy and read.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use super::failure::{Failure, Result};
use super::target::Destination;

/// As many as a small server has processors to build with.
const CONNECTIONS: usize = 2;

/// The way to the connections.
pub(super) struct Builders {
    queue: mpsc::UnboundedSender<String>,
    tasks: Vec<JoinHandle<Result<()>>>,
}

impl Builders {
    /// Opens the connections.
    pub(super) async fn start(destination: &Destination) -> Result<Self> {
        let (queue, waiting) = mpsc::unbounded_channel::<String>();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut tasks = Vec::new();
        for _ in 0..CONNECTIONS {
            let client = destination.filler().await?;
            let waiting = waiting.clone();
            tasks.push(tokio::spawn(async move {
                loop {
                    // The lock is held while waiting, not while building.
                    let next = waiting.lock().await.recv().await;
                    let Some(sql) = next else { return Ok(()) };
                    client.batch_execute(&sql).await?;
                }
            }));
        }
        Ok(Self { queue, tasks })
    }

    /// Has one of the connections run a statement, soon.
    pub(super) fn build(&self, sql: String) {
        // Fails only after both have failed, which `finish` tells.
        let _ = self.queue.send(sql);
    }

    /// Waits until all is done.
    pub(super) async fn finish(self) -> Result<()> {
        drop(self.queue);
        for task in self.tasks {
            task.await.map_err(Failure::new)??;
        }
        Ok(())
    }
}
