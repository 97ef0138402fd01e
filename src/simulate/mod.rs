//! The outside simulator, inside: drives any MiniTwit server as a growing community does, or as a
//! scenario file says, and checks afterwards that everything acknowledged is there.

mod action;
mod check;
mod client;
mod community;
mod drive;
mod ledger;
mod progress;
mod repair;
mod report;
mod scenario;
mod tally;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use client::Client;
use community::Community;
use drive::Pace;
use progress::Extent;
pub use report::Report;
use tally::Tally;

/// The course's simulator waits no longer for an answer.
const TIMEOUT: Duration = Duration::from_millis(300);

/// Who checks waits longer: nothing is proved by a slow answer.
const CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a community lives if nobody says so.
const DEFAULT_LIFE: Duration = Duration::from_secs(60);

/// What to do to which server.
#[derive(Debug)]
pub struct Options {
    /// Where the server is, `http://…` or `https://…`.
    pub url: String,
    /// `USER:PASSWORD` of the simulator API.
    pub credentials: Secret,
    /// The course's file to replay; without it a community is made up.
    pub scenario: Option<PathBuf>,
    /// What the community is made of; by chance, if there is none.
    pub seed: Option<u64>,
    /// How many times faster than recorded; without any delay, if there is none.
    pub speed: Option<f64>,
    /// Calls at once.
    pub clients: usize,
    /// Many calls on one connection.
    pub keep_alive: bool,
    /// When to stop.
    pub time: Option<Duration>,
    /// Try again what may pass: the server may be restarted meanwhile.
    pub patient: bool,
}

/// A text that no `Debug` shows.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Drives the server and checks it. An error is one line about what cannot be begun.
pub fn run(options: &Options) -> Result<Report, String> {
    let scenario = options.scenario.as_deref().map(scenario::read).transpose()?;
    let calls = Client::new(&options.url, &options.credentials.0, TIMEOUT, options.keep_alive);
    let checks = Client::new(&options.url, &options.credentials.0, CHECK_TIMEOUT, true);
    let before = checks
        .latest()
        .map_err(|trouble| format!("{}: GET /latest: {}", options.url, trouble.word()))?;
    let tally = Mutex::new(Tally::new());
    let pace = |time: Option<Duration>| Pace {
        speed: options.speed,
        clients: options.clients,
        until: time.map(|time| Instant::now() + time),
        patient: options.patient,
    };
    let mut seed = None;
    if let Some(actions) = scenario {
        let extent = Extent::Actions(actions.len() as u64);
        progress::shown(extent, &tally, || {
            drive::drive(actions.into_iter(), &calls, pace(options.time), &tally);
        });
    } else {
        let time = options.time.unwrap_or(DEFAULT_LIFE);
        let chosen = options.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
        seed = Some(chosen);
        let community = Community::new(chosen, before.max(0) + 1);
        progress::shown(Extent::Time(time), &tally, || {
            drive::drive(community, &calls, pace(Some(time)), &tally);
        });
    }
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut report = Report::new(&options.url, seed, &tally);
    report.check = check::check(&tally.ledger, &checks, options.clients.max(4));
    Ok(report)
}

/// What came of registering a scenario's missing users.
#[derive(Debug)]
pub struct Repaired {
    /// Users the server knew.
    pub there: usize,
    /// Users it did not know, and knows now.
    pub registered: Vec<String>,
    /// Users it still does not know, with the reason.
    pub failed: Vec<(String, String)>,
}

/// Registers those of the scenario's users whom the server lacks, and does nothing else.
pub fn register_missing(options: &Options, scenario: &std::path::Path) -> Result<Repaired, String> {
    let actions = scenario::read(scenario)?;
    let client = Client::new(&options.url, &options.credentials.0, CHECK_TIMEOUT, true);
    let repair = repair::register_missing(&actions, &client);
    let failed = repair.failed.into_iter().map(|(user, trouble)| (user, trouble.word()));
    Ok(Repaired { there: repair.there, registered: repair.registered, failed: failed.collect() })
}
