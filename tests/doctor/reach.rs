//! Whether people reach the page.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use crate::command::{Answer, doctor, stopped_server};
use crate::support::TestServer;

fn at(url: &str) -> Answer {
    let server = stopped_server(0);
    doctor(server.folder(), &["--database", "minitwit.db", "--public-url", url], &[])
}

#[test]
fn a_page_that_people_reach_is_fine() {
    let server = TestServer::start();
    let url = server.url();
    let told = doctor(
        server.folder(),
        &["--database", "minitwit.db"],
        &[("MINITWIT_PUBLIC_URL", &format!("{url}/"))],
    );
    told.is_fine(&format!("{url}/public shows MiniTwit"));
}

#[test]
fn a_page_that_people_do_not_reach_is_told() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    at(&format!("http://{closed}")).has_problem("cannot be reached from here");
    at(&answering("200 OK", "It works!")).has_problem("something else than MiniTwit");
    at(&answering("502 Bad Gateway", "")).has_problem("the proxy does not reach MiniTwit");
    at(&answering("404 Not Found", "MiniTwit")).has_problem("answers 404");
}

/// The URL of another program, which answers once.
fn answering(status: &'static str, page: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]);
        let length = page.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close");
        connection.write_all(format!("{head}\r\n\r\n{page}").as_bytes()).unwrap();
    });
    url
}
