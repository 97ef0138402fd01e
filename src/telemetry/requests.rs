//! Requests and their durations, as actix-web-prom counts them.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Instant;

use actix_web_prom::{
    ActixMetricsConfiguration, LabelsConfiguration, PrometheusMetrics, PrometheusMetricsBuilder,
};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, TextEncoder,
};

use super::instruments::NAMESPACE;
use super::metrics::registry;

/// Upper bounds of the buckets for durations, in seconds. The simulator gives up after 0.3.
pub(crate) const DURATION_BOUNDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 5.0];

const TOTAL: &str = "http_requests_total";
const DURATION: &str = "http_request_duration_seconds";

static REQUESTS: LazyLock<PrometheusMetrics> = LazyLock::new(|| {
    let names = ActixMetricsConfiguration::default()
        .http_requests_total_name(TOTAL)
        .http_requests_duration_seconds_name(DURATION)
        .labels(LabelsConfiguration::default().endpoint("route"));
    PrometheusMetricsBuilder::new(NAMESPACE)
        .registry(registry().0.clone())
        .const_labels(given_by("router"))
        .metrics_configuration(names)
        .buckets(DURATION_BOUNDS)
        // One label for all paths nobody serves: else strangers could fill the memory.
        .mask_unmatched_patterns("unmatched")
        .build()
        .expect("names are valid, and each is given once")
});

/// The middleware that counts requests and takes their time.
pub(crate) fn requests() -> PrometheusMetrics {
    REQUESTS.clone()
}

/// The same numbers for what is answered before the router, and so the middleware, is asked. The
/// help has to be the same, too: Prometheus has one for each name.
static UNROUTED: LazyLock<(IntCounterVec, HistogramVec)> = LazyLock::new(|| {
    let labels = ["route", "method", "status"];
    let total = Opts::new(TOTAL, "Total number of HTTP requests");
    let total = total.namespace(NAMESPACE).const_labels(given_by("shortcut"));
    let seconds = HistogramOpts::new(DURATION, "HTTP request duration in seconds for all requests");
    let seconds = seconds.namespace(NAMESPACE).const_labels(given_by("shortcut"));
    let seconds = seconds.buckets(DURATION_BOUNDS.to_vec());
    IntCounterVec::new(total, &labels)
        .and_then(|total| Ok((total, HistogramVec::new(seconds, &labels)?)))
        .and_then(|(total, seconds)| {
            registry().0.register(Box::new(total.clone()))?;
            registry().0.register(Box::new(seconds.clone()))?;
            Ok((total, seconds))
        })
        .expect("names are valid, and labels and help are those of the middleware")
});

/// What tells the numbers of the two apart.
fn given_by(whom: &str) -> HashMap<String, String> {
    HashMap::from([("answered_by".to_owned(), whom.to_owned())])
}

/// Pages of a route that are given before the router is asked.
#[derive(Clone)]
pub(crate) struct Unrouted {
    total: IntCounter,
    seconds: Histogram,
}

impl Unrouted {
    /// Those of the route with that pattern.
    pub(crate) fn of(route: &str) -> Self {
        let (total, seconds) = &*UNROUTED;
        let labels = [route, "GET", "200"];
        Self {
            total: total.with_label_values(&labels),
            seconds: seconds.with_label_values(&labels),
        }
    }

    /// Counts one, and the time since it was asked for.
    pub(crate) fn note(&self, began: Instant) {
        self.total.inc();
        self.seconds.observe(began.elapsed().as_secs_f64());
    }
}

/// All numbers of this process, in Prometheus' text format.
pub(crate) fn exposition() -> prometheus::Result<String> {
    TextEncoder::new().encode_to_string(&registry().0.gather())
}
