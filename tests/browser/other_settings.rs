//! People who use their browser in another way than most, and pages that mean no good.

use crate::browser::Browser;
use crate::support::TestServer;
use crate::world;

#[test]
fn scripts_are_not_needed() {
    let server = TestServer::start();
    world::populate(&server);
    let browser = Browser::without_javascript(&server);
    browser.open("data:text/html,<title>off</title><script>document.title = 'on'</script>");
    assert_eq!(browser.title(), "off", "this browser runs no scripts");

    world::sign_in(&browser, "Carol");
    browser.fill("text", "Posted by hand.");
    browser.click("Share");
    assert_eq!(browser.flashes(), ["Your message was recorded"]);
    browser.open("/Bob");
    browser.click("Follow user");
    assert_eq!(browser.flashes(), [r#"You are now following "Bob""#]);
    browser.click("my timeline");
    browser.click("Older messages");
    assert_eq!(browser.messages().len(), 30);
    browser.click("sign out [Carol]");
    assert_eq!(browser.flashes(), ["You were logged out"]);
}

#[test]
fn a_page_of_another_site_cannot_act_in_somebodys_name() {
    let server = TestServer::start();
    world::populate(&server);
    let browser = Browser::at(&server);
    world::sign_in(&browser, "Carol");
    let home = browser.home();
    browser.open(&format!(
        "data:text/html,<form method=post action={home}/add_message>\
         <input name=text value='I love spam'><button>Win</button></form>\
         <a href={home}/Bob/follow>Look</a> <a href={home}/logout>Leave</a>"
    ));
    let trap = browser.url();
    browser.click("Win");
    assert_eq!(browser.status(), 403);
    browser.open(&trap);
    browser.click("Look");
    assert_eq!(browser.status(), 403);
    browser.open(&trap);
    browser.click("Leave");
    assert_eq!(browser.status(), 403);

    browser.open("/");
    let messages = browser.messages();
    assert_eq!(messages.len(), 1, "her own message and nothing else: {messages:?}");
    assert!(messages[0].contains("Nobody follows me."), "{messages:?}");
}
