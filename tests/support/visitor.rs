use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use ureq::Agent;

use super::exchange::{agent, encoded, exchange, form};
use super::{Answer, TestServer};

/// The password of everybody who does not say otherwise.
pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody with a browser: it keeps cookies and follows redirects.
#[derive(Clone)]
pub struct Visitor {
    place: Arc<Mutex<SocketAddr>>,
    agent: Agent,
    headers: Vec<(String, String)>,
}

impl Visitor {
    /// A new browser that was never here.
    pub fn to(server: &TestServer) -> Self {
        Self { place: server.place(), agent: agent(), headers: Vec::new() }
    }

    /// Somebody who registers with this name, and signs in.
    #[track_caller]
    pub fn signed_in(server: &TestServer, name: &str) -> Self {
        let visitor = Self::to(server);
        visitor.register(name);
        let page = visitor.sign_in(name).expect(200);
        assert!(page.errors().is_empty(), "{name:?} did not get in: {page}");
        visitor
    }

    /// The same browser, but every request carries this header too.
    pub fn with(mut self, header: &str, value: &str) -> Self {
        self.headers.push((header.to_owned(), value.to_owned()));
        self
    }

    /// Opens a page, wherever that leads.
    #[track_caller]
    pub fn page(&self, path: &str) -> Answer {
        self.arrive(self.get(path))
    }

    /// Sends a form, wherever that leads.
    #[track_caller]
    pub fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.arrive(self.send(path, fields))
    }

    /// One GET; a redirect is not followed.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], None)
    }

    /// One POST of a form; a redirect is not followed.
    #[track_caller]
    pub fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let urlencoded = [("Content-Type", "application/x-www-form-urlencoded")];
        self.request("POST", path, &urlencoded, Some(form(fields).as_bytes()))
    }

    /// One request of any kind; a redirect is not followed.
    #[track_caller]
    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let all: Vec<_> = self.headers.iter().cloned().chain(headers.iter().map(owned)).collect();
        let url = format!("http://{}{path}", self.place.lock().unwrap());
        exchange(&self.agent, method, &url, &all, body)
    }

    /// Registers with a password and an e-mail address that do.
    #[track_caller]
    pub fn register(&self, name: &str) -> Answer {
        self.register_as(name, "somebody@example.org", PASSWORD, PASSWORD)
    }

    /// Fills in the whole registration form.
    #[track_caller]
    pub fn register_as(&self, name: &str, email: &str, password: &str, again: &str) -> Answer {
        let fields =
            [("username", name), ("email", email), ("password", password), ("password2", again)];
        self.submit("/register", &fields)
    }

    /// Signs in with the password of [`Visitor::register`].
    #[track_caller]
    pub fn sign_in(&self, name: &str) -> Answer {
        self.sign_in_with(name, PASSWORD)
    }

    /// Signs in.
    #[track_caller]
    pub fn sign_in_with(&self, name: &str, password: &str) -> Answer {
        self.submit("/login", &[("username", name), ("password", password)])
    }

    /// Signs out.
    #[track_caller]
    pub fn sign_out(&self) -> Answer {
        self.page("/logout")
    }

    /// Posts a message.
    #[track_caller]
    pub fn post(&self, text: &str) -> Answer {
        self.submit("/add_message", &[("text", text)])
    }

    /// Follows somebody.
    #[track_caller]
    pub fn follow(&self, name: &str) -> Answer {
        self.page(&format!("/{}/follow", encoded(name)))
    }

    /// Follows somebody no longer.
    #[track_caller]
    pub fn unfollow(&self, name: &str) -> Answer {
        self.page(&format!("/{}/unfollow", encoded(name)))
    }

    /// The `Cookie` header this browser sends now.
    pub fn cookie_header(&self) -> String {
        let jar = self.agent.cookie_jar_lock();
        let pairs = jar.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value()));
        pairs.collect::<Vec<_>>().join("; ")
    }

    #[track_caller]
    fn arrive(&self, mut answer: Answer) -> Answer {
        for _ in 0..5 {
            if !(300..400).contains(&answer.status) {
                return answer;
            }
            let location = answer.header("location").to_owned();
            assert!(location.starts_with('/'), "where does this lead? {answer}");
            answer = self.get(&location);
        }
        panic!("redirects without end: {answer}");
    }
}
