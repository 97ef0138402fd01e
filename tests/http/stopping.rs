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
fn who_was_let_in_is_answered() {
    let mut server = TestServer::start();
    let request = b"GET /latest HTTP/1.1\r\nHost: minitwit\r\nConnection: close\r\n\r\n";
    for round in 0..10 {
        let calls: Vec<TcpStream> = (0..20)
            .map(|_| {
                let mut stream = TcpStream::connect(server.address()).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.write_all(request).unwrap();
                stream
            })
            .collect();
        assert_eq!(server.terminate().code(), Some(0));
        for (number, mut call) in calls.into_iter().enumerate() {
            let answer = Raw(rest(&mut call));
            assert_eq!(answer.status(), 200, "round {round}, call {number}: {answer:?}");
        }
        server.restart();
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut server = TestServer::start();
    Simulator::of(&server).register("ada").expect(204);
    let address = server.address();
    let call = begun_call(address);
    server.signal(Signal::TERM);
    eventually("the server to take no new connections", || TcpStream::connect(address).err());
    assert_eq!(server.terminate().code(), Some(1));
    assert!(server.log().contains("told again to stop"), "{}", server.log());
    drop(call);
}
