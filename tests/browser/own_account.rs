//! What somebody does about their own account, until they leave.

use crate::browser::Browser;
use crate::support::{TestServer, Visitor};
use crate::world::{self, PASSWORD};

#[test]
fn ada_looks_after_her_account_and_leaves() {
    let server = TestServer::start();
    world::register(&server, "Ada");
    let browser = Browser::without_javascript(&server);
    world::sign_in(&browser, "Ada");
    let telephone = Visitor::to(&server);
    telephone.sign_in_with("Ada", PASSWORD);
    she_takes_a_message_back(&browser);
    she_has_another_address(&browser);
    she_has_another_password(&browser);
    telephone.get("/").expect(302);
    she_leaves(&browser);
    Visitor::to(&server).get("/Ada").expect(404);
}

fn she_takes_a_message_back(browser: &Browser) {
    for text in ["Well said.", "Badly sad."] {
        browser.open("/");
        browser.fill("text", text);
        browser.click("Share");
    }
    browser.open("/Ada");
    let buttons = browser.texts("ul.messages > li form.delete");
    assert_eq!(buttons.len(), 2, "{buttons:?}");
    browser.click_first("ul.messages form.delete input");
    assert_eq!(browser.title(), "Delete Message | MiniTwit");
    assert_eq!(browser.texts("blockquote"), ["Badly sad."]);
    browser.click("Keep it");
    assert_eq!(browser.messages().len(), 2);
    browser.click_first("ul.messages form.delete input");
    browser.click("Delete Message");
    assert_eq!(browser.flashes(), ["Your message was deleted"]);
    let messages = browser.messages();
    assert!(messages.len() == 1 && messages[0].contains("Well said."), "{messages:?}");
}

fn she_has_another_address(browser: &Browser) {
    browser.click("Your account");
    assert_eq!(browser.title(), "Your Account | MiniTwit");
    assert_eq!(browser.value("email"), "Ada@example.org");
    browser.fill("email", "@");
    browser.click("Save");
    assert_eq!(browser.flashes(), ["Your e-mail address was changed"]);
    assert_eq!(browser.value("email"), "Ada@example.org@");
}

fn she_has_another_password(browser: &Browser) {
    browser.fill("current", "a guess");
    browser.fill("password", "a moth in relay 70");
    browser.fill("password2", "a moth in relay 70");
    browser.click("Change Password");
    assert_eq!(browser.errors(), ["Invalid password"]);
    assert_eq!(browser.value("current"), "", "passwords do not travel back");
    browser.fill("current", PASSWORD);
    browser.fill("password", "a moth in relay 70");
    browser.fill("password2", "a moth in relay 70");
    browser.click("Change Password");
    let told = ["Your password was changed, and every other browser was signed out"];
    assert_eq!(browser.flashes(), told);
}

fn she_leaves(browser: &Browser) {
    browser.click("Delete account …");
    browser.fill("password", PASSWORD);
    browser.click("Delete Account");
    assert_eq!(browser.errors(), ["Invalid password"]);
    browser.fill("password", "a moth in relay 70");
    browser.click("Delete Account");
    assert_eq!(browser.path(), "/public");
    assert_eq!(browser.flashes(), ["Your account was deleted"]);
    assert_eq!(browser.messages(), ["There's no message so far."]);
    assert!(browser.texts("nav").concat().contains("sign in"));
}
