//! Writing messages on the pages.

use crate::support::{Simulator, TestServer, Visitor};

#[test]
fn a_posted_message_is_acknowledged_and_shown() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    ada.page("/");
    let answer = ada.send("/add_message", &[("text", "hello, world")]).expect(302);
    assert_eq!(answer.header("location"), "/", "{answer}");
    let page = ada.page("/").expect(200);
    assert_eq!(page.flashes(), ["Your message was recorded"], "{page}");
    assert!(page.messages()[0].text().contains("hello, world"), "{page}");
    assert!(ada.page("/").flashes().is_empty());
}

#[test]
fn i_am_asked_what_is_on_my_mind_on_my_timeline_alone() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let page = ada.page("/").expect(200);
    assert!(page.text().contains("What's on your mind ada?"), "{page}");
    assert!(page.text().contains(r#"action="/add_message""#), "{page}");
    assert!(page.text().contains(r#"name="text""#), "{page}");
    for path in ["/public", "/ada"] {
        assert!(!ada.page(path).text().contains("on your mind"));
    }
    assert!(!Visitor::to(&server).page("/public").text().contains("on your mind"));
}

#[test]
fn an_empty_text_records_nothing_and_flashes_nothing() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    ada.page("/");
    for fields in [&[("text", "")][..], &[]] {
        let answer = ada.send("/add_message", fields).expect(302);
        assert_eq!(answer.header("location"), "/", "{answer}");
        let page = ada.page("/");
        assert!(page.flashes().is_empty(), "{page}");
        assert!(page.shows("There's no message so far."), "{page}");
    }
}

#[test]
fn a_stranger_posts_nothing() {
    let server = TestServer::start();
    let stranger = Visitor::to(&server);
    let page = stranger.send("/add_message", &[("text", "hello")]).expect(401);
    assert!(page.link("sign in").is_some(), "{page}");
    stranger.send("/add_message", &[("text", "")]).expect(401);
    assert!(stranger.page("/public").shows("There's no message so far."));
}

#[test]
fn a_text_is_shown_as_text_whatever_is_in_it() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let texts = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"quoted\" & 'quoted' &lt;already&gt;",
        "</li></ul><h1>mine</h1>",
        "javascript:alert(1) data:text/html,<b>",
        "http://example.org/\"onmouseover=\"alert(1)",
        "https://example.org/<script>alert(1)</script>",
        "{{ 7 * 7 }} ${7*7} %s {}",
    ];
    for text in texts {
        let page = ada.post(text).expect(200);
        assert!(page.messages()[0].text().contains(text), "{text}: {page}");
        for tag in ["<script>alert", "<img src=x", "<h1>mine", "<b>"] {
            assert!(!page.text().contains(tag), "{text}: {page}");
        }
        assert!(!page.text().contains("\"onmouseover=\""), "{text}: {page}");
    }
}

#[test]
fn a_name_is_shown_as_text_whatever_is_in_it() {
    let server = TestServer::start();
    let name = "<script>alert('\"')</script>";
    let mallory = Visitor::signed_in(&server, name);
    mallory.post("hello").expect(200);
    let ada = Visitor::signed_in(&server, "ada");
    for page in [mallory.page("/"), ada.page("/public"), ada.follow(name), mallory.page("/public")]
    {
        assert!(!page.text().contains("<script>alert"), "{page}");
        assert!(page.shows(name), "{page}");
    }
}

#[test]
fn line_breaks_links_and_names_in_a_text_come_alive() {
    let server = TestServer::start();
    Visitor::to(&server).register("grace");
    let ada = Visitor::signed_in(&server, "ada");
    let page = ada.post("see https://example.org/x?a=1&b=2\nsays @grace, not @nobody");
    let message = &page.messages()[0].inner;
    assert!(message.contains(r#"href="https://example.org/x?a=1&amp;b=2""#), "{page}");
    assert!(message.contains(r#"href="/grace""#), "{page}");
    assert!(!message.contains(r#"href="/nobody""#), "{page}");
    assert!(message.contains('\n') || message.contains("<br"), "{page}");
}

#[test]
fn the_longest_message_is_recorded_and_a_longer_one_is_not() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let longest = "é".repeat(5_000);
    ada.post(&longest).expect(200);
    let too_long = "x".repeat(5_001);
    let page = ada.send("/add_message", &[("text", &too_long)]).expect(200);
    assert_eq!(page.errors().len(), 1, "{page}");
    assert!(page.text().contains(&too_long), "what was typed is lost: {page}");
    let stored = Simulator::of(&server).messages("/msgs");
    assert_eq!(stored, [("ada".to_owned(), longest)]);
    assert!(!ada.page("/").flashes().contains(&"Your message was recorded".to_owned()));
}

#[test]
fn a_text_with_nul_is_refused() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let answer = ada.send("/add_message", &[("text", "a\0b")]);
    assert!(answer.status < 500, "{answer}");
    let page = ada.page("/");
    assert!(page.shows("There's no message so far."), "{page}");
    assert!(!page.flashes().contains(&"Your message was recorded".to_owned()), "{page}");
}

#[test]
fn messages_are_kept_in_the_originals_columns() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    ada.post("00123").expect(200);
    let query = r#"SELECT username, text, flagged
                   FROM message JOIN "user" ON user_id = author_id WHERE pub_date > 1700000000"#;
    assert_eq!(server.sql().row(query), ["ada", "00123", "0"]);
}
