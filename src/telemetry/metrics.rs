//! Prometheus metrics, on a listener of their own so that visitors do not see them.

use std::error::Error;
use std::io;
use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, web};
use actix_web_prom::{PrometheusMetrics, PrometheusMetricsBuilder};
use prometheus::{Registry, TextEncoder};

/// Upper bounds of the buckets for durations, in seconds. The simulator gives up after 0.3.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 5.0];

/// All metrics of the process.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: PrometheusMetrics,
}

impl Metrics {
    /// Registers the metrics. Fails only by a mistake in their names.
    pub fn new() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let registry = Registry::new();
        let requests = PrometheusMetricsBuilder::new("minitwit")
            .registry(registry.clone())
            .buckets(BUCKETS)
            // One label for all paths nobody serves: else strangers could fill the memory.
            .mask_unmatched_patterns("unmatched")
            .build()?;
        Ok(Self { registry, requests })
    }

    /// The middleware that counts requests and takes their time.
    pub fn requests(&self) -> PrometheusMetrics {
        self.requests.clone()
    }

    /// A server for `GET /metrics` on that listener. The log tells where: port 0 is any.
    pub fn serve(&self, listener: TcpListener) -> io::Result<Server> {
        log::info!("metrics are at http://{}/metrics", listener.local_addr()?);
        let registry = web::Data::new(self.registry.clone());
        let app =
            move || App::new().app_data(registry.clone()).route("/metrics", web::get().to(show));
        Ok(HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run())
    }
}

async fn show(registry: web::Data<Registry>) -> HttpResponse {
    match TextEncoder::new().encode_to_string(&registry.gather()) {
        Ok(text) => HttpResponse::Ok().content_type(ContentType::plaintext()).body(text),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
