//! `GET /account`: all there is to decide.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::Answer;
use crate::domain::User;
use crate::web::site::Site;
use crate::web::views::account::{self, Mistake};
use crate::web::visitor::Visitor;

pub(in crate::web) async fn overview(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let user = visitor.signed_in()?;
    Ok(show(&visitor, user, None))
}

/// The page, with what was wrong with one of its forms.
pub(super) fn show(visitor: &Visitor, user: &User, mistake: Option<&Mistake<'_>>) -> HttpResponse {
    visitor.page(StatusCode::OK, account::overview(&visitor.frame(), user, mistake))
}
