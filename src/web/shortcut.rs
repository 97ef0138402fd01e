//! The way of most visitors: a page that all strangers see, and that lies ready. It is given before
//! the router is asked, which with all that surrounds it takes 2 of the 15 microseconds of a
//! processor that such a page costs. (`/public?` goes the long way, for who wants to compare.)

use std::time::Instant;

use actix_http::{HttpMessage, Request, Response};
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, Bytes};

use super::rendered::Whose;
use super::server::FirstRequest;
use super::site::Site;
use super::visitor::page_response;
use super::{front_door, request_log};
use crate::telemetry::Unrouted;

/// The way past the router.
#[derive(Clone)]
pub(super) struct Shortcut {
    site: web::Data<Site>,
    public: Unrouted,
    author: Unrouted,
}

impl Shortcut {
    /// The one to the pages of a site.
    pub(super) fn to(site: web::Data<Site>) -> Self {
        Self { site, public: Unrouted::of("/public"), author: Unrouted::of("/{username}") }
    }

    /// The page that a request asks for, if it lies ready and is as new as the database.
    pub(super) fn take(&self, req: &Request) -> Option<Response<Bytes>> {
        let began = Instant::now();
        let whose = asked_by_a_stranger(req)?;
        if self.site.is_leaving() || request_log::tells_of_reads() {
            return None;
        }
        let seen = self.site.storage.version_at_once()?;
        let page = self.site.rendered.timelines.at_hand(&whose, seen)?.plain.clone();
        let mut response = page_response(StatusCode::OK, false).message_body(page).ok()?;
        front_door::secure(response.headers_mut(), Some(&self.site));
        if let Some(first) = req.conn_data::<FirstRequest>() {
            first.came();
        }
        match whose {
            Whose::Author(_) => self.author.note(began),
            _ => self.public.note(began),
        }
        Some(response.into())
    }
}

/// Whose first page a request asks for that comes without a cookie. The path may as well be that
/// of something else: then nothing is kept under it.
fn asked_by_a_stranger(req: &Request) -> Option<Whose> {
    let uri = req.uri();
    if *req.method() != Method::GET
        || uri.query().is_some()
        || req.headers().contains_key(header::COOKIE)
    {
        return None;
    }
    match uri.path().strip_prefix('/')? {
        "public" => Some(Whose::Public),
        // What is written in several ways is left to the router.
        name if name.contains(['/', '%']) => None,
        name => Some(Whose::Author(name.to_owned())),
    }
}
