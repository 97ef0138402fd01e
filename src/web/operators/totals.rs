//! How many users, messages and follows there are, whoever made them.
//!
//! Other processes, and servers on the same Postgres, write too: so the rows themselves are
//! counted, again and again. That is done in small parts with long pauses, and takes at most a
//! hundredth of the time. So the numbers are exact as of a moment [`PAUSE`] ago at most, and longer
//! by a hundred times what counting takes: with ten million messages, a few minutes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;

use crate::storage::{Countable, Result, Storage};
use crate::telemetry::{OptionalGauge, Registry};
use crate::web::now;

/// Rows counted at once: a few milliseconds' work.
const PART: u32 = 20_000;

/// How much longer than counting a part the pause after it is.
const LEISURE: u32 = 99;

/// How long all numbers stay as they are.
const PAUSE: Duration = Duration::from_secs(15);

/// The totals, absent until they have been counted.
pub(super) struct Totals {
    users: OptionalGauge,
    messages: OptionalGauge,
    follows: OptionalGauge,
    counted: OptionalGauge,
}

impl Totals {
    pub(super) fn new(r: &Registry) -> Self {
        Self {
            users: r.optional_gauge("stored_users", "Users there are."),
            messages: r.optional_gauge("stored_messages", "Unflagged messages there are."),
            follows: r.optional_gauge("stored_follows", "Pairs of follower and followed."),
            counted: r.optional_gauge("stored_timestamp_seconds", "When these were counted."),
        }
    }

    /// Counts for ever. While the database is away the numbers stay as they were.
    pub(super) async fn keep_counting(self, storage: Arc<dyn Storage>) {
        loop {
            if let Err(error) = self.count(&*storage).await {
                log::debug!("the totals were not counted: {error}");
            }
            sleep(PAUSE).await;
        }
    }

    async fn count(&self, storage: &dyn Storage) -> Result<()> {
        let began = now();
        let users = total(storage, Countable::Users).await?;
        let messages = total(storage, Countable::Messages).await?;
        let follows = total(storage, Countable::Follows).await?;
        self.users.set(Some(users));
        self.messages.set(Some(messages));
        self.follows.set(Some(follows));
        self.counted.set(Some(began));
        Ok(())
    }
}

async fn total(storage: &dyn Storage, what: Countable) -> Result<i64> {
    let (mut total, mut behind) = (0, None);
    loop {
        let began = Instant::now();
        let part = storage.count(what, behind, PART).await?;
        total += i64::from(part.rows);
        behind = part.end;
        if behind.is_none() {
            return Ok(total);
        }
        sleep(began.elapsed() * LEISURE).await;
    }
}
