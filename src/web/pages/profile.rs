//! `GET /{username}`: one person's messages.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::{Answer, render_list};
use crate::domain::{PAGE_SIZE, TimelineOf, User};
use crate::storage;
use crate::web::site::Site;
use crate::web::target::{before, segment};
use crate::web::views::timeline::{self, Relation};
use crate::web::views::user_path::UserPath;
use crate::web::visitor::Visitor;

pub(in crate::web) async fn profile(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let asked = segment(&req, 0)?;
    let cursor = before(&req)?;
    let visitor = Visitor::of(&req, &site).await?;
    let person = site.storage.user(&asked).await?;
    let author = TimelineOf::Author(&person.username);
    let messages = site.storage.timeline(author, cursor, PAGE_SIZE + 1).await?;
    let relation = match visitor.user() {
        Some(user) => Some(relation(&site, user, &person).await?),
        None => None,
    };
    let path = UserPath(&person.username).to_string();
    let list = render_list(&site, messages, &path, cursor).await?;
    let page = timeline::profile(&visitor.frame(), &person.username, relation, &list);
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
