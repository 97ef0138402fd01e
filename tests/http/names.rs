//! Names of every spelling, in every place a name can stand.

use crate::support::{Simulator, TestServer, Visitor, encoded};

const ODD_NAMES: &[&str] = &[
    "00123",
    "123",
    "1e5",
    "100000",
    "-0",
    "0x1F",
    "NULL",
    "Roger Histand",
    " leading and trailing ",
    "a/b",
    "a/follow",
    "/",
    "x+y",
    "x y",
    "dotted.name",
    "...",
    "100%",
    "%2F",
    "a?b#c&d=e",
    "a\\b",
    "<b>\"it's\"</b>",
    "Zoë",
    "Zoe\u{308}",
    "日本語",
    "🐦",
    "👩‍👩‍👧",
    "\u{202e}txt",
    "tab\tand\nnewline",
    "ada; DROP TABLE user",
];

#[test]
fn every_name_has_its_own_account_and_page() {
    let server = TestServer::start();
    for name in ODD_NAMES {
        let visitor = Visitor::signed_in(&server, name);
        let text = format!("written by {}", encoded(name));
        visitor.post(&text).expect(200);
        let page = visitor.page(&format!("/{}", encoded(name))).expect(200);
        assert!(page.shows("This is you!"), "{name:?}: {page}");
        assert_eq!(page.messages().len(), 1, "{name:?}: {page}");
        assert!(page.shows(&text), "{name:?}: {page}");
    }
    for name in ODD_NAMES {
        let messages = Simulator::of(&server).messages(&format!("/msgs/{}", encoded(name)));
        let expected = [((*name).to_owned(), format!("written by {}", encoded(name)))];
        assert_eq!(messages, expected, "{name:?}");
    }
}

#[test]
fn every_name_can_be_followed_and_unfollowed_on_the_pages() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    for name in ODD_NAMES {
        Visitor::to(&server).register(name).expect(200);
        let page = ada.follow(name).expect(200);
        assert!(page.shows(&format!("You are now following \"{name}\"")), "{page}");
        assert!(page.shows("You are currently following this user."), "{page}");
        let page = ada.unfollow(name).expect(200);
        assert!(page.shows("You are not yet following this user."), "{page}");
    }
}

#[test]
fn every_name_works_in_the_api() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    for name in ODD_NAMES {
        simulator.register(name).expect(204);
        simulator.register(name).expect(400);
        simulator.says(name, "hello").expect(204);
        simulator.follow("ada", name).expect(204);
        assert_eq!(simulator.follows("ada"), [*name]);
        simulator.follow(name, "ada").expect(204);
        assert_eq!(simulator.follows(name), ["ada"]);
        simulator.unfollow("ada", name).expect(204);
    }
    let names: Vec<_> = simulator.messages("/msgs").into_iter().map(|(user, _)| user).collect();
    let newest_first: Vec<_> = ODD_NAMES.iter().rev().copied().collect();
    assert_eq!(names, newest_first);
}

#[test]
fn characters_that_need_no_encoding_may_come_bare() {
    let server = TestServer::start();
    // All that RFC 3986, section 3.3, allows in a segment of a path.
    for name in ["x+y", "a&b=c", "ada@example.org", "it's", "a:b", "a~b", "a,b;c", "$(x)*!", "-._"]
    {
        let visitor = Visitor::signed_in(&server, name);
        let page = visitor.page(&format!("/{name}")).expect(200);
        assert!(page.shows("This is you!"), "{name}: {page}");
        Simulator::of(&server).get(&format!("/msgs/{name}")).expect(200);
    }
}

#[test]
fn names_that_differ_in_case_are_different_people() {
    let server = TestServer::start();
    for name in ["ada", "Ada", "ADA"] {
        Visitor::signed_in(&server, name).post(&format!("I am {name}")).expect(200);
    }
    for name in ["ada", "Ada", "ADA"] {
        let page = Visitor::to(&server).page(&format!("/{name}")).expect(200);
        assert_eq!(page.messages().len(), 1, "{page}");
        assert!(page.shows(&format!("I am {name}")), "{page}");
    }
    Visitor::to(&server).page("/aDA").expect(404);
}

#[test]
fn a_name_that_only_looks_like_a_number_is_no_other_number() {
    let server = TestServer::start();
    Visitor::to(&server).register("123");
    for other in ["0123", "123.0", "1.23e2", "+123", " 123", "１２３"] {
        Visitor::to(&server).page(&format!("/{}", encoded(other))).expect(404);
        Visitor::to(&server).sign_in(other).expect(200).shows("Invalid username");
    }
}

#[test]
fn names_of_routes_are_taken() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    let routes = [
        "public",
        "login",
        "logout",
        "register",
        "add_message",
        "latest",
        "msgs",
        "fllws",
        "static",
        "openapi.json",
    ];
    for name in routes {
        let page = visitor.register(name).expect(200);
        assert!(page.shows("The username is already taken"), "{name}: {page}");
        let answer = Simulator::of(&server).register(name).expect(400);
        assert_eq!(answer.json()["error_msg"], "The username is already taken", "{name}");
    }
}

#[test]
fn nobody_is_called_like_a_route_because_of_a_part_of_their_name() {
    let server = TestServer::start();
    for name in ["Public", "login2", "msgs/ada", "static/style.css", "follow", "unfollow"] {
        let visitor = Visitor::signed_in(&server, name);
        visitor.post("here I am").expect(200);
        let page = visitor.page(&format!("/{}", encoded(name))).expect(200);
        assert!(page.shows("here I am"), "{name}: {page}");
    }
}

#[test]
fn a_name_too_long_is_refused_and_one_just_short_enough_is_not() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    let page = visitor.register(&"é".repeat(101)).expect(200);
    assert_eq!(page.errors().len(), 1, "{page}");
    let longest = "é".repeat(100);
    let visitor = Visitor::signed_in(&server, &longest);
    visitor.page(&format!("/{}", encoded(&longest))).expect(200);
}
