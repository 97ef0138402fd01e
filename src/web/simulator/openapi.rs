//! `/openapi.json`: the API described for machines, made from the handlers themselves.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi};

use super::Answer;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub(super) struct LatestParameter {
    /// The simulator's running number; kept for `GET /latest`.
    latest: Option<i64>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub(super) struct NoParameter {
    /// At most so many rows; 100 if absent or not a number.
    no: Option<i64>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only its description is used")]
pub(super) struct UsernameParameter {
    /// Percent-encoded.
    #[param(min_length = 1)]
    username: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "MiniTwit simulator API",
        description = "What the simulator calls. Every call but `GET /latest` needs credentials.",
    ),
    paths(
        super::latest::latest,
        super::register::register,
        super::messages::messages,
        super::messages::messages_of,
        super::messages::post_message,
        super::follows::follows,
        super::follows::change_follow,
    ),
    modifiers(&Credentials),
)]
struct Description;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let basic = HttpBuilder::new().scheme(HttpAuthScheme::Basic).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("simulator", SecurityScheme::Http(basic));
    }
}

/// The description as JSON.
pub(in crate::web) async fn openapi() -> Answer {
    static DESCRIPTION: OnceLock<Option<String>> = OnceLock::new();
    let json = DESCRIPTION.get_or_init(|| Description::openapi().to_json().ok());
    let json = json.as_deref().ok_or(crate::web::errors::Failure::Internal)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json))
}
