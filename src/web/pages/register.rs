//! `/register`: become somebody. Forms come here, JSON goes to the simulator API.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::Answer;
use crate::domain::{NewAccount, Registration, RegistrationError};
use crate::storage;
use crate::web::body::{Body, is_json};
use crate::web::errors::Failure;
use crate::web::simulator;
use crate::web::site::Site;
use crate::web::views::accounts::sign_up;
use crate::web::views::flash::Flash;
use crate::web::visitor::Visitor;

pub(in crate::web) async fn sign_up_form(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    if visitor.user().is_some() {
        return Ok(visitor.redirect("/"));
    }
    Ok(visitor.page(StatusCode::OK, sign_up(&visitor.frame(), "", "", None)))
}

pub(in crate::web) async fn register(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    if is_json(&req) {
        return simulator::register(req, payload, site).await;
    }
    let visitor = Visitor::of(&req, &site).await?;
    if visitor.user().is_some() {
        return Ok(visitor.redirect("/"));
    }
    let form = Body::read(&req, payload.into_inner()).await?.form()?;
    let (username, email) = (form.field("username"), form.field("email"));
    let checked =
        Registration::check(username, email, form.field("password"), form.field("password2"));
    let outcome = match checked {
        Ok(registration) => create_account(&site, registration).await?,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(visitor.redirect_and_tell("/login", Flash::Registered)),
        Err(error) => {
            let page = sign_up(&visitor.frame(), username, email, Some(error));
            Ok(visitor.page(StatusCode::OK, page))
        }
    }
}

/// Creates an account, unless the name is taken. Goes on when the client has given up: a
/// simulator that waits 0.3 s for a hash would otherwise lose the user for ever.
pub(in crate::web) async fn create_account(
    site: &web::Data<Site>,
    registration: Registration,
) -> Result<Result<(), RegistrationError>, Failure> {
    let site = web::Data::clone(site);
    let created = actix_web::rt::spawn(async move { store_account(&site, registration).await });
    created.await.map_err(|error| {
        log::error!("a registration broke off: {error}");
        Failure::Internal
    })?
}

/// Looks before hashing: a hash is dear.
async fn store_account(
    site: &Site,
    Registration { username, email, password }: Registration,
) -> Result<Result<(), RegistrationError>, Failure> {
    match site.storage.user(username.as_str()).await {
        Ok(_) => return Ok(Err(RegistrationError::UsernameTaken)),
        Err(storage::Error::UnknownUser) => {}
        Err(error) => return Err(error.into()),
    }
    let pw_hash = site.hashing.hash(password).await?;
    match site.storage.register(NewAccount { username, email, pw_hash }).await {
        Ok(_) => Ok(Ok(())),
        Err(storage::Error::UsernameTaken) => Ok(Err(RegistrationError::UsernameTaken)),
        Err(error) => Err(error.into()),
    }
}
