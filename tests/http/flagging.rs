//! Moderators at work, while everybody reads on.

use std::process::Output;

use crate::support::{Simulator, TestServer, Visitor};

/// Bob reads what Ada posts: something to keep, and something to flag.
fn server_with_messages() -> (TestServer, Visitor, Visitor) {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let bob = Visitor::signed_in(&server, "bob");
    bob.follow("ada").expect(200);
    ada.post("good words").expect(200);
    ada.post("foul words").expect(200);
    (server, ada, bob)
}

fn id(server: &TestServer, text: &str) -> String {
    server.sql().value(&format!("SELECT message_id FROM message WHERE text = '{text}'"))
}

#[track_caller]
fn said(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn complaint(output: &Output, status: i32) -> String {
    said(output, status);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// Every page and call that shows messages of Ada's, each on every server.
#[track_caller]
fn everywhere(servers: &[&TestServer], bob: &Visitor) -> Vec<String> {
    let mut texts = Vec::new();
    for server in servers {
        let stranger = Visitor::to(server);
        let reader = Visitor::to(server).with("Cookie", &bob.cookie_header());
        for path in ["/public", "/ada"] {
            texts.push(stranger.page(path).expect(200).text());
        }
        for path in ["/", "/public", "/ada"] {
            texts.push(reader.page(path).expect(200).text());
        }
        let simulator = Simulator::of(server);
        for path in ["/msgs", "/msgs/ada", "/msgs?no=1"] {
            texts.push(simulator.get(path).expect(200).text());
        }
    }
    texts
}

#[track_caller]
fn assert_shown(servers: &[&TestServer], bob: &Visitor, is_shown: bool) {
    for text in everywhere(servers, bob) {
        assert_eq!(text.contains("foul words"), is_shown, "{text}");
        assert!(text.contains("words"), "more is gone than was flagged: {text}");
    }
}

#[test]
fn what_a_moderator_flags_is_gone_at_the_next_request_on_every_server() {
    let (server, _, bob) = server_with_messages();
    let twin = server.twin();
    let servers = [&server, &twin];
    let id = id(&server, "foul words");
    for _ in 0..3 {
        // Whatever could be kept of the pages is warm.
        assert_shown(&servers, &bob, true);
        let output = server.command(&["flag", &id]);
        assert_eq!(said(&output, 0), format!("Flagged entry: {id}\n"));
        assert_shown(&servers, &bob, false);
        let output = server.command(&["unflag", &id]);
        assert_eq!(said(&output, 0), format!("Unflagged entry: {id}\n"));
        assert_shown(&servers, &bob, true);
    }
}

#[test]
fn what_an_old_script_flags_is_gone_as_fast() {
    let (server, _, bob) = server_with_messages();
    let twin = server.twin();
    let servers = [&server, &twin];
    let id = id(&server, "foul words");
    for _ in 0..3 {
        assert_shown(&servers, &bob, true);
        server.sql().execute(&format!("UPDATE message SET flagged=1 WHERE message_id={id}"));
        assert_shown(&servers, &bob, false);
        server.sql().execute(&format!("UPDATE message SET flagged=0 WHERE message_id={id}"));
    }
}

#[test]
fn an_unknown_id_is_told_and_the_others_are_done() {
    let (server, _, bob) = server_with_messages();
    let id = id(&server, "foul words");
    let output = server.command(&["flag", "987654", &id, "987655"]);
    assert_eq!(said(&output, 1), format!("Flagged entry: {id}\n"));
    let complaint = complaint(&output, 1);
    assert!(complaint.contains("no message 987654, 987655"), "{complaint}");
    assert_shown(&[&server], &bob, false);
    assert!(!server.command(&["flag"]).status.success());
    for mistake in [&["flag"][..], &["flag", "all"], &["flag", "7", "x"]] {
        assert_eq!(server.command(mistake).status.code(), Some(2), "{mistake:?}");
    }
}

#[test]
fn flagging_goes_on_while_many_post() {
    let (server, _, _) = server_with_messages();
    let simulator = Simulator::of(&server);
    std::thread::scope(|scope| {
        let server = &server;
        scope.spawn(move || {
            for _ in 0..10 {
                said(&server.command(&["flag", "1", "2"]), 0);
                said(&server.command(&["unflag", "1"]), 0);
            }
        });
        for number in 0..300 {
            simulator.says("ada", &number.to_string()).expect(204);
        }
    });
    assert_eq!(server.sql().value("SELECT count(*) FROM message WHERE flagged = 0"), "301");
}

#[test]
fn messages_are_listed_for_people_spreadsheets_and_programs() {
    let (server, _, _) = server_with_messages();
    let flagged = id(&server, "foul words");
    let kept = id(&server, "good words");
    server.command(&["flag", &flagged]);
    server.insert_message("bob", "one, \"two\"\nthree", 1_700_000_000);

    let table = said(&server.command(&["list-messages"]), 0);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(lines[1].contains("2023-11-14 22:13"), "{table}");
    assert!(lines[1].ends_with("bob                   one, \"two\"\\nthree"), "{table}");
    assert!(lines[2].contains("yes") && lines[2].ends_with("foul words"), "{table}");

    let csv = server.command(&["list-messages", "--format", "csv", "--author", "bob"]);
    let lines: Vec<String> = said(&csv, 0).lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "message_id,author_id,pub_date,flagged,author,text");
    assert!(lines[1].ends_with(",2,1700000000,0,bob,\"one, \"\"two\"\""), "{lines:?}");
    assert_eq!(lines[2], "three\"");

    let json = server.command(&["list-messages", "--format", "json", "--flagged"]);
    let json: serde_json::Value = serde_json::from_str(&said(&json, 0)).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 1, "{json}");
    assert_eq!(json[0]["message_id"].to_string(), flagged);
    assert_eq!((&json[0]["author"], &json[0]["text"]), (&"ada".into(), &"foul words".into()));
    assert_eq!(json[0]["flagged"], true);

    let ids = |arguments: &[&str]| {
        let all = [&["list-messages", "--format", "csv"], arguments].concat();
        let text = said(&server.command(&all), 0);
        let ids = text.lines().skip(1).filter_map(|line| line.split_once(',')).map(|(id, _)| id);
        ids.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["--unflagged", "--author", "ada"]), [kept.as_str()]);
    assert_eq!(ids(&["--text", "WORDS"]), [flagged.as_str(), &kept]);
    assert_eq!(ids(&["--text", "WORDS", "--limit", "1"]), [flagged.as_str()]);
    assert_eq!(ids(&["--since", "2023-11-15"]), [flagged.as_str(), &kept]);
    assert_eq!(ids(&["--since", "2023-11-14", "--until", "2023-11-14 22:13"]), [""; 0]);
    assert_eq!(ids(&["--until", "2023-11-14 22:14"]).len(), 1);
    assert_eq!(
        said(&server.command(&["list-messages", "--format", "json", "--text", "?"]), 0),
        "[]\n"
    );
}

#[test]
fn who_is_not_there_is_not_listed() {
    let (server, _, _) = server_with_messages();
    let output = server.command(&["list-messages", "--author", "Ada"]);
    let complaint = complaint(&output, 1);
    assert!(complaint.contains("no user called Ada"), "{complaint}");
    for mistake in [&["--since", "yesterday"], &["--format", "xml"], &["--flagged", "--unflagged"]]
    {
        let output = server.command(&[&["list-messages"][..], mistake].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}
