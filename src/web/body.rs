//! Request bodies, with a bound on their size and their time.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode;
use serde::de::DeserializeOwned;

use super::errors::Failure;

/// Longest body: the longest message, every byte percent-encoded, with room.
pub(super) const MAX_BODY_BYTES: usize = 128 * 1024;

/// How long a body may take to arrive, so that one that dribbles does not hold its place.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The whole body. Reading it late lets a request be refused without it.
pub(super) struct Body(Bytes);

impl Body {
    /// Reads the body to its end.
    pub(super) async fn read(req: &HttpRequest, payload: Payload) -> Result<Self, Failure> {
        let mut payload = payload;
        let bytes = Bytes::from_request(req, &mut payload);
        match tokio::time::timeout(BODY_TIMEOUT, bytes).await {
            Ok(Ok(bytes)) => Ok(Self(bytes)),
            Ok(Err(error)) => Err(match error.as_error::<PayloadError>() {
                Some(PayloadError::Overflow) => Failure::TooLarge,
                _ => Failure::BadRequest("The request's body broke off.".into()),
            }),
            Err(_) => Err(Failure::Timeout),
        }
    }

    /// The body as a JSON object with known fields.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        // Serde would take an array of the fields' values too.
        if !self.0.trim_ascii_start().starts_with(b"{") {
            return Err(Failure::BadRequest("The body has to be a JSON object.".into()));
        }
        serde_json::from_slice(&self.0).map_err(|error| {
            Failure::BadRequest(format!("The body is not as expected: {error}").into())
        })
    }

    /// The body as a form, which has to be UTF-8.
    pub(super) fn form(&self) -> Result<Form, Failure> {
        if percent_decode(&self.0).decode_utf8().is_err() {
            return Err(Failure::BadRequest("The form is not UTF-8.".into()));
        }
        let fields = form_urlencoded::parse(&self.0);
        Ok(Form(fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
    }
}

/// The fields of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The first field of that name; empty if there is none.
    pub(super) fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// Whether the headers of a request say that its body is JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}
