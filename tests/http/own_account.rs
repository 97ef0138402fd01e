//! What people do about their own account.

use serde_json::{Value, json};

use crate::support::{Answer, Simulator, TestServer, Visitor};

const PASSWORD: &str = "correct horse battery staple";

fn server_with_ada() -> (TestServer, Visitor) {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    (server, ada)
}

fn change(visitor: &Visitor, current: &str, new: &str, again: &str) -> Answer {
    let fields = [("current", current), ("password", new), ("password2", again)];
    visitor.submit("/account/password", &fields)
}

fn delete_account(visitor: &Visitor, messages: &str, password: &str) -> Answer {
    visitor.submit("/account/delete", &[("messages", messages), ("password", password)])
}

fn id(server: &TestServer, text: &str) -> String {
    server.sql().value(&format!("SELECT message_id FROM message WHERE text = '{text}'"))
}

#[test]
fn only_who_is_signed_in_has_an_account() {
    let (server, ada) = server_with_ada();
    ada.post("mine").expect(200);
    let message = format!("/account/messages/{}", id(&server, "mine"));
    let stranger = Visitor::to(&server);
    for path in ["/account", "/account/data", "/account/delete", &message] {
        stranger.get(path).expect(401);
        assert!(ada.get(path).expect(200).header("cache-control").contains("no-store"));
    }
    for path in ["/account/email", "/account/password", "/account/delete", &message] {
        stranger.send(path, &[]).expect(401);
    }
    assert_eq!(ada.page("/").link("Your account").as_deref(), Some("/account"));
    assert_eq!(stranger.page("/public").link("Your account"), None);
    assert!(ada.page("/public").shows("mine"));
}

#[test]
fn another_site_cannot_touch_an_account() {
    let (server, ada) = server_with_ada();
    ada.post("mine").expect(200);
    let message = format!("/account/messages/{}", id(&server, "mine"));
    let tricked = ada.clone().with("Sec-Fetch-Site", "cross-site");
    let fields = [("email", "evil@example.org"), ("password", PASSWORD), ("messages", "delete")];
    for path in ["/account/email", "/account/password", "/account/delete", &message] {
        tricked.send(path, &fields).expect(403);
    }
    assert!(ada.page("/").shows("mine"));
}

#[test]
fn the_address_changes_and_the_picture_with_it() {
    let (_server, ada) = server_with_ada();
    let picture = |page: &Answer| page.elements("img", "").last().unwrap().attribute("src");
    let before = picture(&ada.post("hello").expect(200));
    let page = ada.submit("/account/email", &[("email", "no address")]).expect(200);
    assert_eq!(page.errors(), ["You have to enter a valid email address"]);
    assert!(page.text().contains("value=\"no address\""), "{page}");
    let page = ada.submit("/account/email", &[("email", "ada@example.com")]).expect(200);
    assert_eq!(page.flashes(), ["Your e-mail address was changed"]);
    assert!(page.text().contains("value=\"ada@example.com\""), "{page}");
    assert_ne!(picture(&ada.page("/")), before);
}

#[test]
fn a_new_password_needs_the_old_one() {
    let (_server, ada) = server_with_ada();
    for (current, new, again, error) in [
        ("a guess", "new", "new", "Invalid password"),
        ("", "new", "new", "Invalid password"),
        (PASSWORD, "", "", "You have to enter a password"),
        (PASSWORD, "new", "other", "The two passwords do not match"),
    ] {
        let page = change(&ada, current, new, again).expect(200);
        assert_eq!(page.errors(), [error], "{page}");
        assert!(!page.text().contains("value=\"new\""), "{page}");
    }
    ada.sign_out();
    ada.sign_in("ada");
    ada.get("/").expect(200);
}

#[test]
fn a_new_password_ends_every_other_session_on_every_server() {
    let (server, ada) = server_with_ada();
    let twin = server.twin();
    let telephone = Visitor::to(&server);
    telephone.sign_in("ada").expect(200);
    let there = Visitor::to(&twin).with("Cookie", &telephone.cookie_header());
    there.get("/").expect(200);
    let page = change(&ada, PASSWORD, "a new one", "a new one").expect(200);
    let told = ["Your password was changed, and every other browser was signed out"];
    assert_eq!(page.flashes(), told);
    ada.get("/").expect(200);
    telephone.get("/").expect(302);
    there.get("/").expect(302);
    assert_eq!(telephone.sign_in("ada").errors(), ["Invalid password"]);
    assert!(telephone.sign_in_with("ada", "a new one").errors().is_empty());
}

#[test]
fn who_guesses_the_password_of_an_open_browser_is_told_to_wait() {
    let (_server, ada) = server_with_ada();
    let refused = (0..1_000).any(|n| match n % 2 {
        0 => change(&ada, "a guess", "new", "new").status == 429,
        _ => delete_account(&ada, "delete", "a guess").status == 429,
    });
    assert!(refused, "a thousand guesses went through");
    delete_account(&ada, "delete", PASSWORD).expect(429);
    ada.page("/account").expect(200);
}

#[test]
fn people_take_everything_along_that_they_wrote_and_gave() {
    let (server, ada) = server_with_ada();
    let bob = Visitor::signed_in(&server, "Bob \"B\"");
    bob.follow("ada").expect(200);
    bob.post("not hers").expect(200);
    ada.follow("Bob \"B\"").expect(200);
    for text in ["first", "line\nbreak and \"quotes\" 🐦", "foul"] {
        ada.post(text).expect(200);
    }
    server.command(&["flag", &id(&server, "foul")]);
    let answer = ada.get("/account/data").expect(200);
    assert!(answer.header("content-type").starts_with("application/json"), "{answer}");
    assert!(answer.header("content-disposition").starts_with("attachment"), "{answer}");
    assert!(answer.header("cache-control").contains("no-store"), "{answer}");
    let data = answer.json();
    assert_eq!(data["username"], "ada");
    assert_eq!(data["email"], "somebody@example.org");
    assert_eq!(data["follows"], json!(["Bob \"B\""]));
    assert_eq!(data["followers"], 1);
    let messages = data["messages"].as_array().unwrap();
    let texts: Vec<&Value> = messages.iter().map(|message| &message["text"]).collect();
    assert_eq!(texts, ["foul", "line\nbreak and \"quotes\" 🐦", "first"]);
    assert_eq!(messages[0]["flagged"], true);
    assert_eq!(messages[1]["flagged"], false);
    assert!(messages[2]["pub_date"].as_i64().unwrap() > 1_700_000_000, "{data}");
    assert!(!answer.text().contains("not hers") && !answer.text().contains("$2b$"), "{answer}");
    let nobody = Visitor::signed_in(&server, "silent").get("/account/data").expect(200).json();
    assert_eq!(nobody["messages"], json!([]));
}

#[test]
fn a_long_life_fits_into_one_file() {
    let (server, ada) = server_with_ada();
    for from in [0, 1_300] {
        let values: Vec<String> = (from..from + 1_300)
            .map(|n| format!("((SELECT user_id FROM \"user\"), 'number {n}', {n}, 0)"))
            .collect();
        let insert = "INSERT INTO message (author_id, text, pub_date, flagged) VALUES";
        server.sql().execute(&format!("{insert} {}", values.join(",")));
    }
    let data = ada.get("/account/data").expect(200).json();
    let messages = data["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2_600);
    for (n, message) in messages.iter().rev().enumerate() {
        assert_eq!(message["text"], format!("number {n}"));
    }
}

#[test]
fn a_message_is_deleted_by_its_author_after_a_second_thought() {
    let (server, ada) = server_with_ada();
    let bob = Visitor::signed_in(&server, "bob");
    bob.follow("ada").expect(200);
    for text in ["well said", "badly said"] {
        ada.post(text).expect(200);
    }
    let path = format!("/account/messages/{}", id(&server, "badly said"));
    let buttons = |page: Answer| page.elements("form", "delete").len();
    assert_eq!(buttons(ada.page("/")), 2);
    assert_eq!(buttons(ada.page("/ada")), 2);
    assert_eq!(buttons(bob.page("/")), 0, "those of others");
    assert_eq!(buttons(bob.page("/ada")), 0);
    assert_eq!(buttons(ada.page("/public")), 0);
    let forms = ada.page("/").elements("form", "delete");
    assert_eq!(forms[0].attribute("action"), path);
    assert!(ada.page(&path).expect(200).shows("badly said"));
    for page in [bob.get(&path), bob.send(&path, &[])] {
        page.expect(404);
    }
    for nonsense in ["/account/messages/0", "/account/messages/x", "/account/messages/-1"] {
        ada.get(nonsense).expect(404);
        ada.send(nonsense, &[]).expect(404);
    }
    let greatest = format!("/account/messages/{}", i64::MAX);
    ada.get(&greatest).expect(404);
    assert!(ada.page("/").shows("badly said"), "asking has deleted it");

    let page = ada.submit(&path, &[]).expect(200);
    assert_eq!(page.flashes(), ["Your message was deleted"]);
    for page in [page, bob.page("/"), Visitor::to(&server).page("/public"), ada.page("/ada")] {
        assert!(!page.shows("badly said") && page.shows("well said"), "{page}");
    }
    assert_eq!(Simulator::of(&server).messages("/msgs").len(), 1);
    ada.send(&path, &[]).expect(404);
}

#[test]
fn the_way_to_older_messages_survives_a_deletion() {
    let (server, ada) = server_with_ada();
    for n in 0..35 {
        server.insert_message("ada", &format!("number {n}."), 1_700_000_000 + n);
    }
    let older = ada.page("/ada").link("Older messages").unwrap();
    let last_of_the_first_page = id(&server, "number 5.");
    ada.submit(&format!("/account/messages/{last_of_the_first_page}"), &[]).expect(200);
    let page = ada.page(&older).expect(200);
    assert_eq!(page.messages().len(), 5, "{page}");
    assert!(page.shows("number 4."), "{page}");
    assert_eq!(page.elements("form", "delete").len(), 5);
}

#[test]
fn who_leaves_needs_the_password_and_chooses_what_stays() {
    let (server, ada) = server_with_ada();
    ada.post("hello from ada").expect(200);
    let page = delete_account(&ada, "keep", "a guess").expect(200);
    assert_eq!(page.errors(), ["Invalid password"]);
    let choices = page.elements("input", "");
    let chosen = choices.iter().find(|choice| choice.attributes.contains(" checked")).unwrap();
    assert_eq!(chosen.attribute("value"), "keep");
    ada.get("/").expect(200);

    let page = delete_account(&ada, "keep", PASSWORD).expect(200);
    assert_eq!(page.title(), "Public Timeline | MiniTwit");
    assert_eq!(page.flashes(), ["Your account was deleted"]);
    assert!(page.shows("hello from ada") && page.shows("[deleted ") && page.shows("sign in"));
    assert!(!ada.cookie_header().contains("session="), "{}", ada.cookie_header());
    Visitor::to(&server).get("/ada").expect(404);
}

#[test]
fn who_leaves_with_everything_was_never_there() {
    let (server, ada) = server_with_ada();
    ada.post("hello from ada").expect(200);
    let bob = Visitor::signed_in(&server, "bob");
    bob.follow("ada").expect(200);
    let page = delete_account(&ada, "delete", PASSWORD).expect(200);
    assert_eq!(page.flashes(), ["Your account was deleted"]);
    assert!(page.shows("There's no message so far."), "{page}");
    assert!(!bob.page("/").shows("hello from ada"));
    assert_eq!(Visitor::to(&server).sign_in("ada").errors(), ["Invalid username"]);
    let again = Visitor::signed_in(&server, "ada");
    assert!(again.page("/").shows("There's no message so far."));
    assert_eq!(Simulator::of(&server).follows("bob"), [""; 0]);
}
