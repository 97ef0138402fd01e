//! `--metrics-listen`, and nothing in a build without metrics.

use std::net::TcpListener;
use std::sync::Arc;

use clap::Args;

use super::Stop;
use crate::storage::{Database, Storage};

/// Where the metrics are.
#[derive(Args)]
pub(super) struct MetricsFlag {
    /// Address and port for operators: Prometheus metrics at /metrics, and the names the simulator
    /// asked for in vain at /unknown-users
    #[cfg(feature = "metrics")]
    #[arg(
        long,
        env = "MINITWIT_METRICS_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9091",
        value_parser = super::serve::parse_address
    )]
    metrics_listen: std::net::SocketAddr,
}

/// A listener for operators that is not served yet.
pub(super) struct MetricsListener {
    #[cfg(feature = "metrics")]
    listener: TcpListener,
}

#[cfg(feature = "metrics")]
impl MetricsFlag {
    /// Begins to listen, unless a socket was given.
    pub(super) fn bind(&self, given: Option<TcpListener>) -> Result<MetricsListener, Stop> {
        let bind = || super::serve::bind("--metrics-listen", self.metrics_listen);
        Ok(MetricsListener { listener: given.map_or_else(bind, Ok)? })
    }
}

#[cfg(feature = "metrics")]
impl MetricsListener {
    /// The same socket once more.
    pub(super) fn copy(&self) -> Result<Option<TcpListener>, Stop> {
        self.listener.try_clone().map(Some).map_err(super::failure)
    }

    /// Serves operators for as long as the current system runs.
    pub(super) fn serve(self, storage: &Arc<dyn Storage>, database: &Database) -> Result<(), Stop> {
        use crate::web::operators::{Subject, build};
        let server = build(self.listener, Subject::new(storage.clone(), database));
        actix_web::rt::spawn(server.map_err(|error| Stop::Failure(error.to_string()))?);
        Ok(())
    }
}

#[cfg(not(feature = "metrics"))]
impl MetricsFlag {
    pub(super) fn bind(&self, _: Option<TcpListener>) -> Result<MetricsListener, Stop> {
        Ok(MetricsListener {})
    }
}

#[cfg(not(feature = "metrics"))]
impl MetricsListener {
    pub(super) fn copy(&self) -> Result<Option<TcpListener>, Stop> {
        Ok(None)
    }

    pub(super) fn serve(self, _: &Arc<dyn Storage>, _: &Database) -> Result<(), Stop> {
        Ok(())
    }
}
