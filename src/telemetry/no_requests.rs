//! In the place of `requests.rs` in a build without metrics.

use std::time::Instant;

use actix_web::middleware::DefaultHeaders;

/// A middleware that does nothing.
pub(crate) fn requests() -> DefaultHeaders {
    DefaultHeaders::new()
}

/// Counts nothing.
#[derive(Clone)]
pub(crate) struct Unrouted;

impl Unrouted {
    /// Of no route.
    pub(crate) fn of(_route: &str) -> Self {
        Self
    }

    /// Counts nothing.
    pub(crate) fn note(&self, _began: Instant) {}
}
