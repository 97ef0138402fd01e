//! What an operator reads of a server in Prometheus.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::support::{Metrics, Operator, Simulator, TestServer, Visitor, eventually};

const DOCUMENTATION: &str = include_str!("../../docs/metrics.md");

/// A server on which everything that is counted has happened.
fn busy_server() -> TestServer {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let simulator = Simulator::of(&server);
    simulator.register("grace").expect(204);
    simulator.says("grace", "hello").expect(204);
    ada.post("hello, grace").expect(200);
    ada.follow("grace").expect(200);
    simulator.follow("grace", "ada").expect(204);
    simulator.unfollow("grace", "ada").expect(204);
    ada.page("/").expect(200);
    ada.page("/public").expect(200);
    Visitor::to(&server).sign_in_with("ada", "wrong");
    Visitor::to(&server).sign_in_with("nobody", "wrong");
    simulator.get("/msgs/nobody").expect(404);
    server
}

#[test]
fn what_happens_is_counted() {
    let server = busy_server();
    let metrics = Operator::of(&server).metrics();
    for (name, labels, expected) in [
        ("minitwit_registrations_total", None, 2.0),
        ("minitwit_sign_ins_total", None, 1.0),
        ("minitwit_sign_in_failures_total", Some(("reason", "wrong_password")), 1.0),
        ("minitwit_sign_in_failures_total", Some(("reason", "unknown_user")), 1.0),
        ("minitwit_sign_in_failures_total", Some(("reason", "throttled")), 0.0),
        ("minitwit_messages_total", None, 2.0),
        ("minitwit_follows_total", None, 2.0),
        ("minitwit_unfollows_total", None, 1.0),
        ("minitwit_simulator_unknown_user_calls_total", None, 1.0),
        ("minitwit_hashing_waiting", None, 0.0),
        ("minitwit_hashing_refusals_total", None, 0.0),
        ("minitwit_database_up", None, 1.0),
        ("minitwit_database_writes_waiting", None, 0.0),
        ("minitwit_database_failures_total", None, 0.0),
    ] {
        let found = metrics.find(name, labels.as_slice());
        assert_eq!(found, Some(expected), "{name} {labels:?} in {}", metrics.0);
    }
    let connections = metrics.sum("minitwit_database_connections", &[]);
    assert_eq!(connections, metrics.sum("minitwit_database_connections_max", &[]));
}

#[test]
fn requests_and_database_operations_are_timed() {
    let server = busy_server();
    let metrics = Operator::of(&server).metrics();
    let request = [("route", "/msgs/{username}"), ("method", "POST"), ("status", "204")];
    assert_eq!(metrics.sum("minitwit_http_requests_total", &request), 1.0, "{}", metrics.0);
    assert_eq!(metrics.sum("minitwit_http_request_duration_seconds_count", &request), 1.0);
    let within = [("route", "/msgs/{username}"), ("le", "0.3")];
    assert!(metrics.find("minitwit_http_request_duration_seconds_bucket", &within).is_some());

    let operation = [("operation", "record_message"), ("kind", "write")];
    let count = "minitwit_database_operation_duration_seconds_count";
    assert_eq!(metrics.sum(count, &operation), 2.0, "{}", metrics.0);
    assert!(metrics.sum(count, &[("kind", "read")]) >= 5.0, "{}", metrics.0);
    assert!(metrics.sum("minitwit_database_commit_writes_sum", &[]) >= 2.0, "{}", metrics.0);
}

#[test]
fn the_process_tells_what_it_uses() {
    let server = TestServer::start();
    let metrics = Operator::of(&server).metrics();
    let memory = metrics.sum("process_resident_memory_bytes", &[]);
    assert!(memory > 1e6, "{}", metrics.0);
    assert!(metrics.sum("minitwit_memory_limit_bytes", &[]) > memory, "{}", metrics.0);
    let files = metrics.sum("process_open_fds", &[]);
    assert!(files > 3.0 && metrics.sum("process_max_fds", &[]) > files, "{}", metrics.0);
    let started = metrics.sum("process_start_time_seconds", &[]);
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    assert!((since_epoch - 600.0..since_epoch + 2.0).contains(&started), "{started}");
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(metrics.find("minitwit_build_info", &version), Some(1.0), "{}", metrics.0);
}

#[test]
fn the_simulators_last_call_is_known() {
    let server = TestServer::start();
    let (operator, simulator) = (Operator::of(&server), Simulator::of(&server));
    let last = || operator.metrics().sum("minitwit_simulator_last_call_timestamp_seconds", &[]);
    simulator.get("/latest").expect(200);
    Simulator::stranger(&server).get("/msgs").expect(403);
    assert_eq!(last(), 0.0, "nobody has shown credentials");
    simulator.get("/msgs").expect(200);
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    assert!((since_epoch - last()).abs() < 60.0, "{} at {since_epoch}", last());
}

#[test]
fn the_names_asked_for_in_vain_are_listed() {
    let server = TestServer::start();
    let (operator, simulator) = (Operator::of(&server), Simulator::of(&server));
    assert_eq!(operator.get("/unknown-users").expect(200).json(), json!([]));
    simulator.register("ada").expect(204);
    for _ in 0..3 {
        simulator.get("/msgs/lost%20soul").expect(404);
    }
    simulator.says("Grace \"\n", "hello").expect(404);
    simulator.follow("ada", "lost soul").expect(404);
    simulator.follow("Grace \"\n", "ada").expect(404);
    simulator.get("/fllws/alone").expect(404);
    simulator.get("/msgs/ada").expect(200);
    Simulator::stranger(&server).get("/msgs/stranger").expect(403);
    Visitor::to(&server).get("/visitor").expect(404);
    let expected = json!([
        {"name": "lost soul", "calls": 4},
        {"name": "Grace \"\n", "calls": 2},
        {"name": "alone", "calls": 1},
    ]);
    assert_eq!(operator.get("/unknown-users").json(), expected);
    let name = "minitwit_simulator_unknown_user_calls_total";
    assert_eq!(operator.metrics().sum(name, &[]), 7.0);
    Visitor::to(&server).get("/unknown-users").expect(404);
}

#[test]
fn totals_count_what_others_wrote_too() {
    let server = TestServer::start();
    let (operator, simulator) = (Operator::of(&server), Simulator::of(&server));
    for name in ["ada", "grace"] {
        simulator.register(name).expect(204);
    }
    simulator.follow("ada", "grace").expect(204);
    simulator.says("ada", "hello").expect(204);
    server.insert_message("ada", "from a script", 1_700_000_000);
    server.sql().execute(
        "INSERT INTO message (author_id, text, pub_date, flagged) VALUES (1, 'bad', 1, 1)",
    );
    eventually("the totals to be counted", || {
        let metrics = operator.metrics();
        let total = |of: &str| metrics.find(&format!("minitwit_stored_{of}"), &[]);
        let totals = [total("users"), total("messages"), total("follows")];
        (totals == [Some(2.0), Some(2.0), Some(1.0)]).then_some(())
    });
}

#[test]
fn strangers_cannot_make_metrics_grow() {
    let server = TestServer::start();
    let (operator, visitor) = (Operator::of(&server), Visitor::to(&server));
    let wander = |from: usize, to: usize| {
        for n in from..to {
            visitor.get(&format!("/u{n}")).expect(404);
            visitor.get(&format!("/u{n}/x/y/z?q={n}")).expect(404);
            visitor.get(&format!("/static/{n}")).expect(404);
            let method = format!("M{}", "X".repeat(n % 17));
            visitor.request(&method, &format!("/u{n}"), &[], None).expect(405);
        }
    };
    let series = || operator.metrics().samples().len();
    wander(0, 5);
    // The totals appear once they have been counted.
    eventually("the totals", || operator.metrics().find("minitwit_stored_users", &[]));
    let before = series();
    wander(5, 260);
    assert_eq!(series(), before, "{}", operator.metrics().0);
}

/// The rows of the table: name, type, labels, and whether only some servers have it.
fn documented() -> BTreeMap<String, (String, BTreeSet<String>, bool)> {
    let rows = DOCUMENTATION.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, meaning] = cells[..] else { panic!("four columns: {line}") };
        let unquoted = |text: &str| text.trim().trim_matches('`').to_owned();
        let labels = labels.split(',').map(unquoted).filter(|label| !label.is_empty());
        let optional = meaning.ends_with("; SQLite") || meaning.ends_with("; Linux");
        (unquoted(name), (kind.to_owned(), labels.collect(), optional))
    };
    rows.map(row).collect()
}

/// The labels that samples of each metric have, those of buckets aside.
fn labels(metrics: &Metrics) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (name, kind) in metrics.types() {
        let suffix = if kind == "histogram" { "_count" } else { "" };
        let samples = metrics.samples().into_iter();
        let own = samples.filter(|sample| sample.name == format!("{name}{suffix}"));
        let labels = own.flat_map(|sample| sample.labels.into_keys()).collect();
        all.insert(name, labels);
    }
    all
}

#[test]
fn the_documentation_names_every_metric_and_no_other() {
    let server = busy_server();
    let operator = Operator::of(&server);
    eventually("the totals", || operator.metrics().find("minitwit_stored_users", &[]));
    let metrics = operator.metrics();
    let (documented, labels) = (documented(), labels(&metrics));
    for (name, kind) in metrics.types() {
        let (named, label_names, _) =
            documented.get(&name).unwrap_or_else(|| panic!("{name} is not in docs/metrics.md"));
        assert_eq!((&kind, &labels[&name]), (named, label_names), "{name}");
    }
    for (name, (_, _, optional)) in &documented {
        let there = metrics.types().contains_key(name);
        assert!(there || *optional, "{name} is not there: {}", metrics.0);
    }
}

#[test]
fn promtool_finds_nothing_to_complain_about() {
    let checker = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut checker) = checker else { return println!("promtool is not installed") };
    let metrics = Operator::of(&busy_server()).metrics();
    checker.stdin.take().unwrap().write_all(metrics.0.as_bytes()).unwrap();
    let verdict = checker.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&verdict.stdout) + String::from_utf8_lossy(&verdict.stderr);
    assert!(verdict.status.success() && said.is_empty(), "{said}");
}
