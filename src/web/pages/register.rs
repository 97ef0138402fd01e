//! `/register`: become somebody.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::Answer;
use crate::domain::Registration;
use crate::web::body::Body;
use crate::web::registration::create_account;
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
