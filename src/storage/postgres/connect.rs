//! From a target to an open connection, whichever of its hosts takes writes.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{sleep, timeout};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(crate) use super::errors::Trouble;
use super::errors::{is_tls, trouble};
use super::target::Target;

/// A connection that has to be polled for its client to get answers. It is done when the
/// connection is closed.
pub(super) type Driver = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// How long a host is waited for before the next one is asked too.
const HEAD_START: Duration = Duration::from_millis(100);

/// How long after its answer a host is asked again while another one keeps us waiting.
const AGAIN: Duration = Duration::from_millis(100);

/// How many times the time for a socket it may take until the server lets us in: a handshake is
/// several round trips.
const HANDSHAKE_FACTOR: u32 = 3;

/// Opens connections to one target.
pub(super) struct Connector {
    hosts: Vec<Config>,
    tls: MakeRustlsConnect,
    patience: Duration,
}

impl Connector {
    /// Reads what `sslrootcert` names. A statement that takes longer than `statement_timeout` is
    /// cancelled; zero means that none is.
    pub(super) fn new(target: &Target, statement_timeout: Duration) -> Result<Self, Trouble> {
        Ok(Self {
            hosts: target.hosts(statement_timeout),
            tls: target.tls().connector().map_err(Trouble::Refused)?,
            patience: target.connect_timeout() * HANDSHAKE_FACTOR,
        })
    }

    /// Opens one connection to a host that takes writes: the first of those listed, unless it
    /// fails or keeps us waiting and another is faster. While one keeps us waiting, the others
    /// are asked again and again: one of them may be about to take its place.
    pub(super) async fn connect(&self) -> Result<(Client, Driver), Trouble> {
        let mut attempts = FuturesUnordered::new();
        let mut hosts = self.hosts.iter();
        let mut unanswered = hosts.len();
        let mut trouble: Option<Trouble> = None;
        while unanswered > 0 {
            attempts.extend(hosts.next().map(|host| self.attempt(host, Duration::ZERO)));
            tokio::select! {
                Some((host, is_first, outcome)) = attempts.next() => match outcome {
                    Ok(connected) => return Ok(connected),
                    Err(another) => {
                        unanswered -= usize::from(is_first);
                        // What will not change by waiting says more than what may.
                        if !matches!(trouble, Some(Trouble::Refused(_))) {
                            trouble = Some(another);
                        }
                        attempts.push(self.attempt(host, AGAIN));
                    }
                },
                () = sleep(HEAD_START), if hosts.len() > 0 => {}
            }
        }
        Err(trouble.unwrap_or_else(|| Trouble::Refused("the URL names no host".to_owned())))
    }

    /// Tries a host after a pause, if there is to be one: then it is not for the first time.
    async fn attempt<'a>(
        &self,
        host: &'a Config,
        pause: Duration,
    ) -> (&'a Config, bool, Result<(Client, Driver), Trouble>) {
        sleep(pause).await;
        let outcome = match timeout(self.patience, self.once(host)).await {
            Ok(outcome) => outcome.map_err(|error| trouble(&error)),
            Err(_) => Err(Trouble::Absent("it cannot be reached: it does not answer".to_owned())),
        };
        (host, pause.is_zero(), outcome)
    }

    /// Encryption may be preferred to none, but not to a connection.
    async fn once(&self, host: &Config) -> Result<(Client, Driver), tokio_postgres::Error> {
        match host.connect(self.tls.clone()).await {
            Err(error) if is_tls(&error) && host.get_ssl_mode() == SslMode::Prefer => {
                let mut plain = host.clone();
                plain.ssl_mode(SslMode::Disable);
                plain.connect(self.tls.clone()).await
            }
            outcome => outcome,
        }
    }

    /// How long the server may take until a connection can be used.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }
}
