//! The side of the one who hands over.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as Pipe;
use std::process::{self, Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::sockets::Sockets;
use super::{DETACH, GO, PREDECESSOR, READY, again};

/// How long it may take to get ready: opening the database, and bringing its schema up to date.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program that is to take over. It is ended if it was not told to go.
pub struct Successor {
    /// What was started, and starts the process that stays.
    process: Child,
    stream: UnixStream,
    /// The process that stays, once it has said who it is.
    id: Option<u32>,
    goes: bool,
}

impl Successor {
    /// Starts the program that now lies where this one was started from, with the same arguments
    /// and variables and copies of the sockets.
    pub fn start(sockets: &Sockets) -> io::Result<Self> {
        if process::id() == 1 {
            return Err(io::Error::other("the first process of a container ends with it"));
        }
        let (ours, theirs) = Pipe::pair()?;
        let mut command = again()?;
        command
            .env(PREDECESSOR, process::id().to_string())
            .env(DETACH, "1")
            .env_remove("WATCHDOG_PID")
            .stdin(Stdio::from(OwnedFd::from(theirs)));
        let copies = sockets.give_to(&mut command)?;
        let process = command.spawn()?;
        drop(copies);
        ours.set_nonblocking(true)?;
        Ok(Self { process, stream: UnixStream::from_std(ours)?, id: None, goes: false })
    }

    /// The process that was started, which tells attempts apart.
    pub fn attempt(&self) -> u32 {
        self.process.id()
    }

    /// Waits until it could serve, and returns its process; fails if it ends or takes too long.
    pub async fn ready(&mut self) -> io::Result<u32> {
        match timeout(PATIENCE, self.hear()).await {
            Ok(Ok(id)) => Ok(id),
            // Whoever ends closes all it has.
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(io::Error::other("it ended before it was ready"))
            }
            Ok(Err(error)) => Err(error),
            Err(_) => {
                Err(io::Error::other(format!("it was not ready within {} s", PATIENCE.as_secs())))
            }
        }
    }

    async fn hear(&mut self) -> io::Result<u32> {
        let id = self.stream.read_u32_le().await?;
        self.id = Some(id);
        match self.stream.read_u8().await? {
            READY => Ok(id),
            _ => Err(io::Error::other("it does not say that it is ready")),
        }
    }

    /// Lets it accept connections from now on.
    pub async fn go(mut self) -> io::Result<()> {
        self.stream.write_all(&[GO]).await?;
        self.goes = true;
        Ok(())
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        if !self.goes {
            // Any of them may have ended already.
            let id = self.id.and_then(|id| Pid::from_raw(id.try_into().ok()?));
            let _ = id.map(|id| kill_process(id, Signal::KILL));
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}
