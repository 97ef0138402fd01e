//! The person in front of the browser: who they are, and what they have yet to be told.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use maud::Markup;

use super::errors::Failure;
use super::kept::Version;
use super::request_log::SignedIn;
use super::site::Site;
use super::views::flash::Flash;
use super::views::frame::Frame;
use crate::accounts::SessionToken;
use crate::domain::{SESSION_SECONDS, SessionKey, User};
use crate::storage::Result;

const SESSION_COOKIE: &str = "session";
const FLASH_COOKIE: &str = "flash";

/// A visitor as their cookies show them.
pub(super) struct Visitor {
    user: Option<User>,
    flashes: Vec<Flash>,
    over_tls: bool,
    /// What the database was like when it said who they are.
    seen: Version,
}

impl Visitor {
    /// Looks the visitor up.
    pub(super) async fn of(req: &HttpRequest, site: &Site) -> Result<Self> {
        let seen = site.version().await?;
        let over_tls = site.trusted_proxies.is_https(req);
        if !req.headers().contains_key(header::COOKIE) {
            return Ok(Self { over_tls, seen, ..Self::unknown() });
        }
        let user = match session_token(req) {
            Some(token) => session_user(site, token.key(), seen).await?,
            None => None,
        };
        if let Some(user) = &user {
            req.extensions_mut().insert(SignedIn(user.id));
        }
        let flashes = flash_cookie(req).map(|cookie| Flash::decode(cookie.value()));
        Ok(Self { user, flashes: flashes.unwrap_or_default(), over_tls, seen })
    }

    /// Somebody of whom nothing is known.
    pub(super) fn unknown() -> Self {
        Self { user: None, flashes: Vec::new(), over_tls: false, seen: None }
    }

    /// The version of the database that their page has to show, or a later one.
    pub(super) fn seen(&self) -> Version {
        self.seen
    }

    /// Whether there is nothing to tell them.
    pub(super) fn has_no_flashes(&self) -> bool {
        self.flashes.is_empty()
    }

    /// Whether their pages are as anybody else's.
    pub(super) fn is_stranger(&self) -> bool {
        self.user.is_none() && self.has_no_flashes()
    }

    /// Who they are, if they are signed in.
    pub(super) fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// Who they are; 401 for those who are not signed in.
    pub(super) fn signed_in(&self) -> std::result::Result<&User, Failure> {
        self.user().ok_or(Failure::NotSignedIn)
    }

    /// What surrounds their pages.
    pub(super) fn frame(&self) -> Frame<'_> {
        Frame {
            signed_in: self.user.as_ref().map(|user| user.username.as_str()),
            flashes: &self.flashes,
        }
    }

    /// Answers with a page made for this visitor: theirs alone once they are signed in or are
    /// told something. What it told them is not told again.
    pub(super) fn page(&self, status: StatusCode, page: Markup) -> HttpResponse {
        self.page_of(status, page.into_string().into())
    }

    /// The same with a page that is written already.
    pub(super) fn page_of(&self, status: StatusCode, page: Bytes) -> HttpResponse {
        let private = self.user.is_some() || !self.flashes.is_empty();
        let mut response = page_response(status, private);
        if !self.flashes.is_empty() {
            response.cookie(self.cookie(FLASH_COOKIE, "").max_age(Duration::ZERO).finish());
        }
        response.body(page)
    }

    /// Sends the visitor to another page.
    pub(super) fn redirect(&self, path: &str) -> HttpResponse {
        self.redirection(path).finish()
    }

    /// Sends the visitor to another page, to be told something there.
    pub(super) fn redirect_and_tell(&self, path: &str, flash: Flash) -> HttpResponse {
        self.redirection(path).cookie(self.flash_cookie(flash)).finish()
    }

    /// Signs the visitor in, or on as somebody else, and sends them home.
    pub(super) fn signed_in_with(&self, token: &SessionToken) -> HttpResponse {
        let session = self.cookie(SESSION_COOKIE, token.as_str());
        self.redirection("/")
            .cookie(session.max_age(Duration::seconds(SESSION_SECONDS)).finish())
            .cookie(self.flash_cookie(Flash::SignedIn))
            .finish()
    }

    /// Forgets the visitor's session cookie and sends them to the public page, to be told so.
    pub(super) fn signed_out(&self, flash: Flash) -> HttpResponse {
        self.redirection("/public")
            .cookie(self.cookie(SESSION_COOKIE, "").max_age(Duration::ZERO).finish())
            .cookie(self.flash_cookie(flash))
            .finish()
    }

    fn redirection(&self, path: &str) -> HttpResponseBuilder {
        let mut response = HttpResponse::Found();
        response.insert_header((header::LOCATION, path));
        response.insert_header((header::CACHE_CONTROL, NO_STORE.clone()));
        response
    }

    fn flash_cookie(&self, flash: Flash) -> Cookie<'static> {
        let mut flashes = self.flashes.clone();
        flashes.push(flash);
        self.cookie(FLASH_COOKIE, &Flash::encode(&flashes)).finish()
    }

    fn cookie(&self, name: &'static str, value: &str) -> actix_web::cookie::CookieBuilder<'static> {
        Cookie::build(name, value.to_owned())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.over_tls)
    }
}

/// Whose session it is, if it is anybody's.
async fn session_user(site: &Site, key: SessionKey, seen: Version) -> Result<Option<User>> {
    let now = super::now();
    let look = || site.version();
    let find = || site.storage.session_user(key, now);
    site.rendered.sessions.get((key, now / 60), seen, look, find).await
}

/// The token in the visitor's session cookie.
pub(super) fn session_token(req: &HttpRequest) -> Option<SessionToken> {
    SessionToken::parse(req.cookie(SESSION_COOKIE)?.value())
}

/// The visitor's flashes as they were sent. `HttpRequest::cookie` would decode the value, and so
/// mistake a dot in a name for one between two flashes.
fn flash_cookie(req: &HttpRequest) -> Option<Cookie<'_>> {
    let headers = req.headers().get_all(header::COOKIE).filter_map(|header| header.to_str().ok());
    let mut cookies = headers.flat_map(|header| header.split(';'));
    cookies.find_map(|pair| Cookie::parse(pair).ok().filter(|c| c.name() == FLASH_COOKIE))
}

static HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
pub(super) static NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
static NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
static COOKIE: HeaderValue = HeaderValue::from_static("Cookie");

/// The head of an answer that is a page. No cache shows one person's page to another.
pub(super) fn page_response(status: StatusCode, private: bool) -> HttpResponseBuilder {
    let caching = if private { &NO_STORE } else { &NO_CACHE };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, HTML.clone()))
        .insert_header((header::CACHE_CONTROL, caching.clone()))
        .insert_header((header::VARY, COOKIE.clone()));
    response
}
