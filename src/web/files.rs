//! What is drawn or stored once and may be kept by browsers: style sheet, icon, avatars.

use actix_web::http::header::{self, ETag, EntityTag, HeaderMap};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use super::assets::{self, Asset};
use super::errors::Failure;
use super::target::segment;
use super::views::avatar::identicon;

/// At an address whose content never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// At an address whose content changes with a new version of the program.
const FOR_AN_HOUR: &str = "public, max-age=3600";

/// `GET /static/{file}`
pub(super) async fn asset(req: HttpRequest) -> Result<HttpResponse, Failure> {
    let asset = assets::find(&segment(&req, 1)?).ok_or(Failure::NotFound)?;
    Ok(serve(&req, asset))
}

/// `GET /favicon.ico`: where browsers look that have not read the page.
pub(super) async fn favicon(req: HttpRequest) -> Result<HttpResponse, Failure> {
    Ok(serve(&req, &assets::FAVICON))
}

/// `GET /avatar/{id}.svg`: the picture that belongs to an e-mail address, without the address.
pub(super) async fn avatar(req: HttpRequest) -> Result<HttpResponse, Failure> {
    let file = segment(&req, 1)?;
    let id = file.strip_suffix(".svg").ok_or(Failure::NotFound)?;
    let svg = identicon(id).ok_or(Failure::NotFound)?;
    Ok(respond(&req, "image/svg+xml", id, FOR_EVER, svg.into()))
}

fn serve(req: &HttpRequest, asset: &Asset) -> HttpResponse {
    let caching = if asset.is_version(req.query_string()) { FOR_EVER } else { FOR_AN_HOUR };
    let tag = asset.etag.trim_matches('"');
    respond(req, asset.content_type, tag, caching, Bytes::from_static(asset.bytes))
}

/// The content, or 304 for who has it already.
fn respond(
    req: &HttpRequest,
    content_type: &str,
    tag: &str,
    caching: &'static str,
    content: Bytes,
) -> HttpResponse {
    let tag = EntityTag::new_strong(tag.to_owned());
    let has_it = names_tag(req.headers(), &tag);
    let mut response = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, caching));
    if has_it {
        return response.finish();
    }
    response.content_type(content_type).body(content)
}

/// Whether `If-None-Match` names the tag (RFC 9110, section 13.1.2: compared weakly).
fn names_tag(headers: &HeaderMap, tag: &EntityTag) -> bool {
    headers.get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok()).any(|value| {
        let mut tags = value.split(',').map(str::trim);
        tags.any(|named| {
            named == "*" || named.parse::<EntityTag>().is_ok_and(|named| named.weak_eq(tag))
        })
    })
}
