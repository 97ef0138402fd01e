//! `GET /`: what a signed-in person came for.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{Answer, render_list};
use crate::domain::{Cursor, PAGE_SIZE, TimelineOf, User};
use crate::web::errors::Failure;
use crate::web::site::Site;
use crate::web::target::before;
use crate::web::views::timeline::{self, Draft};
use crate::web::visitor::Visitor;

pub(in crate::web) async fn home(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let cursor = before(&req)?;
    let visitor = Visitor::of(&req, &site).await?;
    match visitor.user() {
        Some(user) => timeline_of(&visitor, user, &site, cursor, None).await,
        None => Ok(visitor.redirect("/public")),
    }
}

/// The own timeline, with what was typed but could not be posted.
pub(super) async fn timeline_of(
    visitor: &Visitor,
    user: &User,
    site: &Site,
    before: Option<Cursor>,
    draft: Option<Draft<'_>>,
) -> Result<HttpResponse, Failure> {
    let reader = TimelineOf::Reader(user.id);
    let messages = site.storage.timeline(reader, before, PAGE_SIZE + 1).await?;
    let list = render_list(site, messages, "/", before).await?;
    let page = timeline::home(&visitor.frame(), &user.username, draft, &list);
    Ok(visitor.page(StatusCode::OK, page))
}
