//! What a request's URL asks for. Read from the bytes the client sent: a username may hold
//! anything, also an encoded slash, and must reach its page unchanged.

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

use super::errors::Failure;
use crate::domain::Cursor;

/// The decoded path segment at a position. One that is not UTF-8, or holds a NUL, is nobody's name.
pub(super) fn segment(req: &HttpRequest, position: usize) -> Result<String, Failure> {
    let segment = req.uri().path().split('/').nth(position + 1).ok_or(Failure::NotFound)?;
    let decoded = percent_decode_str(segment).decode_utf8().map_err(|_| Failure::NotFound)?;
    if decoded.contains('\0') { Err(Failure::NotFound) } else { Ok(decoded.into_owned()) }
}

/// The first value of a query parameter.
pub(super) fn parameter(req: &HttpRequest, name: &str) -> Option<String> {
    form_urlencoded::parse(req.query_string().as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The place in a timeline that `?before=` asks for.
pub(super) fn before(req: &HttpRequest) -> Result<Option<Cursor>, Failure> {
    parameter(req, "before").map(|cursor| cursor.parse()).transpose().map_err(|_| {
        Failure::BadRequest(
            "This link to older messages is broken. Start from the newest ones.".into(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn at(uri: &str) -> HttpRequest {
        TestRequest::with_uri(uri).to_http_request()
    }

    #[test]
    fn a_name_survives_its_percent_encoding() {
        assert_eq!(segment(&at("/a%2Fb%20c+d%C3%A9/follow"), 0).ok(), Some("a/b c+dé".into()));
        assert_eq!(segment(&at("/msgs/%2525"), 1).ok(), Some("%25".into()));
        assert!(segment(&at("/%FF"), 0).is_err());
        assert!(segment(&at("/a%00"), 0).is_err());
    }

    #[test]
    fn the_first_of_repeated_parameters_counts() {
        assert_eq!(parameter(&at("/?no=1&no=2"), "no"), Some("1".into()));
        assert_eq!(parameter(&at("/?x=%FF"), "no"), None);
    }

    #[test]
    fn a_broken_cursor_is_told() {
        assert!(before(&at("/public")).is_ok_and(|cursor| cursor.is_none()));
        assert!(before(&at("/public?before=17-3")).is_ok_and(|cursor| cursor.is_some()));
        assert!(before(&at("/public?before=2")).is_err());
    }
}
