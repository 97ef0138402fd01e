//! What an operator reads in the log, and what nobody does.

use serde_json::{Value, json};

use crate::support::{Launch, Simulator, TestServer, Visitor, eventually};

/// The lines about requests, once the last of them holds this text.
#[track_caller]
fn requests(server: &TestServer, last: &str) -> Vec<String> {
    eventually(&format!("{last} in the log"), || {
        let log = server.log();
        let lines = log.lines().filter(|line| line.contains("minitwit::requests"));
        let lines: Vec<_> = lines.map(str::to_owned).collect();
        lines.last().is_some_and(|line| line.contains(last)).then_some(lines)
    })
}

#[test]
fn each_change_has_its_line_and_reading_has_none() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    ada.page("/public").expect(200);
    ada.post("hello").expect(200);
    ada.follow("ada").expect(200);
    ada.sign_out().expect(200);
    let simulator = Simulator::of(&server);
    simulator.says("ada", "hello").expect(204);
    simulator.get("/msgs").expect(200);

    let lines = requests(&server, "/msgs/{username}");
    let expected = [
        "method=POST route=/register status=302",
        "method=POST route=/login status=302",
        "method=POST route=/add_message status=302",
        "method=GET route=/{username}/follow status=302",
        "method=GET route=/logout status=302",
        "method=POST route=/msgs/{username} status=204",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{expected} in {lines:#?}");
        assert!(line.contains(" INFO ") && line.contains(" client=127.0.0.1"), "{line}");
    }
    let users: Vec<_> = lines.iter().map(|line| line.contains(" user=1")).collect();
    assert_eq!(users, [false, true, true, true, true, false], "{lines:#?}");
}

#[test]
fn reading_is_logged_for_those_who_ask() {
    let server = Launch::new().variable("RUST_LOG", "minitwit::requests=debug").start();
    Visitor::to(&server).page("/public?before=1-1").expect(200);
    let lines = requests(&server, "/public");
    assert!(lines[0].contains("DEBUG") && lines[0].contains("status=200"), "{lines:#?}");
}

#[test]
fn a_client_behind_a_trusted_proxy_is_named() {
    let server = Launch::new().flag("--trusted-proxy", "127.0.0.1").start();
    let visitor = Visitor::to(&server).with("X-Forwarded-For", "203.0.113.7");
    visitor.get("/nobody").expect(404);
    requests(&server, "route=/{username} status=404");
    assert!(server.log().contains(" client=203.0.113.7"), "{}", server.log());
}

#[test]
fn who_scans_the_server_does_not_fill_the_disk() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    for n in 0..300 {
        visitor.get(&format!("/wp-admin-{n}")).expect(404);
        visitor.get(&format!("/cgi-bin/{n}/x/y.php")).expect(404);
        visitor.send("/login", &[("username", "root"), ("password", "guess")]);
    }
    visitor.register("ada").expect(200);
    let lines = requests(&server, "status=302");
    assert!((20..50).contains(&lines.len()), "{} lines: {lines:#?}", lines.len());
    assert!(lines.iter().any(|line| line.contains("more=not logged for a minute")), "{lines:#?}");
}

#[test]
fn programs_read_json() {
    let server = Launch::new().flag("--log-format", "json").start();
    Visitor::signed_in(&server, "ada");
    requests(&server, "/login");
    let log = server.log();
    let objects: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    let mut last = objects.last().unwrap().clone();
    assert!(last["ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{last}");
    assert!(last["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{last}");
    for key in ["ms", "time"] {
        last[key] = Value::Null;
    }
    let expected = json!({
        "time": null, "level": "INFO", "target": "minitwit::requests", "message": "answered",
        "method": "POST", "route": "/login", "status": 302, "ms": null, "client": "127.0.0.1",
        "user": 1,
    });
    assert_eq!(last, expected);
}

#[test]
fn no_secret_is_in_the_log_or_the_metrics() {
    // As much as there is, from every library.
    let server = Launch::new()
        .flag("--simulator-auth", "sim:auth-secret")
        .variable("RUST_LOG", "trace")
        .start();
    let visitor = Visitor::to(&server).with("X-Secret", "header-secret");
    let password = "pass\n\u{1b}[31m\"word'secret";
    visitor.register_as("ada\u{7}l\u{f6}v", "mail-secret@x.y", password, password).expect(200);
    visitor.register_as("ada", "mail-secret@x.y", password, "other-secret").expect(200);
    visitor.register_as("ada", "mailsecret", password, password).expect(200);
    visitor.sign_in_with("ada\u{7}l\u{f6}v", "wrong-secret").expect(200);
    visitor.sign_in_with("nobody-secret", password).expect(200);
    visitor.sign_in_with("ada\u{7}l\u{f6}v", password).expect(200);
    let cookie = visitor.cookie_header();
    visitor.post("text-secret\r\nWARN forged line").expect(200);
    visitor.get("/public?token=query-secret").expect(200);
    visitor.get("/path-secret").expect(404);
    visitor.get("/%0a%1b[31mpath-secret").expect(404);
    let credentials = crate::support::basic("sim:auth-secret");
    let simulator = Simulator::stranger(&server).with("Authorization", &credentials);
    let user = json!({"username": "grace", "email": "mail-secret@z", "pwd": "pwd-secret"});
    simulator.post("/register?latest=7", &user).expect(204);
    simulator.post("/register", &user).expect(400);
    simulator.says("grace", "text-secret").expect(204);
    simulator.call("POST", "/msgs/grace", "application/json", Some(b"{\"text-secret")).expect(400);
    simulator.get("/msgs/unknown-secret").expect(404);
    visitor.sign_out().expect(200);
    requests(&server, "/public");

    let log = server.log();
    let mut secrets = vec!["secret", "forged", "\u{1b}", "\u{7}", "mailsecret", &credentials[6..]];
    secrets.extend(cookie.split("; ").filter_map(|pair| pair.split_once('=')).map(|pair| pair.1));
    for secret in &secrets {
        assert!(!log.contains(secret), "{secret:?} is in the log");
    }
    #[cfg(feature = "metrics")]
    {
        let metrics = crate::support::Operator::of(&server).metrics().0;
        for secret in secrets {
            assert!(!metrics.contains(secret), "{secret:?} is in {metrics}");
        }
    }
}
