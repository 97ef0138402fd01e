//! A walk past every kind of page, in every state in which people meet it.

use crate::browser::Browser;
use crate::support::{TestServer, Visitor};
use crate::world::{PASSWORD, populate, wide_name};

/// A page on the way.
pub struct Stop<'a> {
    /// What the page is, for file names and findings.
    pub name: &'a str,
    /// The browser that shows it.
    pub browser: &'a Browser,
    /// Whether it came with an error status.
    pub is_error_page: bool,
}

/// Shows every kind of page to `look`.
pub fn visit_every_page(mut look: impl FnMut(&Stop<'_>)) {
    let quiet = TestServer::start();
    let browser = Browser::at(&quiet);
    let mut tour = Tour { browser: &browser, look: &mut look };
    tour.open("public-empty", "/public", 200);
    quiet.sql().execute("DROP TABLE message");
    tour.open("failed", "/public", 500);

    let server = TestServer::start();
    populate(&server);
    let browser = Browser::at(&server);
    let mut tour = Tour { browser: &browser, look: &mut look };
    tour.as_a_stranger();
    tour.forms();
    tour.errors();
    tour.as_ada();
    tour.as_others();
    tour.throttled(&server);
}

struct Tour<'a, 'look> {
    browser: &'a Browser,
    look: &'look mut dyn FnMut(&Stop<'_>),
}

impl Tour<'_, '_> {
    fn as_a_stranger(&mut self) {
        self.open("public", "/public", 200);
        self.click("public-older", "Older messages", 200);
        self.open("profile-signed-out", "/Bob", 200);
        self.open("profile-wide-name", &format!("/{}", wide_name()), 200);
        self.open("profile-silent", "/Dan", 200);
    }

    fn forms(&mut self) {
        self.open("sign-in", "/login", 200);
        self.click("sign-in-error", "Sign In", 200);
        self.open("sign-up", "/register", 200);
        self.click("sign-up-error", "Sign Up", 200);
    }

    fn errors(&mut self) {
        self.open("unauthorized", "/Bob/follow", 401);
        self.open("not-found", "/Nobody", 404);
        self.open("method-not-allowed", "/add_message", 405);
        let action = self.browser.home();
        let elsewhere = format!(
            "data:text/html,<title>Win!</title>\
             <form method=post action={action}/add_message><button>Win</button></form>"
        );
        self.browser.open(&elsewhere);
        self.click("forbidden", "Win", 403);
    }

    fn as_ada(&mut self) {
        self.sign_in("Ada");
        self.stop("home-with-flash", 200);
        self.open("home", "/", 200);
        self.click("home-older", "Older messages", 200);
        self.write(5_001);
        self.click("home-with-too-long-a-draft", "Share", 200);
        self.write(1_000_000);
        self.click("too-large", "Share", 413);
        self.open("profile-own", "/Ada", 200);
        self.open("profile-followed", "/Bob", 200);
        self.open("profile-followed-wide-name", &format!("/{}", wide_name()), 200);
        self.open("profile-not-followed", "/Carol", 200);
        self.click("profile-now-followed", "Follow user", 200);
        self.click("profile-no-longer-followed", "Unfollow user", 200);
        self.open("account", "/account", 200);
        self.click("account-with-a-mistake", "Change Password", 200);
        self.open("account-delete", "/account/delete", 200);
        self.click("account-delete-with-a-mistake", "Delete Account", 200);
        self.browser.open("/Ada");
        self.click("message-delete", "Delete", 200);
        self.open("not-found-signed-in", "/Nobody", 404);
        self.click("signed-out", "sign out [Ada]", 200);
    }

    fn as_others(&mut self) {
        for (name, stop) in [("Dan", "home-empty"), (&wide_name(), "home-wide-name")] {
            self.sign_in(name);
            self.open(stop, "/", 200);
            self.browser.click(&format!("sign out [{name}]"));
        }
    }

    /// The last one: from then on nobody at this address can sign in for a while.
    fn throttled(&mut self, server: &TestServer) {
        let guesser = Visitor::to(server);
        let refused = (0..1_000).any(|_| guesser.sign_in_with("Carol", "guess").status == 429);
        assert!(refused, "a thousand guesses were not too many");
        self.browser.open("/login");
        self.browser.fill("username", "Carol");
        self.browser.fill("password", "guess");
        self.click("too-many-requests", "Sign In", 429);
    }

    /// Typing it would take longer.
    fn write(&self, length: usize) {
        let script = "document.querySelector('textarea').value = 'la '.repeat(arguments[0] / 3)";
        self.browser.ask(script, &[length.into()]);
    }

    fn sign_in(&self, name: &str) {
        self.browser.open("/login");
        self.browser.fill("username", name);
        self.browser.fill("password", PASSWORD);
        self.browser.click("Sign In");
    }

    fn open(&mut self, name: &str, path: &str, status: u16) {
        self.browser.open(path);
        self.stop(name, status);
    }

    fn click(&mut self, name: &str, text: &str, status: u16) {
        self.browser.click(text);
        self.stop(name, status);
    }

    fn stop(&mut self, name: &str, status: u16) {
        let got = self.browser.status();
        assert_eq!(got, u64::from(status), "status of {name}: {}", self.browser.served());
        (self.look)(&Stop { name, browser: self.browser, is_error_page: status >= 400 });
    }
}
