//! `GET /account/data`: take everything along, as JSON. Messages are read and sent part by part.

use actix_web::http::header::{ContentDisposition, ContentType, DispositionParam, DispositionType};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;

use super::Answer;
use crate::domain::{Account, MessageId, Search, StoredMessage, UnixSeconds, UserId};
use crate::web::errors::Failure;
use crate::web::now;
use crate::web::site::Site;
use crate::web::visitor::Visitor;

/// Messages read, and sent, at a time.
const PART: usize = 1_000;

/// What comes before the messages.
#[derive(Serialize)]
struct Profile<'a> {
    exported_at: UnixSeconds,
    user_id: UserId,
    username: &'a str,
    email: &'a str,
    follows: Vec<String>,
    /// Their names are theirs.
    followers: i64,
}

#[derive(Serialize)]
struct OwnMessage {
    message_id: MessageId,
    pub_date: UnixSeconds,
    text: String,
    /// Whether moderators have hidden it.
    flagged: bool,
}

impl From<StoredMessage> for OwnMessage {
    fn from(message: StoredMessage) -> Self {
        let StoredMessage { id, pub_date, text, flagged, .. } = message;
        Self { message_id: id, pub_date, text, flagged }
    }
}

pub(in crate::web) async fn data(req: HttpRequest, site: Data<Site>) -> Answer {
    let visitor = Visitor::of(&req, &site).await?;
    let now = now();
    let Account { user, followers, .. } =
        site.storage.account(visitor.signed_in()?.id, now).await?;
    let profile = as_json(&Profile {
        exported_at: now,
        user_id: user.id,
        username: &user.username,
        email: &user.email,
        follows: site.storage.followed_by(&user.username, usize::MAX).await?,
        followers,
    })?;
    let file = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename("minitwit.json".to_owned())],
    };
    let profile = profile.strip_suffix('}').unwrap_or(&profile);
    let head = Bytes::from(format!("{profile},\"messages\":["));
    let body = stream::iter([Ok(head)]).chain(messages(site, user.id));
    Ok(HttpResponse::Ok().content_type(ContentType::json()).insert_header(file).streaming(body))
}

/// The messages, newest first, and the end of the text. When the database fails on the way the
/// connection is closed, and the browser sees that it lacks the end.
fn messages(site: Data<Site>, author: UserId) -> impl Stream<Item = Result<Bytes, Failure>> {
    let sought = Search { author: Some(author), ..Search::default() };
    stream::try_unfold(Some((None, "\n")), move |from| {
        let (site, sought) = (site.clone(), sought.clone());
        async move {
            let Some((before, mut separator)) = from else { return Ok(None) };
            let found = site.storage.search(&sought, before, PART).await?;
            let mut text = String::new();
            for message in found.messages {
                text.push_str(separator);
                text.push_str(&as_json(&OwnMessage::from(message))?);
                separator = ",\n";
            }
            if found.last.is_none() {
                text.push_str("\n]}\n");
            }
            Ok(Some((text.into(), found.last.map(|last| (Some(last), separator)))))
        }
    })
}

fn as_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| {
        log::error!("cannot write somebody's data as JSON: {error}");
        Failure::Internal
    })
}
