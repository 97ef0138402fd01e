//! Every number that is kept where something happens. What is only looked up when somebody asks
//! is in `web::operators`, the time of database operations in `storage::measured`.
//!
//! `docs/metrics.md` has all of them in one table.

use std::sync::LazyLock;

use super::instruments::{Counter, Gauge, Histogram, Registry, UnknownUsers};

/// Sizes of groups of writes, as upper bounds of buckets: 512 is the largest group.
const GROUP_BOUNDS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

static METRICS: LazyLock<Metrics> = LazyLock::new(|| Metrics::new(registry()));

/// The numbers of this process. Like its log, they are the same wherever they are asked for.
pub(crate) fn metrics() -> &'static Metrics {
    &METRICS
}

/// What knows all instruments of this process.
pub(crate) fn registry() -> &'static Registry {
    &REGISTRY
}

/// What is counted where it happens. The help texts say what each one is.
#[cfg_attr(
    not(all(feature = "metrics", feature = "sqlite")),
    expect(dead_code, reason = "some are counted where a backend, or measuring, does it")
)]
pub(crate) struct Metrics {
    pub(crate) registrations: Counter,
    pub(crate) sign_ins: Counter,
    sign_in_failures: Vec<Counter>,
    pub(crate) messages: Counter,
    pub(crate) follows: Counter,
    pub(crate) unfollows: Counter,
    unknown_user_calls: Counter,
    pub(crate) unknown_users: UnknownUsers,
    pub(crate) last_simulator_call: Gauge,
    pub(crate) commit_writes: Histogram,
    pub(crate) writes_waiting: Gauge,
    pub(crate) reads_waiting: Gauge,
    pub(crate) connections: Gauge,
    pub(crate) connections_max: Gauge,
    pub(crate) connections_busy: Gauge,
    pub(crate) hashing_waiting: Gauge,
    pub(crate) hashing_refusals: Counter,
    pub(crate) panics: Counter,
}

/// Why somebody could not sign in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SignInFailure {
    /// The name is nobody's.
    UnknownUser,
    /// Not with that password.
    WrongPassword,
    /// Too many attempts had failed before.
    Throttled,
    /// The stored hash is damaged, or of a kind that is not known.
    UnusableHash,
}

impl SignInFailure {
    /// The label of each, in order.
    const LABELS: [[&str; 1]; 4] =
        [["unknown_user"], ["wrong_password"], ["throttled"], ["unusable_hash"]];
}

impl Metrics {
    fn new(r: &Registry) -> Self {
        Self {
            registrations: r.counter("registrations_total", "Accounts created."),
            sign_ins: r.counter("sign_ins_total", "People who signed in."),
            sign_in_failures: r.counters(
                "sign_in_failures_total",
                "Attempts to sign in that failed.",
                ["reason"],
                SignInFailure::LABELS,
            ),
            messages: r.counter("messages_total", "Messages recorded."),
            follows: r.counter("follows_total", "Follows stored, repetitions included."),
            unfollows: r.counter("unfollows_total", "Unfollows stored, repetitions included."),
            unknown_user_calls: r.counter(
                "simulator_unknown_user_calls_total",
                "Calls of the simulator that named a user whom nobody registered.",
            ),
            unknown_users: UnknownUsers::new(),
            last_simulator_call: r.gauge(
                "simulator_last_call_timestamp_seconds",
                "When the simulator last called, 0 before its first call since the start.",
            ),
            commit_writes: r.histogram(
                "database_commit_writes",
                "Writes that were committed together.",
                GROUP_BOUNDS,
            ),
            writes_waiting: r.gauge("database_writes_waiting", "Writes that wait to be begun."),
            reads_waiting: r.gauge("database_reads_waiting", "Reads that wait for a connection."),
            connections: r.gauge("database_connections", "Open connections to the database."),
            connections_max: r.gauge("database_connections_max", "Connections there should be."),
            connections_busy: r.gauge(
                "database_connections_busy",
                "Connections that read (SQLite), or statements under way (Postgres).",
            ),
            hashing_waiting: r.gauge("hashing_waiting", "Passwords that wait to be hashed."),
            hashing_refusals: r.counter(
                "hashing_refusals_total",
                "Passwords that were not hashed because too many waited.",
            ),
            panics: r.counter("panics_total", "Panics, each a fault of the program."),
        }
    }

    /// The simulator named a user whom nobody registered.
    pub(crate) fn unknown_user_called(&self, name: &str) {
        self.unknown_user_calls.inc();
        self.unknown_users.note(name);
    }

    /// Somebody could not sign in.
    pub(crate) fn sign_in_failed(&self, why: SignInFailure) {
        if let Some(counter) = self.sign_in_failures.get(why as usize) {
            counter.inc();
        }
    }
}
