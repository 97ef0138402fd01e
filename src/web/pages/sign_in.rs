//! `/login`: prove who you are.

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, web};

use super::Answer;
use crate::accounts::{SessionToken, Verdict};
use crate::domain::{Password, SESSION_SECONDS, User};
use crate::storage;
use crate::telemetry::{SignInFailure, metrics};
use crate::web::body::Body;
use crate::web::errors::Failure;
use crate::web::now;
use crate::web::request_log::SignedIn;
use crate::web::site::Site;
use crate::web::views::accounts::{self, SignInError};
use crate::web::visitor::{Visitor, session_token};

pub(in crate::web) async fn sign_in_form(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    if visitor.user().is_some() {
        return Ok(visitor.redirect("/"));
    }
    Ok(visitor.page(StatusCode::OK, accounts::sign_in(&visitor.frame(), "", None)))
}

pub(in crate::web) async fn sign_in(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    if visitor.user().is_some() {
        return Ok(visitor.redirect("/"));
    }
    let form = Body::read(&req, payload.into_inner()).await?.form()?;
    let username = form.field("username");
    match prove(&req, &site, username, Password::new(form.field("password"))).await? {
        Ok(user) => {
            req.extensions_mut().insert(SignedIn(user.id));
            let token = begin_session(&req, &site, &user).await?;
            Ok(visitor.signed_in_with(&token))
        }
        Err(error) => {
            let page = accounts::sign_in(&visitor.frame(), username, Some(error));
            Ok(visitor.page(StatusCode::OK, page))
        }
    }
}

/// The user, if the password is theirs; else what the form says.
async fn prove(
    req: &HttpRequest,
    site: &Site,
    username: &str,
    password: Password,
) -> Result<Result<User, SignInError>, Failure> {
    let found = match site.storage.user_with_password_hash(username).await {
        Ok(found) => Some(found),
        Err(storage::Error::UnknownUser) => None,
        Err(error) => return Err(error.into()),
    };
    // Counted under the stored name: an adopted number has endless spellings.
    let account = found.as_ref().map_or(username, |(user, _)| user.username.as_str());
    let address = site.trusted_proxies.client_address(req);
    let attempt = site.throttle.attempt(address, account, Instant::now()).inspect_err(|_| {
        metrics().sign_in_failed(SignInFailure::Throttled);
    })?;
    let Some((user, hash)) = found else {
        attempt.failed(Instant::now());
        metrics().sign_in_failed(SignInFailure::UnknownUser);
        return Ok(Err(SignInError::InvalidUsername));
    };
    if is_right(site, &user, hash, password).await? {
        attempt.succeeded();
        Ok(Ok(user))
    } else {
        attempt.failed(Instant::now());
        Ok(Err(SignInError::InvalidPassword))
    }
}

/// Whether the password fits the hash; one that fits an outdated hash replaces it.
async fn is_right(
    site: &Site,
    user: &User,
    hash: String,
    password: Password,
) -> Result<bool, Failure> {
    match site.hashing.verify(password, hash.clone()).await? {
        Verdict::Right => Ok(true),
        Verdict::RightOutdated { renewed } => {
            site.storage.replace_password_hash(user.id, &hash, &renewed).await?;
            Ok(true)
        }
        Verdict::Wrong => {
            metrics().sign_in_failed(SignInFailure::WrongPassword);
            Ok(false)
        }
        Verdict::Unusable(reason) => {
            log::warn!("user {} cannot sign in: their password hash is {reason}", user.id);
            metrics().sign_in_failed(SignInFailure::UnusableHash);
            Ok(false)
        }
    }
}

/// Starts a session; one that the browser had is over.
async fn begin_session(
    req: &HttpRequest,
    site: &Site,
    user: &User,
) -> Result<SessionToken, Failure> {
    if let Some(old) = session_token(req) {
        site.storage.end_session(old.key()).await?;
    }
    let (token, now) = (SessionToken::generate().map_err(no_randomness)?, now());
    site.storage.begin_session(user.id, token.key(), now, now + SESSION_SECONDS).await?;
    Ok(token)
}

fn no_randomness(error: impl std::fmt::Display) -> Failure {
    log::error!("the system gives no random bytes: {error}");
    Failure::Internal
}
