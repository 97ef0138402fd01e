//! `/fllws/{username}`: whom a user follows.

use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Answer, admit, as_json, kept, refusal, rows};
use crate::storage::Error;
use crate::web::body::Body;
use crate::web::errors::{ErrorBody, Failure};
use crate::web::rendered::List;
use crate::web::site::Site;
use crate::web::target::segment;

/// Whom a user follows.
#[derive(Serialize, ToSchema)]
pub(super) struct Follows {
    /// Usernames.
    follows: Vec<String>,
}

/// One of the two; `follow` counts if both are given.
#[derive(Deserialize)]
pub(super) struct FollowChange {
    /// Whom to follow from now on.
    follow: Option<String>,
    /// Whom to follow no longer.
    unfollow: Option<String>,
}

impl PartialSchema for FollowChange {
    fn schema() -> RefOr<Schema> {
        let naming = |this, other| {
            ObjectBuilder::new()
                .property(this, String::schema())
                .required(this)
                .property(other, Option::<String>::schema())
        };
        AnyOfBuilder::new()
            .description(Some("One of the two; `follow` counts if both are given."))
            .item(naming("follow", "unfollow"))
            .item(naming("unfollow", "follow"))
            .into()
    }
}

impl ToSchema for FollowChange {}

/// Whom a user follows.
#[utoipa::path(
    get, path = "/fllws/{username}", tag = "simulator",
    params(
        super::openapi::UsernameParameter,
        super::openapi::LatestParameter,
        super::openapi::NoParameter,
    ),
    responses(
        (status = 200, description = "Names of the followed", body = Follows),
        (status = 403, description = "Wrong credentials", body = ErrorBody),
        (status = 404, description = "No such user", body = ErrorBody),
    ),
    security(("simulator" = [])),
)]
pub(in crate::web) async fn follows(req: HttpRequest, site: web::Data<Site>) -> Answer {
    admit(&req, &site, async {
        let (who, rows) = (segment(&req, 1)?, rows(&req));
        let list = List::Follows(who.clone(), rows);
        let text = kept(&site, list, async || {
            let follows = site.storage.followed_by(&who, rows).await;
            as_json(&Follows { follows: follows.map_err(|error| refusal(error, &who))? })
        });
        Ok(HttpResponse::Ok().content_type(ContentType::json()).body(text.await?))
    })
    .await
}

/// Makes a user follow another, or no longer.
#[utoipa::path(
    post, path = "/fllws/{username}", tag = "simulator",
    params(super::openapi::UsernameParameter, super::openapi::LatestParameter),
    request_body = FollowChange,
    responses(
        (status = 204, description = "It is so, and may have been so before"),
        (status = 400, description = "Not JSON, or neither field is there", body = ErrorBody),
        (status = 403, description = "Wrong credentials", body = ErrorBody),
        (status = 404, description = "No such user, or nobody of that name to follow", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 503, description = "Busy; try again", body = ErrorBody),
    ),
    security(("simulator" = [])),
)]
pub(in crate::web) async fn change_follow(
    req: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> Answer {
    admit(&req, &site, async {
        let who = segment(&req, 1)?;
        let change: FollowChange = Body::read(&req, payload.into_inner()).await?.json()?;
        let (changed, whom) = match change {
            FollowChange { follow: Some(whom), .. } => {
                (site.storage.follow(&who, &whom).await, whom)
            }
            FollowChange { unfollow: Some(whom), .. } => {
                (site.storage.unfollow(&who, &whom).await, whom)
            }
            FollowChange { .. } => {
                return Err(Failure::BadRequest(
                    "The body needs a field follow or unfollow.".into(),
                ));
            }
        };
        match changed {
            Ok(()) => Ok(HttpResponse::NoContent().finish()),
            Err(error) => Err(refusal_of_either(&site, error, &who, &whom).await),
        }
    })
    .await
}

/// As [`refusal`], when either of two users may be the unknown one.
async fn refusal_of_either(site: &Site, error: Error, who: &str, whom: &str) -> Failure {
    let is_who = matches!(error, Error::UnknownUser)
        && matches!(site.storage.user(who).await, Err(Error::UnknownUser));
    refusal(error, if is_who { who } else { whom })
}
