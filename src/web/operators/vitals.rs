//! What is looked up when somebody asks: whether the database answers, files, the process.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time::timeout;
use actix_web::web;
use futures_util::future::join;

use super::Subject;
#[cfg(feature = "sqlite")]
use super::files::Files;
use crate::storage::Storage;
use crate::telemetry::{Gauge, Process, Registry};

/// How long anything may take before the answer is given without it. Prometheus waits for 10 s.
const DEADLINE: Duration = Duration::from_millis(900);

/// The numbers, and where they come from.
pub(super) struct Vitals {
    storage: Arc<dyn Storage>,
    up: Gauge,
    outside: Arc<Outside>,
}

/// What is looked up outside the program, by a thread that may wait for the disk.
struct Outside {
    process: Process,
    #[cfg(feature = "sqlite")]
    files: Option<Files>,
}

impl Vitals {
    pub(super) fn new(r: &Registry, subject: Subject) -> Self {
        let outside = Outside {
            process: Process::new(r),
            #[cfg(feature = "sqlite")]
            files: subject.file.map(|file| Files::new(r, file)),
        };
        Self {
            storage: subject.storage,
            up: r.gauge("database_up", "1 if the database answers, else 0."),
            outside: Arc::new(outside),
        }
    }

    /// Looks everything up. What does not answer in time keeps the number it had.
    pub(super) async fn look(&self) {
        let outside = self.outside.clone();
        let look = timeout(DEADLINE, web::block(move || outside.look()));
        let (answer, _) = join(timeout(DEADLINE, self.storage.ready()), look).await;
        self.up.set(i64::from(matches!(answer, Ok(Ok(())))));
    }
}

impl Outside {
    fn look(&self) {
        self.process.look();
        #[cfg(feature = "sqlite")]
        if let Some(files) = &self.files {
            files.look();
        }
    }
}
