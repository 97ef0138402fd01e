//! Proving who one is with a password, when signing in and for what matters later.

use std::time::Instant;

use actix_web::HttpRequest;

use super::errors::Failure;
use super::site::Site;
use super::views::accounts::SignInError;
use crate::accounts::Verdict;
use crate::domain::{Password, User};
use crate::storage;
use crate::telemetry::{SignInFailure, metrics};

/// Somebody whose password was right.
pub(super) struct Proven {
    /// Who.
    pub(super) user: User,
    /// The hash of that password, as it is stored now.
    pub(super) pw_hash: String,
}

/// The user, if the password is theirs; else what a form says. Who guesses is slowed down.
pub(super) async fn prove(
    req: &HttpRequest,
    site: &Site,
    username: &str,
    password: Password,
) -> Result<Result<Proven, SignInError>, Failure> {
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
    match fitting_hash(site, &user, hash, password).await? {
        Some(pw_hash) => {
            attempt.succeeded();
            Ok(Ok(Proven { user, pw_hash }))
        }
        None => {
            attempt.failed(Instant::now());
            Ok(Err(SignInError::InvalidPassword))
        }
    }
}

/// The hash, if the password fits it; one that fits an outdated hash replaces it.
async fn fitting_hash(
    site: &Site,
    user: &User,
    hash: String,
    password: Password,
) -> Result<Option<String>, Failure> {
    match site.hashing.verify(password, hash.clone()).await? {
        Verdict::Right => Ok(Some(hash)),
        Verdict::RightOutdated { renewed } => {
            site.storage.replace_password_hash(user.id, &hash, &renewed).await?;
            Ok(Some(renewed))
        }
        Verdict::Wrong => {
            metrics().sign_in_failed(SignInFailure::WrongPassword);
            Ok(None)
        }
        Verdict::Unusable(reason) => {
            log::warn!("user {} cannot sign in: their password hash is {reason}", user.id);
            metrics().sign_in_failed(SignInFailure::UnusableHash);
            Ok(None)
        }
    }
}
