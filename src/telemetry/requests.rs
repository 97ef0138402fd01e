//! Requests and their durations, as actix-web-prom counts them.

use std::sync::LazyLock;

use actix_web_prom::{
    ActixMetricsConfiguration, LabelsConfiguration, PrometheusMetrics, PrometheusMetricsBuilder,
};
use prometheus::TextEncoder;

use super::instruments::NAMESPACE;
use super::metrics::registry;

/// Upper bounds of the buckets for durations, in seconds. The simulator gives up after 0.3.
pub(crate) const DURATION_BOUNDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 5.0];

static REQUESTS: LazyLock<PrometheusMetrics> = LazyLock::new(|| {
    let names = ActixMetricsConfiguration::default()
        .http_requests_duration_seconds_name("http_request_duration_seconds")
        .labels(LabelsConfiguration::default().endpoint("route"));
    PrometheusMetricsBuilder::new(NAMESPACE)
        .registry(registry().0.clone())
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

/// All numbers of this process, in Prometheus' text format.
pub(crate) fn exposition() -> prometheus::Result<String> {
    TextEncoder::new().encode_to_string(&registry().0.gather())
}
