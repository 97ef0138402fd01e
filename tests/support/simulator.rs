use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use ureq::Agent;

use super::exchange::{agent, encoded, exchange, try_exchange};
use super::{Answer, TestServer};

/// The `Authorization` header for `USER:PASSWORD`.
pub fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}

/// The outside client that drives the API: one connection for each call.
#[derive(Clone)]
pub struct Simulator {
    place: Arc<Mutex<SocketAddr>>,
    agent: Agent,
    headers: Vec<(String, String)>,
}

impl Simulator {
    /// The course's simulator, with its published credentials.
    pub fn of(server: &TestServer) -> Self {
        // To the letter what the course's simulator sends.
        Self::stranger(server).with("Authorization", "Basic c2ltdWxhdG9yOnN1cGVyX3NhZmUh")
    }

    /// Somebody without credentials.
    pub fn stranger(server: &TestServer) -> Self {
        let close = ("Connection".to_owned(), "close".to_owned());
        Self { place: server.place(), agent: agent(), headers: vec![close] }
    }

    /// The same client, but every call carries this header too.
    pub fn with(mut self, header: &str, value: &str) -> Self {
        self.headers.push((header.to_owned(), value.to_owned()));
        self
    }

    /// One GET.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, "", None)
    }

    /// One POST of JSON.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, "application/json", Some(body.to_string().as_bytes()))
    }

    /// One call of any kind.
    #[track_caller]
    pub fn call(&self, method: &str, path: &str, kind: &str, body: Option<&[u8]>) -> Answer {
        let (url, headers) = self.request(path, kind);
        exchange(&self.agent, method, &url, &headers, body)
    }

    /// One POST of JSON to a server that may be about to die: nothing if it did.
    pub fn attempt(&self, path: &str, body: &Value) -> Option<Answer> {
        let (url, headers) = self.request(path, "application/json");
        let body = body.to_string();
        try_exchange(&self.agent, "POST", &url, &headers, Some(body.as_bytes())).ok()
    }

    fn request(&self, path: &str, kind: &str) -> (String, Vec<(String, String)>) {
        let mut headers = self.headers.clone();
        if !kind.is_empty() {
            headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        (format!("http://{}{path}", self.place.lock().unwrap()), headers)
    }

    /// Registers a user.
    #[track_caller]
    pub fn register(&self, name: &str) -> Answer {
        let email = "somebody@example.org";
        self.post("/register", &json!({"username": name, "email": email, "pwd": "secret"}))
    }

    /// Posts a message for a user.
    #[track_caller]
    pub fn says(&self, name: &str, text: &str) -> Answer {
        self.post(&format!("/msgs/{}", encoded(name)), &json!({"content": text}))
    }

    /// Makes one user follow another.
    #[track_caller]
    pub fn follow(&self, who: &str, whom: &str) -> Answer {
        self.post(&format!("/fllws/{}", encoded(who)), &json!({"follow": whom}))
    }

    /// Makes one user no longer follow another.
    #[track_caller]
    pub fn unfollow(&self, who: &str, whom: &str) -> Answer {
        self.post(&format!("/fllws/{}", encoded(who)), &json!({"unfollow": whom}))
    }

    /// Messages as (user, content), newest first.
    #[track_caller]
    pub fn messages(&self, path: &str) -> Vec<(String, String)> {
        let answer = self.get(path).expect(200);
        let list = answer.json().as_array().cloned().unwrap_or_else(|| panic!("{answer}"));
        let field = |message: &Value, name: &str| {
            message[name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
        };
        list.iter().map(|message| (field(message, "user"), field(message, "content"))).collect()
    }

    /// Whom a user follows.
    #[track_caller]
    pub fn follows(&self, name: &str) -> Vec<String> {
        let answer = self.get(&format!("/fllws/{}", encoded(name))).expect(200);
        let follows = answer.json()["follows"].clone();
        serde_json::from_value(follows).unwrap_or_else(|error| panic!("{error} in {answer}"))
    }

    /// What `GET /latest` says.
    #[track_caller]
    pub fn latest(&self) -> i64 {
        let answer = self.get("/latest").expect(200);
        answer.json()["latest"].as_i64().unwrap_or_else(|| panic!("{answer}"))
    }
}
