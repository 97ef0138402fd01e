//! Registering, signing in, signing out.

use crate::support::{TestServer, Visitor};

#[test]
fn registering_leads_to_the_sign_in_form() {
    let server = TestServer::start();
    let fields =
        [("username", "ada"), ("email", "ada@example.org"), ("password", "x"), ("password2", "x")];
    let visitor = Visitor::to(&server);
    let answer = visitor.send("/register", &fields).expect(302);
    assert_eq!(answer.header("location"), "/login", "{answer}");
    let page = visitor.page("/login").expect(200);
    let flash = "You were successfully registered and can login now";
    assert_eq!(page.flashes(), [flash], "{page}");
}

#[test]
fn signing_in_leads_to_my_timeline() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    visitor.register("ada").expect(200);
    let fields = [("username", "ada"), ("password", "correct horse battery staple")];
    let answer = visitor.send("/login", &fields).expect(302);
    assert_eq!(answer.header("location"), "/", "{answer}");
    let page = visitor.page("/").expect(200);
    assert_eq!(page.title(), "My Timeline | MiniTwit");
    assert!(page.flashes().contains(&"You were logged in".to_owned()), "{page}");
}

#[test]
fn signing_out_leads_to_the_public_timeline_by_link_and_by_form() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    for method in ["GET", "POST"] {
        ada.sign_in("ada").expect(200);
        ada.page("/");
        let answer = ada.request(method, "/logout", &[], None).expect(302);
        assert_eq!(answer.header("location"), "/public", "{answer}");
        let page = ada.page("/public").expect(200);
        assert_eq!(page.flashes(), ["You were logged out"], "{page}");
        assert!(page.link("sign in").is_some(), "{page}");
    }
}

#[test]
fn who_never_signed_in_can_sign_out_all_the_same() {
    let server = TestServer::start();
    assert!(Visitor::to(&server).sign_out().status < 400);
}

#[test]
fn a_flash_is_shown_once() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    let page = visitor.register("ada").expect(200);
    assert_eq!(page.flashes().len(), 1, "{page}");
    let page = visitor.page("/login").expect(200);
    assert!(page.flashes().is_empty(), "{page}");
}

#[test]
fn mistakes_in_the_registration_are_told_one_at_a_time_in_the_order_of_the_form() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    visitor.register("taken");
    let cases = [
        (["", "", "", "other"], "You have to enter a username"),
        (["taken", "", "", "other"], "You have to enter a valid email address"),
        (["taken", "broken", "", "other"], "You have to enter a valid email address"),
        (["taken", "a@b", "", "other"], "You have to enter a password"),
        (["taken", "a@b", "one", "other"], "The two passwords do not match"),
        (["taken", "a@b", "one", ""], "The two passwords do not match"),
        (["taken", "a@b", "one", "one"], "The username is already taken"),
    ];
    for ([name, email, password, again], error) in cases {
        let page = visitor.register_as(name, email, password, again).expect(200);
        assert_eq!(page.errors().len(), 1, "{error}: {page}");
        assert!(page.errors()[0].contains(error), "{error}: {page}");
        assert_eq!(page.title(), "Sign Up | MiniTwit", "{page}");
        assert!(page.flashes().is_empty(), "{page}");
    }
}

#[test]
fn fields_that_are_not_sent_count_as_empty() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    let page = visitor.submit("/register", &[]).expect(200);
    assert!(page.text().contains("You have to enter a username"), "{page}");
    let page = visitor.submit("/register", &[("username", "ada"), ("email", "a@b")]).expect(200);
    assert!(page.text().contains("You have to enter a password"), "{page}");
    let page = visitor.submit("/login", &[]).expect(200);
    assert!(page.text().contains("Invalid username"), "{page}");
}

#[test]
fn an_error_is_shown_once() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    visitor.register_as("ada", "broken", "x", "x").expect(200);
    assert!(visitor.page("/register").errors().is_empty());
    visitor.sign_in("nobody").expect(200);
    assert!(visitor.page("/login").errors().is_empty());
}

#[test]
fn a_form_keeps_what_was_typed_except_passwords() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    let page = visitor.register_as("a \"q\" <b>", "not an address", "hunter2", "hunter3");
    let value = |name: &str| {
        let inputs = page.elements("input", "");
        let input = inputs.iter().find(|input| input.attribute("name") == name);
        input.unwrap_or_else(|| panic!("no {name} in {page}")).attribute("value")
    };
    assert_eq!(value("username"), "a \"q\" <b>");
    assert_eq!(value("email"), "not an address");
    assert_eq!([value("password"), value("password2")], ["", ""]);
    assert!(!page.text().contains("hunter"), "{page}");

    let page = visitor.sign_in_with("somebody else", "hunter2").expect(200);
    assert!(page.text().contains("somebody else"), "{page}");
    assert!(!page.text().contains("hunter"), "{page}");
}

#[test]
fn a_wrong_name_and_a_wrong_password_are_told_apart() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    visitor.register("ada");
    for (name, password, error) in [
        ("bob", "correct horse battery staple", "Invalid username"),
        ("ada", "wrong", "Invalid password"),
        ("ada", "", "Invalid password"),
        ("", "", "Invalid username"),
    ] {
        let page = visitor.sign_in_with(name, password).expect(200);
        assert_eq!(page.errors().len(), 1, "{page}");
        assert!(page.errors()[0].contains(error), "{error}: {page}");
        assert_eq!(page.title(), "Sign In | MiniTwit", "{page}");
    }
    visitor.get("/").expect(302);
}

#[test]
fn who_is_signed_in_has_no_use_for_the_forms() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    for path in ["/login", "/register"] {
        let answer = ada.get(path).expect(302);
        assert_eq!(answer.header("location"), "/", "{answer}");
        let answer = ada.send(path, &[("username", "bob")]).expect(302);
        assert_eq!(answer.header("location"), "/", "{answer}");
    }
}

#[test]
fn a_long_password_counts_to_its_last_letter() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    let long = "0123456789".repeat(20);
    visitor.register_as("ada", "a@b", &long, &long).expect(200);
    for wrong in [&long[..72], &long[..199], &format!("{long}x"), &format!("{}x", &long[..199])] {
        let page = visitor.sign_in_with("ada", wrong).expect(200);
        assert!(page.shows("Invalid password"), "{page}");
    }
    let page = visitor.sign_in_with("ada", &long).expect(200);
    assert_eq!(page.title(), "My Timeline | MiniTwit");
}

#[test]
fn a_password_may_be_any_text() {
    let server = TestServer::start();
    for (n, password) in [" ", "smörgås 🐟", "a\0b", "a&b=c+d%41", "\u{301}"].iter().enumerate()
    {
        let name = format!("user {n}");
        let visitor = Visitor::to(&server);
        visitor.register_as(&name, "a@b", password, password).expect(200);
        let page = visitor.sign_in_with(&name, password).expect(200);
        assert_eq!(page.title(), "My Timeline | MiniTwit", "{password:?}: {page}");
    }
}

#[test]
fn an_account_is_kept_with_a_bcrypt_hash_and_without_the_password() {
    let server = TestServer::start();
    Visitor::to(&server).register_as("ada", "Ada@Example.org", "hunter2", "hunter2");
    let row = server.sql().row(r#"SELECT username, email, pw_hash FROM "user""#);
    let [name, email, hash] = &row[..] else { panic!("{row:?}") };
    assert_eq!((name.as_str(), email.as_str()), ("ada", "Ada@Example.org"));
    assert!(hash.starts_with("$2"), "{hash}");
    assert!(!hash.contains("hunter2"), "{hash}");
}

#[test]
fn a_form_with_a_plus_for_every_space_is_read_as_browsers_write_it() {
    let server = TestServer::start();
    let visitor = Visitor::to(&server);
    let body = b"username=Ada+Lovelace&email=a%2Bb%40example.org&password=x+y&password2=x%20y";
    let urlencoded = [("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")];
    visitor.request("POST", "/register", &urlencoded, Some(body)).expect(302);
    visitor.page("/Ada%20Lovelace").expect(200);
    assert_eq!(server.sql().value(r#"SELECT email FROM "user""#), "a+b@example.org");
}
