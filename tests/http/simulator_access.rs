//! Who may use the simulator API.

use serde_json::json;

use crate::support::{Answer, Launch, Simulator, TestServer, basic, eventually};

/// Every call but `GET /latest`, about users who exist and users who do not.
fn every_call(client: &Simulator) -> Vec<Answer> {
    let follow = json!({"follow": "ada"});
    vec![
        client.register("new"),
        client.get("/msgs"),
        client.get("/msgs/ada"),
        client.get("/msgs/nobody"),
        client.says("ada", "hello"),
        client.says("nobody", "hello"),
        client.get("/fllws/ada"),
        client.get("/fllws/nobody"),
        client.post("/fllws/ada", &follow),
        client.post("/fllws/nobody", &follow),
    ]
}

#[track_caller]
fn assert_forbidden(answers: Vec<Answer>) {
    let text = "You are not authorized to use this resource!";
    for answer in answers {
        let answer = answer.expect(403);
        assert_eq!(answer.json(), json!({"status": 403, "error_msg": text}), "{answer}");
        assert!(answer.header("content-type").starts_with("application/json"), "{answer}");
    }
}

#[test]
fn the_courses_published_pair_is_let_in_on_a_loopback_address() {
    let server = TestServer::start();
    Simulator::of(&server).register("ada").expect(204);
    Simulator::stranger(&server)
        .with("Authorization", &basic("simulator:super_safe!"))
        .get("/msgs")
        .expect(200);
}

#[test]
fn everybody_else_is_refused_whether_or_not_the_user_exists() {
    let server = TestServer::start();
    Simulator::of(&server).register("ada").expect(204);
    let stranger = Simulator::stranger(&server);
    assert_forbidden(every_call(&stranger));
    for header in [
        &basic("simulator:super_safe"),
        &basic("simulator:super_safe!!"),
        &basic("Simulator:super_safe!"),
        &basic("simulator"),
        &basic(""),
        "Basic",
        "Basic !!!",
        "Bearer c2ltdWxhdG9yOnN1cGVyX3NhZmUh",
        "c2ltdWxhdG9yOnN1cGVyX3NhZmUh",
    ] {
        assert_forbidden(every_call(&stranger.clone().with("Authorization", header)));
    }
    assert!(Simulator::of(&server).messages("/msgs").is_empty());
    Simulator::of(&server).get("/msgs/new").expect(404);
}

#[test]
fn a_refusal_comes_before_any_other_complaint() {
    let server = TestServer::start();
    let stranger = Simulator::stranger(&server);
    for path in ["/register", "/msgs/nobody", "/fllws/nobody"] {
        stranger.call("POST", path, "application/json", Some(b"{not json")).expect(403);
    }
}

#[test]
fn anybody_may_read_latest() {
    let server = TestServer::start();
    Simulator::stranger(&server).get("/latest").expect(200);
    Simulator::stranger(&server)
        .with("Authorization", &basic("wrong:wrong"))
        .get("/latest")
        .expect(200);
}

#[test]
fn the_word_basic_may_be_written_as_the_client_likes() {
    let server = TestServer::start();
    Simulator::stranger(&server)
        .with("Authorization", "basic c2ltdWxhdG9yOnN1cGVyX3NhZmUh")
        .get("/msgs")
        .expect(200);
}

#[test]
fn the_operator_chooses_other_credentials_by_flag_or_variable() {
    let by_flag = Launch::new().flag("--simulator-auth", "ada:with:colons").start();
    let by_variable = Launch::new().variable("MINITWIT_SIMULATOR_AUTH", "ada:with:colons").start();
    for server in [by_flag, by_variable] {
        assert_forbidden(every_call(&Simulator::of(&server)));
        let ada = Simulator::stranger(&server).with("Authorization", &basic("ada:with:colons"));
        ada.register("ada").expect(204);
    }
}

#[test]
fn on_any_other_address_the_published_pair_opens_nothing() {
    let server = Launch::new().flag("--listen", "0.0.0.0:0").start();
    assert_forbidden(every_call(&Simulator::of(&server)));
    Simulator::of(&server).get("/latest").expect(200);
    let log = eventually("a word about the flag", || {
        Some(server.log()).filter(|log| log.contains("--simulator-auth"))
    });
    assert!(!log.contains("super_safe!"), "{log}");
}

#[test]
fn on_any_other_address_credentials_of_the_operators_own_open_it() {
    let server =
        Launch::new().flag("--listen", "0.0.0.0:0").flag("--simulator-auth", "ada:secret").start();
    Simulator::stranger(&server)
        .with("Authorization", &basic("ada:secret"))
        .register("ada")
        .expect(204);
    assert_forbidden(every_call(&Simulator::of(&server)));
}
