//! What every request may need.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;

use super::client::TrustedProxies;
use super::kept::Version;
use super::rendered::Rendered;
use super::simulator::SimulatorAuth;
use super::views::avatar::Avatars;
use crate::accounts::{BcryptCost, HashingPool, Throttle};
use crate::storage::{self, Storage};

/// One MiniTwit: its data, its rules, and what it keeps in memory.
pub struct Site {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) hashing: HashingPool,
    pub(super) throttle: Throttle,
    pub(super) avatars: Avatars,
    pub(super) simulator_auth: Option<SimulatorAuth>,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) rendered: Rendered,
    leaving: AtomicBool,
}

/// What an operator decides about a site.
#[derive(Debug)]
pub struct SiteOptions {
    /// `--bcrypt-cost`
    pub bcrypt_cost: BcryptCost,
    /// `--avatars`
    pub avatars: AvatarStyle,
    /// `--simulator-auth`; without it the simulator API refuses everybody.
    pub simulator_auth: Option<SimulatorAuth>,
    /// `--trusted-proxy`
    pub trusted_proxies: TrustedProxies,
}

/// Who draws the avatars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AvatarStyle {
    /// MiniTwit itself: nobody else learns who reads what.
    Own,
    /// gravatar.com, as the original program did.
    Gravatar,
}

impl Site {
    /// Wires a site to its database. Fails if no threads can be started.
    pub fn new(storage: Arc<dyn Storage>, options: SiteOptions) -> io::Result<Self> {
        let avatars = match options.avatars {
            AvatarStyle::Own => Avatars::own(storage.secret()),
            AvatarStyle::Gravatar => Avatars::Gravatar,
        };
        Ok(Self {
            hashing: HashingPool::new(options.bcrypt_cost)?,
            throttle: Throttle::new(),
            avatars,
            simulator_auth: options.simulator_auth,
            trusted_proxies: options.trusted_proxies,
            rendered: Rendered::new(),
            leaving: AtomicBool::new(false),
            storage,
        })
    }

    /// What the database is like now: what is made of it from here on is no older.
    pub(super) async fn version(&self) -> storage::Result<Version> {
        match self.storage.version_at_once() {
            Some(version) => Ok(Some(version)),
            None => self.storage.version().await,
        }
    }

    /// Sets [`Site::is_leaving`].
    pub(super) fn leave(&self, leaves: bool) {
        self.leaving.store(leaves, Ordering::SeqCst);
    }

    /// Whether this server is about to end, and another may be asked the next question.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::SeqCst)
    }
}
