//! Everything can be done without a mouse, and one sees where one is.

use serde_json::Value;

use crate::browser::{Browser, key};
use crate::look::Look;
use crate::support::TestServer;
use crate::world;

#[test]
fn ada_signs_in_and_posts_with_the_keyboard_alone() {
    let server = TestServer::start();
    world::register(&server, "Ada");
    let browser = Browser::at(&server);
    browser.open("/login");

    tab_to(&browser, "[name=username]");
    browser.press("Ada");
    browser.press(key::TAB);
    assert!(focus_is(&browser, "[name=password]"), "after the name comes the password");
    browser.press(world::PASSWORD);
    browser.leave(|| browser.press(key::ENTER));
    assert_eq!(browser.flashes(), ["You were logged in"]);

    tab_to(&browser, "[name=text]");
    browser.press("Look, no mouse!");
    browser.press(key::TAB);
    browser.leave(|| browser.press(key::ENTER));
    assert_eq!(browser.flashes(), ["Your message was recorded"]);
    assert!(browser.messages()[0].contains("Look, no mouse!"));
}

#[test]
fn the_focus_goes_once_through_everything_and_is_always_seen() {
    let server = TestServer::start();
    world::populate(&server);
    let browser = Browser::at(&server);
    walk(&browser, &["/public", "/login", "/register"]);
    world::sign_in(&browser, "Ada");
    walk(&browser, &["/Ada", "/account", "/account/delete"]);
}

fn walk(browser: &Browser, paths: &[&str]) {
    for (path, look) in paths.iter().flat_map(each_look) {
        browser.wear(look);
        browser.open(path);
        // Some pages begin in a field; this walk begins at the top.
        browser.ask("document.body.tabIndex = -1; document.body.focus()", &[]);
        let wanted = browser.ask(include_str!("focusable.js"), &[]);
        let wanted = wanted.as_array().unwrap();
        assert!(wanted.len() > 3, "{path} has {} places to go", wanted.len());
        for place in wanted {
            browser.press(key::TAB);
            let focus = browser.ask(include_str!("focus.js"), &[browser.focus().argument()]);
            assert_eq!(&focus["place"], place, "order of the focus at {path} {look}");
            assert_eq!(focus["seen"], Value::Bool(true), "{path} {look}: {focus}");
        }
    }
}

fn each_look<'a>(path: &&'a str) -> impl Iterator<Item = (&'a str, Look)> + use<'a> {
    let path: &'a str = path;
    Look::ALL.into_iter().map(move |look| (path, look))
}

/// Presses Tab until an element has the focus.
#[track_caller]
fn tab_to(browser: &Browser, css: &str) {
    let reached = (0..30).any(|_| {
        focus_is(browser, css) || {
            browser.press(key::TAB);
            false
        }
    });
    assert!(reached, "the Tab key does not lead to {css} at {}", browser.path());
}

fn focus_is(browser: &Browser, css: &str) -> bool {
    let script = "return arguments[0].matches(arguments[1])";
    browser.ask(script, &[browser.focus().argument(), css.into()]) == Value::Bool(true)
}
