//! Bodies the API cannot take: a clean 400, nothing stored.

use crate::support::{Answer, Simulator, TestServer};

#[track_caller]
fn assert_bad_request(answer: &Answer, sent: &[u8]) {
    let sent = String::from_utf8_lossy(&sent[..sent.len().min(200)]);
    assert_eq!(answer.status, 400, "{sent}: {answer}");
    assert_eq!(answer.json()["status"], 400, "{sent}: {answer}");
    let text = answer.json()["error_msg"].as_str().unwrap_or_default().to_owned();
    assert!(!text.is_empty(), "{sent}: {answer}");
    assert!(answer.header("content-type").starts_with("application/json"), "{sent}: {answer}");
}

/// Bodies that are wrong for every call. FIELD stands for a field of the call.
fn wrong_for_all() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "x",
        "{",
        "{}",
        "[]",
        "null",
        "true",
        "7",
        "\"FIELD\"",
        "[\"FIELD\"]",
        "{\"FIELD\"}",
        "{\"FIELD\": \"x\"",
        "{\"FIELD\": \"x\"} trailing",
        "{'FIELD': 'x'}",
        "{\"FIELD\": 1}",
        "{\"FIELD\": 99999999999999999999999999999999999999}",
        "{\"FIELD\": 1e999}",
        "{\"FIELD\": NaN}",
        "{\"FIELD\": null}",
        "{\"FIELD\": true}",
        "{\"FIELD\": [\"x\"]}",
        "{\"FIELD\": {\"FIELD\": \"x\"}}",
        "{\"FIELD\": \"\\ud800\"}",
        "{\"FIELD\": \"\\udc00\\ud800\"}",
        "{\"FIELD\": \"\\x\"}",
        "{\"FIELD\": \"raw\nnewline\"}",
        "FIELD=x",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    bodies.push(b"{\"FIELD\": \"\xff\xfe\"}".to_vec());
    bodies.push(b"{\"FIELD\": \"\xed\xa0\x80\"}".to_vec());
    bodies.push(b"\xff\xfe{\x00}\x00".to_vec());
    bodies.push([b"{\"FIELD\":".to_vec(), b"[".repeat(20_000)].concat());
    bodies.push(b"{\"FIELD\":".repeat(5_000));
    bodies
}

fn for_field(body: &[u8], field: &str) -> Vec<u8> {
    let parts: Vec<&[u8]> = split(body, b"FIELD");
    parts.join(field.as_bytes())
}

fn split<'a>(mut body: &'a [u8], at: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(place) = body.windows(at.len()).position(|window| window == at) {
        parts.push(&body[..place]);
        body = &body[place + at.len()..];
    }
    parts.push(body);
    parts
}

#[test]
fn a_body_of_any_wrong_shape_is_a_bad_request() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    simulator.register("x").expect(204);
    for (path, field) in [
        ("/msgs/ada", "content"),
        ("/fllws/ada", "follow"),
        ("/fllws/ada", "unfollow"),
        ("/register", "username"),
    ] {
        for body in wrong_for_all() {
            let body = for_field(&body, field);
            let answer = simulator.call("POST", path, "application/json", Some(&body));
            assert_bad_request(&answer, &body);
        }
    }
    assert!(simulator.messages("/msgs").is_empty());
    assert!(simulator.follows("ada").is_empty());
}

#[test]
fn a_registration_that_lacks_a_field_is_a_bad_request() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    for body in [
        r#"{"email": "a@b", "pwd": "x"}"#,
        r#"{"username": "ada", "pwd": "x"}"#,
        r#"{"username": "ada", "email": "a@b"}"#,
        r#"{"username": 1, "email": "a@b", "pwd": "x"}"#,
        r#"{"username": "ada", "email": ["a@b"], "pwd": "x"}"#,
        r#"{"username": "ada", "email": "a@b", "pwd": 7}"#,
        r#"{"username": "ada", "email": "a@b", "pwd": null}"#,
        r#"{"username": "a\u0000da", "email": "a@b", "pwd": "x"}"#,
        r#"{"username": "ada", "email": "a\u0000@b", "pwd": "x"}"#,
    ] {
        let answer = simulator.call("POST", "/register", "application/json", Some(body.as_bytes()));
        assert_bad_request(&answer, body.as_bytes());
    }
    simulator.get("/msgs/ada").expect(404);
}

#[test]
fn nul_is_refused_wherever_it_stands() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    simulator.says("ada", "a\0b").expect(400);
    simulator.register("a\0b").expect(400);
    // There cannot be such a user, so both are right.
    for answer in [
        simulator.follow("ada", "a\0b"),
        simulator.unfollow("ada", "a\0b"),
        simulator.says("a\0b", "x"),
        simulator.get("/fllws/a%00b"),
    ] {
        assert!([400, 404].contains(&answer.status), "{answer}");
    }
    assert!(simulator.messages("/msgs").is_empty());
}

#[test]
fn a_message_too_long_is_refused_with_the_reason() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    simulator.says("ada", &"é".repeat(5_000)).expect(204);
    let answer = simulator.says("ada", &"é".repeat(5_001)).expect(400);
    assert!(answer.json()["error_msg"].as_str().unwrap().contains("5000"), "{answer}");
    assert_eq!(simulator.messages("/msgs").len(), 1);
}

#[test]
fn a_name_too_long_is_refused_with_the_reason() {
    let server = TestServer::start();
    let answer = Simulator::of(&server).register(&"n".repeat(101)).expect(400);
    assert!(answer.json()["error_msg"].as_str().unwrap().contains("100"), "{answer}");
}

#[test]
fn both_or_neither_of_follow_and_unfollow_is_no_server_error() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    simulator.register("grace").expect(204);
    let both = br#"{"follow": "grace", "unfollow": "grace"}"#;
    let answer = simulator.call("POST", "/fllws/ada", "application/json", Some(both));
    assert!(answer.status < 500, "{answer}");
    let neither = br#"{"fellow": "grace"}"#;
    let answer = simulator.call("POST", "/fllws/ada", "application/json", Some(neither));
    assert_bad_request(&answer, neither);
}
