//! What a client can send besides what it should: methods, versions, paths, broken requests.

use crate::support::{Raw, Simulator, TestServer, Visitor, hang_up_after, raw};

const PATHS: &[&str] = &[
    "/",
    "/public",
    "/login",
    "/register",
    "/logout",
    "/add_message",
    "/ada",
    "/ada/follow",
    "/ada/unfollow",
    "/ada/frobnicate",
    "/nobody",
    "/static/style.css",
    "/static/nothing",
    "/static/../Cargo.toml",
    "/latest",
    "/msgs",
    "/msgs/",
    "/msgs/ada",
    "/msgs/ada/x",
    "/fllws",
    "/fllws/ada",
    "/openapi.json",
    "/metrics",
    "//",
    "/a//b",
];

const AUTHORIZATION: &str = "Authorization: Basic c2ltdWxhdG9yOnN1cGVyX3NhZmUh\r\n";

/// A request without a body, as it goes over the wire.
fn request(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: minitwit\r\nConnection: close\r\n{headers}\r\n")
}

/// Whether it was answered cleanly, or refused by closing the connection.
#[track_caller]
fn assert_clean(sent: &str, answer: &Raw) {
    let clean = answer.statuses().iter().all(|status| (100..500).contains(status));
    assert!(clean, "{sent:?} was answered with {answer:?}");
}

fn server_with_ada() -> TestServer {
    let server = TestServer::start();
    Simulator::of(&server).register("ada").expect(204);
    server
}

#[test]
fn no_method_on_any_path_is_a_server_error() {
    let server = server_with_ada();
    let methods =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"];
    for path in PATHS {
        for method in methods {
            for headers in ["", AUTHORIZATION] {
                let sent = request(method, path, headers);
                let answer = raw(server.address(), &sent);
                assert_clean(&sent, &answer);
                answer.status();
            }
        }
    }
    Visitor::to(&server).page("/public").expect(200);
}

#[test]
fn a_method_a_path_does_not_know_is_told_which_ones_it_knows() {
    let server = server_with_ada();
    for (method, path, allowed) in [
        ("POST", "/public", "GET"),
        ("DELETE", "/public", "GET"),
        ("BREW", "/public", "GET"),
        ("PUT", "/login", "POST"),
        ("PATCH", "/register", "POST"),
        ("DELETE", "/add_message", "POST"),
        ("GET", "/add_message", "POST"),
        ("DELETE", "/logout", "GET"),
        ("PUT", "/ada/follow", "GET"),
        ("DELETE", "/ada", "GET"),
        ("POST", "/ada", "GET"),
        ("POST", "/static/style.css", "GET"),
        ("POST", "/latest", "GET"),
        ("POST", "/msgs", "GET"),
        ("PUT", "/msgs/ada", "POST"),
        ("DELETE", "/fllws/ada", "POST"),
    ] {
        let answer = raw(server.address(), request(method, path, AUTHORIZATION));
        assert_eq!(answer.status(), 405, "{method} {path}: {answer:?}");
        let head = answer.0.to_lowercase();
        let allow = head.lines().find_map(|line| line.strip_prefix("allow:"));
        let allow = allow.unwrap_or_else(|| panic!("{method} {path}: no Allow in {answer:?}"));
        assert!(allow.to_uppercase().contains(allowed), "{method} {path}: {answer:?}");
    }
}

#[test]
fn head_is_get_without_the_body() {
    let server = server_with_ada();
    for path in ["/public", "/login", "/ada", "/static/style.css", "/latest", "/msgs", "/nobody"] {
        let get = raw(server.address(), request("GET", path, AUTHORIZATION));
        let head = raw(server.address(), request("HEAD", path, AUTHORIZATION));
        assert_eq!(head.status(), get.status(), "{head:?}");
        assert!(head.0.ends_with("\r\n\r\n"), "HEAD {path} has a body: {head:?}");
        let kind = |answer: &Raw| {
            let text = answer.0.to_lowercase();
            text.lines().find(|line| line.starts_with("content-type:")).map(str::to_owned)
        };
        assert_eq!(kind(&head), kind(&get), "{path}");
    }
}

#[test]
fn options_are_told_or_refused_cleanly() {
    let server = server_with_ada();
    for path in ["/public", "/msgs/ada", "/register", "/latest"] {
        let answer = raw(server.address(), request("OPTIONS", path, ""));
        assert!([200, 204, 405].contains(&answer.status()), "{answer:?}");
        assert!(answer.0.to_lowercase().contains("\nallow:"), "{answer:?}");
    }
    assert_clean("OPTIONS *", &raw(server.address(), request("OPTIONS", "*", "")));
}

#[test]
fn http_1_0_is_served_and_the_connection_closed() {
    let server = server_with_ada();
    let answer = raw(server.address(), "GET /public HTTP/1.0\r\n\r\n");
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert!(answer.0.contains("Public Timeline"), "{answer:?}");
    assert!(!answer.0.to_lowercase().contains("transfer-encoding"), "{answer:?}");
    let body = r#"{"content": "an old client"}"#;
    let head = format!("POST /msgs/ada HTTP/1.0\r\n{AUTHORIZATION}");
    let kind = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    let answer = raw(server.address(), format!("{head}{kind}{body}"));
    assert_eq!(answer.status(), 204, "{answer:?}");
}

#[test]
fn connection_close_closes_the_connection() {
    let server = server_with_ada();
    for path in ["/latest", "/msgs", "/public", "/nobody", "/static/style.css"] {
        // It would not return before the server has closed.
        let answer = raw(server.address(), request("GET", path, AUTHORIZATION));
        assert!(answer.0.to_lowercase().contains("connection: close"), "{answer:?}");
    }
}

#[test]
fn one_connection_carries_many_requests() {
    let server = server_with_ada();
    let one = "GET /latest HTTP/1.1\r\nHost: minitwit\r\n\r\n";
    let answer = raw(server.address(), format!("{one}{one}{}", request("GET", "/latest", "")));
    assert_eq!(answer.statuses(), [200, 200, 200], "{answer:?}");
}

#[test]
fn broken_percent_encoding_names_nobody() {
    let server = server_with_ada();
    let names = [
        "%FF",
        "%C3%28",
        "%ED%A0%80",
        "%F8%80",
        "%",
        "%4",
        "%zz",
        "%00",
        "a%00b",
        "%E2%82",
        "ada%",
        "%c0%af",
        "%fe%fe",
    ];
    for name in names {
        for path in [
            format!("/{name}"),
            format!("/{name}/follow"),
            format!("/msgs/{name}"),
            format!("/fllws/{name}"),
            format!("/static/{name}"),
        ] {
            let answer = raw(server.address(), request("GET", &path, AUTHORIZATION));
            assert!([400, 401, 404].contains(&answer.status()), "{path}: {answer:?}");
        }
    }
    for query in ["%FF", "no=%FF", "latest=%", "no=%zz&no=3", "&&&=&", "no", "=", "no=1&no=2", "?"]
    {
        for path in ["/msgs", "/latest", "/public", "/login"] {
            let path = format!("{path}?{query}");
            assert_clean(&path, &raw(server.address(), request("GET", &path, AUTHORIZATION)));
        }
    }
}

#[test]
fn what_is_not_http_is_refused_and_harms_nobody() {
    let server = server_with_ada();
    let long = "x".repeat(200_000);
    for garbage in [
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET /public\r\n\r\n",
        "GET /public HTTP/9.9\r\n\r\n",
        "GET public HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET http://other.example/public HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /pub lic HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /\u{e9} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /public HTTP/1.1\r\nno colon\r\nConnection: close\r\n\r\n",
        "GET /public HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: \0\r\n\r\n",
        "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n\r\n",
        &request("GET", &format!("/{long}"), ""),
        &request("GET", "/public", &format!("X-Long: {long}\r\n")),
        &request("GET", "/public", &"X-Many: 1\r\n".repeat(500)),
        &request("POST", "/msgs/ada", "Content-Length: x\r\n"),
        &request("POST", "/msgs/ada", "Content-Length: -1\r\n"),
        &request("POST", "/msgs/ada", "Content-Length: 99999999999999999999999\r\n"),
        &request("POST", "/msgs/ada", "Content-Length: 1\r\nContent-Length: 2\r\n"),
        &request("POST", "/msgs/ada", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
        &request("POST", "/msgs/ada", "Transfer-Encoding: gzip\r\n"),
        &request("GET", "/public", "Host: second\r\n"),
        &request("GET", "/public", "Cookie: \u{ff}\u{fe}=;;;=\r\n"),
        &request("GET", "/msgs", "Authorization: Basic \u{ff}\r\n"),
        &request("GET", "/static/style.css", "If-None-Match: \"\r\nIf-Modified-Since: x\r\n"),
        &request("GET", "/static/style.css", "Range: bytes=9999999999999999999-0\r\n"),
        &request("POST", "/login", "Origin: \u{ff}\r\nSec-Fetch-Site: \u{ff}\r\n"),
        &request("GET", "/public", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
    ] {
        // Some of it never ends as far as a server can tell, so the client hangs up.
        let answer = hang_up_after(server.address(), garbage);
        assert_clean(&garbage.chars().take(200).collect::<String>(), &answer);
    }
    Visitor::to(&server).page("/public").expect(200);
}
