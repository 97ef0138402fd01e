//! HTTP: pages for people and JSON for the simulator, from one router.

pub mod assets;
mod body;
mod client;
mod errors;
mod files;
mod front_door;
mod kept;
#[cfg(feature = "metrics")]
pub mod operators;
mod pages;
mod probes;
mod proof;
mod registration;
mod rendered;
mod request_log;
mod router;
pub mod server;
mod shortcut;
mod simulator;
mod site;
mod target;
pub mod views;
mod visitor;

pub use client::TrustedProxies;
pub use simulator::{PUBLISHED_CREDENTIALS, SimulatorAuth};
pub use site::{AvatarStyle, Site, SiteOptions};

use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::UnixSeconds;

/// The time, read once for each thing that is done.
fn now() -> UnixSeconds {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixSeconds::try_from(since_epoch.as_secs()).unwrap_or(UnixSeconds::MAX)
}
