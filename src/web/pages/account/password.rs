//! `POST /account/password`: have another password. Every other browser is signed out.

use actix_web::{HttpRequest, web};

use super::{Answer, overview};
use crate::domain::Password;
use crate::web::body::Body;
use crate::web::errors::Failure;
use crate::web::proof::prove;
use crate::web::site::Site;
use crate::web::views::account::Mistake;
use crate::web::views::flash::Flash;
use crate::web::visitor::{Visitor, session_token};

pub(in crate::web) async fn change_password(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let user = visitor.signed_in()?;
    let form = Body::read(&req, payload.into_inner()).await?.form()?;
    let (current, new) = (form.field("current"), form.field("password"));
    let outcome = match check(new, form.field("password2")) {
        Some(mistake) => Err(mistake),
        None => change(&req, &site, &user.username, current, new).await?,
    };
    Ok(match outcome {
        Ok(()) => visitor.redirect_and_tell("/account", Flash::PasswordChanged),
        Err(mistake) => overview::show(&visitor, user, Some(&mistake)),
    })
}

fn check(new: &str, repeated: &str) -> Option<Mistake<'static>> {
    if new.is_empty() {
        Some(Mistake::NoPassword)
    } else if new != repeated {
        Some(Mistake::PasswordsDiffer)
    } else {
        None
    }
}

async fn change(
    req: &HttpRequest,
    site: &Site,
    username: &str,
    current: &str,
    new: &str,
) -> Result<Result<(), Mistake<'static>>, Failure> {
    let Ok(proven) = prove(req, site, username, Password::new(current)).await? else {
        return Ok(Err(Mistake::InvalidPassword));
    };
    let pw_hash = site.hashing.hash(Password::new(new)).await?;
    let here = session_token(req).map(|token| token.key());
    let was = Some(proven.pw_hash.as_str());
    let changed = site.storage.set_password(proven.user.id, was, &pw_hash, here).await?;
    // Somebody else may have changed it a moment ago.
    Ok(if changed { Ok(()) } else { Err(Mistake::InvalidPassword) })
}
