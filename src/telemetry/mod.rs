//! What a MiniTwit tells about itself.

#[cfg(feature = "metrics")]
mod metrics;

#[cfg(feature = "metrics")]
pub use metrics::Metrics;
