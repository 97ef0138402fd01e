//! A MiniTwit with people in it, some of them with awkward names and a lot to say.

use crate::browser::Browser;
use crate::support::{Simulator, TestServer, Visitor};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// The longest name somebody can have, without a place to break it.
pub fn wide_name() -> String {
    "W".repeat(100)
}

/// Somebody new, who can sign in with [`PASSWORD`].
pub fn register(server: &TestServer, name: &str) {
    let email = format!("{name}@example.org");
    let page = Visitor::to(server).register_as(name, &email, PASSWORD, PASSWORD);
    assert!(!page.flashes().is_empty(), "{name} could not register: {page}");
}

/// Signs somebody in.
pub fn sign_in(browser: &Browser, name: &str) {
    browser.open("/login");
    browser.fill("username", name);
    browser.fill("password", PASSWORD);
    browser.click("Sign In");
    assert_eq!(browser.flashes(), ["You were logged in"]);
}

/// Ada follows Bob, who fills pages, and somebody with a name of 100 wide letters, who writes
/// what is hard to lay out. Nobody follows Carol; Dan has never said a word.
pub fn populate(server: &TestServer) {
    let simulator = Simulator::of(server);
    let wide = wide_name();
    for name in ["Ada", "Bob", "Carol", "Dan", &wide] {
        register(server, name);
    }
    for number in 1..=65 {
        simulator.says("Bob", &format!("Bob's message number {number}"));
    }
    simulator.says("Carol", "Nobody follows me.").expect(204);
    for text in awkward_texts() {
        simulator.says(&wide, &text).expect(204);
    }
    simulator.says("Ada", "Hello @Bob, have a look at https://example.org/ (it is short).");
    for whom in ["Bob", &wide] {
        simulator.follow("Ada", whom).expect(204);
    }
}

fn awkward_texts() -> Vec<String> {
    vec![
        "W".repeat(5_000),
        format!("https://example.org/{}", "a-very-long-path/".repeat(20)),
        format!("@{} @Bob @nobody", wide_name()),
        "First line\nsecond line\n\n        an indented one, after an empty one".to_owned(),
        "مرحبا بالعالم and ברוכים הבאים in one line".to_owned(),
        "🐦".repeat(100),
        "<b>not bold</b> &amp; \"quoted\" 'text'".to_owned(),
    ]
}
