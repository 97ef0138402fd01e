//! In the place of `requests.rs` in a build without metrics.

use actix_web::middleware::DefaultHeaders;

/// A middleware that does nothing.
pub(crate) fn requests() -> DefaultHeaders {
    DefaultHeaders::new()
}
