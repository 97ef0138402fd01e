//! `POST /register` with a JSON body.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{Answer, admit};
use crate::domain::Registration;
use crate::web::body::Body;
use crate::web::errors::{ErrorBody, Failure};
use crate::web::pages::create_account;
use crate::web::site::Site;

/// Who wants to be known as what.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct NewUser {
    username: String,
    email: String,
    pwd: String,
}

/// Registers a user.
#[utoipa::path(
    post, path = "/register", tag = "simulator",
    params(super::openapi::LatestParameter),
    request_body = NewUser,
    responses(
        (status = 204, description = "Registered"),
        (status = 400, description = "Not JSON, a field missing, or not acceptable", body = ErrorBody),
        (status = 403, description = "Wrong credentials", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 503, description = "Busy, nothing was stored; try again", body = ErrorBody),
    ),
    security(("simulator" = [])),
)]
pub(in crate::web) async fn register(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    admit(&req, &site).await?;
    let user: NewUser = Body::read(&req, payload.into_inner()).await?.json()?;
    let refused =
        |error: crate::domain::RegistrationError| Failure::BadRequest(error.to_string().into());
    let registration = Registration::check(&user.username, &user.email, &user.pwd, &user.pwd);
    create_account(&site, registration.map_err(refused)?).await?.map_err(refused)?;
    Ok(HttpResponse::NoContent().finish())
}
