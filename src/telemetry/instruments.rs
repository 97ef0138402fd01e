//! What measures: counters, gauges and histograms of Prometheus, of which each costs an atomic
//! operation or two. A build without the feature `metrics` has `no_instruments.rs` instead.

use prometheus::core::Collector;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts};

pub(crate) use super::unknown_users::UnknownUsers;

/// What all our names begin with.
pub(super) const NAMESPACE: &str = "minitwit";

/// What knows all instruments.
pub(crate) struct Registry(pub(super) prometheus::Registry);

/// Counts what happens.
pub(crate) struct Counter(prometheus::IntCounter);

/// Tells how much there is of something now.
pub(crate) struct Gauge(IntGauge);

/// A gauge that may have nothing to tell.
pub(crate) struct OptionalGauge(IntGaugeVec);

/// Tells how often a number was how large.
pub(crate) struct Histogram(prometheus::Histogram);

/// A sum that something else keeps, in seconds.
pub(crate) struct Seconds(prometheus::Counter);

/// One of what a gauge counts, until it is dropped.
#[must_use = "what is dropped is not counted any more"]
pub(crate) struct Held(IntGauge);

impl Registry {
    pub(super) fn new() -> Self {
        Self(prometheus::Registry::new())
    }

    /// A counter without labels.
    pub(crate) fn counter(&self, name: &str, help: &str) -> Counter {
        Counter(self.add(IntCounterVec::new(opts(name, help), &[])).with_label_values::<&str>(&[]))
    }

    /// A counter for each of the rows, which hold the values of the labels; in that order.
    pub(crate) fn counters<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&str; N],
        rows: impl IntoIterator<Item = [&'static str; N]>,
    ) -> Vec<Counter> {
        let family = self.add(IntCounterVec::new(opts(name, help), &labels));
        rows.into_iter().map(|row| Counter(family.with_label_values(&row))).collect()
    }

    /// A counter of seconds.
    pub(crate) fn seconds(&self, name: &str, help: &str) -> Seconds {
        Seconds(self.add(prometheus::Counter::with_opts(opts(name, help))))
    }

    /// A gauge without labels, at 0.
    pub(crate) fn gauge(&self, name: &str, help: &str) -> Gauge {
        Gauge(self.add(IntGaugeVec::new(opts(name, help), &[])).with_label_values::<&str>(&[]))
    }

    /// A gauge without labels that is absent until it is set.
    pub(crate) fn optional_gauge(&self, name: &str, help: &str) -> OptionalGauge {
        OptionalGauge(self.add(IntGaugeVec::new(opts(name, help), &[])))
    }

    /// A gauge that is always 1: its labels are what it tells.
    pub(crate) fn info<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&str; N],
        values: [&str; N],
    ) {
        self.add(IntGaugeVec::new(opts(name, help), &labels)).with_label_values(&values).set(1);
    }

    /// A histogram for each of the rows, which hold the values of the labels; in that order.
    /// `bounds` are the upper bounds of its buckets.
    pub(crate) fn histograms<const N: usize>(
        &self,
        name: &str,
        help: &str,
        bounds: &[f64],
        labels: [&str; N],
        rows: impl IntoIterator<Item = [&'static str; N]>,
    ) -> Vec<Histogram> {
        let opts = HistogramOpts::from(opts(name, help)).buckets(bounds.to_vec());
        let family = self.add(HistogramVec::new(opts, &labels));
        rows.into_iter().map(|row| Histogram(family.with_label_values(&row))).collect()
    }

    /// A histogram without labels.
    pub(crate) fn histogram(&self, name: &str, help: &str, bounds: &[f64]) -> Histogram {
        let opts = HistogramOpts::from(opts(name, help)).buckets(bounds.to_vec());
        Histogram(self.add(HistogramVec::new(opts, &[])).with_label_values::<&str>(&[]))
    }

    fn add<T: Collector + Clone + 'static>(&self, family: prometheus::Result<T>) -> T {
        let added = family.and_then(|family| {
            self.0.register(Box::new(family.clone()))?;
            Ok(family)
        });
        added.expect("names are valid, and each is given once")
    }
}

/// The names of what every process has are the same everywhere.
fn opts(name: &str, help: &str) -> Opts {
    let opts = Opts::new(name, help);
    if name.starts_with("process_") { opts } else { opts.namespace(NAMESPACE) }
}

impl Counter {
    /// It happened once more.
    pub(crate) fn inc(&self) {
        self.0.inc();
    }
}

impl Seconds {
    /// The sum is now that large.
    pub(crate) fn set(&self, sum: f64) {
        self.0.inc_by((sum - self.0.get()).max(0.0));
    }
}

impl Gauge {
    /// There is as much.
    pub(crate) fn set(&self, value: i64) {
        self.0.set(value);
    }

    /// There is one more, as long as the result lives.
    pub(crate) fn hold(&self) -> Held {
        self.0.inc();
        Held(self.0.clone())
    }
}

impl OptionalGauge {
    /// There is as much, or nothing to tell.
    pub(crate) fn set(&self, value: Option<i64>) {
        match value {
            Some(value) => self.0.with_label_values::<&str>(&[]).set(value),
            None => self.0.reset(),
        }
    }
}

impl Histogram {
    /// It was that large this time.
    pub(crate) fn observe(&self, value: f64) {
        self.0.observe(value);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}
