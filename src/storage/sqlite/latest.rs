//! The simulator's `latest`: noted in memory at once, stored with the next group.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, params};

use crate::storage::Result;

/// The `latest` of this process's most recent call, and whether it is on disk.
pub(super) struct Latest(Mutex<State>);

#[derive(Clone, Copy)]
struct State {
    noted: Noted,
    stored: bool,
}

/// A `latest` and when it came, in microseconds since 1970: what came last counts, whichever
/// process it came to.
#[derive(Clone, Copy, PartialEq)]
struct Noted {
    latest: i64,
    at: i64,
}

impl Latest {
    /// Starts with what is stored.
    pub(super) fn open(db: &Connection) -> Result<Self> {
        let noted = read(db)?.unwrap_or(Noted { latest: 0, at: 0 });
        Ok(Self(Mutex::new(State { noted, stored: true })))
    }

    /// Notes the `latest` of a call that came now. Later than everything seen before, even if
    /// the clock was set back.
    pub(super) fn note(&self, latest: i64) {
        let mut state = self.state();
        let at = now_micros().max(state.noted.at + 1);
        *state = State { noted: Noted { latest, at }, stored: false };
    }

    /// The most recent one: noted here, or stored by another process.
    pub(super) fn newest(&self, db: &Connection) -> Result<i64> {
        let stored = read(db)?;
        let mut state = self.state();
        if let Some(other) = stored.filter(|other| other.at > state.noted.at) {
            *state = State { noted: other, stored: true };
        }
        Ok(state.noted.latest)
    }

    /// Whether something is noted that is not stored.
    pub(super) fn is_pending(&self) -> bool {
        !self.state().stored
    }

    /// What is noted and not stored, and when it was noted.
    #[cfg(feature = "postgres")]
    pub(super) fn unstored(&self) -> Option<(i64, i64)> {
        let State { noted, stored } = *self.state();
        (!stored).then_some((noted.latest, noted.at))
    }

    /// Counts what is noted as stored.
    #[cfg(feature = "postgres")]
    pub(super) fn forget_unstored(&self) {
        self.state().stored = true;
    }

    /// Writes what is noted, if it is not on disk. Call the result once that is committed.
    pub(super) fn store(&self, tx: &Connection) -> rusqlite::Result<impl FnOnce() + use<'_>> {
        let State { noted, stored } = *self.state();
        if !stored {
            tx.prepare_cached(
                "INSERT INTO latest (only_row, latest, noted_at) VALUES (1, ?, ?)
                 ON CONFLICT (only_row) DO UPDATE
                 SET latest = excluded.latest, noted_at = excluded.noted_at
                 WHERE excluded.noted_at > noted_at",
            )?
            .execute(params![noted.latest, noted.at])?;
        }
        Ok(move || {
            let mut state = self.state();
            state.stored |= state.noted == noted;
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(db: &Connection) -> Result<Option<Noted>> {
    Ok(db
        .prepare_cached("SELECT latest, noted_at FROM latest")?
        .query_row([], |row| Ok(Noted { latest: row.get(0)?, at: row.get(1)? }))
        .optional()?)
}

fn now_micros() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX)
}
