//! What a MiniTwit tells about itself.

#[cfg(feature = "metrics")]
mod metrics;
mod seldom;

#[cfg(feature = "metrics")]
pub use metrics::Metrics;
pub use seldom::Seldom;
