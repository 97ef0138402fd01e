//! The WebDriver protocol (a W3C recommendation: JSON over HTTP), as far as these tests speak it.

use std::fmt;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

use crate::support::PATIENCE;

/// The key under which the protocol refers to an element; a constant of the standard.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser under remote control. It is closed by its driver's end.
pub struct Session {
    agent: Agent,
    url: String,
}

/// An element of the page that was shown when it was found.
#[derive(Clone, Debug)]
pub struct Element(String);

/// What the driver answered instead of doing what it was asked to do.
#[derive(Debug)]
pub struct Refusal(Value);

impl Session {
    /// Opens a browser with the driver at `driver_url`.
    pub fn open(driver_url: &str, capabilities: Value) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .proxy(None);
        let session = Self { agent: config.build().new_agent(), url: driver_url.to_owned() };
        let wanted = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let opened = session.ask("POST", "/session", wanted).unwrap_or_else(|no| panic!("{no}"));
        let id = opened["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {opened}"));
        Self { url: format!("{driver_url}/session/{id}"), ..session }
    }

    /// A question that changes nothing.
    pub fn get(&self, path: &str) -> Result<Value, Refusal> {
        self.ask("GET", path, Value::Null)
    }

    /// A command with its arguments.
    pub fn post(&self, path: &str, arguments: Value) -> Result<Value, Refusal> {
        self.ask("POST", path, arguments)
    }

    /// The elements that match a CSS selector or an XPath expression, in document order.
    pub fn find_all(&self, by: &str, value: &str) -> Result<Vec<Element>, Refusal> {
        let found = self.post("/elements", json!({ "using": by, "value": value }))?;
        let references = found.as_array().into_iter().flatten();
        Ok(references.filter_map(|one| Some(Element(one[ELEMENT].as_str()?.to_owned()))).collect())
    }

    /// Runs a function body in the page and returns what it returns.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Result<Value, Refusal> {
        self.post("/execute/sync", json!({ "script": script, "args": arguments }))
    }

    /// A command of Chromium's own protocol, for what WebDriver has no word for.
    pub fn chromium(&self, command: &str, arguments: Value) -> Result<Value, Refusal> {
        self.post("/goog/cdp/execute", json!({ "cmd": command, "params": arguments }))
    }

    fn ask(&self, method: &str, path: &str, body: Value) -> Result<Value, Refusal> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        let answer = match body {
            Value::Null => self.agent.run(request.body(()).unwrap()),
            body => self.agent.run(request.body(body.to_string()).unwrap()),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        // A screenshot may be larger than what is read without being told to.
        let reading = answer.body_mut().with_config().limit(u64::MAX).read_json::<Value>();
        let mut read = reading.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        match answer.status().as_u16() {
            200 => Ok(read["value"].take()),
            _ => Err(Refusal(read["value"].take())),
        }
    }
}

impl Element {
    /// Where its own commands are, under the session.
    pub fn path(&self, command: &str) -> String {
        format!("/element/{}/{command}", self.0)
    }

    /// The element as an argument of a script.
    pub fn argument(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }

    /// The element that a command answered with.
    pub fn from_answer(answer: &Value) -> Self {
        let id = answer[ELEMENT].as_str().unwrap_or_else(|| panic!("no element: {answer}"));
        Self(id.to_owned())
    }
}

impl Refusal {
    /// Whether it is because the element's page has been left.
    pub fn is_stale(&self) -> bool {
        self.0["error"] == "stale element reference"
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the browser refused: {}: {}", self.0["error"], self.0["message"])
    }
}
