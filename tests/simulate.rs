//! `minitwit simulate`, as an operator uses it before the course's simulator comes.
#![cfg(all(feature = "sqlite", feature = "simulate"))]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test with a place")]

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::process::Output;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use support::{Launch, Simulator, TestServer, run};

const SCENARIO: &str = "1\t1000\t0\tregister\tRoger H\troger@x.org\t5'd@\"8\\s\n\
    2\t1000\t1\tregister\tGeoffrey S\tg@x.org\tp w\n\
    3\t1000\t2\ttweet\tRoger H\tI said: \"no\tway\" & <b>left</b>\n\
    4\t1000\t3\tfollow\tRoger H\tGeoffrey S\n\
    5\t1000\t4\ttweet\tGeoffrey S\t日本 🐦\n\
    6\t1000\t5\tunfollow\tRoger H\tGeoffrey S\n\
    7\t1000\t6\tfollow\tGeoffrey S\tRoger H\n";

/// Runs `minitwit simulate` against a server.
fn simulate(server: &TestServer, flags: &[&str]) -> Output {
    let url = server.url();
    let arguments = [&["simulate", "--url", &url], flags].concat();
    run(server.folder(), &arguments, &[])
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// Runs with `--json`, whatever comes of it.
fn report(server: &TestServer, flags: &[&str]) -> (Option<i32>, Value) {
    let output = simulate(server, &[&["--json", "-"], flags].concat());
    let report =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    (output.status.code(), report)
}

fn scenario(server: &TestServer) -> String {
    let path = server.folder().join("scenario.tsv");
    fs::write(&path, SCENARIO).unwrap();
    path.display().to_string()
}

#[test]
fn a_community_lives_on_the_server_and_nothing_is_lost() {
    let server = TestServer::start();
    let flags = ["--for", "2s", "--speed", "max", "--clients", "8", "--keep-alive"];
    let (status, report) = report(&server, &flags);
    let errors = report["kinds"].as_array().unwrap().iter().flat_map(|k| k["errors"].as_array());
    // A slow machine may miss the 0.3 s; nothing else may happen, and nothing may be missing.
    for error in errors.flatten() {
        assert_eq!(error["error"], "ReadTimeout", "{report:#}");
    }
    assert_eq!(report["check"]["missing"], serde_json::json!([]), "{report:#}");
    assert!(report["check"]["messages"].as_u64().unwrap() > 0, "{report:#}");
    assert!(matches!(status, Some(0 | 1)), "{status:?}");
    assert!(!Simulator::of(&server).messages("/msgs").is_empty());
}

#[test]
fn a_scenario_is_replayed_to_the_letter() {
    let server = TestServer::start();
    let output = simulate(&server, &["--scenario", &scenario(&server), "--speed", "max"]);
    assert!(output.status.success(), "{}", said(&output));
    let simulator = Simulator::of(&server);
    let told = ["I said: \"no\tway\" & <b>left</b>", "日本 🐦"];
    let texts: Vec<_> = simulator.messages("/msgs").into_iter().map(|(_, text)| text).collect();
    assert!(told.iter().all(|text| texts.contains(&(*text).to_owned())), "{texts:?}");
    assert_eq!(simulator.get("/latest").json()["latest"], 7);
    assert_eq!(simulator.get("/fllws/Roger%20H").json()["follows"], serde_json::json!([]));
    assert!(
        said(&output).contains("2 users, 2 messages, 2 follows and latest"),
        "{}",
        said(&output)
    );
}

#[test]
fn what_the_server_lost_is_named() {
    let server = TestServer::start();
    server
        .sqlite()
        .execute_batch(
            "CREATE TRIGGER forgetful AFTER INSERT ON message
             BEGIN UPDATE message SET flagged = 1 WHERE text LIKE '日本%'; END",
        )
        .unwrap();
    let flags = ["--scenario", &scenario(&server), "--speed", "max"];
    let output = simulate(&server, &flags);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("\"Geoffrey S\": 0 of 1 messages \"日本 🐦\""),
        "{}",
        said(&output)
    );
}

#[test]
fn errors_are_counted_in_the_courses_words() {
    let server = TestServer::start();
    let path = server.folder().join("lost.tsv");
    fs::write(&path, "1\t0\t0\ttweet\tnobody\thello\n2\t0\t0\tfollow\tnobody\tnobody\n").unwrap();
    let flags = ["--scenario", &path.display().to_string(), "--csv", "-"];
    let output = simulate(&server, &flags);
    assert_eq!(output.status.code(), Some(1));
    let csv = said(&output);
    assert!(csv.contains("tweet,ok,0,") && csv.contains("tweet,404,1,"), "{csv}");
    assert!(csv.contains("follow,404,1,"), "{csv}");
}

#[test]
fn users_a_server_lost_are_registered_again_and_nobody_else() {
    let server = TestServer::start();
    Simulator::of(&server).register("Roger H").expect(204);
    let flags = ["--scenario", &scenario(&server), "--missing-only"];
    let output = simulate(&server, &flags);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("registered Geoffrey S\n"), "{}", said(&output));
    assert!(said(&output).contains("1 users were there, 1 were missing"), "{}", said(&output));
    let simulator = Simulator::of(&server);
    assert!(simulator.messages("/msgs").is_empty());
    assert_eq!(simulator.get("/latest").json()["latest"], 0, "a repair is no progress");
}

#[test]
fn a_soak_outlives_a_restart_and_tells_the_gap() {
    let mut server = Launch::new().flag("--listen", &free_address()).start();
    let url = server.url();
    let folder = server.folder().to_owned();
    let soak = thread::spawn(move || {
        let flags = ["--url", &url, "--for", "6s", "--speed", "4", "--soak", "--json", "-"];
        run(&folder, &[&["simulate"], &flags[..]].concat(), &[])
    });
    thread::sleep(Duration::from_secs(2));
    server.kill();
    thread::sleep(Duration::from_secs(1));
    server.restart();
    let output = soak.join().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{report:#}");
    let gaps = report["gaps"].as_array().unwrap();
    let longest = gaps.iter().filter_map(|gap| gap["seconds"].as_f64()).fold(0.0, f64::max);
    assert!(longest > 0.9, "{report:#}");
    assert_eq!(report["check"]["missing"], serde_json::json!([]));
}

/// An address that was free a moment ago, for a server that has to come back to it.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn mistakes_are_told_in_one_line() {
    let server = TestServer::start();
    let wrong = server.folder().join("wrong.tsv");
    fs::write(&wrong, "1\t0\t0\tshout\tA\tB\n").unwrap();
    let wrong = wrong.display().to_string();
    for (flags, status, told) in [
        (vec!["--scenario", &wrong], 1, "line 1: \"shout\" is none of"),
        (vec!["--scenario", "absent.tsv"], 1, "absent.tsv: No such file"),
        (vec!["--speed", "0"], 2, "--speed: it has to be a number above 0, or max"),
        (vec!["--for", "soon"], 2, "--for"),
        (vec!["--missing-only"], 2, "--scenario"),
        (vec!["--url", "ftp://x"], 2, "--url: it has to begin with http"),
        (vec!["--url", "http://127.0.0.1:1"], 1, "GET /latest: ConnectionError"),
    ] {
        let output = run(server.folder(), &[&["simulate"], &flags[..]].concat(), &[]);
        let line = said(&output);
        assert_eq!(output.status.code(), Some(status), "{flags:?}: {line}");
        assert!(line.contains(told) && line.trim_end().lines().count() == 1, "{flags:?}: {line}");
    }
}
