//! Somebody's first day, from hearing of MiniTwit to going to bed.

use crate::browser::Browser;
use crate::support::{Simulator, TestServer};
use crate::world;

#[test]
fn grace_finds_her_way() {
    let server = TestServer::start();
    world::populate(&server);
    let browser = Browser::at(&server);
    she_looks_around(&browser);
    she_registers(&browser);
    she_signs_in(&browser);
    she_posts(&browser);
    she_follows_bob(&browser, &server);
    she_reads_what_is_older(&browser, &server);
    she_leaves_bob(&browser);
    she_signs_out(&browser);
}

fn she_looks_around(browser: &Browser) {
    browser.open("/");
    assert_eq!(browser.path(), "/public");
    assert_eq!(browser.title(), "Public Timeline | MiniTwit");
    assert_eq!(browser.messages().len(), 30);
}

fn she_registers(browser: &Browser) {
    browser.click("sign up");
    browser.fill("username", "Grace Hopper");
    browser.fill("email", "grace@example.org");
    browser.fill("password", "a moth in relay 70");
    browser.fill("password2", "a moth in relay 70");
    browser.click("Sign Up");
    assert_eq!(browser.path(), "/login");
    assert_eq!(browser.flashes(), ["You were successfully registered and can login now"]);
}

fn she_signs_in(browser: &Browser) {
    browser.fill("username", "Grace Hopper");
    browser.fill("password", "a moth in relay 70");
    browser.click("Sign In");
    assert_eq!(browser.path(), "/");
    assert_eq!(browser.title(), "My Timeline | MiniTwit");
    assert_eq!(browser.flashes(), ["You were logged in"]);
    browser.open("/");
    assert_eq!(browser.flashes(), [""; 0], "a flash is shown once");
    let page = browser.texts("body").concat();
    assert!(page.contains("What's on your mind Grace Hopper?"), "{page}");
    assert!(page.contains("There's no message so far."), "{page}");
}

fn she_posts(browser: &Browser) {
    browser.fill("text", "First actual case of bug being found.\n<b>In relay 70.</b>");
    browser.click("Share");
    assert_eq!(browser.path(), "/");
    assert_eq!(browser.flashes(), ["Your message was recorded"]);
    let messages = browser.messages();
    assert_eq!(messages.len(), 1, "{messages:?}");
    let text = "First actual case of bug being found.\n<b>In relay 70.</b>";
    assert!(messages[0].contains(text), "two lines, as they were typed: {messages:?}");
    assert!(messages[0].contains("Grace Hopper"), "{messages:?}");
}

fn she_follows_bob(browser: &Browser, server: &TestServer) {
    browser.open("/Bob");
    assert_eq!(browser.title(), "Bob's Timeline | MiniTwit");
    let page = browser.texts("body").concat();
    assert!(page.contains("You are not yet following this user."), "{page}");
    browser.click("Follow user");
    assert_eq!(browser.path(), "/Bob");
    assert_eq!(browser.flashes(), [r#"You are now following "Bob""#]);
    Simulator::of(server).says("Bob", "Welcome, Grace!").expect(204);
    browser.click("my timeline");
    let newest = &browser.messages()[0];
    assert!(newest.contains("Welcome, Grace!") && newest.contains("Bob"), "{newest}");
}

fn she_reads_what_is_older(browser: &Browser, server: &TestServer) {
    let first_page = browser.messages();
    // What is posted while she reads moves nothing.
    Simulator::of(server).says("Bob", "One more.").expect(204);
    browser.click("Older messages");
    let second_page = browser.messages();
    assert_eq!(second_page.len(), 30);
    browser.click("Older messages");
    let third_page = browser.messages();
    let bobs = |page: &[String]| page.iter().filter(|one| one.contains("number")).count();
    let seen = bobs(&first_page) + bobs(&second_page) + bobs(&third_page);
    assert_eq!(seen, 65, "{first_page:?}\n{second_page:?}\n{third_page:?}");
    let oldest = third_page.last().unwrap();
    assert!(oldest.contains("Bob's message number 1"), "{oldest}");
    assert!(!browser.texts("a").iter().any(|link| link == "Older messages"), "nothing is older");
    browser.click("Newest messages");
    assert!(browser.messages()[0].contains("One more."), "{:?}", browser.messages());
}

fn she_leaves_bob(browser: &Browser) {
    browser.open("/Bob");
    browser.click("Unfollow user");
    assert_eq!(browser.flashes(), [r#"You are no longer following "Bob""#]);
    browser.click("my timeline");
    assert_eq!(browser.messages().len(), 1);
}

fn she_signs_out(browser: &Browser) {
    browser.click("sign out [Grace Hopper]");
    assert_eq!(browser.path(), "/public");
    assert_eq!(browser.flashes(), ["You were logged out"]);
    browser.open("/");
    assert_eq!(browser.path(), "/public", "who is signed out has no timeline");
    assert_eq!(browser.flashes(), [""; 0], "a flash is shown once");
}
