//! A new program takes over from the old one, and a socket outlives both.

use std::fs::{self, File};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::{PATIENCE, Raw, eventually, raw, rest};

/// A program that others can take the place of. Whoever serves in the end is ended.
struct Place {
    folder: TempDir,
    child: Option<Child>,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), child: None };
        symlink(env!("CARGO_BIN_EXE_minitwit"), place.program()).unwrap();
        place
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("minitwit")
    }

    fn command(&self) -> Command {
        let log = File::options().append(true).create(true).open(self.log_path()).unwrap();
        let mut command = Command::new(self.program());
        command.args(["serve", "--database", "m.db", "--listen", "127.0.0.1:0"]);
        command
            .args(["--bcrypt-cost", "4"])
            .env_clear()
            .env("MINITWIT_METRICS_LISTEN", "127.0.0.1:0");
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        command
    }

    fn start(&mut self, mut command: Command) {
        let before = self.count("MiniTwit is at ");
        self.child = Some(command.spawn().unwrap());
        eventually("a server", || (self.count("MiniTwit is at ") > before).then_some(()));
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn count(&self, what: &str) -> usize {
        self.log().matches(what).count()
    }

    fn address(&self) -> SocketAddr {
        let log = self.log();
        let line = log.lines().find_map(|line| line.strip_prefix("MiniTwit is at http://"));
        line.unwrap().parse().unwrap()
    }

    /// Who serves now.
    fn process(&self) -> Option<Pid> {
        let log = self.log();
        let heir = log.lines().rev().find_map(|line| {
            line.split_once(" has taken over")?.0.rsplit_once("process ")?.1.parse().ok()
        });
        match heir {
            Some(heir) => Pid::from_raw(heir),
            None => self.child.as_ref().map(Pid::from_child),
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.process().unwrap(), signal).unwrap();
    }

    fn hand_over(&self) {
        let before = self.count("has taken over");
        self.signal(Signal::USR2);
        eventually("another to take over", || {
            (self.count("has taken over") > before).then_some(())
        });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("--- the log ---\n{}", self.log());
        }
        if let Some(process) = self.process() {
            // It may have ended already.
            let _ = kill_process(process, Signal::KILL);
        }
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn call(address: SocketAddr, method: &str, path: &str, body: &str) -> Raw {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: minitwit\r\nConnection: close\r\n\
         Authorization: Basic c2ltdWxhdG9yOnN1cGVyX3NhZmUh\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    raw(address, head)
}

fn register_ada(address: SocketAddr) {
    let ada = r#"{"username": "ada", "email": "a@b", "pwd": "x"}"#;
    assert_eq!(call(address, "POST", "/register", ada).status(), 204);
}

#[test]
fn nobody_notices_that_another_program_takes_over() {
    let mut place = Place::new();
    place.start(place.command());
    let address = place.address();
    register_ada(address);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let posts = scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::SeqCst) {
                number += 1;
                let (path, body) = (format!("/msgs/ada?latest={number}"), r#"{"content": "x"}"#);
                assert_eq!(call(address, "POST", &path, body).status(), 204, "post {number}");
                number += 1;
                let path = format!("/msgs?no=1&latest={number}");
                assert_eq!(call(address, "GET", &path, "").status(), 200, "read {number}");
                let latest = call(address, "GET", "/latest", "");
                assert!(latest.0.ends_with(&format!(r#"{{"latest":{number}}}"#)), "{latest:?}");
            }
            number / 2
        });
        for _ in 0..5 {
            place.hand_over();
        }
        stop.store(true, Ordering::SeqCst);
        let posts = posts.join().unwrap();
        let stored = call(address, "GET", "/msgs?no=100000", "").0.matches("pub_date").count();
        assert_eq!(stored, posts);
    });
    assert_eq!(place.child.as_mut().unwrap().wait().unwrap().code(), Some(0));
}

#[test]
fn a_program_that_does_not_get_ready_changes_nothing() {
    let mut place = Place::new();
    place.start(place.command());
    let address = place.address();
    fs::remove_file(place.program()).unwrap();
    for (number, release) in ["#!/bin/sh\nexit 1\n", "no program at all"].iter().enumerate() {
        fs::write(place.program(), release).unwrap();
        fs::set_permissions(place.program(), fs::Permissions::from_mode(0o755)).unwrap();
        place.signal(Signal::USR2);
        eventually("the server to go on", || (place.count("goes on") > number).then_some(()));
        assert_eq!(call(address, "GET", "/latest", "").status(), 200);
        fs::remove_file(place.program()).unwrap();
    }
    // The one that works is still taken.
    symlink(env!("CARGO_BIN_EXE_minitwit"), place.program()).unwrap();
    place.hand_over();
    assert_eq!(call(address, "GET", "/latest", "").status(), 200);
}

/// Lets a server that is started with the command listen on a socket of ours.
fn lend(listener: &TcpListener, command: &mut Command) {
    fcntl_setfd(listener, FdFlags::empty()).unwrap();
    command.env("LISTEN_FDS", "1").env("LISTEN_FDS_FIRST_FD", listener.as_raw_fd().to_string());
}

#[test]
fn who_calls_while_nobody_serves_is_answered_by_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut place = Place::new();
    for _ in 0..2 {
        let mut early = TcpStream::connect(address).unwrap();
        early.set_read_timeout(Some(PATIENCE)).unwrap();
        early.write_all(b"GET /latest HTTP/1.0\r\n\r\n").unwrap();
        let mut command = place.command();
        lend(&listener, &mut command);
        place.start(command);
        assert_eq!(place.address(), address);
        assert_eq!(Raw(rest(&mut early)).status(), 200);
        place.signal(Signal::TERM);
        assert_eq!(place.child.as_mut().unwrap().wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_socket_that_everybody_reaches_is_not_open_through_the_published_password() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let mut place = Place::new();
    let mut command = place.command();
    lend(&listener, &mut command);
    place.start(command);
    let address = SocketAddr::from(([127, 0, 0, 1], place.address().port()));
    assert_eq!(call(address, "GET", "/msgs", "").status(), 403);
}

#[test]
fn a_supervisor_is_told_how_the_server_is() {
    let mut place = Place::new();
    let socket = UnixDatagram::bind(place.folder.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = |what: &str| {
        let mut message = [0; 500];
        loop {
            let bytes = socket.recv(&mut message).unwrap_or_else(|e| panic!("{what}: {e}"));
            let message = String::from_utf8_lossy(&message[..bytes]).into_owned();
            if message.contains(what) {
                return message;
            }
        }
    };
    let mut command = place.command();
    command.env("NOTIFY_SOCKET", place.folder.path().join("notify"));
    command.env("WATCHDOG_USEC", "300000");
    place.start(command);
    told("READY=1");
    told("WATCHDOG=1");
    let first = place.child.as_ref().unwrap().id();
    place.signal(Signal::USR2);
    told("RELOADING=1");
    let over = told("MAINPID=");
    assert!(over.contains("READY=1") && !over.contains(&format!("MAINPID={first}\n")), "{over}");
    // The next one goes on to give signs of life.
    place.child.as_mut().unwrap().wait().unwrap();
    for _ in 0..3 {
        told("WATCHDOG=1");
    }
    place.signal(Signal::TERM);
    told("STOPPING=1");
}
