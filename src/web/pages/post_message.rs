//! `POST /add_message`: say something.

use actix_web::{HttpRequest, web};

use super::{Answer, home};
use crate::domain::MessageText;
use crate::web::body::Body;
use crate::web::now;
use crate::web::site::Site;
use crate::web::views::flash::Flash;
use crate::web::views::timeline::Draft;
use crate::web::visitor::Visitor;

pub(in crate::web) async fn post_message(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let user = visitor.signed_in()?;
    let form = Body::read(&req, payload.into_inner()).await?.form()?;
    // Browsers end the lines of a text area with CR LF.
    let typed = form.field("text").replace("\r\n", "\n");
    if typed.is_empty() {
        return Ok(visitor.redirect("/"));
    }
    match MessageText::parse(&typed) {
        Ok(text) => {
            site.storage.record_message(&user.username, text, now()).await?;
            Ok(visitor.redirect_and_tell("/", Flash::Recorded))
        }
        Err(error) => {
            let draft = Draft { text: &typed, error };
            home::newest(&visitor, user, &site, Some(draft)).await
        }
    }
}
