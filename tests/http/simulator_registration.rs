//! Registering users as the simulator, on the path the form uses too.

use serde_json::json;

use crate::support::{Simulator, TestServer, Visitor};

#[test]
fn a_registered_user_can_sign_in_on_the_pages() {
    let server = TestServer::start();
    let new = json!({"username": "ada", "email": "ada@example.org", "pwd": "hunter2"});
    let answer = Simulator::of(&server).post("/register", &new).expect(204);
    assert!(answer.body.is_empty(), "{answer}");
    let page = Visitor::to(&server).sign_in_with("ada", "hunter2").expect(200);
    assert!(page.flashes().contains(&"You were logged in".to_owned()), "{page}");
}

#[test]
fn mistakes_are_told_with_the_texts_of_the_form() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("taken").expect(204);
    for (name, email, pwd, text) in [
        ("", "", "", "You have to enter a username"),
        ("taken", "", "", "You have to enter a valid email address"),
        ("taken", "broken", "", "You have to enter a valid email address"),
        ("taken", "a@b", "", "You have to enter a password"),
        ("taken", "a@b", "x", "The username is already taken"),
    ] {
        let body = json!({"username": name, "email": email, "pwd": pwd});
        let answer = simulator.post("/register", &body).expect(400);
        assert_eq!(answer.json(), json!({"status": 400, "error_msg": text}), "{answer}");
        assert!(answer.header("content-type").starts_with("application/json"), "{answer}");
    }
}

#[test]
fn the_content_type_decides_whether_it_is_the_call_or_the_form() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    let body = br#"{"username": "ada", "email": "a@b", "pwd": "x"}"#;
    let kind = "application/json; charset=utf-8";
    simulator.call("POST", "/register", kind, Some(body)).expect(204);
    simulator.call("POST", "/register", "Application/JSON", Some(body)).expect(400);
    let form = b"username=grace&email=a%40b&password=x&password2=x";
    let kind = "application/x-www-form-urlencoded";
    let answer = Simulator::stranger(&server).call("POST", "/register", kind, Some(form));
    assert_eq!(answer.expect(302).header("location"), "/login");
    simulator.get("/msgs/grace").expect(200);
}

#[test]
fn of_many_who_want_one_name_at_once_one_gets_it() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..8).map(|_| scope.spawn(|| simulator.register("ada").status)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 7, "{statuses:?}");
}

#[test]
fn passwords_of_the_simulator_are_hashed_like_all_others() {
    let server = TestServer::start();
    Simulator::of(&server).register("ada").expect(204);
    let hash = server.sql().value(r#"SELECT pw_hash FROM "user""#);
    assert!(hash.starts_with("$2"), "{hash}");
}
