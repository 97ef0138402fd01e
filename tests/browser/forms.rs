//! Who mistypes something types it once more, not everything.

use crate::browser::Browser;
use crate::support::TestServer;
use crate::world;

#[test]
fn a_form_with_a_mistake_keeps_what_was_typed() {
    let server = TestServer::start();
    let browser = Browser::at(&server);
    browser.open("/register");
    browser.fill("username", "  Ada \"<&'> 🐦");
    browser.fill("email", "no address");
    browser.fill("password", "secret");
    browser.fill("password2", "other");
    browser.click("Sign Up");
    assert_eq!(browser.errors(), ["You have to enter a valid email address"]);
    assert_eq!(browser.value("username"), "  Ada \"<&'> 🐦");
    assert_eq!(browser.value("email"), "no address");
    assert_eq!(browser.value("password"), "", "passwords do not travel back");
    assert_eq!(browser.value("password2"), "");
}

#[test]
fn a_wrong_password_does_not_cost_the_name() {
    let server = TestServer::start();
    world::register(&server, "Ada");
    let browser = Browser::at(&server);
    browser.open("/login");
    browser.fill("username", "Ada");
    browser.fill("password", "guess");
    browser.click("Sign In");
    assert_eq!(browser.errors(), ["Invalid password"]);
    assert_eq!(browser.value("username"), "Ada");
    browser.fill("password", world::PASSWORD);
    browser.click("Sign In");
    assert_eq!(browser.flashes(), ["You were logged in"]);
    assert_eq!(browser.errors(), [""; 0]);
}
