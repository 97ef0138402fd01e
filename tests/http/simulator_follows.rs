//! Who follows whom, as the simulator.

use serde_json::json;

use crate::support::{Simulator, TestServer, Visitor};

fn simulator_with(names: &[&str]) -> (TestServer, Simulator) {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    for name in names {
        simulator.register(name).expect(204);
    }
    (server, simulator)
}

#[test]
fn a_follow_is_seen_and_can_be_taken_back() {
    let (_server, simulator) = simulator_with(&["ada", "grace", "mary"]);
    let answer = simulator.follow("ada", "grace").expect(204);
    assert!(answer.body.is_empty(), "{answer}");
    simulator.follow("ada", "mary").expect(204);
    let mut follows = simulator.follows("ada");
    follows.sort();
    assert_eq!(follows, ["grace", "mary"]);
    assert!(simulator.follows("grace").is_empty());
    simulator.unfollow("ada", "grace").expect(204);
    assert_eq!(simulator.follows("ada"), ["mary"]);
}

#[test]
fn who_follows_nobody_has_an_empty_list() {
    let (_server, simulator) = simulator_with(&["ada"]);
    let answer = simulator.get("/fllws/ada").expect(200);
    assert!(answer.header("content-type").starts_with("application/json"), "{answer}");
    assert_eq!(answer.json(), json!({"follows": []}), "{answer}");
}

#[test]
fn doing_it_twice_is_harmless() {
    let (_server, simulator) = simulator_with(&["ada", "grace"]);
    simulator.unfollow("ada", "grace").expect(204);
    simulator.follow("ada", "grace").expect(204);
    simulator.follow("ada", "grace").expect(204);
    assert_eq!(simulator.follows("ada"), ["grace"]);
    simulator.unfollow("ada", "grace").expect(204);
    simulator.unfollow("ada", "grace").expect(204);
    assert!(simulator.follows("ada").is_empty());
}

#[test]
fn it_takes_two_who_exist() {
    let (_server, simulator) = simulator_with(&["ada"]);
    simulator.get("/fllws/nobody").expect(404);
    simulator.follow("ada", "nobody").expect(404);
    simulator.follow("nobody", "ada").expect(404);
    simulator.unfollow("ada", "nobody").expect(404);
    simulator.unfollow("nobody", "ada").expect(404);
    assert!(simulator.follows("ada").is_empty());
}

#[test]
fn no_says_how_many_and_a_hundred_is_the_default() {
    let (server, simulator) = simulator_with(&["ada"]);
    let users: Vec<String> =
        (0..120).map(|n| format!("('user {n}', 'x@example.org', 'x')")).collect();
    server.sql().execute(&format!(
        r#"INSERT INTO "user" (username, email, pw_hash) VALUES {};
           INSERT INTO follower (who_id, whom_id)
           SELECT (SELECT user_id FROM "user" WHERE username = 'ada'), user_id
           FROM "user" WHERE username <> 'ada'"#,
        users.join(", ")
    ));
    for (query, count) in
        [("", 100), ("?no=3", 3), ("?no=0", 0), ("?no=1000", 120), ("?no=x", 100), ("?no=", 100)]
    {
        let answer = simulator.get(&format!("/fllws/ada{query}")).expect(200);
        assert_eq!(answer.json()["follows"].as_array().unwrap().len(), count, "{query}: {answer}");
    }
}

#[test]
fn what_the_simulator_follows_the_pages_show() {
    let (server, simulator) = simulator_with(&["ada", "grace"]);
    simulator.follow("ada", "grace").expect(204);
    simulator.says("grace", "hello, followers").expect(204);
    let ada = Visitor::to(&server);
    let page = ada.sign_in_with("ada", "secret").expect(200);
    assert!(page.shows("hello, followers"), "{page}");
    assert!(ada.page("/grace").shows("You are currently following this user."));
}

#[test]
fn one_may_follow_oneself_as_in_the_original() {
    let (_server, simulator) = simulator_with(&["ada"]);
    let answer = simulator.follow("ada", "ada");
    assert!(answer.status < 500, "{answer}");
}
