//! Listening sockets that somebody else has opened: systemd, or the server before this one.
//!
//! They outlive the server, so connections that come while nobody serves wait instead of being
//! refused. The protocol is that of `sd_listen_fds(3)`.

use std::env;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Command;

use listenfd::ListenFd;
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};

/// The name of the socket for metrics in `LISTEN_FDNAMES`. Any other is for pages and API.
const METRICS: &str = "metrics";

/// What a successor finds the other under.
const LISTEN: &str = "listen";

/// Where descriptors for a successor are looked for: well above those of a server that starts.
const FIRST_PLACE: i32 = 64;

/// Sockets that were opened for this server, as far as there are any.
#[derive(Default)]
pub struct Given {
    /// For the pages and the simulator API.
    pub listen: Option<TcpListener>,
    /// For the metrics.
    pub metrics: Option<TcpListener>,
}

/// The sockets of a server.
pub struct Sockets {
    /// For the pages and the simulator API.
    pub listen: TcpListener,
    /// For the metrics, if it has some.
    pub metrics: Option<TcpListener>,
}

impl Given {
    /// Takes those that the environment names (`LISTEN_FDS`, `LISTEN_PID`, `LISTEN_FDNAMES`).
    pub fn from_environment() -> io::Result<Self> {
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut given = ListenFd::from_env();
        let mut sockets = Self::default();
        for index in 0..given.len() {
            let Some(listener) = given.take_tcp_listener(index)? else { continue };
            let is_for_metrics = names.split(':').nth(index) == Some(METRICS);
            let place = if is_for_metrics { &mut sockets.metrics } else { &mut sockets.listen };
            if place.replace(listener).is_some() {
                return Err(io::Error::other(
                    "at most one for pages, and one that is called \"metrics\", are of use",
                ));
            }
        }
        Ok(sockets)
    }
}

impl Sockets {
    /// Gives copies to a program that is about to be started: they are open there as long as what
    /// is returned lives until it has started.
    pub(super) fn give_to(&self, command: &mut Command) -> io::Result<Vec<OwnedFd>> {
        let metrics = self.metrics.iter().map(|listener| (METRICS, listener));
        let named = std::iter::once((LISTEN, &self.listen)).chain(metrics);
        let (names, listeners): (Vec<_>, Vec<_>) = named.unzip();
        let copies = neighbours(&listeners)?;
        for copy in &copies {
            fcntl_setfd(copy, FdFlags::empty())?;
        }
        let first = copies.first().map_or(0, AsRawFd::as_raw_fd);
        command
            .env_remove("LISTEN_PID")
            .env("LISTEN_FDS", copies.len().to_string())
            .env("LISTEN_FDS_FIRST_FD", first.to_string())
            .env("LISTEN_FDNAMES", names.join(":"));
        Ok(copies)
    }
}

/// Copies whose descriptors follow each other.
fn neighbours(listeners: &[&TcpListener]) -> io::Result<Vec<OwnedFd>> {
    let mut first = FIRST_PLACE;
    loop {
        let copies = (first..).zip(listeners).map(|(place, l)| fcntl_dupfd_cloexec(l, place));
        let copies: Vec<OwnedFd> = copies.collect::<Result<_, _>>()?;
        let places = copies.iter().map(AsRawFd::as_raw_fd);
        if places.clone().eq((first..).take(copies.len())) {
            return Ok(copies);
        }
        first = places.max().unwrap_or(first) + 1;
    }
}
