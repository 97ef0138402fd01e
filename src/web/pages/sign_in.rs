//! `/login`: prove who you are.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, web};

use super::Answer;
use crate::accounts::SessionToken;
use crate::domain::{Password, SESSION_SECONDS, User};
use crate::web::body::Body;
use crate::web::errors::Failure;
use crate::web::now;
use crate::web::proof::prove;
use crate::web::request_log::SignedIn;
use crate::web::site::Site;
use crate::web::views::accounts;
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
        Ok(proven) => {
            req.extensions_mut().insert(SignedIn(proven.user.id));
            let token = begin_session(&req, &site, &proven.user).await?;
            Ok(visitor.signed_in_with(&token))
        }
        Err(error) => {
            let page = accounts::sign_in(&visitor.frame(), username, Some(error));
            Ok(visitor.page(StatusCode::OK, page))
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
