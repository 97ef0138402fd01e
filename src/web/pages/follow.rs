//! `/{username}/follow` and `/{username}/unfollow`.

use actix_web::{HttpRequest, web};

use super::Answer;
use crate::web::site::Site;
use crate::web::target::segment;
use crate::web::views::flash::Flash;
use crate::web::views::user_path::UserPath;
use crate::web::visitor::Visitor;

pub(in crate::web) async fn follow(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let (user, whom) = (visitor.signed_in()?, segment(&req, 0)?);
    site.storage.follow(&user.username, &whom).await?;
    Ok(visitor.redirect_and_tell(&UserPath(&whom).to_string(), Flash::Following(whom)))
}

pub(in crate::web) async fn unfollow(req: HttpRequest, site: web::Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let (user, whom) = (visitor.signed_in()?, segment(&req, 0)?);
    site.storage.unfollow(&user.username, &whom).await?;
    Ok(visitor.redirect_and_tell(&UserPath(&whom).to_string(), Flash::NoLongerFollowing(whom)))
}
