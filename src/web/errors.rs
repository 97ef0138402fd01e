//! The one table that turns what went wrong into a status and a text, and shows it as the
//! client expects: a page to people, JSON to the simulator. Details go to the log.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::rt::time::timeout;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::Serialize;

use super::site::Site;
use super::visitor::Visitor;
use super::{probes, views};
use crate::accounts::{Busy, Throttled};
use crate::storage;

/// How long an error page waits for the database to say who it is for: it may be about the
/// database, and after the time that took, is to be there within a second.
const RECOGNITION: Duration = Duration::from_millis(200);

/// Why a request is not answered as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// What was sent makes no sense, and why.
    BadRequest(Cow<'static, str>),
    /// Only for people who are signed in.
    NotSignedIn,
    /// Only for the simulator.
    NotTheSimulator,
    /// Another site's page tried to change something here.
    CrossSite,
    /// No such page or user.
    NotFound,
    /// Not with that method.
    MethodNotAllowed,
    /// The request did not arrive in time.
    Timeout,
    /// The body is beyond the limit.
    TooLarge,
    /// Too many wrong passwords; how long to wait.
    TooManyAttempts(Duration),
    /// Nothing was stored, and it is worth trying again after that time.
    Unavailable(Duration),
    /// The database did not say whether it stored the change.
    Uncertain,
    /// A fault of ours.
    Internal,
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::NotTheSimulator | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyAttempts(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) | Self::Uncertain => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::BadRequest(reason) => return reason.clone(),
            Self::NotSignedIn => "You have to sign in first.",
            Self::NotTheSimulator => "You are not authorized to use this resource!",
            Self::CrossSite => "This request came from another site's page and was refused.",
            Self::NotFound => "There is no such page or user.",
            Self::MethodNotAllowed => "This address cannot be used that way.",
            Self::Timeout => "The request took too long to arrive.",
            Self::TooLarge => "The request is too large.",
            Self::TooManyAttempts(_) => "Too many wrong passwords. Wait a little and try again.",
            Self::Unavailable(_) => {
                "MiniTwit cannot do this right now, nothing was stored. Try again in a moment."
            }
            Self::Uncertain => {
                "MiniTwit does not know yet whether this was stored. Look before you try again."
            }
            Self::Internal => "Something went wrong here, nothing was stored.",
        })
    }

    /// What a page says where the status alone does not tell enough.
    fn particulars(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::BadRequest(_) | Self::Uncertain => Some(self.message()),
            _ => None,
        }
    }

    /// Seconds after which trying again makes sense.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyAttempts(wait) | Self::Unavailable(wait) => Some(wait.as_secs().max(1)),
            Self::Uncertain => Some(1),
            _ => None,
        }
    }

    /// What a status without a failure of ours means: the router's own answers.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            status if status.is_client_error() => Self::BadRequest(
                "MiniTwit could not make sense of the request, so nothing was changed.".into(),
            ),
            _ => Self::Internal,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Failure {}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Only the status; [`present`] adds what the client gets to see.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status());
        response.extensions_mut().insert(self.clone());
        response
    }
}

impl From<storage::Error> for Failure {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::UnknownUser => Self::NotFound,
            storage::Error::UsernameTaken => {
                Self::BadRequest("The username is already taken".into())
            }
            storage::Error::Unavailable(reason) => {
                log::debug!("unavailable: {reason}");
                Self::Unavailable(Duration::from_secs(1))
            }
            storage::Error::Uncertain(reason) => {
                log::debug!("uncertain: {reason}");
                Self::Uncertain
            }
            storage::Error::Failed(reason) => {
                log::error!("the database failed: {reason}");
                Self::Internal
            }
        }
    }
}

impl From<Busy> for Failure {
    fn from(_: Busy) -> Self {
        Self::Unavailable(Busy::RETRY_AFTER)
    }
}

impl From<Throttled> for Failure {
    fn from(throttled: Throttled) -> Self {
        Self::TooManyAttempts(throttled.retry_after)
    }
}

/// Gives an error response its body.
pub(super) async fn present(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let failure = response.response().extensions().get::<Failure>().cloned();
    let failure = failure.unwrap_or_else(|| Failure::of_status(response.status()));
    let (req, original) = response.into_parts();
    let mut presented = if probes::is_probe(&req) {
        probes::failed(failure.status(), &failure.message())
    } else if is_api(&req) {
        as_json(&failure)
    } else {
        as_page(&req, &failure).await
    };
    if let Some(allow) = original.headers().get(ALLOW) {
        presented.headers_mut().insert(ALLOW, allow.clone());
    }
    if let Some(seconds) = failure.retry_after() {
        presented.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    ServiceResponse::new(req, presented)
}

/// Whether the request is the simulator's rather than a person's.
fn is_api(req: &HttpRequest) -> bool {
    match req.path().split('/').nth(1) {
        Some("latest" | "msgs" | "fllws" | "openapi.json") => true,
        Some("register") => super::body::is_json(req.headers()),
        _ => false,
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ErrorBody {
    /// The HTTP status once more.
    status: u16,
    /// What went wrong.
    error_msg: String,
}

fn as_json(failure: &Failure) -> HttpResponse {
    let body =
        ErrorBody { status: failure.status().as_u16(), error_msg: failure.message().into_owned() };
    HttpResponse::build(failure.status()).json(body)
}

async fn as_page(req: &HttpRequest, failure: &Failure) -> HttpResponse {
    let visitor = match req.app_data::<web::Data<Site>>() {
        // A page that says the database is away is shown without it.
        Some(site) => match timeout(RECOGNITION, Visitor::of(req, site)).await {
            Ok(Ok(visitor)) => visitor,
            Ok(Err(_)) | Err(_) => Visitor::unknown(),
        },
        None => Visitor::unknown(),
    };
    let status = failure.status().as_u16();
    let particulars = failure.particulars();
    let page = views::error::error(
        &visitor.frame(),
        status,
        particulars.as_deref(),
        failure.retry_after(),
    );
    visitor.page(failure.status(), page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    async fn page(failure: Failure) -> String {
        let response = as_page(&TestRequest::default().to_http_request(), &failure).await;
        String::from_utf8(to_bytes(response.into_body()).await.unwrap().into()).unwrap()
    }

    #[tokio::test]
    async fn who_may_have_posted_is_not_told_to_post_again() {
        let uncertain = page(Failure::Uncertain).await;
        assert!(uncertain.contains("Look before you try again."), "{uncertain}");
        assert!(!uncertain.contains("Try again in"), "{uncertain}");
        let busy = page(Failure::Unavailable(Duration::from_secs(1))).await;
        assert!(busy.contains("nothing was stored") && busy.contains("Try again in"), "{busy}");
    }

    #[tokio::test]
    async fn a_page_says_what_was_wrong_with_the_request() {
        let page = page(Failure::BadRequest("The form is <not> UTF-8.".into())).await;
        assert!(page.contains("The form is &lt;not&gt; UTF-8."), "{page}");
    }
}
