//! `/account/delete`: leave.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::Answer;
use crate::domain::{LeftBehind, Password, UserId};
use crate::storage::delete_gently;
use crate::web::body::Body;
use crate::web::errors::Failure;
use crate::web::proof::prove;
use crate::web::site::Site;
use crate::web::views::account;
use crate::web::views::flash::Flash;
use crate::web::visitor::Visitor;

pub(in crate::web) async fn delete_form(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let user = visitor.signed_in()?;
    let page = account::delete(&visitor.frame(), &user.username, LeftBehind::Nothing, false);
    Ok(visitor.page(StatusCode::OK, page))
}

pub(in crate::web) async fn delete(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let user = visitor.signed_in()?;
    let form = Body::read(&req, payload.into_inner()).await?.form()?;
    let left_behind = match form.field("messages") {
        "keep" => LeftBehind::Messages,
        _ => LeftBehind::Nothing,
    };
    let password = Password::new(form.field("password"));
    let Ok(proven) = prove(&req, &site, &user.username, password).await? else {
        let page = account::delete(&visitor.frame(), &user.username, left_behind, true);
        return Ok(visitor.page(StatusCode::OK, page));
    };
    leave(&site, proven.user.id, left_behind).await?;
    Ok(visitor.signed_out(Flash::AccountDeleted))
}

/// Deletes the account, also when the browser does not wait for it.
async fn leave(
    site: &web::Data<Site>,
    user: UserId,
    left_behind: LeftBehind,
) -> Result<(), Failure> {
    let site = web::Data::clone(site);
    let left =
        actix_web::rt::spawn(async move { delete_gently(&*site.storage, user, left_behind).await });
    left.await.map_err(|error| {
        log::error!("deleting an account broke off: {error}");
        Failure::Internal
    })??;
    Ok(())
}
