//! What browsers and proxies may keep.

use crate::support::{Answer, TestServer, Visitor};

/// Asks for the same thing again, as a browser that kept it.
#[track_caller]
fn assert_not_sent_twice(visitor: &Visitor, path: &str) -> Answer {
    let first = visitor.get(path).expect(200);
    let tag = first.header("etag");
    assert!(!tag.is_empty(), "no validator: {first}");
    let again = visitor.request("GET", path, &[("If-None-Match", tag)], None).expect(304);
    assert!(again.body.is_empty(), "{again}");
    assert_eq!(again.header("etag"), tag, "{again}");
    let weak = format!("\"other\", W/{}", tag.trim_start_matches("W/"));
    visitor.request("GET", path, &[("If-None-Match", &weak)], None).expect(304);
    visitor.request("GET", path, &[("If-None-Match", "\"other\"")], None).expect(200);
    first
}

#[test]
fn the_style_sheet_is_in_the_binary_and_sent_once() {
    let server = TestServer::start();
    let answer = assert_not_sent_twice(&Visitor::to(&server), "/static/style.css");
    assert!(answer.header("content-type").starts_with("text/css"), "{answer}");
    assert!(answer.header("cache-control").contains("max-age"), "{answer}");
    assert!(answer.body.len() > 500, "{answer}");
}

#[test]
fn what_the_pages_link_to_is_there() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    let page = visitor.page("/public").expect(200);
    let links = page.elements("link", "");
    assert!(links.iter().any(|link| link.attribute("rel") == "stylesheet"), "{page}");
    for link in links {
        visitor.get(&link.attribute("href")).expect(200);
    }
}

#[test]
fn only_the_files_of_static_are_there() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    for path in [
        "/static/",
        "/static/nothing.css",
        "/static/../schema.sql",
        "/static/%2e%2e/schema.sql",
        "/static/..%2fschema.sql",
        "/static//etc/passwd",
        "/static/%2Fetc%2Fpasswd",
    ] {
        visitor.get(path).expect(404);
    }
}

#[test]
fn a_picture_is_kept_for_ever() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let page = ada.post("hello").expect(200);
    let picture = page.messages()[0].clone();
    let source = crate::support::elements(&picture.inner, "img", "")[0].attribute("src");
    let answer = assert_not_sent_twice(&Visitor::to(&server), &source);
    let cache = answer.header("cache-control");
    assert!(cache.contains("max-age=31536000") && cache.contains("immutable"), "{answer}");
    assert!(answer.cookies().is_empty(), "{answer}");
}

#[test]
fn private_pages_stay_private() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    for path in ["/", "/public", "/ada"] {
        let page = ada.get(path).expect(200);
        let cache = page.header("cache-control");
        assert!(cache.contains("private") || cache.contains("no-store"), "{page}");
        assert!(!cache.contains("max-age=3"), "{page}");
    }
}

#[test]
fn a_page_with_a_flash_is_nobody_elses() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    let page = visitor.register("ada").expect(200);
    assert!(!page.flashes().is_empty(), "{page}");
    let cache = page.header("cache-control");
    assert!(cache.contains("private") || cache.contains("no-store"), "{page}");
}

#[test]
fn a_strangers_page_is_not_taken_for_that_of_somebody_signed_in() {
    let server = TestServer::start();
    let page = Visitor::to(&server).get("/public").expect(200);
    let cache = page.header("cache-control");
    let apart = page.header("vary").to_lowercase().contains("cookie")
        || cache.contains("private")
        || cache.contains("no-store");
    assert!(!cache.is_empty() && apart, "{page}");
}

#[test]
fn what_the_api_answers_is_not_kept() {
    let server = TestServer::start();
    let simulator = crate::support::Simulator::of(&server);
    for path in ["/latest", "/msgs"] {
        let answer = simulator.get(path).expect(200);
        assert!(!answer.header("cache-control").contains("max-age=3"), "{answer}");
        assert!(answer.header("cache-control").contains("no-store"), "{answer}");
    }
}

#[test]
fn the_description_of_the_api_is_served() {
    let server = TestServer::start();
    let answer = Visitor::to(&server).get("/openapi.json").expect(200);
    let version = answer.json()["openapi"].as_str().unwrap_or_default().to_owned();
    assert!(version.starts_with("3.1"), "{answer}");
    for path in ["/latest", "/register", "/msgs", "/msgs/{username}", "/fllws/{username}"] {
        assert!(answer.json()["paths"][path].is_object(), "no {path} in {answer}");
    }
}
