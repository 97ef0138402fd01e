//! A thousand connections that want nothing, or want it very slowly.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};

use crate::support::{Simulator, TestServer, Visitor};

const CROWD: usize = 1_000;

/// Whether this process may open so many connections.
fn enough_files() -> bool {
    let limit = getrlimit(Resource::Nofile).current;
    let enough = limit.is_none_or(|limit| limit > 2 * CROWD as u64);
    if !enough {
        println!("skipped: only {limit:?} open files are allowed here (ulimit -n)");
    }
    enough
}

fn crowd(server: &TestServer) -> Vec<TcpStream> {
    (0..CROWD).map(|_| TcpStream::connect(server.address()).unwrap()).collect()
}

/// A day's worth of use.
fn everybody_is_served(server: &TestServer, name: &str) {
    let ada = Visitor::signed_in(server, name);
    for n in 0..10 {
        let text = format!("{name} was here, {n}.");
        assert!(ada.post(&text).expect(200).shows(&text));
        assert!(Visitor::to(server).page("/public").expect(200).shows(&text));
        Simulator::of(server).says(name, "me too").expect(204);
    }
}

#[test]
fn a_thousand_idle_connections_keep_nobody_out() {
    if !enough_files() {
        return;
    }
    let server = TestServer::start();
    let idle = crowd(&server);
    everybody_is_served(&server, "ada");
    drop(idle);
    everybody_is_served(&server, "grace");
}

/// Sends the beginning of a request on each connection, then one byte after the other.
fn a_dribbling_crowd_keeps_nobody_out(beginning: &str) {
    if !enough_files() {
        return;
    }
    let server = TestServer::start();
    let mut connections = crowd(&server);
    for connection in &mut connections {
        // The server may have had enough of it already.
        let _ = connection.write_all(beginning.as_bytes());
    }
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for connection in &mut connections {
                    let _ = connection.write_all(b"x");
                }
                thread::sleep(Duration::from_millis(100));
            }
        });
        let served = std::panic::catch_unwind(|| everybody_is_served(&server, "ada"));
        over.store(true, Ordering::Relaxed);
        if let Err(panic) = served {
            std::panic::resume_unwind(panic);
        }
    });
}

#[test]
fn a_thousand_heads_that_never_end_keep_nobody_out() {
    a_dribbling_crowd_keeps_nobody_out("GET /public HTTP/1.1\r\nHost: minitwit\r\nX-Slow: ");
}

#[test]
fn a_thousand_bodies_that_never_end_keep_nobody_out() {
    a_dribbling_crowd_keeps_nobody_out(
        "POST /login HTTP/1.1\r\nHost: minitwit\r\nContent-Length: 60000\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=",
    );
}
