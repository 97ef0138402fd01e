//! Reading and writing messages as the simulator.

use serde_json::json;

use crate::support::{Simulator, TestServer, Visitor};

fn pairs(messages: &[(String, String)]) -> Vec<(&str, &str)> {
    messages.iter().map(|(user, content)| (user.as_str(), content.as_str())).collect()
}

#[test]
fn what_is_posted_is_read_by_the_simulator_and_on_the_pages() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    simulator.register("grace").expect(204);
    let answer = simulator.says("ada", "first").expect(204);
    assert!(answer.body.is_empty(), "{answer}");
    simulator.says("grace", "second").expect(204);
    let all = simulator.messages("/msgs");
    assert_eq!(pairs(&all), [("grace", "second"), ("ada", "first")]);
    assert_eq!(pairs(&simulator.messages("/msgs/ada")), [("ada", "first")]);
    let page = Visitor::to(&server).page("/public").expect(200);
    assert!(page.messages()[0].text().contains("second"), "{page}");
}

#[test]
fn a_message_is_an_object_with_content_date_and_user() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    server.insert_message("ada", "hello", 1_273_414_560);
    let expected = json!([{"content": "hello", "pub_date": 1_273_414_560, "user": "ada"}]);
    for path in ["/msgs", "/msgs/ada"] {
        let answer = simulator.get(path).expect(200);
        assert!(answer.header("content-type").starts_with("application/json"), "{answer}");
        assert_eq!(answer.json(), expected, "{answer}");
    }
}

#[test]
fn where_nothing_was_written_the_list_is_empty() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    for path in ["/msgs", "/msgs/ada"] {
        assert_eq!(simulator.get(path).expect(200).json(), json!([]));
    }
}

#[test]
fn no_says_how_many_of_the_newest() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    for n in 0..120 {
        server.insert_message("ada", &n.to_string(), 1_700_000_000 + n / 3);
    }
    let newest: Vec<_> = (0..120).rev().map(|n| n.to_string()).collect();
    for path in ["/msgs", "/msgs/ada"] {
        for (query, count) in [
            ("", 100),
            ("?no=3", 3),
            ("?no=1", 1),
            ("?no=0", 0),
            ("?no=115", 115),
            ("?no=1000", 120),
            ("?no=", 100),
            ("?no=x", 100),
            ("?no=1.5", 100),
            ("?no=5x", 100),
            ("?no=%FF", 100),
            ("?other=7", 100),
        ] {
            let messages = simulator.messages(&format!("{path}{query}"));
            let contents: Vec<_> = messages.iter().map(|(_, content)| content).collect();
            assert_eq!(contents, newest[..count].iter().collect::<Vec<_>>(), "{path}{query}");
        }
    }
}

#[test]
fn a_list_of_thousands_is_whole_and_in_order() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    let many = "INSERT INTO message (author_id, text, pub_date, flagged)
                WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers
                                               WHERE n < 3299)
                SELECT user_id, n || '', 1700000000 + n / 7, 0 FROM numbers, \"user\"";
    assert_eq!(server.sql().execute(many), 3_300);
    for (no, count) in [(999, 999), (1_000, 1_000), (1_001, 1_001), (2_000, 2_000), (9_000, 3_300)]
    {
        for path in ["/msgs", "/msgs/ada"] {
            let messages = simulator.messages(&format!("{path}?no={no}"));
            let newest = (0..3_300).rev().map(|n| n.to_string()).take(count);
            let contents = messages.into_iter().map(|(_, content)| content);
            assert!(contents.eq(newest), "{path}?no={no}");
        }
    }
}

#[test]
fn a_no_below_zero_or_beyond_64_bits_is_no_server_error() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    for no in ["-1", "-9223372036854775809", "9223372036854775808", "99999999999999999999999"] {
        for path in ["/msgs", "/msgs/ada", "/fllws/ada"] {
            simulator.get(&format!("{path}?no={no}")).expect(200);
        }
    }
}

#[test]
fn nobody_has_no_messages_and_writes_none() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    for answer in [simulator.get("/msgs/nobody"), simulator.says("nobody", "hello")] {
        let answer = answer.expect(404);
        assert!(answer.status == 404 && !answer.text().contains("<html"), "{answer}");
    }
    assert!(simulator.messages("/msgs").is_empty());
}

#[test]
fn a_text_is_stored_to_the_letter() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    let texts = [
        "00123",
        "1e5",
        " leading and trailing ",
        "line\r\nbreaks\n\ttabs",
        "\"quotes\" 'and' \\backslashes\\",
        "<b>&amp;</b>",
        "Zoe\u{308} 日本語 👩‍👩‍👧 \u{202e}\u{feff}",
        "\u{1}\u{7f}\u{85}\u{2028}",
        "\u{10ffff}",
    ];
    for text in texts {
        simulator.says("ada", text).expect(204);
        let newest = simulator.messages("/msgs?no=1");
        assert_eq!(pairs(&newest), [("ada", text)]);
    }
}

#[test]
fn a_message_escaped_as_a_surrogate_pair_is_one_character() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    let body = br#"{"content": "\ud83d\udc26 \u00e9"}"#;
    simulator.call("POST", "/msgs/ada", "application/json", Some(body)).expect(204);
    assert_eq!(pairs(&simulator.messages("/msgs")), [("ada", "🐦 é")]);
}

#[test]
fn fields_nobody_asked_for_do_no_harm() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    let body = json!({"content": "hello", "latest": 9, "nested": {"a": [1, null, "x"]}});
    simulator.post("/msgs/ada", &body).expect(204);
    assert_eq!(pairs(&simulator.messages("/msgs")), [("ada", "hello")]);
}

#[test]
fn many_clients_at_once_lose_nothing() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    std::thread::scope(|scope| {
        for client in 0..8 {
            let simulator = simulator.clone();
            scope.spawn(move || {
                for n in 0..25 {
                    simulator.says("ada", &format!("{client}/{n}")).expect(204);
                }
            });
        }
    });
    let mut seen: Vec<_> = simulator.messages("/msgs?no=1000").into_iter().map(|m| m.1).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 200);
}
