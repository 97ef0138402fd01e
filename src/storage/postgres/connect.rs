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
const HEAD_START: Duration = Duration::from_millis(200);

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
    /// fails or keeps us waiting and another is faster.
    pub(super) async fn connect(&self) -> Result<(Client, Driver), Trouble> {
        let mut attempts = FuturesUnordered::new();
        let mut hosts = self.hosts.iter();
        let mut trouble: Option<Trouble> = None;
        loop {
            attempts.extend(hosts.next().map(|host| self.attempt(host)));
            tokio::select! {
                Some(outcome) = attempts.next() => match outcome {
                    Ok(connected) => return Ok(connected),
                    // What will not change by waiting says more than what may.
                    Err(another) => match trouble {
                        Some(Trouble::Refused(_)) => {}
                        _ => trouble = Some(another),
                    }
                },
                () = sleep(HEAD_START), if hosts.len() > 0 => {}
                else => {
                    let no_host = || Trouble::Refused("the URL names no host".to_owned());
                    return Err(trouble.unwrap_or_else(no_host));
                }
            }
        }
    }

    /// How long the server may take until a connection can be used.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    async fn attempt(&self, host: &Config) -> Result<(Client, Driver), Trouble> {
        let first = self.once(host).await;
        match first {
            // Encryption is preferred to none, not to a connection.
            Err(error) if is_tls(&error) && host.get_ssl_mode() == SslMode::Prefer => {
                let mut plain = host.clone();
                plain.ssl_mode(SslMode::Disable);
                self.once(&plain).await
            }
            outcome => outcome,
        }
        .map_err(|error| trouble(&error))
    }

    async fn once(&self, host: &Config) -> Result<(Client, Driver), tokio_postgres::Error> {
        timeout(self.patience, host.connect(self.tls.clone()))
            .await
            .unwrap_or_else(|_| Err(tokio_postgres::Error::__private_api_timeout()))
    }
}
