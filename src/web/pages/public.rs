//! `GET /public`: everybody's messages.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::{Answer, render_list};
use crate::domain::{Cursor, PAGE_SIZE, TimelineOf};
use crate::web::site::Site;
use crate::web::target::before;
use crate::web::views::timeline;
use crate::web::visitor::{Visitor, page_response};

pub(in crate::web) async fn public(req: HttpRequest, site: web::Data<Site>) -> Answer {
    match before(&req)? {
        Some(cursor) => older(&req, &site, cursor).await,
        None => newest(&req, &site).await,
    }
}

async fn newest(req: &HttpRequest, site: &Site) -> Answer {
    let rendered = site.public_timeline.current(site).await?;
    if Visitor::is_stranger(req) {
        return Ok(page_response(StatusCode::OK, false).body(rendered.for_strangers.clone()));
    }
    let visitor = Visitor::of(req, site).await?;
    Ok(visitor.page(StatusCode::OK, timeline::public(&visitor.frame(), &rendered.list)))
}

async fn older(req: &HttpRequest, site: &Site, cursor: Cursor) -> Answer {
    let visitor = Visitor::of(req, site).await?;
    let everybody = TimelineOf::Everybody;
    let messages = site.storage.timeline(everybody, Some(cursor), PAGE_SIZE + 1).await?;
    let list = render_list(site, messages, "/public", Some(cursor)).await?;
    Ok(visitor.page(StatusCode::OK, timeline::public(&visitor.frame(), &list)))
}
