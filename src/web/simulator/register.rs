//! `POST /register` with a JSON body.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{Answer, admit};
use crate::domain::Registration;
use crate::web::body::Body;
use crate::web::errors::{ErrorBody, Failure};
use crate::web::registration::create_account;
use crate::web::site::Site;

/// Who wants to be known as what.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct NewUser {
    /// Neither somebody's already nor one of the server's own paths.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00]*$")]
    username: String,
    #[schema(max_length = 254, pattern = r"^[^\x00]*@[^\x00]*$")]
    email: String,
    #[schema(min_length = 1)]
    pwd: String,
}

/// What the page for signing up sends to the same path.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
struct SignUpForm {
    #[schema(nullable = false)]
    username: Option<String>,
    #[schema(nullable = false)]
    email: Option<String>,
    #[schema(nullable = false)]
    password: Option<String>,
    #[schema(nullable = false)]
    password2: Option<String>,
}

/// Registers a user.
///
/// JSON is the simulator's, and needs its credentials. Anything else is taken for the form, and
/// answered with a page.
#[utoipa::path(
    post, path = "/register", tag = "simulator",
    params(super::openapi::LatestParameter),
    request_body(content(
        (NewUser = "application/json"),
        (SignUpForm = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 204, description = "JSON: registered"),
        (status = 200, description = "Form: not acceptable", content_type = "text/html", body = String),
        (status = 302, description = "Form: registered"),
        (status = 400, description = "Not JSON, a field missing, or not acceptable", body = ErrorBody),
        (status = 403, description = "Wrong credentials", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 503, description = "Busy; try again", body = ErrorBody),
    ),
    security(("simulator" = []), ()),
)]
pub(in crate::web) async fn register(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    admit(&req, &site, async {
        let user: NewUser = Body::read(&req, payload.into_inner()).await?.json()?;
        let refused =
            |error: crate::domain::RegistrationError| Failure::BadRequest(error.to_string().into());
        let registration = Registration::check(&user.username, &user.email, &user.pwd, &user.pwd);
        create_account(&site, registration.map_err(refused)?).await?.map_err(refused)?;
        Ok(HttpResponse::NoContent().finish())
    })
    .await
}
