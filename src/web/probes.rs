//! `/livez` and `/readyz`: what a proxy or an orchestrator asks before it sends people here.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::rt::time::timeout;
use actix_web::{HttpRequest, HttpResponse, web};

use super::errors::Failure;
use super::site::Site;

/// How long the database may take to count as ready. The answer is there within a second.
const DEADLINE: Duration = Duration::from_millis(900);

/// The process runs.
pub(super) async fn live() -> HttpResponse {
    text(StatusCode::OK, "alive")
}

/// The database answers; 503 if it does not.
pub(super) async fn ready(site: web::Data<Site>) -> Result<HttpResponse, Failure> {
    match timeout(DEADLINE, site.storage.ready()).await {
        Ok(Ok(())) => Ok(text(StatusCode::OK, "ready")),
        Ok(Err(error)) => {
            log::debug!("not ready: {error}");
            Err(Failure::Unavailable(Duration::from_secs(1)))
        }
        Err(_) => Err(Failure::Unavailable(Duration::from_secs(1))),
    }
}

/// Whether the request comes from such a program.
pub(super) fn is_probe(req: &HttpRequest) -> bool {
    matches!(req.path(), "/livez" | "/readyz")
}

/// A failure as such a program reads it.
pub(super) fn failed(status: StatusCode, message: &str) -> HttpResponse {
    match status {
        StatusCode::SERVICE_UNAVAILABLE => text(status, "the database does not answer"),
        _ => text(status, message),
    }
}

fn text(status: StatusCode, line: &str) -> HttpResponse {
    HttpResponse::build(status).content_type(ContentType::plaintext()).body(format!("{line}\n"))
}
