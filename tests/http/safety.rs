//! What keeps other sites, and whoever reads along, from doing harm.

use crate::support::{Answer, Launch, Simulator, TestServer, Visitor, basic, eventually};

/// What a browser says about a request that comes from another site's page.
const FOREIGN: &[(&str, &str)] = &[
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Site", "same-site"),
    ("Origin", "http://evil.example"),
    ("Origin", "null"),
    ("Origin", "http://127.0.0.1:1"),
];

const CHANGES: &[(&str, &str)] = &[
    ("POST", "/add_message"),
    ("POST", "/grace/follow"),
    ("GET", "/grace/follow"),
    ("POST", "/grace/unfollow"),
    ("GET", "/grace/unfollow"),
    ("POST", "/logout"),
    ("GET", "/logout"),
];

fn do_it(visitor: &Visitor, method: &str, path: &str) -> Answer {
    match method {
        "POST" => visitor.send(path, &[("text", "hello")]),
        _ => visitor.get(path),
    }
}

#[test]
fn another_sites_page_changes_nothing_for_me() {
    let server = TestServer::start();
    Visitor::to(&server).register("grace");
    let ada = Visitor::signed_in(&server, "ada");
    for (header, value) in FOREIGN {
        let lured = ada.clone().with(header, value);
        for (method, path) in CHANGES {
            // A browser sends no `Origin` with a plain link, so only the other header tells there.
            if *method == "GET" && *header == "Origin" {
                continue;
            }
            let page = do_it(&lured, method, path).expect(403);
            assert_eq!(page.link("public timeline").as_deref(), Some("/public"), "{page}");
        }
    }
    let page = ada.page("/grace").expect(200);
    assert!(page.shows("sign out") && page.shows("You are not yet following"), "{page}");
    assert!(ada.page("/").shows("There's no message so far."));
}

#[test]
fn another_sites_page_signs_nobody_in_or_up() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    visitor.register("ada");
    for (header, value) in FOREIGN {
        let lured = Visitor::to(&server).with(header, value);
        let fields = [("username", "ada"), ("password", "correct horse battery staple")];
        let answer = lured.send("/login", &fields).expect(403);
        let fields = [("username", "eve"), ("email", "a@b"), ("password", "x"), ("password2", "x")];
        lured.send("/register", &fields).expect(403);
        lured.get("/").expect(302);
        assert!(answer.cookies().is_empty(), "{answer}");
    }
    visitor.page("/eve").expect(404);
}

#[test]
fn a_link_from_another_site_leads_to_any_page() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let from_elsewhere = ada.with("Sec-Fetch-Site", "cross-site");
    for path in ["/", "/public", "/ada", "/static/style.css"] {
        from_elsewhere.get(path).expect(200);
    }
    let stranger = Visitor::to(&server).with("Sec-Fetch-Site", "cross-site");
    stranger.get("/login").expect(200);
    stranger.get("/register").expect(200);
}

#[test]
fn my_own_pages_and_clients_that_say_nothing_are_let_through() {
    let server = TestServer::start();
    Visitor::to(&server).register("grace");
    let ada = Visitor::signed_in(&server, "ada");
    let own = format!("http://{}", server.address());
    for (header, value) in [
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Site", "none"),
        ("Origin", own.as_str()),
        ("X-Nothing", "said"),
    ] {
        let page = ada.clone().with(header, value);
        page.send("/add_message", &[("text", "hello")]).expect(302);
        page.get("/grace/follow").expect(302);
        page.send("/grace/unfollow", &[]).expect(302);
    }
}

#[test]
fn behind_a_trusted_proxy_my_own_pages_are_still_my_own() {
    let server = Launch::new().flag("--trusted-proxy", "127.0.0.1").start();
    let ada = Visitor::signed_in(&server, "ada")
        .with("Host", "twit.example.org")
        .with("X-Forwarded-Proto", "https");
    ada.clone()
        .with("Origin", "https://twit.example.org")
        .send("/add_message", &[("text", "hello")])
        .expect(302);
    ada.with("Origin", "https://evil.example.org")
        .send("/add_message", &[("text", "hello")])
        .expect(403);
}

/// A page of every kind, error pages included.
fn pages(server: &TestServer) -> Vec<Answer> {
    let stranger = Visitor::to(server);
    let ada = Visitor::signed_in(server, "ada");
    ada.post("hello").expect(200);
    vec![
        ada.get("/").expect(200),
        ada.get("/public").expect(200),
        ada.get("/ada").expect(200),
        stranger.get("/").expect(302),
        stranger.get("/public").expect(200),
        stranger.get("/login").expect(200),
        stranger.get("/register").expect(200),
        stranger.send("/login", &[]).expect(200),
        stranger.get("/nobody").expect(404),
        stranger.get("/nobody/follow").expect(401),
        stranger.request("DELETE", "/public", &[], None).expect(405),
        stranger.clone().with("Origin", "null").send("/login", &[]).expect(403),
        stranger.get("/static/style.css").expect(200),
        stranger.get("/latest").expect(200),
        stranger.get("/msgs").expect(403),
    ]
}

#[test]
fn every_answer_tells_the_browser_to_be_strict() {
    let server = TestServer::start();
    for answer in pages(&server) {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer}");
        assert!(!answer.header("referrer-policy").is_empty(), "{answer}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src"), "{answer}");
        assert!(policy.contains("frame-ancestors 'none'"), "{answer}");
        for word in ["unsafe-inline", "unsafe-eval", "*", "data:", "http:", "https:"] {
            assert!(!policy.contains(word), "{word}: {answer}");
        }
    }
}

#[test]
fn pages_hold_no_inline_code_and_load_nothing_from_elsewhere() {
    let server = TestServer::start();
    for page in pages(&server).iter().filter(|page| page.text().contains("<html")) {
        assert!(page.elements("style", "").is_empty(), "{page}");
        for script in page.elements("script", "") {
            assert!(script.attribute("src").starts_with('/'), "{page}");
        }
        for word in [" style=\"", " onclick=", " onsubmit=", " onload=", "javascript:"] {
            assert!(!page.text().contains(word), "{word}: {page}");
        }
        for (tag, attribute) in [("img", "src"), ("link", "href"), ("script", "src")] {
            for element in page.elements(tag, "") {
                assert!(!element.attribute(attribute).contains("//"), "{page}");
            }
        }
    }
}

#[test]
fn error_pages_are_pages_with_the_navigation() {
    let server = TestServer::start();
    let errors = pages(&server).into_iter().filter(|page| page.status >= 400);
    for page in errors.filter(|page| !page.asked.ends_with("/msgs")) {
        assert!(page.header("content-type").starts_with("text/html"), "{page}");
        assert_eq!(page.link("public timeline").as_deref(), Some("/public"), "{page}");
        assert!(page.title().ends_with(" | MiniTwit"), "{page}");
    }
}

#[test]
fn numbers_about_the_server_are_not_on_its_public_address() {
    let server = TestServer::start();
    Visitor::to(&server).get("/metrics").expect(404);
}

#[test]
fn the_log_knows_no_secret_however_much_it_says() {
    let launch = Launch::new().variable("RUST_LOG", "trace");
    let server = launch.flag("--simulator-auth", "robot:sesame-street").start();
    let ada = Visitor::to(&server);
    ada.register_as("ada", "ada@example.org", "hunter2-pages", "hunter2-pages").expect(200);
    ada.sign_in_with("ada", "hunter2-wrong").expect(200);
    ada.sign_in_with("ada", "hunter2-pages").expect(200);
    let robot = Simulator::stranger(&server).with("Authorization", &basic("robot:sesame-street"));
    let new = serde_json::json!({"username": "grace", "email": "grace@example.org", "pwd": "hunter2-api"});
    robot.post("/register", &new).expect(204);
    robot.post("/register", &serde_json::json!({"username": 1, "pwd": "hunter2-api"})).expect(400);
    let hashes = server.sql().rows(r#"SELECT pw_hash FROM "user""#).concat();
    let cookie = ada.cookie_header();
    let token = cookie.rsplit('=').next().unwrap().to_owned();
    let mut server = server;
    server.terminate();
    let log =
        eventually("the log to have something", || Some(server.log()).filter(|l| !l.is_empty()));
    let base64 = basic("robot:sesame-street");
    let secrets = ["hunter2", "sesame-street", &base64[6..], &token, "@example.org"];
    for secret in secrets.into_iter().chain(hashes.iter().map(String::as_str)) {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
