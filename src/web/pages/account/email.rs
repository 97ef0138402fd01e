//! `POST /account/email`: have another address.

use actix_web::{HttpRequest, web};

use super::{Answer, overview};
use crate::domain::Email;
use crate::web::body::Body;
use crate::web::site::Site;
use crate::web::views::account::Mistake;
use crate::web::views::flash::Flash;
use crate::web::visitor::Visitor;

pub(in crate::web) async fn change_email(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let user = visitor.signed_in()?;
    let form = Body::read(&req, payload.into_inner()).await?.form()?;
    let typed = form.field("email");
    let Some(email) = Email::parse(typed) else {
        return Ok(overview::show(&visitor, user, Some(&Mistake::InvalidEmail { typed })));
    };
    site.storage.set_email(user.id, &email).await?;
    Ok(visitor.redirect_and_tell("/account", Flash::EmailChanged))
}
