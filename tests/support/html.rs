//! As much HTML reading as the pages of MiniTwit need: elements that do not nest in themselves.

/// An element of a page.
#[derive(Clone, Debug)]
pub struct Element {
    /// What stands between its name and the `>`.
    pub attributes: String,
    /// The HTML inside of it.
    pub inner: String,
}

impl Element {
    /// An attribute's value, unescaped; empty if there is none.
    pub fn attribute(&self, name: &str) -> String {
        let attributes = format!(" {}", self.attributes);
        let Some((_, rest)) = attributes.split_once(&format!(" {name}=\"")) else {
            return String::new();
        };
        unescaped(rest.split('"').next().unwrap_or_default())
    }

    /// What a reader sees of it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for piece in self.inner.split('<').enumerate() {
            match piece {
                (0, before) => text.push_str(before),
                (_, tag) => text.push_str(tag.split_once('>').map_or("", |(_, after)| after)),
            }
        }
        unescaped(&text)
    }
}

/// All elements of a tag, with a class unless that is empty. Void elements have no inside.
pub fn elements(html: &str, tag: &str, class: &str) -> Vec<Element> {
    let opening = format!("<{tag}");
    let mut found = Vec::new();
    for piece in html.split(&opening).skip(1) {
        // `<a` also begins `<article`.
        if !piece.starts_with([' ', '>', '\n', '/']) {
            continue;
        }
        let Some((attributes, rest)) = piece.split_once('>') else { continue };
        let inner = rest.split_once(&format!("</{tag}>")).map_or("", |(inner, _)| inner);
        let element = Element { attributes: attributes.to_owned(), inner: inner.to_owned() };
        let classes = element.attribute("class");
        if class.is_empty() || classes.split(' ').any(|one| one == class) {
            found.push(element);
        }
    }
    found
}

/// Text without entities.
pub fn unescaped(html: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'")];
    let text = named.iter().fold(html.to_owned(), |text, (entity, c)| text.replace(entity, c));
    text.replace("&amp;", "&")
}
