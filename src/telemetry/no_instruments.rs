//! In the place of `instruments.rs` in a build without metrics: nothing is measured.

/// Knows no instruments.
pub(crate) struct Registry;

/// Counts nothing.
pub(crate) struct Counter;

/// Tells nothing.
pub(crate) struct Gauge;

/// Tells nothing.
pub(crate) struct Histogram;

/// Nothing that would have to be dropped.
pub(crate) struct Held;

impl Registry {
    pub(super) fn new() -> Self {
        Self
    }

    /// Nothing.
    pub(crate) fn counter(&self, _: &str, _: &str) -> Counter {
        Counter
    }

    /// Nothing for each of the rows.
    pub(crate) fn counters<const N: usize>(
        &self,
        _: &str,
        _: &str,
        _: [&str; N],
        rows: impl IntoIterator<Item = [&'static str; N]>,
    ) -> Vec<Counter> {
        rows.into_iter().map(|_| Counter).collect()
    }

    /// Nothing.
    pub(crate) fn gauge(&self, _: &str, _: &str) -> Gauge {
        Gauge
    }

    /// Nothing.
    pub(crate) fn histogram(&self, _: &str, _: &str, _: &[f64]) -> Histogram {
        Histogram
    }
}

impl Counter {
    /// Does nothing.
    pub(crate) fn inc(&self) {}
}

impl Gauge {
    /// Does nothing.
    pub(crate) fn set(&self, _: i64) {}

    /// Does nothing.
    pub(crate) fn hold(&self) -> Held {
        Held
    }
}

impl Histogram {
    /// Does nothing.
    pub(crate) fn observe(&self, _: f64) {}
}

impl Drop for Held {
    fn drop(&mut self) {}
}

/// Keeps no names.
pub(crate) struct UnknownUsers;

impl UnknownUsers {
    pub(super) fn new() -> Self {
        Self
    }

    /// Does nothing.
    pub(super) fn note(&self, _: &str) {}
}
