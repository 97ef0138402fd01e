//! One connection that is kept: opened, prepared, served on, and opened again when it ends.

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::connect::{Connector, Driver, Trouble};
use crate::telemetry::{Held, metrics};

/// How long a connection that is in doubt may take to answer before it is given up.
const PROBE_DEADLINE: Duration = Duration::from_millis(400);

/// How long a connection may take to say goodbye.
const PARTING: Duration = Duration::from_secs(1);

/// What a query is given.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection and its prepared statements. It takes many queries at once, and answers them in
/// the order they came.
pub(super) struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Session {
    /// Runs one of the prepared statements.
    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        match self.statements.get(sql) {
            Some(statement) => self.client.query(statement, params).await,
            None => self.client.query(sql, params).await,
        }
    }
}

/// A place for a session, which is there while the connection is.
#[derive(Default)]
pub(super) struct Lane {
    session: RwLock<Option<Arc<Session>>>,
    in_flight: AtomicUsize,
    /// Somebody waited in vain, here or elsewhere, and this connection has not answered since.
    in_doubt: AtomicBool,
    /// The server is one that no longer takes writes.
    is_over: AtomicBool,
    wake: Notify,
}

/// A session in use. It counts as busy until this is dropped.
pub(super) struct Claim {
    lane: Arc<Lane>,
    session: Arc<Session>,
    _busy: Held,
}

/// How the time on a connection ended.
pub(super) enum End {
    /// The connection was lost.
    Lost(String),
    /// It was closed on purpose.
    Closed,
}

impl Lane {
    /// How many queries are under way; `None` if there is no connection, or one in doubt.
    pub(super) fn load(&self) -> Option<usize> {
        let usable = !self.in_doubt.load(Ordering::Acquire) && self.is_up();
        usable.then(|| self.in_flight.load(Ordering::Relaxed))
    }

    /// Whether there is a connection.
    pub(super) fn is_up(&self) -> bool {
        self.session.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Takes the session for a query, if there is one.
    pub(super) fn claim(self: &Arc<Self>) -> Option<Claim> {
        let session = self.session.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Some(Claim { lane: self.clone(), session, _busy: metrics().connections_busy.hold() })
    }

    /// Lets nobody use the connection until it has answered.
    pub(super) fn doubt(&self) {
        self.in_doubt.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    /// Opens a connection with all its statements. `Err` if there is none to be had.
    pub(super) async fn open(
        connector: &Connector,
        statements: &[&'static str],
    ) -> Result<(Arc<Session>, Pin<Box<Driver>>), Trouble> {
        let (client, driver) = connector.connect().await?;
        let mut driver = Box::pin(driver);
        let prepared = async {
            let prepared = statements.iter().map(|sql| client.prepare(sql));
            try_join_all(prepared).await
        };
        let prepared = tokio::select! {
            prepared = timeout(connector.patience(), prepared) => match prepared {
                Ok(prepared) => prepared?,
                Err(_) => return Err(Trouble::Absent("it does not answer".to_owned())),
            },
            end = &mut driver => return Err(Trouble::Absent(format!("it hung up: {end:?}"))),
        };
        let statements = statements.iter().copied().zip(prepared).collect();
        Ok((Arc::new(Session { client, statements }), driver))
    }

    /// Offers the session to queries.
    pub(super) fn admit(&self, session: &Arc<Session>) {
        self.is_over.store(false, Ordering::Release);
        self.in_doubt.store(false, Ordering::Release);
        self.put(Some(session.clone()));
    }

    /// Drives the connection of a session that was admitted until it ends, or `closing` is done.
    pub(super) async fn serve(
        &self,
        session: Arc<Session>,
        mut driver: Pin<Box<Driver>>,
        closing: impl Future<Output = ()>,
        cleared: &Notify,
    ) -> End {
        let mut closing = pin!(closing);
        let end = loop {
            tokio::select! {
                ended = &mut driver => break lost(ended),
                () = self.wake.notified() => {}
                () = &mut closing => break End::Closed,
            }
            if self.is_over.load(Ordering::Acquire) {
                break End::Lost("the server takes no more writes".to_owned());
            }
            tokio::select! {
                ended = &mut driver => break lost(ended),
                answer = timeout(PROBE_DEADLINE, session.client.simple_query("")) => {
                    if !matches!(answer, Ok(Ok(_))) {
                        break End::Lost("it does not answer any more".to_owned());
                    }
                }
            }
            self.in_doubt.store(false, Ordering::Release);
            cleared.notify_waiters();
        };
        self.put(None);
        drop(session);
        if matches!(end, End::Closed) {
            // Once nobody holds the session, the driver takes its leave of the server.
            let _ = timeout(PARTING, driver).await;
        }
        end
    }

    fn put(&self, session: Option<Arc<Session>>) {
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = session;
    }
}

fn lost(ended: Result<(), tokio_postgres::Error>) -> End {
    match ended {
        Ok(()) => End::Lost("it was closed".to_owned()),
        Err(error) => End::Lost(super::errors::text(&error)),
    }
}

impl Claim {
    /// The connection.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Has the connection closed: its server takes no writes.
    pub(super) fn give_up(&self) {
        self.lane.is_over.store(true, Ordering::Release);
        self.lane.wake.notify_one();
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.lane.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
