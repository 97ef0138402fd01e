//! From a site to a running server, and to its end without a lost request.
//!
//! The one of actix-web closes, when it stops, connections that it has accepted and of which it
//! has not read a request yet. Here accepting ends first, then everything accepted is answered.

mod door;
mod probe;
mod reception;
mod worker;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_web::web;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use self::reception::Reception;
use self::worker::Worker;
use super::site::Site;

pub use self::door::Door;
pub(super) use self::reception::FirstRequest;

/// How long requests under way may take to finish once no more are taken.
const DRAIN: Duration = Duration::from_secs(20);

/// How often it is looked whether connections have ended.
const TICK: Duration = Duration::from_millis(2);

/// Threads that answer requests. They end with the process.
pub struct Server {
    site: web::Data<Site>,
    reception: Arc<Reception>,
    /// Whether idle connections are closed.
    closing: watch::Sender<bool>,
}

impl Server {
    /// Starts a worker on each core.
    pub fn start(site: web::Data<Site>) -> io::Result<Self> {
        let (closing, closes) = watch::channel(false);
        let mut queues = Vec::new();
        for number in 0..thread::available_parallelism().map_or(2, usize::from) {
            let (queue, arrivals) = mpsc::unbounded_channel();
            let worker = Worker { site: site.clone(), arrivals, closing: closes.clone() };
            let thread = thread::Builder::new().name(format!("worker-{number}"));
            thread.spawn(move || worker.run())?;
            queues.push(queue);
        }
        Ok(Self { site, reception: Arc::new(Reception::new(queues)), closing })
    }

    /// Takes connections from now on.
    pub fn open(&self, listener: TcpListener) -> io::Result<Door> {
        Door::open(listener, self.reception.clone())
    }

    /// Whether from now on every answer is the last of its connection, and what is only noted is
    /// stored before it is answered: another server is about to be asked for it.
    pub fn leave(&self, leaves: bool) {
        self.site.leave(leaves);
    }

    /// Answers all that was accepted and closes idle connections, when `patience` is over.
    /// Returns how many took too long and had to be given up.
    pub async fn drain(&self, patience: Patience) -> usize {
        self.leave(true);
        let begin = Instant::now();
        let is_over = || self.reception.connections() == 0 || begin.elapsed() >= DRAIN;
        let mut newcomers = (self.reception.newcomers(), begin);
        while !is_over() {
            let now = self.reception.newcomers();
            if now != newcomers.0 {
                newcomers = (now, Instant::now());
            }
            let no_more_come = now == 0 || newcomers.1.elapsed() >= patience.with_newcomers;
            if no_more_come && begin.elapsed() >= patience.with_idle {
                break;
            }
            sleep(TICK).await;
        }
        self.closing.send_replace(true);
        while !is_over() {
            sleep(TICK).await;
        }
        self.reception.connections()
    }
}

/// How long a server that ends keeps connections on which nothing is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Those on which a request has been answered: the answer to the next one is their last.
    pub with_idle: Duration,
    /// Those from which the first request has not come, since the last of them has sent its.
    pub with_newcomers: Duration,
}
