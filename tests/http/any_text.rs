//! Free-form input: any name and any text made of Unicode without NUL comes back unchanged, and
//! nothing that can be typed makes the server fail.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

use crate::support::{Simulator, TestServer, Visitor, encoded};

fn any_characters() -> impl Strategy<Value = String> {
    let character = any::<char>().prop_filter("NUL is refused", |c| *c != '\0');
    proptest::collection::vec(character, 0..40).prop_map(String::from_iter)
}

/// Runs a test with many inputs on one server.
fn for_many<S: Strategy>(inputs: S, test: impl Fn(&TestServer, S::Value) -> TestCaseResult) {
    let server = TestServer::start();
    let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    if let Err(error) = runner.run(&inputs, |input| test(&server, input)) {
        panic!("{error}");
    }
}

#[test]
fn a_name_and_a_text_survive_the_api() {
    let count = Cell::new(0);
    for_many((any_characters(), any_characters()), |server, (around, text)| {
        count.set(count.get() + 1);
        // Nobody has it yet, and it may begin and end with anything.
        let name = format!("{around}{}{around}", count.get());
        let simulator = Simulator::of(server);
        simulator.register(&name).expect(204);
        simulator.says(&name, &text).expect(204);
        let messages = simulator.messages(&format!("/msgs/{}", encoded(&name)));
        prop_assert_eq!(messages, [(name, text)]);
        Ok(())
    });
}

#[test]
fn a_name_and_a_text_survive_the_forms() {
    let count = Cell::new(0);
    for_many((any_characters(), any_characters()), |server, (around, text)| {
        count.set(count.get() + 1);
        let name = format!("{around}{}{around}", count.get());
        let text = format!("{text}x{text}");
        Visitor::signed_in(server, &name).post(&text).expect(200);
        let messages = Simulator::of(server).messages(&format!("/msgs/{}", encoded(&name)));
        // A browser makes two characters of every line's end that was typed.
        prop_assert_eq!(messages, [(name, text.replace("\r\n", "\n"))]);
        Ok(())
    });
}

#[test]
fn any_path_is_no_server_error() {
    let inputs = ("[!$-;=@-Z_a-z~?]{0,60}", any::<Vec<u8>>());
    for_many(inputs, |server, (plain, bytes)| {
        let escaped: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        for path in [
            format!("/{plain}"),
            format!("/{escaped}"),
            format!("/{escaped}/follow"),
            format!("/static/{escaped}"),
            format!("/msgs/{escaped}?no={escaped}&latest={escaped}"),
        ] {
            let answer = Simulator::of(server).get(&path);
            prop_assert!(answer.status < 500, "{}", answer);
        }
        Ok(())
    });
}

#[test]
fn any_cookie_is_no_server_error_and_signs_nobody_in() {
    // Every octet a cookie's value may hold (RFC 6265, section 4.1.1), and `%` more often.
    let inputs = "[!#-+\\--:<-\\[\\]-~]{0,100}(%[0-9A-F]{2}){0,9}";
    for_many(inputs, |server, value| {
        let ada = Visitor::to(server);
        let fields = [("username", "ada"), ("email", "a@b"), ("password", "x"), ("password2", "x")];
        let answers = [
            ada.send("/register", &fields),
            ada.send("/login", &[("username", "ada"), ("password", "x")]),
        ];
        let forged: Vec<_> = answers
            .iter()
            .flat_map(|answer| answer.cookies())
            .filter_map(|cookie| cookie.split('=').next())
            .map(|name| format!("{name}={value}"))
            .collect();
        prop_assert!(!forged.is_empty());
        let stranger = Visitor::to(server).with("Cookie", &forged.join("; "));
        let answer = stranger.get("/");
        prop_assert_eq!(answer.status, 302, "{}", answer);
        let answer = stranger.get("/public");
        prop_assert_eq!(answer.status, 200, "{}", answer);
        prop_assert!(!answer.shows("sign out"), "{}", answer);
        Ok(())
    });
}
