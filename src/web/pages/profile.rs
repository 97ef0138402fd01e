//! `GET /{username}`: one person's messages.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use maud::Markup;

use super::first_page::{first_page, render};
use super::{Answer, render_list};
use crate::domain::{Cursor, PAGE_SIZE, TimelineOf, User};
use crate::storage;
use crate::web::errors::Failure;
use crate::web::rendered::{FirstPage, Whose};
use crate::web::site::Site;
use crate::web::target::{before, segment};
use crate::web::views::frame::Frame;
use crate::web::views::timeline::{self, Relation};
use crate::web::views::user_path::UserPath;
use crate::web::visitor::Visitor;

pub(in crate::web) async fn profile(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let asked = segment(&req, 0)?;
    let cursor = before(&req)?;
    let visitor = Visitor::of(&req, &site).await?;
    match (visitor.user(), cursor) {
        (Some(user), _) if user.username == asked => own(&visitor, user, &site, cursor).await,
        (_, Some(cursor)) => older(&visitor, &site, &asked, cursor).await,
        (_, None) => newest(&visitor, &site, &asked).await,
    }
}

/// Where one finds what one wrote, and can delete it.
async fn own(visitor: &Visitor, user: &User, site: &Site, cursor: Option<Cursor>) -> Answer {
    let list = list(site, user, cursor, Some(&user.username)).await?;
    let page = timeline::profile(&visitor.frame(), &user.username, Some(Relation::Yourself), &list);
    Ok(visitor.page(StatusCode::OK, page))
}

async fn newest(visitor: &Visitor, site: &Site, asked: &str) -> Answer {
    let whose = Whose::Author(asked.to_owned());
    let newest = first_page(site, visitor, whose, || render_newest(site, asked)).await?;
    match &newest.author {
        Some(person) if !visitor.is_stranger() => show(visitor, site, person, &newest.list).await,
        _ => Ok(visitor.page_of(StatusCode::OK, newest.plain.clone())),
    }
}

async fn render_newest(site: &Site, asked: &str) -> Result<Arc<FirstPage>, Failure> {
    let person = site.storage.user(asked).await?;
    let username = person.username.clone();
    let path = UserPath(&username).to_string();
    let plain = |list: &_| timeline::profile(&Frame::STRANGER, &username, None, list);
    render(site, TimelineOf::Author(&username), Some(person), &path, None, plain).await
}

async fn older(visitor: &Visitor, site: &Site, asked: &str, cursor: Cursor) -> Answer {
    let person = site.storage.user(asked).await?;
    let list = list(site, &person, Some(cursor), None).await?;
    show(visitor, site, &person, &list).await
}

async fn list(
    site: &Site,
    person: &User,
    cursor: Option<Cursor>,
    reader: Option<&str>,
) -> Result<Markup, Failure> {
    let author = TimelineOf::Author(&person.username);
    let messages = site.storage.timeline(author, cursor, PAGE_SIZE + 1).await?;
    let path = UserPath(&person.username).to_string();
    render_list(site, messages, &path, cursor, reader).await
}

async fn show(visitor: &Visitor, site: &Site, person: &User, list: &Markup) -> Answer {
    let relation = match visitor.user() {
        Some(user) => Some(relation(site, user, person).await?),
        None => None,
    };
    let page = timeline::profile(&visitor.frame(), &person.username, relation, list);
    Ok(visitor.page(StatusCode::OK, page))
}

async fn relation(site: &Site, user: &User, person: &User) -> storage::Result<Relation> {
    Ok(if user.id == person.id {
        Relation::Yourself
    } else if site.storage.is_following(user.id, &person.username).await? {
        Relation::Following
    } else {
        Relation::NotFollowing
    })
}
