//! A thread that accepts connections, until exactly when it is told to stop.

use std::io::{self, PipeReader, PipeWriter};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{SocketFlags, accept_with};
use tokio::sync::oneshot;

use super::reception::Reception;

/// Connections waiting to be accepted.
const BACKLOG: i32 = 4096;

/// Connections that are accepted before it is looked whether to stop.
const AT_ONCE: u32 = 64;

/// How long nothing is accepted after that has failed, as it does when no file can be opened.
const PAUSE: Duration = Duration::from_millis(100);

/// A socket from which connections are accepted.
pub struct Door {
    thread: JoinHandle<Doorman>,
    close: PipeWriter,
    broken: oneshot::Receiver<io::Error>,
}

struct Doorman {
    listener: TcpListener,
    reception: Arc<Reception>,
    closed: PipeReader,
}

impl Door {
    /// Begins to accept connections.
    pub(super) fn open(listener: TcpListener, reception: Arc<Reception>) -> io::Result<Self> {
        // A listener of the standard library has room for 128.
        rustix::net::listen(&listener, BACKLOG)?;
        listener.set_nonblocking(true)?;
        let (closed, close) = io::pipe()?;
        let doorman = Doorman { listener, reception, closed };
        let (breaks, broken) = oneshot::channel();
        let thread = thread::Builder::new().name("door".into()).spawn(move || {
            if let Err(error) = doorman.accept() {
                // Nobody listens any more when the server is about to end.
                let _ = breaks.send(error);
            }
            doorman
        })?;
        Ok(Self { thread, close, broken })
    }

    /// Waits until no more can be accepted, and says why.
    pub async fn broken(&mut self) -> io::Error {
        match (&mut self.broken).await {
            Ok(error) => error,
            Err(_) => std::future::pending().await,
        }
    }

    /// Accepts no more connections: those that wait are for whoever else has the socket.
    pub fn leave(self) {
        self.close();
    }

    /// Accepts those connections that wait now, and no more.
    pub fn close_behind_the_last(self) {
        if let Some(doorman) = self.close() {
            while let Ok(true) = doorman.accept_one() {}
        }
    }

    fn close(self) -> Option<Doorman> {
        drop(self.close);
        // It has panicked if there is none.
        self.thread.join().ok()
    }
}

impl Doorman {
    /// Accepts until the other end of the pipe is gone.
    fn accept(&self) -> io::Result<()> {
        loop {
            let mut waits = [
                PollFd::new(&self.closed, PollFlags::IN),
                PollFd::new(&self.listener, PollFlags::IN),
            ];
            poll(&mut waits, None)?;
            if !waits[0].revents().is_empty() {
                return Ok(());
            }
            for _ in 0..AT_ONCE {
                if !self.accept_one()? {
                    break;
                }
            }
        }
    }

    /// Whether there was a connection.
    fn accept_one(&self) -> io::Result<bool> {
        use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, WouldBlock};
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let accepted = accept_with(&self.listener, flags).map_err(io::Error::from);
        match accepted {
            Ok(stream) => {
                while self.reception.is_full() {
                    thread::sleep(PAUSE);
                }
                self.reception.welcome(TcpStream::from(stream))?;
                return Ok(true);
            }
            Err(error) if error.kind() == WouldBlock => return Ok(false),
            Err(error) => {
                let kind = error.kind();
                if !matches!(kind, ConnectionAborted | ConnectionReset | Interrupted) {
                    log::error!("no connection can be accepted: {error}");
                    thread::sleep(PAUSE);
                }
            }
        }
        Ok(false)
    }
}
