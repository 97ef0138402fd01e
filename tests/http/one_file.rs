//! What comes of the data being one file: others may hold its only lock, and it can be copied.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};
#[cfg(feature = "metrics")]
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use serde_json::json;

#[cfg(feature = "metrics")]
use crate::support::Operator;
use crate::support::{Simulator, TestServer, Visitor, eventually};

const A_WHILE: Duration = Duration::from_secs(2);

fn server_with_ada() -> (TestServer, Simulator, Visitor) {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let simulator = Simulator::of(&server);
    (server, simulator, ada)
}

/// Runs something while another process holds the database for writing.
fn while_locked<T>(server: &TestServer, act: impl FnOnce() -> T) -> T {
    let other = server.sqlite();
    other.execute_batch("BEGIN IMMEDIATE; UPDATE user SET email = email").unwrap();
    let holder = thread::spawn(move || {
        thread::sleep(A_WHILE);
        other.execute_batch("COMMIT").unwrap();
    });
    let result = act();
    holder.join().unwrap();
    result
}

#[test]
fn a_writer_in_another_process_is_waited_for() {
    let (server, simulator, ada) = server_with_ada();
    let grace = json!({"username": "grace", "email": "g@b", "pwd": "x"});
    let statuses = while_locked(&server, || {
        thread::scope(|scope| {
            let simulator = &simulator;
            let calls = [
                scope.spawn(|| simulator.says("ada", "by call").status),
                scope.spawn(|| simulator.post("/register", &grace).status),
                scope.spawn(|| ada.send("/add_message", &[("text", "by form")]).status),
                scope.spawn(|| Visitor::to(&server).sign_in("ada").status),
                scope.spawn(|| simulator.follow("ada", "ada").status),
                scope.spawn(|| simulator.get("/msgs?latest=5").status),
            ];
            calls.map(|call| call.join().unwrap())
        })
    });
    assert_eq!(statuses, [204, 204, 302, 200, 204, 200]);
    assert_eq!(simulator.messages("/msgs").len(), 2);
    assert_eq!(simulator.latest(), 5);
}

#[test]
fn readers_do_not_wait_for_a_writer_in_another_process() {
    let (server, simulator, ada) = server_with_ada();
    ada.post("hello").expect(200);
    while_locked(&server, || {
        let begun = Instant::now();
        for path in ["/public", "/ada", "/"] {
            assert!(ada.page(path).expect(200).shows("hello"));
        }
        simulator.get("/msgs?latest=9").expect(200);
        assert_eq!(simulator.latest(), 9);
        // Had one of them waited, it would have been for all the time there is.
        assert!(begun.elapsed() < A_WHILE, "{:?}", begun.elapsed());
    });
}

#[test]
fn a_write_that_waits_for_the_database_is_finished_too() {
    let mut server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    let other = server.sqlite();
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

#[test]
fn the_log_tells_why_clients_waited_in_vain() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    let shell = server.sqlite();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waits = TcpStream::connect(server.address()).unwrap();
    write!(
        &waits,
        "POST /msgs/ada HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Authorization: Basic c2ltdWxhdG9yOnN1cGVyX3NhZmUh\r\nContent-Length: 19\r\n\r\n\
         {{\"content\":\"hello\"}}"
    )
    .unwrap();
    drop(waits);
    eventually("a word about the lock", || {
        server.log().contains("database is locked").then_some(())
    });
    shell.execute_batch("COMMIT").unwrap();
    simulator.says("ada", "hello").expect(204);
    eventually("a word about its end", || {
        server.log().contains("writing works again").then_some(())
    });
}

#[test]
fn nothing_is_taken_for_a_file_that_was_moved_away() {
    let (server, simulator, _ada) = server_with_ada();
    let (file, aside) = (server.database(), server.folder().join("aside.db"));
    std::fs::rename(&file, &aside).unwrap();
    simulator.says("ada", "into the void").expect(503);
    assert_eq!(Visitor::to(&server).get("/readyz").status, 503);
    eventually("a word about the file", || {
        server.log().contains("was removed or replaced").then_some(())
    });

    std::fs::rename(&aside, &file).unwrap();
    simulator.says("ada", "on disk").expect(204);
    let texts: Vec<_> = simulator.messages("/msgs").into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["on disk"]);
}

#[cfg(feature = "metrics")]
#[test]
fn metrics_tell_of_the_file_and_its_disk() {
    let (server, _, _ada) = server_with_ada();
    let operator = Operator::of(&server);
    let metrics = operator.metrics();
    let number = |name: &str| metrics.find(&format!("minitwit_{name}"), &[]).unwrap();
    assert_eq!(number("database_size_bytes"), server.database().metadata().unwrap().len() as f64);
    assert!(number("database_wal_size_bytes") > 0.0, "{}", metrics.0);
    assert!(number("disk_size_bytes") > number("disk_free_bytes"), "{}", metrics.0);
    assert_eq!(number("last_backup_timestamp_seconds"), 0.0, "there is no backup yet");

    std::fs::write(server.database().with_extension("db.last-backup"), "").unwrap();
    let backup = operator.metrics().sum("minitwit_last_backup_timestamp_seconds", &[]);
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    assert!((since_epoch - backup).abs() < 60.0, "{backup} at {since_epoch}");
}

#[cfg(feature = "metrics")]
#[test]
fn metrics_tell_that_the_file_is_gone() {
    let (server, _, _ada) = server_with_ada();
    let operator = Operator::of(&server);
    let (file, aside) = (server.database(), server.folder().join("aside.db"));
    let up = || operator.metrics().sum("minitwit_database_up", &[]);
    std::fs::rename(&file, &aside).unwrap();
    assert_eq!(up(), 0.0);
    std::fs::rename(&aside, &file).unwrap();
    assert_eq!(up(), 1.0);
}
