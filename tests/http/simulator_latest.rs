//! What `latest` remembers.

use serde_json::json;

use crate::support::{Simulator, TestServer};

/// A server on which Ada and Grace are registered, and its simulator.
fn simulator() -> (TestServer, Simulator) {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    simulator.register("grace").expect(204);
    (server, simulator)
}

#[test]
fn a_fresh_database_has_seen_nothing() {
    let server = TestServer::start();
    let answer = Simulator::of(&server).get("/latest").expect(200);
    assert!(answer.header("content-type").starts_with("application/json"), "{answer}");
    assert!([json!({"latest": 0}), json!({"latest": -1})].contains(&answer.json()), "{answer}");
}

#[test]
fn every_call_may_carry_it() {
    let (_server, simulator) = simulator();
    let new = json!({"username": "mary", "email": "m@example.org", "pwd": "x"});
    simulator.post("/register?latest=1", &new).expect(204);
    assert_eq!(simulator.latest(), 1);
    simulator.get("/msgs?latest=2").expect(200);
    assert_eq!(simulator.latest(), 2);
    simulator.get("/msgs/ada?no=5&latest=3").expect(200);
    assert_eq!(simulator.latest(), 3);
    simulator.post("/msgs/ada?latest=4", &json!({"content": "x"})).expect(204);
    assert_eq!(simulator.latest(), 4);
    simulator.get("/fllws/ada?latest=5&no=1").expect(200);
    assert_eq!(simulator.latest(), 5);
    simulator.post("/fllws/ada?latest=6", &json!({"follow": "grace"})).expect(204);
    assert_eq!(simulator.latest(), 6);
    simulator.post("/fllws/ada?latest=7", &json!({"unfollow": "grace"})).expect(204);
    assert_eq!(simulator.latest(), 7);
}

#[test]
fn the_most_recent_call_counts_not_the_highest_number() {
    let (_server, simulator) = simulator();
    for latest in [100, 7, 0, 9_000_000_000] {
        simulator.get(&format!("/msgs?latest={latest}")).expect(200);
        assert_eq!(simulator.latest(), latest);
    }
}

#[test]
fn a_call_without_it_changes_nothing() {
    let (_server, simulator) = simulator();
    simulator.get("/msgs?latest=5").expect(200);
    simulator.get("/msgs").expect(200);
    simulator.says("ada", "hello").expect(204);
    assert_eq!(simulator.latest(), 5);
}

#[test]
fn reading_it_does_not_change_it() {
    let (_server, simulator) = simulator();
    simulator.get("/msgs?latest=5").expect(200);
    simulator.get("/latest?latest=9").expect(200);
    assert_eq!(simulator.latest(), 5);
}

#[test]
fn what_is_no_integer_from_zero_up_is_ignored() {
    let (_server, simulator) = simulator();
    simulator.get("/msgs?latest=5").expect(200);
    for nonsense in ["-1", "", "x", "1x", "1.5", "1e3", "-9", "%FF", "%00", "0x10", "--1"] {
        simulator.get(&format!("/msgs?latest={nonsense}")).expect(200);
        assert_eq!(simulator.latest(), 5, "latest={nonsense:?}");
        let path = format!("/msgs/ada?latest={nonsense}");
        simulator.post(&path, &json!({"content": "x"})).expect(204);
        assert_eq!(simulator.latest(), 5, "latest={nonsense:?}");
    }
}

#[test]
fn a_number_beyond_64_bits_is_no_server_error() {
    let (_server, simulator) = simulator();
    for huge in ["9223372036854775807", "9223372036854775808", "99999999999999999999999999"] {
        simulator.get(&format!("/msgs?latest={huge}")).expect(200);
        simulator.get("/latest").expect(200);
        let path = format!("/msgs/ada?latest={huge}");
        simulator.post(&path, &json!({"content": "x"})).expect(204);
        simulator.get("/latest").expect(200);
    }
}

#[test]
fn it_is_recorded_whatever_becomes_of_the_call() {
    let (_server, simulator) = simulator();
    let taken = json!({"username": "ada", "email": "a@example.org", "pwd": "x"});
    simulator.post("/register?latest=1", &taken).expect(400);
    assert_eq!(simulator.latest(), 1);
    simulator.get("/msgs/nobody?latest=2").expect(404);
    assert_eq!(simulator.latest(), 2);
    simulator.post("/msgs/nobody?latest=3", &json!({"content": "x"})).expect(404);
    assert_eq!(simulator.latest(), 3);
    simulator.post("/msgs/ada?latest=4", &json!({"text": "x"})).expect(400);
    assert_eq!(simulator.latest(), 4);
    simulator.call("POST", "/msgs/ada?latest=5", "application/json", Some(b"{")).expect(400);
    assert_eq!(simulator.latest(), 5);
    simulator.get("/fllws/nobody?latest=6").expect(404);
    assert_eq!(simulator.latest(), 6);
    simulator.post("/fllws/ada?latest=7", &json!({"follow": "nobody"})).expect(404);
    assert_eq!(simulator.latest(), 7);
    simulator.post("/fllws/ada?latest=8", &json!([])).expect(400);
    assert_eq!(simulator.latest(), 8);
}

#[test]
fn a_stranger_cannot_move_it() {
    let (server, simulator) = simulator();
    simulator.get("/msgs?latest=5").expect(200);
    let stranger = Simulator::stranger(&server);
    stranger.get("/msgs?latest=6").expect(403);
    stranger.get("/latest?latest=7").expect(200);
    stranger.get("/public?latest=8").expect(200);
    stranger.post("/msgs/ada?latest=9", &json!({"content": "x"})).expect(403);
    assert_eq!(simulator.latest(), 5);
}

#[test]
fn it_survives_a_restart() {
    let (mut server, simulator) = simulator();
    simulator.get("/msgs?latest=41").expect(200);
    server.restart();
    assert_eq!(simulator.latest(), 41);
    simulator.post("/msgs/ada?latest=42", &json!({"content": "x"})).expect(204);
    server.restart();
    assert_eq!(simulator.latest(), 42);
}

#[test]
fn it_survives_a_crash_when_the_call_stored_something() {
    let (mut server, simulator) = simulator();
    simulator.post("/msgs/ada?latest=42", &json!({"content": "x"})).expect(204);
    server.kill();
    server.restart();
    assert_eq!(simulator.latest(), 42);
}
