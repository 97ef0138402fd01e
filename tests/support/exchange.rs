use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::Agent;
use ureq::http::Request;

use super::{Answer, PATIENCE};

/// An agent that reports what it got: no status is an error, no redirect is followed.
pub fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(PATIENCE))
        .proxy(None);
    config.build().new_agent()
}

/// One request and its answer.
#[track_caller]
pub fn exchange(
    agent: &Agent,
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: Option<&[u8]>,
) -> Answer {
    try_exchange(agent, method, url, headers, body)
        .unwrap_or_else(|error| panic!("{method} {url}: {error}"))
}

/// One request and its answer, unless the connection broke before it was whole.
pub fn try_exchange(
    agent: &Agent,
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: Option<&[u8]>,
) -> Result<Answer, ureq::Error> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = match body {
        None => agent.run(request.body(())?)?,
        Some(bytes) => agent.run(request.body(bytes)?)?,
    };
    let (head, mut body) = answer.into_parts();
    let asked = format!("{method} {url}");
    let body = body.with_config().limit(u64::MAX).read_to_vec()?;
    Ok(Answer { asked, status: head.status.as_u16(), headers: head.headers, body })
}

/// A name as one segment of a path: everything but letters and digits percent-encoded.
pub fn encoded(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// Fields as a form sends them.
pub fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}
