//! Whose messages are shown where, and how.

use crate::support::{Answer, Simulator, TestServer, Visitor};

fn texts(page: &Answer) -> Vec<String> {
    page.messages().iter().map(|message| message.text()).collect()
}

#[track_caller]
fn assert_shows(page: &Answer, shown: &[&str], hidden: &[&str]) {
    for text in shown {
        assert!(texts(page).iter().any(|message| message.contains(text)), "no {text} in {page}");
    }
    for text in hidden {
        assert!(!page.shows(text), "{text} in {page}");
    }
}

/// Ada, Grace and Mary, with one message each.
fn three_writers(server: &TestServer) -> [Visitor; 3] {
    ["ada", "grace", "mary"].map(|name| {
        let visitor = Visitor::signed_in(server, name);
        visitor.post(&format!("{name} was here")).expect(200);
        visitor
    })
}

#[test]
fn a_stranger_at_the_front_door_is_sent_to_the_public_timeline() {
    let server = TestServer::start();
    let answer = Visitor::to(&server).get("/").expect(302);
    assert_eq!(answer.header("location"), "/public", "{answer}");
}

#[test]
fn the_public_timeline_shows_what_everybody_wrote() {
    let server = TestServer::start();
    three_writers(&server);
    let page = Visitor::to(&server).page("/public").expect(200);
    assert_eq!(page.title(), "Public Timeline | MiniTwit");
    assert!(page.header("content-type").starts_with("text/html"), "{page}");
    assert_shows(&page, &["ada was here", "grace was here", "mary was here"], &[]);
}

#[test]
fn my_timeline_shows_what_i_and_those_i_follow_wrote() {
    let server = TestServer::start();
    let [ada, ..] = three_writers(&server);
    ada.follow("grace").expect(200);
    let page = ada.get("/").expect(200);
    assert_eq!(page.title(), "My Timeline | MiniTwit");
    assert_shows(&page, &["ada was here", "grace was here"], &["mary was here"]);
    ada.unfollow("grace").expect(200);
    assert_shows(&ada.page("/"), &["ada was here"], &["grace was here", "mary was here"]);
}

#[test]
fn a_users_page_shows_what_they_wrote_alone() {
    let server = TestServer::start();
    let [ada, ..] = three_writers(&server);
    ada.follow("grace").expect(200);
    let page = Visitor::to(&server).page("/ada").expect(200);
    assert_eq!(page.title(), "ada's Timeline | MiniTwit");
    assert_shows(&page, &["ada was here"], &["grace was here", "mary was here"]);
}

#[test]
fn an_unknown_user_has_a_page_that_says_so_and_leads_on() {
    let server = TestServer::start();
    let page = Visitor::to(&server).page("/nobody").expect(404);
    assert!(page.header("content-type").starts_with("text/html"), "{page}");
    assert_eq!(page.link("public timeline").as_deref(), Some("/public"), "{page}");
    assert!(page.title().ends_with(" | MiniTwit"), "{page}");
}

#[test]
fn a_flagged_message_is_shown_nowhere() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    ada.post("fine words").expect(200);
    ada.post("foul words").expect(200);
    let simulator = Simulator::of(&server);
    for page in ["/public", "/", "/ada"] {
        assert_shows(&ada.page(page), &["fine words", "foul words"], &[]);
    }
    server.sql().execute("UPDATE message SET flagged = 1 WHERE text LIKE 'foul%'");
    for page in ["/public", "/", "/ada"] {
        assert_shows(&ada.page(page), &["fine words"], &["foul words"]);
    }
    let fine = [("ada".to_owned(), "fine words".to_owned())];
    assert_eq!(simulator.messages("/msgs"), fine);
    assert_eq!(simulator.messages("/msgs/ada"), fine);
}

#[test]
fn an_empty_timeline_says_so() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    for path in ["/public", "/", "/ada"] {
        let page = ada.page(path).expect(200);
        assert!(page.text().contains("There's no message so far."), "{page}");
    }
    ada.post("now there is one").expect(200);
    assert!(!ada.page("/public").shows("There's no message so far."));
}

#[test]
fn a_page_shows_thirty_messages_newest_first() {
    let server = TestServer::start();
    Visitor::to(&server).register("ada");
    for n in 0..35 {
        server.insert_message("ada", &format!("message number {n}."), 1_700_000_000 + n);
    }
    for path in ["/public", "/ada"] {
        let page = Visitor::to(&server).page(path).expect(200);
        let shown = texts(&page);
        assert_eq!(shown.len(), 30, "{page}");
        for (text, n) in shown.iter().zip((5..35).rev()) {
            assert!(text.contains(&format!("message number {n}.")), "not {n}: {text}");
        }
    }
}

#[test]
fn of_messages_of_one_second_the_one_written_last_is_first() {
    let server = TestServer::start();
    Visitor::to(&server).register("ada");
    for n in 0..5 {
        server.insert_message("ada", &format!("message number {n}."), 1_700_000_000);
    }
    // Written last, but said to be older.
    server.insert_message("ada", "the oldest", 1_600_000_000);
    let shown = texts(&Visitor::to(&server).page("/public"));
    let expected = ["number 4", "number 3", "number 2", "number 1", "number 0", "the oldest"];
    assert_eq!(shown.len(), expected.len(), "{shown:?}");
    for (text, expected) in shown.iter().zip(expected) {
        assert!(text.contains(expected), "not in order: {shown:?}");
    }
}

#[test]
fn a_message_comes_with_picture_author_text_and_minute() {
    let server = TestServer::start();
    Visitor::to(&server).register("Ada Lovelace");
    server.insert_message("Ada Lovelace", "hello, world", 1_273_414_560);
    let page = Visitor::to(&server).page("/public").expect(200);
    let messages = page.messages();
    let [message] = messages.as_slice() else { panic!("one message expected: {page}") };
    assert!(message.inner.contains("<img "), "{page}");
    assert!(message.inner.contains(r#"href="/Ada%20Lovelace""#), "{page}");
    assert!(message.text().contains("Ada Lovelace"), "{page}");
    assert!(message.text().contains("hello, world"), "{page}");
    assert!(message.text().contains("2010-05-09 @ 14:16"), "{page}");
}

#[test]
fn a_message_is_dated_by_the_clock_in_utc() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let before = now();
    ada.post("what time is it?").expect(200);
    let answer = Simulator::of(&server).get("/msgs").expect(200);
    let pub_date = answer.json()[0]["pub_date"].as_u64().unwrap();
    assert!((before..=now()).contains(&pub_date), "{before} to {} is not in {answer}", now());
}

fn now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

#[test]
fn a_stranger_is_offered_to_sign_up_and_in() {
    let server = TestServer::start();
    let page = Visitor::to(&server).page("/public").expect(200);
    assert_eq!(page.link("public timeline").as_deref(), Some("/public"), "{page}");
    assert_eq!(page.link("sign up").as_deref(), Some("/register"), "{page}");
    assert_eq!(page.link("sign in").as_deref(), Some("/login"), "{page}");
    assert_eq!(page.link("my timeline"), None, "{page}");
    assert!(!page.shows("sign out"), "{page}");
}

#[test]
fn who_is_signed_in_is_offered_their_timeline_and_to_sign_out() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let page = ada.page("/public").expect(200);
    assert_eq!(page.link("my timeline").as_deref(), Some("/"), "{page}");
    assert_eq!(page.link("public timeline").as_deref(), Some("/public"), "{page}");
    assert!(page.text().contains("sign out [ada]"), "{page}");
    assert!(!page.shows("sign up") && !page.shows("sign in"), "{page}");
}

#[test]
fn titles_say_which_page_it_is() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    assert_eq!(visitor.page("/login").title(), "Sign In | MiniTwit");
    assert_eq!(visitor.page("/register").title(), "Sign Up | MiniTwit");
}
