use std::fmt;

use serde_json::Value;
use ureq::http::HeaderMap;

use super::html::{Element, elements};

/// What the server answered. Shown whole when a test fails.
#[derive(Clone)]
pub struct Answer {
    /// Method and URL of the request.
    pub asked: String,
    /// Status code.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, decoded from its transfer coding.
    pub body: Vec<u8>,
}

impl Answer {
    /// Panics unless it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; panics if it is not.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self}"))
    }

    /// The only header of that name, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// All `Set-Cookie` headers.
    pub fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// All elements of a tag, with a class unless that is empty.
    pub fn elements(&self, tag: &str, class: &str) -> Vec<Element> {
        elements(&self.text(), tag, class)
    }

    /// The HTML inside of `title`.
    pub fn title(&self) -> String {
        self.elements("title", "").first().map(|title| title.inner.clone()).unwrap_or_default()
    }

    /// The HTML inside of each `ul.flashes > li`.
    pub fn flashes(&self) -> Vec<String> {
        self.items("flashes").into_iter().map(|item| item.inner).collect()
    }

    /// Each `ul.messages > li`.
    pub fn messages(&self) -> Vec<Element> {
        self.items("messages")
    }

    /// The HTML inside of each `div.error`.
    pub fn errors(&self) -> Vec<String> {
        self.elements("div", "error").into_iter().map(|error| error.inner).collect()
    }

    /// Where the link with this text leads.
    pub fn link(&self, text: &str) -> Option<String> {
        let links = self.elements("a", "").into_iter();
        links.filter(|link| link.text().trim() == text).map(|link| link.attribute("href")).next()
    }

    /// Whether the page shows this text, entities and tags aside.
    pub fn shows(&self, text: &str) -> bool {
        let page = Element { attributes: String::new(), inner: self.text() };
        page.text().contains(text)
    }

    fn items(&self, list: &str) -> Vec<Element> {
        let lists = self.elements("ul", list);
        lists.iter().flat_map(|list| elements(&list.inner, "li", "")).collect()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} was answered with {}", self.asked, self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        let shown: String = self.text().chars().take(6_000).collect();
        write!(f, "\n{shown}")
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
