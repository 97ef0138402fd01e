//! Where connections go from the door to the workers, and how many of them there are.

use std::cell::Cell;
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

/// Connections at once on each worker. The limit on open files is the harder one.
const CONNECTIONS: usize = 25_000;

/// Leads connections to the workers in turn.
pub(super) struct Reception {
    queues: Vec<mpsc::UnboundedSender<Arrival>>,
    turn: AtomicUsize,
    connections: Headcount,
    newcomers: Headcount,
}

/// A connection that was accepted.
pub(super) struct Arrival {
    pub(super) stream: TcpStream,
    /// Until it is closed.
    pub(super) connection: Counted,
    /// Until its first request has come.
    pub(super) newcomer: Counted,
}

impl Reception {
    pub(super) fn new(queues: Vec<mpsc::UnboundedSender<Arrival>>) -> Self {
        let (connections, newcomers) = <(Headcount, Headcount)>::default();
        Self { queues, turn: AtomicUsize::new(0), connections, newcomers }
    }

    /// Leads a connection to the next worker.
    pub(super) fn welcome(&self, stream: TcpStream) -> io::Result<()> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.lead(stream, turn % self.workers())
    }

    /// Leads a connection to that worker.
    pub(super) fn lead(&self, stream: TcpStream, worker: usize) -> io::Result<()> {
        let (connection, newcomer) = (self.connections.one_more(), self.newcomers.one_more());
        self.queues[worker]
            .send(Arrival { stream, connection, newcomer })
            .map_err(|_| io::Error::other("a worker has ended"))
    }

    pub(super) fn workers(&self) -> usize {
        self.queues.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.connections.now() >= CONNECTIONS * self.workers()
    }

    /// Connections that are not closed.
    pub(super) fn connections(&self) -> usize {
        self.connections.now()
    }

    /// Those of them whose first request is yet to come.
    pub(super) fn newcomers(&self) -> usize {
        self.newcomers.now()
    }
}

/// Counts what exists of something.
#[derive(Default)]
struct Headcount(Arc<AtomicUsize>);

/// One of those that are counted, until it is dropped.
pub(super) struct Counted(Arc<AtomicUsize>);

impl Headcount {
    fn one_more(&self) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted(self.0.clone())
    }

    fn now(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Goes with a connection whose first request is yet to come.
pub(in crate::web) struct FirstRequest(Cell<Option<Counted>>);

impl FirstRequest {
    pub(super) fn awaited(newcomer: Option<Counted>) -> Self {
        Self(Cell::new(newcomer))
    }

    /// It has come.
    pub(in crate::web) fn came(&self) {
        self.0.take();
    }
}
