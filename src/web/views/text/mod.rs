//! The text of a message: escaped, with links. (Its line breaks are kept by the style sheet.)

mod mention;
mod url;

use std::collections::HashSet;

use maud::Render;
use percent_encoding::percent_encode_byte;

use super::user_path::UserPath;
use mention::{is_word, names};
use url::url_at;

pub use mention::mention_candidates;

/// A message's text as markup: web addresses and mentions become links.
#[derive(Clone, Copy, Debug)]
pub struct LinkedText<'a> {
    /// As it was posted.
    pub text: &'a str,
    /// Those of the [`mention_candidates`] that are users. The longest one wins.
    pub mentions: &'a HashSet<String>,
}

impl Render for LinkedText<'_> {
    fn render_to(&self, out: &mut String) {
        let mut written = 0;
        let mut from = 0;
        while let Some((at, start)) = next_start(self.text, from) {
            let plain = &self.text[written..at];
            written = match start {
                Start::Url(url) => {
                    plain.render_to(out);
                    push_url(out, url);
                    at + url.len()
                }
                Start::Mention(after_at) => {
                    let Some(name) = self.mentioned(after_at) else {
                        from = at + 1;
                        continue;
                    };
                    plain.render_to(out);
                    push_mention(out, name);
                    at + 1 + name.len()
                }
            };
            from = written;
        }
        self.text[written..].render_to(out);
    }
}

impl LinkedText<'_> {
    fn mentioned<'t>(&self, after_at: &'t str) -> Option<&'t str> {
        if self.mentions.is_empty() {
            return None;
        }
        names(after_at).filter(|name| self.mentions.contains(*name)).last()
    }
}

/// Where a link may start.
enum Start<'a> {
    /// This is an address.
    Url(&'a str),
    /// A user may be mentioned: what comes after the `@`, to the end of the text.
    Mention(&'a str),
}

/// The first place from `from` on where a link may start, which is never within a word.
fn next_start(text: &str, from: usize) -> Option<(usize, Start<'_>)> {
    let candidates = text.bytes().enumerate().skip(from);
    candidates.filter(|(_, byte)| matches!(byte, b'@' | b'h' | b'H')).find_map(|(at, byte)| {
        let start = match byte {
            b'@' => Start::Mention(&text[at + 1..]),
            _ => Start::Url(url_at(&text[at..])?),
        };
        let in_a_word = text[..at].chars().next_back().is_some_and(is_word);
        (!in_a_word).then_some((at, start))
    })
}

fn push_url(out: &mut String, url: &str) {
    out.push_str("<a href=\"");
    for c in url.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            // Browsers take them as they are; the URL standard does not.
            '[' | ']' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                out.push_str(percent_encode_byte(c as u8))
            }
            // `url_at` takes no quotes and no angle brackets.
            _ => out.push(c),
        }
    }
    out.push_str("\" rel=\"nofollow noopener noreferrer ugc\">");
    url.render_to(out);
    out.push_str("</a>");
}

fn push_mention(out: &mut String, name: &str) {
    out.push_str("<a href=\"");
    UserPath(name).render_to(out);
    out.push_str("\">@");
    name.render_to(out);
    out.push_str("</a>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, users: &[&str]) -> String {
        let mentions = users.iter().map(|name| (*name).to_owned()).collect();
        LinkedText { text, mentions: &mentions }.render().into_string()
    }

    /// What a reader sees, provided that the only tags are those of our links.
    fn visible(html: &str) -> String {
        let mut pieces = html.split('<');
        let mut seen = pieces.next().unwrap().to_owned();
        for piece in pieces {
            let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("open tag in {html}"));
            let attributes = tag.strip_prefix("a href=\"").and_then(|tag| tag.split_once('"'));
            let is_link = attributes.is_some_and(|(href, rest)| {
                let rel = rest.strip_prefix(" rel=\"nofollow noopener noreferrer ugc\"");
                if href.starts_with('/') {
                    rest.is_empty()
                } else {
                    rel == Some("") && href.starts_with("http")
                }
            });
            assert!(is_link || tag == "/a", "<{tag}> in {html}");
            seen.push_str(text);
        }
        assert!(!seen.contains(['>', '"']), "{html}");
        seen.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(shown("<b>&\"'\n", &[]), "&lt;b&gt;&amp;&quot;'\n");
    }

    #[test]
    fn addresses_become_links() {
        assert_eq!(
            shown("see (https://a.example/?x=1&y=[2]).", &[]),
            "see (<a href=\"https://a.example/?x=1&amp;y=%5B2%5D\" \
             rel=\"nofollow noopener noreferrer ugc\">https://a.example/?x=1&amp;y=[2]</a>)."
        );
        assert_eq!(shown("xhttp://a.example", &[]), "xhttp://a.example");
        assert_eq!(shown("javascript:alert(1)", &[]), "javascript:alert(1)");
    }

    #[test]
    fn the_longest_user_is_mentioned() {
        assert_eq!(shown("@bob.", &["bob"]), "<a href=\"/bob\">@bob</a>.");
        assert_eq!(shown("@bob.", &["bob", "bob."]), "<a href=\"/bob.\">@bob.</a>");
        assert_eq!(shown("@a/b", &["a/b"]), "<a href=\"/a%2Fb\">@a/b</a>");
        assert_eq!(
            shown("@<b> @@bob", &["<b>", "bob"]),
            "<a href=\"/%3Cb%3E\">@&lt;b&gt;</a> @<a href=\"/bob\">@bob</a>"
        );
        assert_eq!(shown("@bobby me@bob @eve", &["bob"]), "@bobby me@bob @eve");
    }

    #[test]
    fn texts_made_to_confuse_come_out_whole() {
        for seed in
            ["http://", "http://a", "http://a/)", "http://!/", "@.", "@a ", "h", "(", "@http://a:"]
        {
            let text = seed.repeat(5_000 / seed.len());
            assert_eq!(visible(&shown(&text, &["a"])), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost_or_becomes_a_tag(
            text in "(https?://|@|[a-c<>&\"'()./?#: ]|&lt;|\\PC){0,60}",
            users in prop::collection::vec("[a-c<>&\"'./]{1,3}", 0..4),
        ) {
            let users: Vec<&str> = users.iter().map(String::as_str).collect();
            prop_assert_eq!(visible(&shown(&text, &users)), text);
        }

        #[test]
        fn candidates_are_all_that_is_ever_linked(text in "(@|[ab.! ]){0,30}") {
            let candidates = mention_candidates(&text);
            let users: Vec<&str> = candidates.iter().map(String::as_str).collect();
            let everybody = ["a", "b", "a.", "b!", "ab", "a.b", ".", "!"];
            let asked: Vec<&str> = everybody.into_iter().filter(|name| users.contains(name)).collect();
            prop_assume!(users.len() < 50);
            prop_assert_eq!(shown(&text, &asked), shown(&text, &everybody));
        }
    }
}
