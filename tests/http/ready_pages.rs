//! Pages that lie ready are given by a shorter way: nobody can tell but by the time it takes.

#[cfg(feature = "metrics")]
use crate::support::Operator;
use crate::support::{Launch, Simulator, TestServer, Visitor, eventually, raw};

/// What comes back to a stranger's GET, its head in order and without the time.
#[track_caller]
fn asked_for(server: &TestServer, path: &str) -> (Vec<String>, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: minitwit\r\nConnection: close\r\n\r\n");
    let answer = raw(server.address(), request);
    assert_eq!(answer.status(), 200, "{answer:?}");
    let (head, body) = answer.0.split_once("\r\n\r\n").unwrap();
    let lines = head.lines().filter(|line| !line.to_lowercase().starts_with("date:"));
    let mut head: Vec<String> = lines.map(str::to_lowercase).collect();
    head.sort();
    (head, body.to_owned())
}

fn server_with_a_message(launch: Launch) -> (TestServer, Simulator) {
    let server = launch.start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    simulator.says("ada", "hello").expect(204);
    (server, simulator)
}

#[test]
fn a_page_that_lies_ready_is_the_same_as_one_that_is_made() {
    for avatars in ["own", "gravatar"] {
        let (server, _) = server_with_a_message(Launch::new().flag("--avatars", avatars));
        for path in ["/public", "/ada"] {
            let made = asked_for(&server, path);
            assert!(made.1.contains("hello"), "{}", made.1);
            for _ in 0..3 {
                assert_eq!(asked_for(&server, path), made, "{path}");
            }
            // These are always the router's.
            assert_eq!(asked_for(&server, &format!("{path}?")), made, "{path}");
            assert_eq!(asked_for(&server, &path.replace('a', "%61")), made, "{path}");
        }
    }
}

#[test]
fn a_page_that_lay_ready_is_made_again_after_any_change() {
    let (server, simulator) = server_with_a_message(Launch::new());
    for round in 0..5 {
        for path in ["/public", "/ada"] {
            asked_for(&server, path);
            asked_for(&server, path);
            simulator.says("ada", &format!("of {path}, {round}")).expect(204);
            assert!(asked_for(&server, path).1.contains(&format!("of {path}, {round}")));
            server.insert_message("ada", &format!("by others, {round}"), 2_000_000_000 + round);
            assert!(asked_for(&server, path).1.contains(&format!("by others, {round}")));
        }
    }
    server.sql().execute("UPDATE message SET flagged = 1");
    assert!(asked_for(&server, "/public").1.contains("There's no message so far."));
}

#[test]
fn who_is_signed_in_gets_a_page_of_their_own() {
    let (server, _) = server_with_a_message(Launch::new());
    let grace = Visitor::signed_in(&server, "grace");
    for path in ["/public", "/ada"] {
        assert!(!asked_for(&server, path).1.contains("sign out"), "{path}");
        assert!(grace.page(path).shows("sign out"), "{path}");
        assert!(!asked_for(&server, path).1.contains("sign out"), "{path}");
    }
}

#[test]
#[cfg(feature = "metrics")]
fn pages_that_lie_ready_are_counted() {
    let (server, _) = server_with_a_message(Launch::new());
    for path in ["/public", "/ada"] {
        for _ in 0..4 {
            asked_for(&server, path);
        }
    }
    let metrics = Operator::of(&server).metrics();
    for route in ["/public", "/{username}"] {
        for (by, expected) in [("router", 1.0), ("shortcut", 3.0)] {
            let labels =
                [("route", route), ("answered_by", by), ("method", "GET"), ("status", "200")];
            for name in ["http_requests_total", "http_request_duration_seconds_count"] {
                let found = metrics.sum(&format!("minitwit_{name}"), &labels);
                assert_eq!(found, expected, "{name} {labels:?} in {}", metrics.0);
            }
        }
    }
}

#[test]
fn whoever_wants_a_line_for_each_request_gets_it() {
    let launch = Launch::new().variable("RUST_LOG", "minitwit::requests=debug");
    let (server, _) = server_with_a_message(launch);
    for _ in 0..4 {
        asked_for(&server, "/public");
    }
    eventually("a line for each", || {
        (server.log().matches("route=/public").count() == 4).then_some(())
    });
}
