//! What has started this server and watches it, and how one server takes over from another.
//!
//! With systemd: sockets that were opened for the server, readiness, a watchdog. Without it,
//! nothing of this is needed. Handing over works in both cases: the server starts the program
//! that now lies where its own lay, and lets go of its sockets once that one is ready.

mod notifier;
mod predecessor;
mod sockets;
mod successor;

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::Command;

pub use notifier::Notifier;
pub use predecessor::{Predecessor, has_started_another};
pub use sockets::{Given, Sockets};
pub use successor::Successor;

/// Names the process of the server to take over from, to which standard input leads.
const PREDECESSOR: &str = "MINITWIT_PREDECESSOR";

/// Says to a program that it is only to start itself once more.
const DETACH: &str = "MINITWIT_DETACH";

/// What the successor says once it could serve.
const READY: u8 = b'r';

/// What the predecessor says once it takes no more connections.
const GO: u8 = b'g';

/// The program that now lies where this one was started from, with the same arguments.
fn again() -> io::Result<Command> {
    // What the first argument names, so that links are followed anew; else where this program was.
    let named = env::args_os().next().map(PathBuf::from);
    let program = match named.filter(|path| path.components().count() > 1) {
        Some(path) => path,
        None => env::current_exe()?,
    };
    let mut command = Command::new(program);
    command.args(env::args_os().skip(1));
    Ok(command)
}
