//! The side of the one who takes over.

use std::env;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process;

use rustix::net::sockopt::socket_peercred;

use super::{DETACH, GO, PREDECESSOR, READY, again};

/// The server that has started this one, in order to let it take over.
pub struct Predecessor(UnixStream);

impl Predecessor {
    /// The one that `MINITWIT_PREDECESSOR` names, if standard input leads to it. It is told which
    /// process this is.
    pub fn from_environment() -> io::Result<Option<Self>> {
        let named: Option<i32> = env::var(PREDECESSOR).ok().and_then(|id| id.parse().ok());
        let Some(named) = named else { return Ok(None) };
        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
        let leads_there = socket_peercred(&stdin).is_ok_and(|peer| peer.pid.as_raw_pid() == named);
        if !leads_there {
            return Ok(None);
        }
        let mut stream = UnixStream::from(stdin);
        stream.write_all(&process::id().to_le_bytes())?;
        Ok(Some(Self(stream)))
    }

    /// Says that this server could serve, and waits until the other takes no more connections.
    pub fn take_over(mut self) -> io::Result<()> {
        self.0.write_all(&[READY])?;
        let mut answer = [0];
        self.0.read_exact(&mut answer)?;
        if answer == [GO] { Ok(()) } else { Err(io::Error::other("it does not say go")) }
    }
}

/// Whether this process was only to start the one that takes over, and has done so. When it ends,
/// the other becomes a child of the system's first process, as servers are: systemd waits for the
/// end of no others.
pub fn has_started_another() -> io::Result<bool> {
    if env::var_os(DETACH).is_none() {
        return Ok(false);
    }
    again()?.env_remove(DETACH).spawn()?;
    Ok(true)
}
