//! Messages from storage to markup.

use std::collections::HashSet;

use maud::Markup;

use crate::domain::{Message, Timeline};
use crate::web::errors::Failure;
use crate::web::site::Site;
use crate::web::views::text::mention_candidates;
use crate::web::views::timeline::{MessageList, message_list};

/// Renders a page of up to `PAGE_SIZE + 1` messages; older ones are linked to at `path`.
pub(in crate::web) async fn render_list(
    site: &Site,
    messages: Vec<Message>,
    path: &str,
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
        older_href: timeline.older.map(|cursor| format!("{path}?before={cursor}")),
        mentions: &mentions,
        avatars: &site.avatars,
    }))
}
