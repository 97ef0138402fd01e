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
#[cfg(feature = "metrics")]
pub(crate) use instruments::{Counter, Gauge, Histogram, OptionalGauge, Registry};
#[cfg(feature = "metrics")]
pub use log::LogFormat;
pub(crate) use log::{log_panics, start_log};
pub(crate) use metrics::registry;
pub(crate) use metrics::{SignInFailure, metrics};
#[cfg(feature = "metrics")]
pub(crate) use process::Process;
pub(crate) use requests::requests;
#[cfg(feature = "metrics")]
pub(crate) use requests::{DURATION_BOUNDS, exposition};
pub(crate) use seldom::{Passage, Seldom};
