//! `/openapi.json`: the API described for machines, made from the handlers themselves.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, Required};
use utoipa::{IntoParams, Modify, OpenApi, PartialSchema, ToSchema};

use super::Answer;

/// What is meant to be a number, but never refused.
struct NumberOrAnything;

impl PartialSchema for NumberOrAnything {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let anything = ObjectBuilder::new().schema_type(Type::String);
        AnyOfBuilder::new().item(number).item(anything).into()
    }
}

impl ToSchema for NumberOrAnything {}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub(super) struct LatestParameter {
    /// The simulator's running number; kept for `GET /latest` if it is an integer of 64 bits, 0 or
    /// more, and ignored if it is anything else.
    #[param(required = false, inline)]
    latest: NumberOrAnything,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub(super) struct NoParameter {
    /// At most so many rows; 100 if absent or not an integer, none if it is below 0.
    #[param(required = false, inline)]
    no: NumberOrAnything,
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
        sign_up_page,
        super::messages::messages,
        super::messages::messages_of,
        super::messages::post_message,
        super::follows::follows,
        super::follows::change_follow,
    ),
    modifiers(&Credentials, &FormWithoutFields),
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

/// The form that `POST /register` takes too.
#[utoipa::path(
    get, path = "/register", tag = "pages",
    responses(
        (status = 200, description = "The form", content_type = "text/html", body = String),
        (status = 302, description = "Signed in already"),
    ),
)]
#[expect(dead_code, reason = "only its description is used")]
fn sign_up_page() {}

/// A form in which there is nothing is sent without a body.
struct FormWithoutFields;

impl Modify for FormWithoutFields {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let register = openapi.paths.paths.get_mut("/register");
        let post = register.and_then(|path| path.post.as_mut());
        if let Some(RefOr::T(body)) = post.and_then(|post| post.request_body.as_mut()) {
            body.required = Some(Required::False);
        }
    }
}

/// The description as JSON.
pub(in crate::web) async fn openapi() -> Answer {
    static DESCRIPTION: OnceLock<Option<String>> = OnceLock::new();
    let json = DESCRIPTION.get_or_init(|| Description::openapi().to_json().ok());
    let json = json.as_deref().ok_or(crate::web::errors::Failure::Internal)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json))
}
