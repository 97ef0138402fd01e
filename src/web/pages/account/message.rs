//! `/account/messages/{id}`: take back what one said.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::Answer;
use crate::domain::{MessageId, Search, StoredMessage, UserId};
use crate::web::errors::Failure;
use crate::web::site::Site;
use crate::web::target::segment;
use crate::web::views::account;
use crate::web::views::flash::Flash;
use crate::web::visitor::Visitor;

/// Asks first: there are many of these buttons, and no way back.
pub(in crate::web) async fn delete_message_form(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let (user, id) = (visitor.signed_in()?, message_id(&req)?);
    let message = message_of(&site, user.id, id).await?;
    let page = account::delete_message(&visitor.frame(), &message);
    Ok(visitor.page(StatusCode::OK, page))
}

pub(in crate::web) async fn delete_message(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let (user, id) = (visitor.signed_in()?, message_id(&req)?);
    if !site.storage.delete_message(user.id, id).await? {
        return Err(Failure::NotFound);
    }
    Ok(visitor.redirect_and_tell("/", Flash::MessageDeleted))
}

fn message_id(req: &HttpRequest) -> Result<MessageId, Failure> {
    segment(req, 2)?.parse().map_err(|_| Failure::NotFound)
}

/// The message of that id, if it is that author's.
async fn message_of(site: &Site, author: UserId, id: MessageId) -> Result<StoredMessage, Failure> {
    let theirs = Search { author: Some(author), ..Search::default() };
    let up_to_it = id.checked_add(1);
    let found = site.storage.search(&theirs, up_to_it, 1).await?;
    found.messages.into_iter().find(|message| message.id == id).ok_or(Failure::NotFound)
}
