//! The page of a timeline that everybody comes for.

use std::sync::Arc;

use maud::Markup;

use super::render_list;
use crate::domain::{PAGE_SIZE, TimelineOf, User};
use crate::web::errors::Failure;
use crate::web::rendered::{FirstPage, Whose};
use crate::web::site::Site;
use crate::web::visitor::Visitor;

/// Reads and renders a first page. `plain` puts the list into the page of who has nothing to be
/// told.
pub(super) async fn render(
    site: &Site,
    of: TimelineOf<'_>,
    author: Option<User>,
    path: &str,
    reader: Option<&str>,
    plain: impl FnOnce(&Markup) -> Markup,
) -> Result<Arc<FirstPage>, Failure> {
    let messages = site.storage.timeline(of, None, PAGE_SIZE + 1).await?;
    let mut list = render_list(site, messages, path, None, reader).await?;
    let plain = plain(&list).into_string().into_boxed_str().into_boxed_bytes().into();
    // What is kept has no room to grow.
    list.0.shrink_to_fit();
    Ok(Arc::new(FirstPage { author, list, plain }))
}

/// The first page of that timeline as the visitor may see it: kept, or rendered now.
pub(super) async fn first_page(
    site: &Site,
    visitor: &Visitor,
    whose: Whose,
    render: impl AsyncFnOnce() -> Result<Arc<FirstPage>, Failure>,
) -> Result<Arc<FirstPage>, Failure> {
    let look = async || Ok(site.version().await?);
    site.rendered.timelines.get(whose, visitor.seen(), look, render).await
}
