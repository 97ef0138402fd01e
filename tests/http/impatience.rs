//! Clients that do not wait.

use std::io::Write;
use std::net::TcpStream;

use crate::support::{Simulator, TestServer, eventually};

/// Sends a call of the simulator's and hangs up.
fn call_and_hang_up(server: &TestServer, path: &str, body: &str) {
    let address = server.address();
    let mut connection = TcpStream::connect(address).unwrap();
    write!(
        connection,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Authorization: Basic c2ltdWxhdG9yOnN1cGVyX3NhZmUh\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
}

#[test]
fn a_registration_is_not_lost_when_the_simulator_gives_up_waiting() {
    let server = TestServer::start();
    let hasty = r#"{"username":"Hasty","email":"hasty@example.com","pwd":"secret"}"#;
    call_and_hang_up(&server, "/register", hasty);

    let simulator = Simulator::of(&server);
    eventually("the registration to be stored", || {
        (simulator.get("/msgs/Hasty").status == 200).then_some(())
    });
}
