//! One client of the simulator API, as the course's is.

use std::io::ErrorKind;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

use super::action::{Action, Deed};

/// Largest answer that is read: a list of all messages somebody wrote.
const MAX_ANSWER_BYTES: u64 = 1 << 30;

/// Why a call did not succeed, in the words of the course's error page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// The server answered with that status.
    Status(u16),
    /// No answer within the time.
    ReadTimeout,
    /// No connection, or one that broke.
    ConnectionError,
}

impl Trouble {
    /// Whether the call may have been carried out all the same.
    pub(super) fn is_uncertain(&self) -> bool {
        match self {
            Self::Status(status) => *status >= 500,
            Self::ReadTimeout | Self::ConnectionError => true,
        }
    }

    /// Whether the same call may succeed a little later.
    pub(super) fn may_pass(&self) -> bool {
        self.is_uncertain() || *self == Self::Status(429)
    }

    pub(super) fn word(&self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::ReadTimeout => "ReadTimeout".into(),
            Self::ConnectionError => "ConnectionError".into(),
        }
    }
}

/// Where the server is, and how it is talked to.
pub(super) struct Client {
    agent: Agent,
    base: String,
    authorization: String,
    close: bool,
}

impl Client {
    /// A client of the server at `base` that gives up after `timeout`. With `keep_alive` it uses
    /// one connection for many calls, else one for each.
    pub(super) fn new(base: &str, credentials: &str, timeout: Duration, keep_alive: bool) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections_per_host(usize::from(keep_alive))
            .timeout_global(Some(timeout))
            .user_agent(concat!("minitwit-simulate/", env!("CARGO_PKG_VERSION")))
            .proxy(None);
        Self {
            agent: config.build().new_agent(),
            base: base.trim_end_matches('/').to_owned(),
            authorization: format!("Basic {}", STANDARD.encode(credentials)),
            close: !keep_alive,
        }
    }

    /// The same with connections of its own.
    pub(super) fn another(&self) -> Self {
        Self {
            agent: self.agent.config().clone().new_agent(),
            base: self.base.clone(),
            authorization: self.authorization.clone(),
            close: self.close,
        }
    }

    /// Does what an action says.
    pub(super) fn act(&self, action: &Action) -> Result<(), Trouble> {
        let user = segment(&action.user);
        let latest = action.id;
        let post = |path: &str, body: Value| self.call(path, Some(&body)).map(drop);
        match &action.deed {
            Deed::Register { email, password } => post(
                &format!("/register?latest={latest}"),
                json!({"username": action.user, "email": email, "pwd": password}),
            ),
            Deed::Tweet { text } => {
                post(&format!("/msgs/{user}?latest={latest}"), json!({"content": text}))
            }
            Deed::Follow { whom } => {
                post(&format!("/fllws/{user}?latest={latest}"), json!({"follow": whom}))
            }
            Deed::Unfollow { whom } => {
                post(&format!("/fllws/{user}?latest={latest}"), json!({"unfollow": whom}))
            }
            Deed::ReadMessages => {
                self.call(&format!("/msgs?no=20&latest={latest}"), None).map(drop)
            }
            Deed::ReadMessagesOf => {
                self.call(&format!("/msgs/{user}?no=20&latest={latest}"), None).map(drop)
            }
            Deed::ReadFollows => {
                self.call(&format!("/fllws/{user}?no=20&latest={latest}"), None).map(drop)
            }
        }
    }

    /// The server's `latest`.
    pub(super) fn latest(&self) -> Result<i64, Trouble> {
        Ok(self.get("/latest")?["latest"].as_i64().unwrap_or(-1))
    }

    /// Everything a user wrote, newest first; `None` if there is no such user.
    pub(super) fn messages_of(&self, user: &str) -> Result<Option<Vec<String>>, Trouble> {
        let list = self.if_known(&format!("/msgs/{}?no={ALL}", segment(user)))?;
        let content = |message: &Value| message["content"].as_str().map(str::to_owned);
        Ok(list.map(|list| list.as_array().into_iter().flatten().filter_map(content).collect()))
    }

    /// Whom a user follows; `None` if there is no such user.
    pub(super) fn follows_of(&self, user: &str) -> Result<Option<Vec<String>>, Trouble> {
        let list = self.if_known(&format!("/fllws/{}?no={ALL}", segment(user)))?;
        let name = |name: &Value| name.as_str().map(str::to_owned);
        let names = |list: Value| {
            list["follows"].as_array().into_iter().flatten().filter_map(name).collect()
        };
        Ok(list.map(names))
    }

    /// Whether there is such a user.
    pub(super) fn knows(&self, user: &str) -> Result<bool, Trouble> {
        Ok(self.if_known(&format!("/fllws/{}?no=1", segment(user)))?.is_some())
    }

    fn if_known(&self, path: &str) -> Result<Option<Value>, Trouble> {
        match self.get(path) {
            Ok(answer) => Ok(Some(answer)),
            Err(Trouble::Status(404)) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    fn get(&self, path: &str) -> Result<Value, Trouble> {
        let answer = self.call(path, None)?;
        serde_json::from_slice(&answer).map_err(|_| Trouble::ConnectionError)
    }

    /// One call; the body of an answer that is a success.
    fn call(&self, path: &str, body: Option<&Value>) -> Result<Vec<u8>, Trouble> {
        let mut request = Request::builder()
            .uri(format!("{}{path}", self.base))
            .header("authorization", &self.authorization);
        if self.close {
            request = request.header("connection", "close");
        }
        let answer = match body {
            None => self.run(request.method("GET").body(())),
            Some(body) => {
                let request = request.method("POST").header("content-type", "application/json");
                self.run(request.body(body.to_string()))
            }
        };
        let (status, body) = answer.map_err(|error| trouble(&error))?;
        if (200..300).contains(&status) { Ok(body) } else { Err(Trouble::Status(status)) }
    }

    fn run(
        &self,
        request: Result<Request<impl ureq::AsSendBody>, ureq::http::Error>,
    ) -> Result<(u16, Vec<u8>), ureq::Error> {
        let mut answer = self.agent.run(request?)?;
        let body = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec()?;
        Ok((answer.status().as_u16(), body))
    }
}

/// As many as there are.
const ALL: u32 = 100_000_000;

/// A name as one segment of a path.
fn segment(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

fn trouble(error: &ureq::Error) -> Trouble {
    match error {
        ureq::Error::Timeout(_) => Trouble::ReadTimeout,
        ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut => Trouble::ReadTimeout,
        _ => Trouble::ConnectionError,
    }
}
