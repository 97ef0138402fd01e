//! `/account/delete`: leave.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::Answer;
use crate::domain::{LeftBehind, Password};
use crate::web::body::Body;
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
    site.storage.delete_user(proven.user.id, left_behind).await?;
    Ok(visitor.signed_out(Flash::AccountDeleted))
}
