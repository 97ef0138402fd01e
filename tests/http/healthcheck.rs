//! `minitwit healthcheck`, as a container asks whether its server is ready.

use std::fs;
use std::net::TcpListener;
use std::process::Output;

use tempfile::tempdir;

use crate::support::{TestServer, run};

fn healthcheck(address: impl ToString) -> Output {
    let folder = tempdir().unwrap();
    run(folder.path(), &["healthcheck"], &[("MINITWIT_LISTEN", &address.to_string())])
}

#[track_caller]
fn assert_not_ready(output: &Output, mentions: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(text.contains(mentions), "no {mentions} in {text}");
}

#[test]
fn a_server_that_is_ready_is_healthy() {
    let server = TestServer::start();
    let output = healthcheck(server.address());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_server_whose_database_is_gone_is_not() {
    let server = TestServer::start();
    fs::rename(server.database(), server.folder().join("aside.db")).unwrap();
    assert_not_ready(&healthcheck(server.address()), "the database does not answer");
}

#[test]
fn nobody_is_not_ready() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_not_ready(&healthcheck(free), &format!("http://{free}/readyz: "));
}

#[test]
fn who_takes_the_connection_and_is_silent_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    assert_not_ready(&healthcheck(silent.local_addr().unwrap()), "/readyz: ");
}
