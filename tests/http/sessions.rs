//! Staying signed in, and no longer being it.

use crate::support::{Launch, TestServer, Visitor};

/// The header by which whoever copied a cookie would use it.
fn with_cookie(server: &TestServer, cookie: &str) -> Visitor {
    Visitor::to(server).with("Cookie", cookie)
}

#[test]
fn a_session_survives_a_restart() {
    let mut server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    server.restart();
    let page = ada.page("/").expect(200);
    assert!(page.text().contains("sign out [ada]"), "{page}");
    server.kill();
    server.restart();
    ada.get("/").expect(200);
}

#[test]
fn a_session_holds_on_every_server_of_the_database() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let twin = server.twin();
    let cookie = ada.cookie_header();
    with_cookie(&twin, &cookie).get("/").expect(200);
    ada.sign_out();
    with_cookie(&twin, &cookie).get("/").expect(302);
}

#[test]
fn a_copied_cookie_is_dead_after_signing_out() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let cookie = ada.cookie_header();
    with_cookie(&server, &cookie).get("/").expect(200);
    ada.sign_out().expect(200);
    with_cookie(&server, &cookie).get("/").expect(302);
    with_cookie(&server, &cookie).send("/add_message", &[("text", "not me")]).expect(401);
    assert!(Visitor::to(&server).page("/public").shows("There's no message so far."));
}

#[test]
fn signing_out_here_leaves_me_signed_in_elsewhere() {
    let server = TestServer::start();
    let desk = Visitor::signed_in(&server, "ada");
    let phone = Visitor::to(&server);
    phone.sign_in("ada").expect(200);
    desk.sign_out();
    desk.get("/").expect(302);
    phone.get("/").expect(200);
}

#[test]
fn two_people_in_two_browsers_are_not_mixed_up() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let grace = Visitor::signed_in(&server, "grace");
    for _ in 0..3 {
        assert!(ada.page("/public").text().contains("sign out [ada]"));
        assert!(grace.page("/public").text().contains("sign out [grace]"));
        assert!(Visitor::to(&server).page("/public").shows("sign in"));
    }
}

#[test]
fn every_sign_in_gets_a_cookie_of_its_own_that_the_database_does_not_reveal() {
    let server = TestServer::start();
    Visitor::to(&server).register("ada");
    let mut cookies: Vec<String> = (0..5)
        .map(|_| {
            let browser = Visitor::to(&server);
            browser.sign_in("ada").expect(200);
            browser.cookie_header()
        })
        .collect();
    let stored = server.sql().everything();
    for cookie in &cookies {
        let tokens = cookie.split("; ").filter_map(|pair| pair.split_once('='));
        for (_, token) in tokens.filter(|(_, token)| token.len() >= 16) {
            let is_stored = stored.windows(token.len()).any(|w| w == token.as_bytes());
            assert!(!is_stored, "{token} is in the database");
        }
    }
    cookies.sort();
    cookies.dedup();
    assert_eq!(cookies.len(), 5, "{cookies:?}");
}

#[test]
fn a_session_that_has_ended_signs_nobody_in() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    assert_eq!(server.sql().execute("UPDATE session SET expires = 1700000000"), 1);
    ada.get("/").expect(302);
    ada.sign_in("ada").expect(200);
    ada.get("/").expect(200);
}

#[test]
fn an_account_that_is_gone_takes_its_sessions_along() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    server.sql().execute(r#"DELETE FROM "user""#);
    ada.get("/").expect(302);
    ada.send("/add_message", &[("text", "a ghost")]).expect(401);
}

/// The attributes of the cookies that signing in sets, in lower case.
fn attributes(visitor: &Visitor) -> Vec<Vec<String>> {
    visitor.register("ada");
    let fields = [("username", "ada"), ("password", "correct horse battery staple")];
    let answer = visitor.send("/login", &fields).expect(302);
    let cookies = answer.cookies();
    assert!(!cookies.is_empty(), "{answer}");
    let attributes = |cookie: &str| {
        cookie.to_lowercase().split(';').skip(1).map(str::trim).map(str::to_owned).collect()
    };
    cookies.into_iter().map(attributes).collect()
}

#[test]
fn cookies_are_kept_from_scripts_and_from_other_sites() {
    let server = TestServer::start();
    for cookie in attributes(&Visitor::to(&server)) {
        for attribute in ["httponly", "samesite=lax", "path=/"] {
            assert!(cookie.iter().any(|one| one == attribute), "no {attribute} in {cookie:?}");
        }
        assert!(!cookie.contains(&"secure".to_owned()), "over plain HTTP: {cookie:?}");
    }
}

#[test]
fn cookies_are_secure_behind_a_trusted_proxy_that_speaks_tls() {
    let server = Launch::new().flag("--trusted-proxy", "192.0.2.1, 127.0.0.1").start();
    let behind_tls = Visitor::to(&server).with("X-Forwarded-Proto", "https");
    for cookie in attributes(&behind_tls) {
        assert!(cookie.contains(&"secure".to_owned()), "{cookie:?}");
    }
    let behind_http = Visitor::to(&server).with("X-Forwarded-Proto", "http");
    for cookie in attributes(&behind_http) {
        assert!(!cookie.contains(&"secure".to_owned()), "{cookie:?}");
    }
}

#[test]
fn who_is_no_trusted_proxy_says_nothing_about_tls() {
    for server in [TestServer::start(), Launch::new().flag("--trusted-proxy", "192.0.2.1").start()]
    {
        let liar = Visitor::to(&server).with("X-Forwarded-Proto", "https");
        for cookie in attributes(&liar) {
            assert!(!cookie.contains(&"secure".to_owned()), "{cookie:?}");
        }
    }
}
