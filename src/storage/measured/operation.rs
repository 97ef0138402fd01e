//! What is measured, and the instruments for it.

use std::future::Future;
use std::sync::LazyLock;
use std::time::Instant;

use crate::storage::{Error, Result};
use crate::telemetry::{Counter, DURATION_BOUNDS, Histogram, registry};

/// What is measured apart.
#[derive(Clone, Copy)]
pub(super) enum Operation {
    Register,
    User,
    ReplacePasswordHash,
    ExistingUsernames,
    BeginSession,
    SessionUser,
    EndSession,
    RecordMessage,
    PublicTimeline,
    UserTimeline,
    HomeTimeline,
    Follow,
    Unfollow,
    IsFollowing,
    FollowedBy,
    NoteLatest,
    Latest,
    Count,
    Ready,
    Search,
    SetFlagged,
    DeleteMessage,
    Users,
    Account,
    Rename,
    SetEmail,
    SetPassword,
    EndSessions,
    DeleteUser,
}

impl Operation {
    /// The labels of each, in order.
    const LABELS: [[&'static str; 2]; 29] = [
        ["register", "write"],
        ["user", "read"],
        ["replace_password_hash", "write"],
        ["existing_usernames", "read"],
        ["begin_session", "write"],
        ["session_user", "read"],
        ["end_session", "write"],
        ["record_message", "write"],
        ["public_timeline", "read"],
        ["user_timeline", "read"],
        ["home_timeline", "read"],
        ["follow", "write"],
        ["unfollow", "write"],
        ["is_following", "read"],
        ["followed_by", "read"],
        ["note_latest", "write"],
        ["latest", "read"],
        ["count", "read"],
        ["ready", "read"],
        ["search", "read"],
        ["set_flagged", "write"],
        ["delete_message", "write"],
        ["users", "read"],
        ["account", "read"],
        ["rename", "write"],
        ["set_email", "write"],
        ["set_password", "write"],
        ["end_sessions", "write"],
        ["delete_user", "write"],
    ];
}

/// How each operation may fail, other than by an answer that a caller asked for.
const REASONS: [&str; 3] = ["unavailable", "uncertain", "failed"];

struct Instruments {
    durations: Vec<Histogram>,
    /// For each operation, one for each of [`REASONS`].
    failures: Vec<Counter>,
}

static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(|| {
    let labels = Operation::LABELS;
    Instruments {
        durations: registry().histograms(
            "database_operation_duration_seconds",
            "Time of database operations.",
            DURATION_BOUNDS,
            ["operation", "kind"],
            labels,
        ),
        failures: registry().counters(
            "database_failures_total",
            "Database operations that failed.",
            ["operation", "kind", "reason"],
            labels.iter().flat_map(|[name, kind]| REASONS.map(|reason| [*name, *kind, reason])),
        ),
    }
});

/// Waits for an operation and notes how it went.
pub(super) async fn measured<T>(
    operation: Operation,
    call: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
    let began = Instant::now();
    let outcome = call.await;
    INSTRUMENTS.durations[operation as usize].observe(began.elapsed().as_secs_f64());
    let reason = match &outcome {
        Ok(_) | Err(Error::UnknownUser | Error::UsernameTaken) => return outcome,
        Err(Error::Unavailable(_)) => 0,
        Err(Error::Uncertain(_)) => 1,
        Err(Error::Failed(_)) => 2,
    };
    INSTRUMENTS.failures[operation as usize * REASONS.len() + reason].inc();
    outcome
}

/// As [`measured`], and counts a success there.
pub(super) async fn counted<T>(
    operation: Operation,
    successes: &Counter,
    call: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
    let outcome = measured(operation, call).await?;
    successes.inc();
    Ok(outcome)
}
