//! All connections: who asks gets the one with the least to do, and an answer in time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout, timeout_at};
use tokio_postgres::Row;

use super::connect::{Connector, Trouble};
use super::errors::{self, Fate, fate};
use super::lane::{Claim, End, Lane, Params};
use crate::storage::{Error, Result};
use crate::telemetry::metrics;

/// How long a call waits for its answer. A page that needs a few still fails within a second.
pub(super) const DEADLINE: Duration = Duration::from_millis(700);

/// What takes longer is cancelled by Postgres: nobody waits for it any more.
pub(super) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long after a call waited in vain others wait for a connection to prove itself.
const DOUBT: Duration = Duration::from_millis(100);

/// Shortest and longest pause before a connection is opened again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(250));

/// The connections of a server: the scribe's, and those for everything else.
pub(super) struct Lanes {
    connector: Connector,
    statements: Vec<&'static str>,
    scribe: Arc<Lane>,
    others: Vec<Arc<Lane>>,
    /// How many connections there are.
    up: watch::Sender<usize>,
    /// Counts connections that were opened: another one may lead to another server.
    epoch: AtomicU64,
    /// When somebody waited in vain.
    doubted: Mutex<Option<Instant>>,
    /// Told whenever a connection can be used again.
    cleared: Notify,
    closing: watch::Sender<bool>,
    /// Why a connection was missing last, unless all have been open since.
    trouble: Mutex<Option<String>>,
}

impl Lanes {
    /// Connections that are not opened yet; `count` is at least two.
    pub(super) fn new(connector: Connector, count: usize, statements: Vec<&'static str>) -> Self {
        Self {
            connector,
            statements,
            scribe: Arc::default(),
            others: (1..count).map(|_| Arc::default()).collect(),
            up: watch::Sender::new(0),
            epoch: AtomicU64::new(0),
            doubted: Mutex::new(None),
            cleared: Notify::new(),
            closing: watch::Sender::new(false),
            trouble: Mutex::new(None),
        }
    }

    /// Starts to open the connections, and keeps them, as tasks of the current runtime.
    pub(super) fn start(self: &Arc<Self>) {
        metrics().connections_max.set(self.others.len() as i64 + 1);
        for lane in self.others.iter().chain([&self.scribe]) {
            tokio::spawn(self.clone().keep(lane.clone()));
        }
    }

    /// Waits until all connections are open.
    pub(super) async fn wait_until_open(
        &self,
        patience: Duration,
    ) -> std::result::Result<(), Trouble> {
        let all = self.others.len() + 1;
        let mut up = self.up.subscribe();
        let outcome = timeout(patience, up.wait_for(|up| *up == all)).await;
        match outcome {
            Ok(_) => Ok(()),
            Err(_) => Err(Trouble::Absent(format!(
                "only {} of {all} connections could be opened: {}",
                *self.up.borrow(),
                self.last_trouble()
            ))),
        }
    }

    /// Ends all connections. Whoever asks from now on is told that the database is unavailable.
    pub(super) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Waits until the connections were told to end, and none is open.
    pub(super) async fn closed(&self) {
        // Waiting fails only without a sender, and that is here.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
        let _ = self.up.subscribe().wait_for(|up| *up == 0).await;
    }

    /// Changes whenever a connection was opened.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Runs a statement that only reads, on the connection with the least to do. If that one is
    /// lost, once more on another.
    pub(super) async fn read(&self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>> {
        let deadline = Instant::now() + DEADLINE;
        match self.run(sql, params, deadline).await? {
            Err(Some(error)) if fate(&error) == Fate::Unknown => {}
            outcome => return outcome.map_err(unread),
        }
        self.run(sql, params, deadline).await?.map_err(unread)
    }

    /// Runs a statement that changes something, on the connection with the least to do.
    pub(super) async fn write(&self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>> {
        let outcome = self.run(sql, params, Instant::now() + DEADLINE).await?;
        outcome.map_err(|error| match error {
            Some(error) => errors::of_write(&error),
            None => Error::Uncertain("Postgres did not answer in time".into()),
        })
    }

    /// The outcome of a statement; the inner error is `None` when the answer did not come in time.
    /// The outer error means that the statement was not sent.
    async fn run(
        &self,
        sql: &'static str,
        params: Params<'_>,
        deadline: Instant,
    ) -> Result<std::result::Result<Vec<Row>, Option<tokio_postgres::Error>>> {
        let claim = self.claim(None).await?;
        match timeout_at(deadline.into(), claim.session().query(sql, params)).await {
            Ok(outcome) => Ok(outcome.map_err(|error| Some(self.noted(&claim, error)))),
            Err(_) => {
                self.doubt();
                Ok(Err(None))
            }
        }
    }

    /// The scribe's connection.
    pub(super) async fn claim_scribes(&self) -> Result<Claim> {
        self.claim(Some(&self.scribe)).await
    }

    /// Draws the consequence of an error for the connection it came from.
    pub(super) fn noted(
        &self,
        claim: &Claim,
        error: tokio_postgres::Error,
    ) -> tokio_postgres::Error {
        if fate(&error) == Fate::WrongServer {
            claim.give_up();
        }
        error
    }

    /// Lets every connection prove that it still answers before it is used again.
    pub(super) fn doubt(&self) {
        *self.doubted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.others.iter().chain([&self.scribe]).for_each(|lane| lane.doubt());
    }

    /// A connection that answers: that one, or else of those for everything the one with the
    /// least to do. Right after somebody waited in vain it may take a moment to know.
    async fn claim(&self, lane: Option<&Arc<Lane>>) -> Result<Claim> {
        loop {
            let cleared = self.cleared.notified();
            let found = match lane {
                Some(lane) => lane.load().and_then(|_| lane.claim()),
                None => self.least_busy().and_then(Lane::claim),
            };
            if let Some(claim) = found {
                return Ok(claim);
            }
            let doubted = *self.doubted.lock().unwrap_or_else(PoisonError::into_inner);
            let is_up = match lane {
                Some(lane) => lane.is_up(),
                None => self.others.iter().any(|lane| lane.is_up()),
            };
            match doubted.map(|since| since + DOUBT).filter(|until| *until > Instant::now()) {
                Some(until) if is_up => _ = timeout_at(until.into(), cleared).await,
                _ => return Err(Error::Unavailable("no connection to Postgres".into())),
            }
        }
    }

    fn least_busy(&self) -> Option<&Arc<Lane>> {
        let usable = self.others.iter().filter_map(|lane| Some((lane.load()?, lane)));
        usable.min_by_key(|(load, _)| *load).map(|(_, lane)| lane)
    }

    /// Keeps one connection open until all are closed.
    async fn keep(self: Arc<Self>, lane: Arc<Lane>) {
        let mut closing = self.closing.subscribe();
        let mut closed = closing.clone();
        let mut pause = PAUSES.0;
        while !*closing.borrow_and_update() {
            let opened = tokio::select! {
                opened = Lane::open(&self.connector, &self.statements) => opened,
                _ = closing.changed() => return,
            };
            match opened {
                Ok((session, driver)) => {
                    pause = PAUSES.0;
                    self.epoch.fetch_add(1, Ordering::AcqRel);
                    lane.admit(&session);
                    self.cleared.notify_waiters();
                    self.up.send_modify(|up| *up += 1);
                    self.tell_recovery();
                    let _open = metrics().connections.hold();
                    let closing = async { _ = closed.wait_for(|closing| *closing).await };
                    let end = lane.serve(session, driver, closing, &self.cleared).await;
                    self.up.send_modify(|up| *up -= 1);
                    if let End::Lost(reason) = end {
                        self.tell(reason);
                    }
                }
                Err(Trouble::Refused(reason) | Trouble::Absent(reason)) => self.tell(reason),
            }
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(PAUSES.1),
                _ = closing.changed() => return,
            }
        }
    }

    /// Logs why there is no connection.
    fn tell(&self, reason: String) {
        log::warn!("a connection to Postgres is missing: {reason}");
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    fn tell_recovery(&self) {
        let all_up = *self.up.borrow() == self.others.len() + 1;
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if all_up && trouble.take().is_some() {
            log::info!("all connections to Postgres are open again");
        }
    }

    fn last_trouble(&self) -> String {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.clone().unwrap_or_else(|| "no answer".to_owned())
    }
}

fn unread(error: Option<tokio_postgres::Error>) -> Error {
    match error {
        Some(error) => errors::of_read(&error),
        None => Error::Unavailable("Postgres did not answer in time".into()),
    }
}
