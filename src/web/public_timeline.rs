//! The page most people read, rendered once for each change of the database.

use std::sync::{Arc, PoisonError, RwLock};

use actix_web::web::Bytes;
use maud::Markup;

use super::errors::Failure;
use super::pages::render_list;
use super::site::Site;
use super::views::frame::Frame;
use super::views::timeline;
use crate::domain::{PAGE_SIZE, TimelineOf};

/// The newest page of the public timeline.
#[derive(Default)]
pub(super) struct PublicTimeline {
    rendered: RwLock<Option<Arc<Rendered>>>,
    /// Held by whoever renders, so that a change is not rendered by everybody at once.
    rendering: tokio::sync::Mutex<()>,
}

/// What is the same for everybody, and the whole page of a stranger.
pub(super) struct Rendered {
    version: u64,
    /// The list of messages, to go into a visitor's page.
    pub(super) list: Markup,
    /// The page of somebody who is not signed in and has nothing to be told.
    pub(super) for_strangers: Bytes,
}

impl PublicTimeline {
    /// The page as of now: never older than a change that was stored before the call.
    pub(super) async fn current(&self, site: &Site) -> Result<Arc<Rendered>, Failure> {
        let Some(version) = site.storage.version().await? else {
            return Ok(Arc::new(render(site, 0).await?));
        };
        if let Some(rendered) = self.since(version) {
            return Ok(rendered);
        }
        let _turn = self.rendering.lock().await;
        if let Some(rendered) = self.since(version) {
            return Ok(rendered);
        }
        let version = site.storage.version().await?.unwrap_or(version);
        let rendered = Arc::new(render(site, version).await?);
        *self.rendered.write().unwrap_or_else(PoisonError::into_inner) = Some(rendered.clone());
        Ok(rendered)
    }

    fn since(&self, version: u64) -> Option<Arc<Rendered>> {
        let rendered = self.rendered.read().unwrap_or_else(PoisonError::into_inner);
        rendered.clone().filter(|rendered| rendered.version >= version)
    }
}

async fn render(site: &Site, version: u64) -> Result<Rendered, Failure> {
    let messages = site.storage.timeline(TimelineOf::Everybody, None, PAGE_SIZE + 1).await?;
    let list = render_list(site, messages, "/public", None).await?;
    let stranger = Frame { signed_in: None, flashes: &[] };
    let for_strangers = timeline::public(&stranger, &list).into_string().into();
    Ok(Rendered { version, list, for_strangers })
}
