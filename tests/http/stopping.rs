//! SIGTERM and SIGINT: requests under way finish, then the server ends.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};

use rustix::process::Signal;

use crate::support::{PATIENCE, Raw, Simulator, TestServer, Visitor, eventually, rest};

const BODY: &str = r#"{"content": "under way"}"#;

/// A call of which only the head has arrived.
fn begun_call(address: SocketAddr) -> TcpStream {
    let head = format!(
        "POST /msgs/ada?latest=77 HTTP/1.1\r\nHost: minitwit\r\n\
         Authorization: Basic c2ltdWxhdG9yOnN1cGVyX3NhZmUh\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        BODY.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // When it asks for the body, the call is under way.
    let mut interim = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut interim).unwrap();
    assert_eq!(String::from_utf8_lossy(&interim), "HTTP/1.1 100");
    stream
}

fn a_call_under_way_is_finished_after(signal: Signal) {
    let mut server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    let address = server.address();
    let mut call = begun_call(address);
    server.signal(signal);
    eventually("the server to take no new connections", || TcpStream::connect(address).err());
    call.write_all(BODY.as_bytes()).unwrap();
    let answer = Raw(rest(&mut call));
    assert_eq!(answer.status(), 204, "{answer:?}");
    let status = server.wait();
    assert_eq!(status.code(), Some(0), "{status}");
    server.restart();
    assert_eq!(simulator.messages("/msgs"), [("ada".to_owned(), "under way".to_owned())]);
    assert_eq!(simulator.latest(), 77);
}

#[test]
fn sigterm_lets_a_call_under_way_finish() {
    a_call_under_way_is_finished_after(Signal::TERM);
}

#[test]
fn sigint_lets_a_call_under_way_finish() {
    a_call_under_way_is_finished_after(Signal::INT);
}

#[test]
fn a_write_that_waits_for_the_database_is_finished_too() {
    let mut server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    let other = server.sql();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = {
        let simulator = simulator.clone();
        std::thread::spawn(move || simulator.says("ada", "patience").status)
    };
    // Nothing shows from outside that the call has arrived. Should it come too late on a slow
    // machine, it is refused a connection and the thread panics, so give it time.
    std::thread::sleep(std::time::Duration::from_millis(500));
    let address = server.address();
    server.signal(Signal::TERM);
    eventually("the server to take no new connections", || TcpStream::connect(address).err());
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(waiting.join().unwrap(), 204);
    assert_eq!(server.wait().code(), Some(0));
    server.restart();
    assert_eq!(simulator.messages("/msgs"), [("ada".to_owned(), "patience".to_owned())]);
}

#[test]
fn a_call_that_never_ends_does_not_hold_the_end_up_for_ever() {
    let mut server = TestServer::start();
    Simulator::of(&server).register("ada").expect(204);
    let call = begun_call(server.address());
    assert_eq!(server.terminate().code(), Some(0));
    drop(call);
}

#[test]
fn an_idle_browser_does_not_hold_the_end_up() {
    let mut server = TestServer::start();
    let visitor = Visitor::to(&server);
    visitor.page("/public").expect(200);
    let idle = TcpStream::connect(server.address()).unwrap();
    assert_eq!(server.terminate().code(), Some(0));
    drop((visitor, idle));
}

#[test]
fn what_was_stored_is_one_file_after_the_end() {
    let mut server = TestServer::start();
    Visitor::signed_in(&server, "ada").post("hello").expect(200);
    server.terminate();
    // A copy of the file alone is a whole backup then.
    let copy = server.database().with_file_name("copy.db");
    std::fs::copy(server.database(), &copy).unwrap();
    let text: String = rusqlite::Connection::open(&copy)
        .unwrap()
        .query_row("SELECT text FROM message", (), |row| row.get(0))
        .unwrap();
    assert_eq!(text, "hello");
}
