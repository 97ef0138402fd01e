//! `/logout`: end the session, for every copy of its cookie.

use actix_web::{HttpRequest, web};

use super::Answer;
use crate::web::site::Site;
use crate::web::views::flash::Flash;
use crate::web::visitor::{Visitor, session_token};

pub(in crate::web) async fn sign_out(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    if let Some(token) = session_token(&req) {
        site.storage.end_session(token.key()).await?;
    }
    Ok(visitor.signed_out(Flash::SignedOut))
}
