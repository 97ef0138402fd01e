//! Others that write the same database: shells, scripts, a second server.

use std::thread;

use serde_json::json;

use crate::support::{Simulator, TestServer, Visitor};

fn server_with_ada() -> (TestServer, Simulator, Visitor) {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let simulator = Simulator::of(&server);
    (server, simulator, ada)
}

#[test]
fn the_next_page_shows_what_another_process_changed() {
    let (server, simulator, ada) = server_with_ada();
    let stranger = Visitor::to(&server);
    for n in 0..20 {
        // Whatever could be kept of the pages is warm.
        for path in ["/public", "/ada"] {
            stranger.page(path).expect(200);
            ada.page(path).expect(200);
        }
        let text = format!("from outside, number {n}.");
        server.insert_message("ada", &text, 1_700_000_000 + n);
        for path in ["/public", "/ada"] {
            assert!(stranger.page(path).shows(&text), "{n}: {}", stranger.page(path));
            assert!(ada.page(path).shows(&text));
        }
        assert!(ada.page("/").shows(&text));
        assert_eq!(simulator.messages("/msgs?no=1")[0].1, text);
    }
    server.sql().execute("UPDATE message SET flagged = 1");
    for path in ["/public", "/ada"] {
        assert!(stranger.page(path).shows("There's no message so far."));
    }
    server.sql().execute("UPDATE message SET flagged = 0 WHERE message_id = 1");
    assert!(stranger.page("/public").shows("number 0."));
}

#[test]
fn a_user_made_by_another_process_is_a_user() {
    let (server, simulator, _) = server_with_ada();
    simulator.get("/msgs/grace").expect(404);
    let insert = r#"INSERT INTO "user" (username, email, pw_hash) VALUES ('grace', 'g@b', 'x')"#;
    server.sql().execute(insert);
    simulator.says("grace", "hello").expect(204);
    Visitor::to(&server).page("/grace").expect(200);
}

#[test]
fn many_short_transactions_of_another_process_are_no_trouble() {
    let (server, simulator, _) = server_with_ada();
    let other = server.sql();
    let insert = "INSERT INTO message (author_id, text, pub_date, flagged) VALUES (1, 'o', 1, 0)";
    thread::scope(|scope| {
        scope.spawn(move || {
            for _ in 0..200 {
                other.execute(insert);
            }
        });
        for n in 0..200 {
            simulator.says("ada", &n.to_string()).expect(204);
        }
    });
    assert_eq!(simulator.messages("/msgs?no=1000").len(), 400);
}

#[test]
fn two_servers_on_one_database_tell_the_same() {
    let (server, simulator, ada) = server_with_ada();
    let twin = server.twin();
    let other = Simulator::of(&twin);
    for n in 0..10 {
        let (here, there) = if n % 2 == 0 { (&simulator, &other) } else { (&other, &simulator) };
        let path = format!("/msgs/ada?latest={n}");
        here.post(&path, &json!({"content": format!("number {n}.")})).expect(204);
        assert_eq!(there.latest(), n);
        assert_eq!(there.messages("/msgs"), here.messages("/msgs"));
        assert!(Visitor::to(&twin).page("/public").shows(&format!("number {n}.")));
        assert!(ada.page("/public").shows(&format!("number {n}.")));
    }
}

#[test]
fn two_servers_on_one_database_agree_on_the_latest_of_calls_that_only_read() {
    let (server, simulator, _) = server_with_ada();
    let twin = server.twin();
    let other = Simulator::of(&twin);
    for n in 1..6 {
        simulator.get(&format!("/msgs?latest={}", n * 2)).expect(200);
        assert_eq!(simulator.latest(), n * 2);
        crate::support::eventually("the other server to know", || {
            (other.latest() == n * 2).then_some(())
        });
        other.get(&format!("/msgs?latest={}", n * 2 + 1)).expect(200);
        crate::support::eventually("the other server to know", || {
            (simulator.latest() == n * 2 + 1).then_some(())
        });
    }
}

#[test]
fn two_servers_that_start_at_once_on_a_new_database_both_serve_it() {
    let launch = crate::support::Launch::new();
    let servers: Vec<TestServer> = thread::scope(|scope| {
        let starts: Vec<_> =
            (0..4).map(|_| launch.clone()).map(|l| scope.spawn(move || l.start())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    for (n, server) in servers.iter().enumerate() {
        Simulator::of(server).register(&format!("user {n}")).expect(204);
    }
    for server in &servers {
        Simulator::of(server).get("/msgs/user%200").expect(200);
    }
}
