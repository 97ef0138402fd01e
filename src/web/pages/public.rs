//! `GET /public`: everybody's messages.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::first_page::{first_page, render};
use super::{Answer, render_list};
use crate::domain::{Cursor, PAGE_SIZE, TimelineOf};
use crate::web::errors::Failure;
use crate::web::rendered::{FirstPage, Whose};
use crate::web::site::Site;
use crate::web::target::before;
use crate::web::views::frame::Frame;
use crate::web::views::timeline;
use crate::web::visitor::Visitor;

pub(in crate::web) async fn public(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let cursor = before(&req)?;
    let visitor = Visitor::of(&req, &site).await?;
    match cursor {
        Some(cursor) => older(&visitor, &site, cursor).await,
        None => newest(&visitor, &site).await,
    }
}

async fn newest(visitor: &Visitor, site: &Site) -> Answer {
    let newest = first_page(site, visitor, Whose::Public, || render_newest(site)).await?;
    if visitor.is_stranger() {
        return Ok(visitor.page_of(StatusCode::OK, newest.plain.clone()));
    }
    Ok(visitor.page(StatusCode::OK, timeline::public(&visitor.frame(), &newest.list)))
}

async fn render_newest(site: &Site) -> Result<Arc<FirstPage>, Failure> {
    let plain = |list: &_| timeline::public(&Frame::STRANGER, list);
    render(site, TimelineOf::Everybody, None, "/public", None, plain).await
}

async fn older(visitor: &Visitor, site: &Site, cursor: Cursor) -> Answer {
    let everybody = TimelineOf::Everybody;
    let messages = site.storage.timeline(everybody, Some(cursor), PAGE_SIZE + 1).await?;
    let list = render_list(site, messages, "/public", Some(cursor), None).await?;
    Ok(visitor.page(StatusCode::OK, timeline::public(&visitor.frame(), &list)))
}
