//! What systemd is told: <https://www.freedesktop.org/software/systemd/man/sd_notify.html>.

use std::env;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process;
use std::time::Duration;

/// Tells systemd how the server is. Without systemd, it tells nobody.
pub struct Notifier(Option<(UnixDatagram, SocketAddr)>);

impl Notifier {
    /// As `NOTIFY_SOCKET` says.
    pub fn from_environment() -> Self {
        Self(env::var("NOTIFY_SOCKET").ok().and_then(|name| {
            let address = match name.strip_prefix('@') {
                Some(name) => SocketAddr::from_abstract_name(name),
                None => SocketAddr::from_pathname(name),
            };
            Some((UnixDatagram::unbound().ok()?, address.ok()?))
        }))
    }

    /// Whether anybody listens.
    pub fn is_heard(&self) -> bool {
        self.0.is_some()
    }

    /// The server answers.
    pub fn ready(&self) {
        self.tell(&format!("READY=1\nSTATUS={}", serving()));
    }

    /// Another program is about to take over.
    pub fn reloading(&self) {
        self.tell(&format!("RELOADING=1\nSTATUS={}, another gets ready", serving()));
    }

    /// No other program has taken over.
    pub fn still_serving(&self, why: &str) {
        self.tell(&format!("READY=1\nSTATUS={}: {why}", serving()));
    }

    /// This process has taken over from the one that tells it.
    pub fn taken_over_by(&self, process: u32) {
        self.tell(&format!("MAINPID={process}\nREADY=1"));
    }

    /// The server answers; to be told more often than every [`Notifier::watchdog`].
    pub fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    /// Whether the database answers.
    pub fn database(&self, answers: bool) {
        let trouble = if answers { "" } else { ", but its database does not answer" };
        self.tell(&format!("STATUS={}{trouble}", serving()));
    }

    /// No new requests are taken.
    pub fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=finishing the requests under way");
    }

    /// How long systemd waits for a sign of life; `None` if it does not.
    pub fn watchdog(&self) -> Option<Duration> {
        self.0.as_ref()?;
        let is_mine = match env::var("WATCHDOG_PID") {
            Ok(process) => process.parse() == Ok(process::id()),
            Err(_) => true,
        };
        let micros = env::var("WATCHDOG_USEC").ok()?.parse().ok()?;
        (is_mine && micros > 0).then(|| Duration::from_micros(micros))
    }

    fn tell(&self, message: &str) {
        if let Some((socket, address)) = &self.0
            && let Err(error) = socket.send_to_addr(message.as_bytes(), address)
        {
            log::warn!("systemd cannot be told: {error}");
        }
    }
}

fn serving() -> String {
    format!("version {} serves", env!("CARGO_PKG_VERSION"))
}
