//! Messages as JSON, however many are asked for: a long list is read and sent part by part, so
//! that nobody's `no` fills the memory.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{Bytes, Data};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;

use super::{as_json, kept, refusal};
use crate::domain::{Cursor, Message, TimelineOf};
use crate::web::errors::Failure;
use crate::web::rendered::List;
use crate::web::site::Site;

/// Messages read, and sent, at a time: a few hundred kilobytes.
const PART: usize = 1_000;

/// A message as the simulator reads it.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ShownMessage {
    content: String,
    /// Unix seconds.
    pub_date: i64,
    user: String,
}

impl From<Message> for ShownMessage {
    fn from(message: Message) -> Self {
        Self { content: message.text, pub_date: message.pub_date, user: message.author }
    }
}

/// The `left` newest messages of an author, or of everybody, that come after a place.
struct Listing {
    site: Data<Site>,
    author: Option<String>,
    before: Option<Cursor>,
    left: usize,
}

impl Listing {
    /// The next part; `left` is 0 after the last.
    async fn next(&mut self) -> Result<Vec<ShownMessage>, Failure> {
        let of = self.author.as_deref().map_or(TimelineOf::Everybody, TimelineOf::Author);
        let wanted = self.left.min(PART);
        let part = self.site.storage.timeline(of, self.before, wanted).await;
        let named = self.author.as_deref().unwrap_or_default();
        let part = part.map_err(|error| refusal(error, named))?;
        self.left = if part.len() < wanted { 0 } else { self.left - wanted };
        self.before = part.last().map(|m| Cursor { pub_date: m.pub_date, message_id: m.id });
        Ok(part.into_iter().map(ShownMessage::from).collect())
    }

    /// What comes after the opening bracket and a first part, to the closing bracket. When the
    /// database fails on the way the connection is closed, and the client sees that it lacks
    /// the end.
    fn rest(self) -> impl Stream<Item = Result<Bytes, Failure>> {
        stream::try_unfold(Some(self), |listing| async {
            let Some(mut listing) = listing else { return Ok(None) };
            if listing.left == 0 {
                return Ok(Some((Bytes::from_static(b"]"), None)));
            }
            let mut text = Vec::new();
            for message in listing.next().await? {
                text.push(b',');
                text.extend(as_json(&message)?);
            }
            Ok(Some((text.into(), Some(listing))))
        })
    }
}

/// Answers with up to `rows` of the newest messages of an author, or of everybody.
pub(super) async fn answer(
    site: Data<Site>,
    author: Option<String>,
    rows: usize,
) -> Result<HttpResponse, Failure> {
    let mut listing = Listing { site: site.clone(), author, before: None, left: rows };
    if rows <= PART {
        let list = List::Messages(listing.author.clone(), rows);
        let text = kept(&site, list, async || as_json(&listing.next().await?)).await?;
        return Ok(HttpResponse::Ok().content_type(ContentType::json()).body(text));
    }
    let mut first = as_json(&listing.next().await?)?;
    if listing.left == 0 {
        return Ok(HttpResponse::Ok().content_type(ContentType::json()).body(first));
    }
    first.pop();
    let first = stream::iter([Ok(Bytes::from(first))]);
    let body = first.chain(listing.rest());
    Ok(HttpResponse::Ok().content_type(ContentType::json()).streaming(body))
}
