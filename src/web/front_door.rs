//! What every request passes on its way in and out: other sites' pages are refused, errors get
//! their body, answers their security headers and a line in the log.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};

use super::errors::{self, Failure};
use super::request_log::{self, Changes};
use super::server::FirstRequest;
use super::site::Site;
use super::views::avatar::Avatars;
use super::visitor::NO_STORE;

/// The middleware around all routes.
pub(super) async fn pass(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let Some(first) = req.conn_data::<FirstRequest>() {
        first.came();
    }
    let site = req.app_data::<web::Data<Site>>().cloned();
    let began = Instant::now();
    if !is_known(req.method()) {
        req.head_mut().method = unknown_method();
    }
    let changes = !matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let mut response = match &site {
        Some(site) if changes && same_site(req.request(), site).is_err() => {
            req.into_response(Failure::CrossSite.error_response())
        }
        _ => next.call(req).await?.map_into_boxed_body(),
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        response = finish_error(response).await;
    }
    if site.as_ref().is_some_and(|site| site.is_leaving()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    secure(response.headers_mut(), site.as_deref().map(|site| &**site));
    request_log::note(&response, began);
    Ok(response)
}

/// Whether the method is one of HTTP's own (RFC 9110, section 9.3; RFC 5789).
fn is_known(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET
            | Method::POST
            | Method::HEAD
            | Method::OPTIONS
            | Method::PUT
            | Method::DELETE
            | Method::PATCH
            | Method::TRACE
            | Method::CONNECT
    )
}

/// What all methods are called that clients make up: metrics keep a number for each.
fn unknown_method() -> Method {
    Method::from_bytes(b"OTHER").unwrap_or(Method::TRACE)
}

/// An `OPTIONS` that no route takes is answered with what the routes do take.
async fn finish_error(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let asks = response.request().method() == Method::OPTIONS
        && response.status() == StatusCode::METHOD_NOT_ALLOWED;
    if !asks {
        return errors::present(response).await;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut options = HttpResponse::NoContent().finish();
    if let Some(allow) = allow {
        options.headers_mut().insert(header::ALLOW, allow);
    }
    response.into_response(options)
}

/// The middleware around what changes something even when it is only read.
pub(super) async fn refuse_other_sites(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    req.extensions_mut().insert(Changes);
    let site = req.app_data::<web::Data<Site>>();
    match site.map_or(Ok(()), |site| same_site(req.request(), site)) {
        Ok(()) => Ok(next.call(req).await?.map_into_boxed_body()),
        Err(refused) => Ok(req.into_response(refused.error_response())),
    }
}

/// Refuses a request that a browser says another site's page has caused. Clients that send
/// neither header (scripts, old test suites) are not browsers that could be tricked.
fn same_site(req: &HttpRequest, site: &Site) -> Result<(), Failure> {
    let header = |name| req.headers().get(name).map(|v: &HeaderValue| v.to_str().unwrap_or("?"));
    let same = match (header("sec-fetch-site"), header("origin")) {
        (Some(relation), _) => matches!(relation, "same-origin" | "none"),
        (None, Some(origin)) => is_origin_of(origin, site.trusted_proxies.host(req)),
        (None, None) => true,
    };
    if same { Ok(()) } else { Err(Failure::CrossSite) }
}

fn is_origin_of(origin: &str, host: Option<&str>) -> bool {
    let origin: Option<Uri> = origin.parse().ok();
    let authority = origin.as_ref().and_then(Uri::authority);
    matches!((authority, host), (Some(a), Some(h)) if a.as_str().eq_ignore_ascii_case(h))
}

// A value that is made of a text is checked byte by byte: once, by the compiler.
static CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);
static CSP_GRAVATAR: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' https://www.gravatar.com; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
static NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
static SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

/// Adds what tells a browser how little a page of that site may do.
pub(super) fn secure(headers: &mut HeaderMap, site: Option<&Site>) {
    let gravatar = site.is_some_and(|site| matches!(site.avatars, Avatars::Gravatar));
    let csp = if gravatar { &CSP_GRAVATAR } else { &CSP };
    headers.insert(header::CONTENT_SECURITY_POLICY, csp.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF.clone());
    headers.insert(header::REFERRER_POLICY, SAME_ORIGIN.clone());
    // A cache may keep what says nothing, for as long as it sees fit (RFC 9111, section 4.2.2).
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, NO_STORE.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::is_origin_of;

    #[test]
    fn an_origin_is_compared_with_host_and_port() {
        assert!(is_origin_of("http://localhost:5000", Some("localhost:5000")));
        assert!(is_origin_of("https://Mini.Example", Some("mini.example")));
        assert!(!is_origin_of("http://localhost:5001", Some("localhost:5000")));
        assert!(!is_origin_of("https://evil.example", Some("mini.example")));
        assert!(!is_origin_of("null", Some("mini.example")));
        assert!(!is_origin_of("https://mini.example", None));
    }
}
