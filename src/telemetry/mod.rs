//! What a MiniTwit tells about itself: numbers and a log. Knows no other room.

#[cfg_attr(not(feature = "metrics"), path = "no_instruments.rs")]
mod instruments;
mod log;
mod metrics;
#[cfg(feature = "metrics")]
mod process;
#[cfg_attr(not(feature = "metrics"), path = "no_requests.rs")]
mod requests;
mod seldom;
#[cfg(feature = "metrics")]
mod unknown_users;

pub(crate) use instruments::Held;
pub use log::LogFormat;
pub(crate) use log::{log_panics, start_log};
pub(crate) use metrics::{SignInFailure, metrics};
pub(crate) use requests::{Unrouted, requests};
pub(crate) use seldom::{Passage, Seldom};

#[cfg(feature = "metrics")]
pub(crate) use {
    instruments::{Counter, Gauge, Histogram, OptionalGauge, Registry},
    metrics::registry,
    process::Process,
    requests::{DURATION_BOUNDS, exposition},
};
