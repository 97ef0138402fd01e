//! Messages from storage to markup.

use std::collections::HashSet;

use maud::Markup;

use crate::domain::{Cursor, Message, Timeline};
use crate::web::errors::Failure;
use crate::web::site::Site;
use crate::web::views::text::mention_candidates;
use crate::web::views::timeline::{MessageList, message_list};

/// Renders a page of up to `PAGE_SIZE + 1` messages. Older ones are linked to at `path`, and the
/// newest ones if these came after a place in the timeline. What `reader` wrote can be deleted.
pub(in crate::web) async fn render_list(
    site: &Site,
    messages: Vec<Message>,
    path: &str,
    after: Option<Cursor>,
    reader: Option<&str>,
) -> Result<Markup, Failure> {
    let timeline = Timeline::page(messages);
    let mentioned: Vec<String> =
        timeline.messages.iter().flat_map(|m| mention_candidates(&m.text)).collect();
    let mentions = match mentioned.is_empty() {
        true => HashSet::new(),
        false => site.storage.existing_usernames(mentioned).await?,
    };
    Ok(message_list(&MessageList {
        timeline: &timeline,
        newest_href: after.map(|_| path),
        older_href: timeline.older.map(|cursor| format!("{path}?before={cursor}")),
        mentions: &mentions,
        avatars: &site.avatars,
        reader,
    }))
}
