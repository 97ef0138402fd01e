//! What a server lives through: it starts, or takes over from another; serves; and ends, because
//! it was told to, or because another has taken over from it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{sleep, timeout};

use super::{Stop, failure};
use crate::storage::Storage;
use crate::supervision::{Notifier, Predecessor, Sockets, Successor};
use crate::web::server::{Door, Patience, Server};

/// When the server is told to stop, somebody may wait for its end to start the next.
const HURRIED: Patience =
    Patience { with_idle: Duration::ZERO, with_newcomers: Duration::from_millis(200) };

/// When another serves already.
const UNHURRIED: Patience =
    Patience { with_idle: Duration::from_secs(3), with_newcomers: Duration::from_secs(3) };

/// How often a server that is not ready yet looks whether it is.
const READY_TICK: Duration = Duration::from_millis(50);

/// A server and what belongs to it.
pub(super) struct Life {
    server: Server,
    sockets: Sockets,
    storage: Arc<dyn Storage>,
    notifier: Notifier,
    signals: Signals,
}

/// Why a server takes no more connections.
enum End {
    /// It was told to stop.
    Told,
    /// Another is ready to take over.
    Ready(Heir),
}

/// A program that is ready to take over, and its process.
struct Heir {
    successor: Successor,
    process: u32,
}

impl Life {
    /// A server that answers once [`Life::live`] is polled. If another has started it to take
    /// over, that one takes no more connections when this returns.
    pub(super) async fn begin(
        predecessor: Option<Predecessor>,
        server: Server,
        sockets: Sockets,
        storage: Arc<dyn Storage>,
    ) -> Result<Self, Stop> {
        if let Some(predecessor) = predecessor {
            until_ready(&server).await;
            predecessor.take_over().map_err(gave_up)?;
        }
        let signals = Signals::listen().map_err(failure)?;
        Ok(Self { server, sockets, storage, notifier: Notifier::from_environment(), signals })
    }

    /// Serves until the end.
    pub(super) async fn live(mut self) -> Result<(), Stop> {
        println!("MiniTwit is at http://{}", self.sockets.listen.local_addr().map_err(failure)?);
        let patience = loop {
            let listener = self.sockets.listen.try_clone().map_err(failure)?;
            let mut door = self.server.open(listener).map_err(failure)?;
            match self.until_end(&mut door).await.map_err(failure)? {
                End::Told => {
                    self.notifier.stopping();
                    log::info!("stopping: requests under way are finished");
                    door.close_behind_the_last();
                    break HURRIED;
                }
                End::Ready(heir) => match self.hand_over(door, heir).await {
                    Ok(()) => break UNHURRIED,
                    Err(error) => self.stay(&error),
                },
            }
        };
        self.finish(patience).await
    }

    /// Waits for a reason to take no more connections.
    async fn until_end(&mut self, door: &mut Door) -> io::Result<End> {
        let Self { server, notifier, signals, sockets, .. } = self;
        tokio::select! {
            error = door.broken() => Err(error),
            never = report(server, notifier) => match never {},
            () = signals.stop.received() => Ok(End::Told),
            heir = heir(&mut signals.hand_over, sockets, notifier) => Ok(End::Ready(heir)),
        }
    }

    /// Lets the successor serve, and the supervisor mind it.
    async fn hand_over(&self, door: Door, heir: Heir) -> io::Result<()> {
        self.server.leave(true);
        door.leave();
        if let Err(error) = self.storage.store_latest().await {
            log::warn!("the latest cannot be stored: {error}");
        }
        let Heir { successor, process } = heir;
        successor.go().await?;
        self.notifier.taken_over_by(process);
        log::info!("process {process} has taken over: requests under way are finished");
        Ok(())
    }

    fn stay(&self, error: &io::Error) {
        self.server.leave(false);
        stay(&self.notifier, &error.to_string());
    }

    /// Answers what was accepted. A second signal to stop ends it at once.
    async fn finish(mut self, mut patience: Patience) -> Result<(), Stop> {
        // Whoever else has the sockets takes what comes from now on.
        drop(self.sockets);
        let given_up = loop {
            tokio::select! {
                given_up = self.server.drain(patience) => break given_up,
                () = self.signals.stop.received() => {
                    if patience == HURRIED {
                        return Err(failure("told again to stop: requests under way are cut"));
                    }
                    patience = HURRIED;
                }
            }
        };
        if given_up > 0 {
            log::warn!("{given_up} connections took too long and are cut");
        }
        self.storage.close().await;
        log::info!("stopped");
        Ok(())
    }
}

fn gave_up(error: io::Error) -> Stop {
    failure(format!("the server to take over from ended or gave up: {error}"))
}

/// Waits until the server answers and its database does.
async fn until_ready(server: &Server) {
    while !matches!(server.is_ready().await, Ok(true)) {
        sleep(READY_TICK).await;
    }
}

/// Tells the supervisor when the server is ready, and then that it still answers.
async fn report(server: &Server, notifier: &Notifier) -> std::convert::Infallible {
    if !notifier.is_heard() {
        return std::future::pending().await;
    }
    until_ready(server).await;
    notifier.ready();
    let Some(limit) = notifier.watchdog() else { return std::future::pending().await };
    let mut was_ready = true;
    loop {
        // A database that says it is away is not mended by a new server: only silence counts.
        match timeout(limit / 3, server.is_ready()).await {
            Ok(Ok(ready)) => {
                if ready != was_ready {
                    notifier.database(ready);
                }
                was_ready = ready;
                notifier.alive();
            }
            Ok(Err(error)) => log::error!("this server does not answer itself: {error}"),
            Err(_) => log::error!("this server does not answer itself"),
        }
        sleep(limit / 3).await;
    }
}

/// Waits for the signal to hand over and for a program that is ready to take over.
async fn heir(signal: &mut Signal, sockets: &Sockets, notifier: &Notifier) -> Heir {
    loop {
        // None comes only if the process has no more signals: then it is never told.
        if signal.recv().await.is_none() {
            return std::future::pending().await;
        }
        notifier.reloading();
        match ready_heir(sockets).await {
            Ok(heir) => return heir,
            Err(error) => stay(notifier, &error.to_string()),
        }
    }
}

async fn ready_heir(sockets: &Sockets) -> io::Result<Heir> {
    let mut successor = Successor::start(sockets)?;
    let attempt = successor.attempt();
    log::info!("process {attempt} was started to get another ready");
    match successor.ready().await {
        Ok(process) => Ok(Heir { successor, process }),
        Err(why) => Err(io::Error::other(format!("process {attempt} gets nobody ready: {why}"))),
    }
}

fn stay(notifier: &Notifier, why: &str) {
    log::error!("this server goes on: {why}");
    notifier.still_serving(why);
}

/// The signals a server minds.
struct Signals {
    stop: StopSignals,
    hand_over: Signal,
}

struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let stop = StopSignals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        };
        Ok(Self { stop, hand_over: signal(SignalKind::user_defined2())? })
    }
}

impl StopSignals {
    /// Waits for the next SIGTERM or SIGINT.
    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
