//! `GET /`: what a signed-in person came for.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::first_page::{first_page, render};
use super::{Answer, render_list};
use crate::domain::{Cursor, PAGE_SIZE, TimelineOf, User};
use crate::web::errors::Failure;
use crate::web::rendered::{FirstPage, Whose};
use crate::web::site::Site;
use crate::web::target::before;
use crate::web::views::frame::Frame;
use crate::web::views::timeline::{self, Draft};
use crate::web::visitor::Visitor;

pub(in crate::web) async fn home(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let cursor = before(&req)?;
    let visitor = Visitor::of(&req, &site).await?;
    match (visitor.user(), cursor) {
        (Some(user), Some(cursor)) => older(&visitor, user, &site, cursor).await,
        (Some(user), None) => newest(&visitor, user, &site, None).await,
        (None, _) => Ok(visitor.redirect("/public")),
    }
}

/// The own timeline, with what was typed but could not be posted.
pub(super) async fn newest(
    visitor: &Visitor,
    user: &User,
    site: &Site,
    draft: Option<Draft<'_>>,
) -> Answer {
    let whose = Whose::Reader(user.id);
    let newest = first_page(site, visitor, whose, || render_newest(site, user)).await?;
    if draft.is_none() && visitor.has_no_flashes() {
        return Ok(visitor.page_of(StatusCode::OK, newest.plain.clone()));
    }
    let page = timeline::home(&visitor.frame(), &user.username, draft, &newest.list);
    Ok(visitor.page(StatusCode::OK, page))
}

async fn render_newest(site: &Site, user: &User) -> Result<Arc<FirstPage>, Failure> {
    let frame = Frame { signed_in: Some(&user.username), flashes: &[] };
    let plain = |list: &_| timeline::home(&frame, &user.username, None, list);
    render(site, TimelineOf::Reader(user.id), None, "/", Some(&user.username), plain).await
}

async fn older(visitor: &Visitor, user: &User, site: &Site, cursor: Cursor) -> Answer {
    let reader = TimelineOf::Reader(user.id);
    let messages = site.storage.timeline(reader, Some(cursor), PAGE_SIZE + 1).await?;
    let list = render_list(site, messages, "/", Some(cursor), Some(&user.username)).await?;
    let page = timeline::home(&visitor.frame(), &user.username, None, &list);
    Ok(visitor.page(StatusCode::OK, page))
}
