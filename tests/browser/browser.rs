//! What a person does with a browser, and what they see in it.

use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::support::{TestServer, eventually};
use crate::webdriver::{Element, Refusal, Session};

/// The keys that have no letter, as WebDriver names them.
pub mod key {
    /// To the next thing that can have the focus.
    pub const TAB: &str = "\u{E004}";
    /// Does what has the focus.
    pub const ENTER: &str = "\u{E007}";
}

/// Somebody's browser, in which they have never been at MiniTwit before.
pub struct Browser {
    session: Session,
    home: String,
    // After the session: it ends with this.
    _chromium: Chromium,
}

impl Browser {
    /// A browser as it comes.
    pub fn at(server: &TestServer) -> Self {
        Self::start(server, true)
    }

    /// A browser whose owner has switched scripts off.
    pub fn without_javascript(server: &TestServer) -> Self {
        Self::start(server, false)
    }

    fn start(server: &TestServer, javascript: bool) -> Self {
        let chromium = Chromium::start();
        let session = chromium.open(javascript);
        let browser = Self { session, home: server.url(), _chromium: chromium };
        // Keeps what is received, for `served`.
        browser.command("Network.enable", json!({}));
        browser
    }

    /// Opens a path of the server, or any other URL, and waits until it is loaded.
    pub fn open(&self, path: &str) {
        let url = match path.starts_with('/') {
            true => format!("{}{path}", self.home),
            false => path.to_owned(),
        };
        done(self.session.post("/url", json!({ "url": url })));
    }

    /// Clicks the link or button with this text, and waits for the page it leads to.
    pub fn click(&self, text: &str) {
        let links = format!(
            "//a[normalize-space()='{text}'] | //button[normalize-space()='{text}'] \
             | //input[@type='submit'][@value='{text}']"
        );
        self.follow(&self.the_only("xpath", &links));
    }

    /// Clicks the first of what matches a CSS selector, and waits for the page it leads to.
    pub fn click_first(&self, css: &str) {
        let found = done(self.session.find_all("css selector", css));
        self.follow(found.first().unwrap_or_else(|| panic!("no {css}: {}", self.served())));
    }

    fn follow(&self, link: &Element) {
        self.leave(|| drop(done(self.session.post(&link.path("click"), json!({})))));
    }

    /// Types into the field of that name, after what is in it.
    pub fn fill(&self, field: &str, text: &str) {
        let field = self.field(field);
        done(self.session.post(&field.path("value"), json!({ "text": text })));
    }

    /// Presses keys one after the other, wherever the focus is.
    pub fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        });
        let keyboard =
            json!({ "type": "key", "id": "keys", "actions": strokes.collect::<Vec<_>>() });
        done(self.session.post("/actions", json!({ "actions": [keyboard] })));
    }

    /// Does something that leads to another page, and waits for it.
    pub fn leave(&self, act: impl FnOnce()) {
        let before = self.the_only("css selector", ":root");
        act();
        // Between two pages the driver may have other excuses.
        eventually("the next page", || match self.session.get(&before.path("name")) {
            Err(refusal) if refusal.is_stale() => Some(()),
            _ => None,
        });
        eventually("the page to be loaded", || {
            let state = self.session.run("return document.readyState", &[]);
            state.is_ok_and(|state| state == "complete").then_some(())
        });
    }

    /// The part of the address after the server's name.
    pub fn path(&self) -> String {
        let url = self.url();
        url.strip_prefix(&self.home).unwrap_or(&url).to_owned()
    }

    /// The whole address.
    pub fn url(&self) -> String {
        text(&done(self.session.get("/url")))
    }

    /// Where the server is, without a slash at the end.
    pub fn home(&self) -> &str {
        &self.home
    }

    /// The status code with which the page came.
    pub fn status(&self) -> u64 {
        let entry = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.ask(entry, &[]).as_u64().unwrap()
    }

    /// The title of the window.
    pub fn title(&self) -> String {
        text(&done(self.session.get("/title")))
    }

    /// What can be read in each element that matches a CSS selector.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let found = done(self.session.find_all("css selector", css));
        found.iter().map(|one| text(&done(self.session.get(&one.path("text"))))).collect()
    }

    /// The flash messages.
    pub fn flashes(&self) -> Vec<String> {
        self.texts("ul.flashes > li")
    }

    /// What is wrong with the form.
    pub fn errors(&self) -> Vec<String> {
        self.texts("div.error")
    }

    /// What can be read in each message, newest first.
    pub fn messages(&self) -> Vec<String> {
        self.texts("ul.messages > li")
    }

    /// What stands in the field of that name.
    pub fn value(&self, field: &str) -> String {
        text(&done(self.session.get(&self.field(field).path("property/value"))))
    }

    /// The element that has the focus.
    pub fn focus(&self) -> Element {
        Element::from_answer(&done(self.session.get("/element/active")))
    }

    /// Runs the body of a function in the page.
    #[track_caller]
    pub fn ask(&self, script: &str, arguments: &[Value]) -> Value {
        done(self.session.run(script, arguments))
    }

    /// Runs the body of a function in the page and waits for what it passes to `done`.
    #[track_caller]
    pub fn ask_later(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1];\n{script}");
        done(self.session.post("/execute/async", json!({ "script": script, "args": [] })))
    }

    /// A command of Chromium's own protocol.
    #[track_caller]
    pub fn command(&self, command: &str, arguments: Value) -> Value {
        done(self.session.chromium(command, arguments))
    }

    /// The HTML of the page as the server sent it.
    pub fn served(&self) -> String {
        let tree = self.command("Page.getFrameTree", json!({}));
        // The request that brought a document has the identity of its loader.
        let request = json!({ "requestId": tree["frameTree"]["frame"]["loaderId"] });
        text(&self.command("Network.getResponseBody", request)["body"])
    }

    /// What the browser's console has got since it was last asked.
    pub fn console(&self) -> Vec<String> {
        let entries = done(self.session.post("/se/log", json!({ "type": "browser" })));
        entries.as_array().into_iter().flatten().map(|entry| text(&entry["message"])).collect()
    }

    fn field(&self, name: &str) -> Element {
        self.the_only("css selector", &format!("[name='{name}']"))
    }

    #[track_caller]
    fn the_only(&self, by: &str, value: &str) -> Element {
        let mut found = done(self.session.find_all(by, value));
        assert!(
            found.len() == 1,
            "{} of {value} at {}: {}",
            found.len(),
            self.url(),
            self.served()
        );
        found.remove(0)
    }
}

#[track_caller]
fn done<T>(answer: Result<T, Refusal>) -> T {
    answer.unwrap_or_else(|refusal| panic!("{refusal}"))
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
