//! The simulator API: one file for each resource. Every call passes [`admit`] first.

mod auth;
mod follows;
mod latest;
mod listing;
mod messages;
mod openapi;
mod register;

pub use auth::{PUBLISHED_CREDENTIALS, SimulatorAuth};
pub(super) use follows::{change_follow, follows};
pub(super) use latest::latest;
pub(super) use messages::{messages, messages_of, post_message};
pub(super) use openapi::openapi;
pub(super) use register::register;

use std::future::Future;

use actix_web::http::Method;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::future::join;
use serde::Serialize;

use super::errors::Failure;
use super::now;
use super::rendered::List;
use super::site::Site;
use super::target::parameter;
use crate::storage;
use crate::telemetry::metrics;

/// What a handler answers with.
type Answer = Result<HttpResponse, Failure>;

/// Rows returned when `no` does not say how many.
const DEFAULT_ROWS: usize = 100;

/// Answers a call that has the right credentials with the outcome of `work`, and notes its
/// `latest`, whatever comes of it. Both are under way together, so that a database which is a
/// network away is asked for both at once.
async fn admit(req: &HttpRequest, site: &Site, work: impl Future<Output = Answer>) -> Answer {
    let auth = site.simulator_auth.as_ref().ok_or(Failure::NotTheSimulator)?;
    if !auth.admits(req) {
        return Err(Failure::NotTheSimulator);
    }
    metrics().last_simulator_call.set(now());
    let note = async {
        match parameter(req, "latest").and_then(|text| text.parse().ok()) {
            Some(latest @ 0..) => note(site, latest).await,
            Some(_) | None => Ok(()),
        }
    };
    let (noted, answer) = join(note, work).await;
    let answer = answer?;
    match noted {
        Ok(()) => Ok(answer),
        // What was to be changed is stored, and only its number is not.
        Err(_) if *req.method() == Method::POST => Err(Failure::Uncertain),
        Err(error) => Err(error.into()),
    }
}

/// A list as JSON: kept, or made now.
async fn kept(
    site: &Site,
    list: List,
    make: impl AsyncFnOnce() -> Result<Vec<u8>, Failure>,
) -> Result<Bytes, Failure> {
    let seen = site.version().await?;
    let look = async || Ok(site.version().await?);
    site.rendered.lists.get(list, seen, look, async || Ok(make().await?.into())).await
}

fn as_json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|error| {
        log::error!("cannot write an answer as JSON: {error}");
        Failure::Internal
    })
}

/// What a call about that user is refused with. Who is unknown is counted under their name, for
/// mostly it is somebody whose registration was lost.
fn refusal(error: storage::Error, name: &str) -> Failure {
    if matches!(error, storage::Error::UnknownUser) {
        metrics().unknown_user_called(name);
    }
    error.into()
}

/// Whoever ends soon leaves nothing noted that the next server would not know.
async fn note(site: &Site, latest: i64) -> Result<(), storage::Error> {
    site.storage.note_latest(latest).await?;
    if site.is_leaving() { site.storage.store_latest().await } else { Ok(()) }
}

/// How many rows `?no=` asks for: a number that is too large to have is as many as there are,
/// one below zero is none, and what is not a number is the default.
fn rows(req: &HttpRequest) -> usize {
    let Some(no) = parameter(req, "no") else { return DEFAULT_ROWS };
    let (negative, digits) = match no.trim().strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, no.trim()),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        DEFAULT_ROWS
    } else if negative {
        0
    } else {
        digits.parse().unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn no_says_how_many_rows() {
        let rows = |query| rows(&TestRequest::with_uri(query).to_http_request());
        assert_eq!(rows("/msgs"), 100);
        assert_eq!(rows("/msgs?no=7"), 7);
        assert_eq!(rows("/msgs?no=0"), 0);
        assert_eq!(rows("/msgs?no=-3"), 0);
        assert_eq!(rows("/msgs?no=many"), 100);
        assert_eq!(rows("/msgs?no="), 100);
        assert_eq!(rows("/msgs?no=-"), 100);
        assert_eq!(rows("/msgs?no=99999999999999999999999"), usize::MAX);
    }
}
