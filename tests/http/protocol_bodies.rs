//! Bodies of requests: too long, in pieces, announced, cut off, of unexpected types.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::{PATIENCE, Raw, Simulator, TestServer, Visitor, hang_up_after, raw, rest};

fn server_with_ada() -> (TestServer, Simulator) {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    (server, simulator)
}

/// The head of a call that posts a message for Ada.
fn head(headers: &str) -> String {
    format!(
        "POST /msgs/ada HTTP/1.1\r\nHost: minitwit\r\nConnection: close\r\n\
         Authorization: Basic c2ltdWxhdG9yOnN1cGVyX3NhZmUh\r\n\
         Content-Type: application/json\r\n{headers}\r\n"
    )
}

fn contents(simulator: &Simulator) -> Vec<String> {
    simulator.messages("/msgs").into_iter().map(|(_, content)| content).collect()
}

#[test]
fn a_body_beyond_the_limit_is_refused_before_it_is_read() {
    let (server, simulator) = server_with_ada();
    let answer = raw(server.address(), head("Content-Length: 100000000\r\n") + "{\"content\": \"");
    assert_eq!(answer.status(), 413, "{answer:?}");
    assert!(answer.0.contains(r#""status":413"#), "{answer:?}");
    let form = "POST /login HTTP/1.1\r\nHost: minitwit\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000000\r\n\r\n";
    let answer = raw(server.address(), form.to_owned() + "username=");
    assert_eq!(answer.status(), 413, "{answer:?}");
    assert!(answer.0.contains("public timeline"), "not a page: {answer:?}");
    assert!(contents(&simulator).is_empty());
}

#[test]
fn a_body_that_turns_out_too_long_is_refused() {
    let (server, simulator) = server_with_ada();
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let body = format!("b\r\n{{\"content\":\r\n{}0\r\n\r\n", piece.repeat(64));
    let answer = raw(server.address(), head("Transfer-Encoding: chunked\r\n") + &body);
    // Who goes on writing may see the connection reset before the answer.
    assert!(answer.statuses().iter().all(|status| *status == 413), "{answer:?}");
    assert!(contents(&simulator).is_empty());
}

#[test]
fn a_chunked_body_is_a_body() {
    let (server, simulator) = server_with_ada();
    let chunks = "b\r\n{\"content\":\r\n9;ext=1\r\n\"chunked\"\r\n1\r\n}\r\n0\r\n\r\n";
    let answer = raw(server.address(), head("Transfer-Encoding: chunked\r\n") + chunks);
    assert_eq!(answer.status(), 204, "{answer:?}");
    assert_eq!(contents(&simulator), ["chunked"]);
}

#[test]
fn broken_chunks_are_a_bad_request_and_store_nothing() {
    let (server, simulator) = server_with_ada();
    for chunks in ["zz\r\n{}\r\n0\r\n\r\n", "ffffffffffffffffff\r\n{}", "-1\r\n", "5\r\n{}\r\n\r\n"]
    {
        let request = head("Transfer-Encoding: chunked\r\n") + chunks;
        let answer = hang_up_after(server.address(), &request);
        assert!(answer.statuses().iter().all(|s| (400..500).contains(s)), "{chunks}: {answer:?}");
    }
    assert!(contents(&simulator).is_empty());
}

#[test]
fn a_body_cut_off_by_its_sender_stores_nothing() {
    let (server, simulator) = server_with_ada();
    let request = head("Content-Length: 100\r\n") + r#"{"content": "whole"}"#;
    let answer = hang_up_after(server.address(), &request);
    assert!(answer.statuses().iter().all(|status| *status < 500), "{answer:?}");
    assert!(contents(&simulator).is_empty());
}

#[test]
fn who_asks_before_sending_is_told_to_go_on() {
    let (server, simulator) = server_with_ada();
    let body = r#"{"content": "asked first"}"#;
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", body.len());
    stream.write_all(head(&length).as_bytes()).unwrap();
    let mut interim = [0; 21];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(String::from_utf8_lossy(&interim), "HTTP/1.1 100 Continue");
    stream.write_all(body.as_bytes()).unwrap();
    let answer = Raw(rest(&mut stream));
    assert_eq!(answer.status(), 204, "{answer:?}");
    assert_eq!(contents(&simulator), ["asked first"]);
}

#[test]
fn who_asks_whether_to_send_too_much_is_told_no() {
    let (server, _simulator) = server_with_ada();
    let request = head("Content-Length: 100000000\r\nExpect: 100-continue\r\n");
    let answer = raw(server.address(), request);
    assert_eq!(answer.status(), 413, "{answer:?}");
}

#[test]
fn any_content_type_and_body_on_any_form_is_no_server_error() {
    let (server, _simulator) = server_with_ada();
    let ada = Visitor::to(&server);
    ada.sign_in_with("ada", "secret").expect(200);
    let kinds = [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=x",
        "multipart/form-data; boundary=b",
        "multipart/form-data",
        "application/json",
        "text/plain",
        "nonsense",
        ";",
        "a/b/c; d=\"",
    ];
    let bodies: [&[u8]; 8] = [
        b"",
        b"text",
        b"text=%FF%FE&username=%ED%A0%80&password=%",
        b"text=\xff\xfe&username=\x00",
        b"&&==&text",
        b"text=a&text=b&username=a&username=b&password=x&password=y",
        b"{\"text\": \"x\"}",
        b"--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nx\r\n--b--",
    ];
    for path in ["/add_message", "/login", "/register", "/ada/follow"] {
        for kind in kinds {
            for body in bodies {
                let client = if path == "/add_message" { &ada } else { &Visitor::to(&server) };
                let answer = client.request("POST", path, &[("Content-Type", kind)], Some(body));
                let sent = String::from_utf8_lossy(body);
                assert!(answer.status < 500, "{path} {kind} {sent}: {answer}");
            }
        }
    }
}

#[test]
fn who_does_not_go_on_sending_is_let_go() {
    let (server, simulator) = server_with_ada();
    let half_a_head = "GET /public HTTP/1.1\r\nHost: minitwit\r\n".to_owned();
    let half_a_body = head("Content-Length: 100\r\n") + "{\"content\": \"";
    for request in [half_a_head, half_a_body] {
        // Returns when the server closes the connection.
        let answer = raw(server.address(), &request);
        assert!(answer.statuses().iter().all(|status| *status == 408), "{answer:?}");
    }
    assert!(contents(&simulator).is_empty());
}

#[test]
fn a_get_may_have_a_body_that_nobody_reads() {
    let (server, _simulator) = server_with_ada();
    let request = "GET /public HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxx\
                   GET /public HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = raw(server.address(), request);
    assert!(answer.statuses().iter().all(|status| *status == 200), "{answer:?}");
}
