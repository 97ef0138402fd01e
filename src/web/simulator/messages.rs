//! `/msgs` and `/msgs/{username}`: read and post messages.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::listing::{ShownMessage, answer};
use super::{Answer, admit, refusal, rows};
use crate::domain::MessageText;
use crate::web::body::Body;
use crate::web::errors::{ErrorBody, Failure};
use crate::web::now;
use crate::web::site::Site;
use crate::web::target::segment;

/// A message as the simulator posts it.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct NewMessage {
    #[schema(pattern = r"^[^\x00]*$", max_length = 5_000)]
    content: String,
}

/// The newest messages of everybody.
#[utoipa::path(
    get, path = "/msgs", tag = "simulator",
    params(super::openapi::LatestParameter, super::openapi::NoParameter),
    responses(
        (status = 200, description = "Newest first", body = Vec<ShownMessage>),
        (status = 403, description = "Wrong credentials", body = ErrorBody),
    ),
    security(("simulator" = [])),
)]
pub(in crate::web) async fn messages(req: HttpRequest, site: web::Data<Site>) -> Answer {
    admit(&req, &site, answer(site.clone(), None, rows(&req))).await
}

/// The newest messages of one user.
#[utoipa::path(
    get, path = "/msgs/{username}", tag = "simulator",
    params(
        super::openapi::UsernameParameter,
        super::openapi::LatestParameter,
        super::openapi::NoParameter,
    ),
    responses(
        (status = 200, description = "Newest first", body = Vec<ShownMessage>),
        (status = 403, description = "Wrong credentials", body = ErrorBody),
        (status = 404, description = "No such user", body = ErrorBody),
    ),
    security(("simulator" = [])),
)]
pub(in crate::web) async fn messages_of(req: HttpRequest, site: web::Data<Site>) -> Answer {
    admit(&req, &site, async { answer(site.clone(), Some(segment(&req, 1)?), rows(&req)).await })
        .await
}

/// Posts a message as a user.
#[utoipa::path(
    post, path = "/msgs/{username}", tag = "simulator",
    params(super::openapi::UsernameParameter, super::openapi::LatestParameter),
    request_body = NewMessage,
    responses(
        (status = 204, description = "Stored"),
        (status = 400, description = "Not JSON, a field missing, or not acceptable", body = ErrorBody),
        (status = 403, description = "Wrong credentials", body = ErrorBody),
        (status = 404, description = "No such user", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 503, description = "Busy; try again", body = ErrorBody),
    ),
    security(("simulator" = [])),
)]
pub(in crate::web) async fn post_message(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    admit(&req, &site, async {
        let author = segment(&req, 1)?;
        let message: NewMessage = Body::read(&req, payload.into_inner()).await?.json()?;
        let text = MessageText::parse(&message.content)
            .map_err(|error| Failure::BadRequest(error.to_string().into()))?;
        let recorded = site.storage.record_message(&author, text, now()).await;
        recorded.map_err(|error| refusal(error, &author))?;
        Ok(HttpResponse::NoContent().finish())
    })
    .await
}
