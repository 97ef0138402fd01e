//! Operators look after people, while those use the server.

use std::process::Output;

use crate::support::{Simulator, TestServer, Visitor};

#[track_caller]
fn said(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    let (stdout, stderr) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr))
}

fn server_with_ada() -> (TestServer, Visitor) {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    ada.post("hello from ada").expect(200);
    (server, ada)
}

fn is_signed_in(visitor: &Visitor) -> bool {
    visitor.get("/").status == 200
}

#[test]
fn people_are_listed_and_shown() {
    let (server, _) = server_with_ada();
    Visitor::signed_in(&server, "Bob B.").follow("ada").expect(200);
    let csv = said(&server.command(&["user", "list", "--format", "csv"]), 0);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "user_id,username,email");
    assert!(lines[1].ends_with(",ada,somebody@example.org"), "{csv}");
    assert!(lines[2].ends_with(",Bob B.,somebody@example.org"), "{csv}");
    let (id, _) = lines[1].split_once(',').unwrap();
    let shown = said(&server.command(&["user", "show", "ada"]), 0);
    for line in ["name       ada", "sessions   1", "messages   1, and 0 flagged", "followers  1"] {
        assert!(shown.contains(line), "no {line} in {shown}");
    }
    assert_eq!(said(&server.command(&["user", "show", "--id", id]), 0), shown);
    let hash = server.sql().value(r#"SELECT pw_hash FROM "user" WHERE username = 'ada'"#);
    assert!(!shown.contains(&hash), "{shown}");
}

#[test]
fn who_does_not_exist_is_told() {
    let (server, _) = server_with_ada();
    for action in [
        &["show"][..],
        &["rename", "--to", "x"],
        &["reset-password"],
        &["end-sessions"],
        &["delete", "--messages", "keep", "--yes"],
    ] {
        let [by_name, by_id] = [&["Ada"][..], &["--id", "-7"]].map(|who| {
            let who = if who[0] == "--id" { &["--id=-7"] } else { who };
            said(&server.command(&[&["user"], action, who].concat()), 1)
        });
        assert!(by_name.contains("no user called Ada"), "{by_name}");
        assert!(by_id.contains("no user number -7"), "{by_id}");
        assert_eq!(server.command(&[&["user"], action].concat()).status.code(), Some(2));
    }
}

#[test]
fn who_is_renamed_stays_signed_in_and_keeps_everything() {
    let (server, ada) = server_with_ada();
    Visitor::signed_in(&server, "bob").follow("ada").expect(200);
    let taken = server.command(&["user", "rename", "ada", "--to", "bob"]);
    assert!(said(&taken, 1).contains("the name bob is taken"));
    let reserved = server.command(&["user", "rename", "ada", "--to", "login"]);
    assert!(said(&reserved, 2).contains("nobody can be called so"));
    said(&server.command(&["user", "rename", "ada", "--to", "Ada Lovelace"]), 0);
    assert!(ada.page("/").expect(200).shows("sign out [Ada Lovelace]"));
    ada.post("hello again").expect(200);
    let page = Visitor::to(&server).page("/Ada%20Lovelace").expect(200);
    assert_eq!(page.messages().len(), 2, "{page}");
    Visitor::to(&server).page("/ada").expect(404);
    assert_eq!(Simulator::of(&server).follows("bob"), ["Ada Lovelace"]);
    Visitor::to(&server).sign_in("Ada Lovelace").expect(200);
    // The old name is free, and comes without the messages.
    Visitor::signed_in(&server, "ada");
    assert!(Visitor::to(&server).page("/ada").shows("There's no message so far."));
}

#[test]
fn a_new_password_is_made_up_and_ends_every_session() {
    let (server, ada) = server_with_ada();
    let output = server.command(&["user", "reset-password", "ada", "--bcrypt-cost", "4"]);
    let password = said(&output, 0).trim_end().to_owned();
    assert_eq!(password.len(), 23, "{password}");
    assert!(!is_signed_in(&ada));
    let page = ada.sign_in("ada").expect(200);
    assert_eq!(page.errors(), ["Invalid password"]);
    ada.sign_in_with("ada", &password).expect(200);
    assert!(is_signed_in(&ada));
    let again = server.command(&["user", "reset-password", "ada", "--bcrypt-cost", "4"]);
    assert_ne!(said(&again, 0).trim_end(), password);
}

#[test]
fn a_new_password_is_read_from_stdin_and_nowhere_else() {
    let (server, ada) = server_with_ada();
    let reset = ["user", "reset-password", "ada", "--bcrypt-cost", "4", "--stdin"];
    let output = server.command_told(&reset, "a new one \nand more\n");
    assert!(!said(&output, 0).contains("a new one"), "{output:?}");
    ada.sign_in_with("ada", "a new one ").expect(200);
    assert!(is_signed_in(&ada));
    let empty = server.command_told(&reset, "\n");
    assert!(said(&empty, 1).contains("the new password is empty"));
    assert!(is_signed_in(&ada), "though nothing was changed");
    let output = server.command(&["user", "reset-password", "ada", "hunter2"]);
    assert_eq!(output.status.code(), Some(2), "a password that others see: {output:?}");
}

#[test]
fn sessions_end_on_every_server() {
    let (server, ada) = server_with_ada();
    let twin = server.twin();
    let there = Visitor::to(&twin).with("Cookie", &ada.cookie_header());
    assert!(is_signed_in(&there));
    let output = server.command(&["user", "end-sessions", "ada"]);
    assert!(said(&output, 0).contains("1 browser"), "{output:?}");
    assert!(!is_signed_in(&ada) && !is_signed_in(&there));
    ada.sign_in("ada").expect(200);
    assert!(is_signed_in(&ada));
}

#[test]
fn nobody_is_deleted_without_being_sure() {
    let (server, ada) = server_with_ada();
    for arguments in [
        &["user", "delete", "ada", "--messages", "delete"][..],
        &["user", "delete", "ada", "--yes"],
        &["user", "delete", "ada", "--messages", "some", "--yes"],
    ] {
        let output = server.command_told(arguments, "y\n");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
    assert!(is_signed_in(&ada));
}

#[test]
fn who_is_deleted_with_their_messages_was_never_there() {
    let (server, ada) = server_with_ada();
    let bob = Visitor::signed_in(&server, "bob");
    bob.follow("ada").expect(200);
    said(&server.command(&["user", "delete", "ada", "--messages", "delete", "--yes"]), 0);
    assert!(!is_signed_in(&ada));
    for page in [bob.page("/"), bob.page("/public"), Visitor::to(&server).page("/public")] {
        assert!(!page.expect(200).text().contains("ada"));
    }
    bob.get("/ada").expect(404);
    let simulator = Simulator::of(&server);
    simulator.says("ada", "a ghost").expect(404);
    assert_eq!(simulator.follows("bob"), [""; 0]);
    assert_eq!(Visitor::to(&server).sign_in("ada").errors(), ["Invalid username"]);
}

#[test]
fn messages_that_stay_are_nobodys_whoever_takes_the_name() {
    let (server, ada) = server_with_ada();
    let id = server.sql().value(r#"SELECT user_id FROM "user" WHERE username = 'ada'"#);
    said(&server.command(&["user", "delete", "ada", "--messages", "keep", "--yes"]), 0);
    assert!(!is_signed_in(&ada));
    let name = format!("[deleted {id}]");
    let page = Visitor::to(&server).page("/public").expect(200);
    assert!(page.shows("hello from ada") && page.link(&name).is_some(), "{page}");
    let theirs = Visitor::to(&server).page(&page.link(&name).unwrap()).expect(200);
    assert!(theirs.shows("hello from ada"), "{theirs}");
    Visitor::to(&server).get("/ada").expect(404);
    for password in ["", "!deleted", "correct horse battery staple"] {
        let page = Visitor::to(&server).sign_in_with(&name, password).expect(200);
        assert_eq!(page.errors(), ["Invalid password"], "{page}");
    }
    Visitor::signed_in(&server, "ada");
    let page = Visitor::to(&server).page("/ada").expect(200);
    assert!(!page.shows("hello from ada"), "{page}");
    // And can be swept away later.
    said(&server.command(&["user", "delete", &name, "--messages", "delete", "--yes"]), 0);
    assert!(!Visitor::to(&server).page("/public").shows("hello from ada"));
}
