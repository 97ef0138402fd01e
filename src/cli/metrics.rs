//! `--metrics-listen`, and nothing in a build without metrics.

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
    listener: std::net::TcpListener,
}

#[cfg(feature = "metrics")]
impl MetricsFlag {
    /// Begins to listen.
    pub(super) fn bind(&self) -> Result<MetricsListener, Stop> {
        let listener = super::serve::bind("--metrics-listen", self.metrics_listen)?;
        Ok(MetricsListener { listener })
    }
}

#[cfg(feature = "metrics")]
impl MetricsListener {
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
    pub(super) fn bind(&self) -> Result<MetricsListener, Stop> {
        Ok(MetricsListener {})
    }
}

#[cfg(not(feature = "metrics"))]
impl MetricsListener {
    pub(super) fn serve(self, _: &Arc<dyn Storage>, _: &Database) -> Result<(), Stop> {
        Ok(())
    }
}
