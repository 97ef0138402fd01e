//! Which part of a text is a web address.

/// The address that a text begins with, without the punctuation of the sentence around it.
/// `None` unless it is `http://` or `https://` and a host. Addresses with a user name or a
/// password in them are left alone: they are made to mislead.
pub(super) fn url_at(text: &str) -> Option<&str> {
    let scheme = scheme_len(text)?;
    let rest = &text[scheme..];
    let end = rest.find(|c| ends_url(c) || matches!(c, '/' | '?' | '#')).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let len = if path.starts_with(['/', '?', '#']) {
        // First the host: a text full of `http://?/` would be read to its end from each of them.
        is_host_and_port(authority).then(|| end + path_len(path))?
    } else {
        let authority = trim_punctuation(authority);
        is_host_and_port(authority).then_some(authority.len())?
    };
    Some(&text[..scheme + len])
}

fn path_len(text: &str) -> usize {
    trim_punctuation(&text[..text.find(ends_url).unwrap_or(text.len())]).len()
}

fn scheme_len(text: &str) -> Option<usize> {
    let begins_with = |scheme: &str| {
        let start = text.as_bytes().get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    ["https://", "http://"].into_iter().find(|scheme| begins_with(scheme)).map(str::len)
}

/// What no address holds as it is written: blanks, quotes, the punctuation of scripts that write
/// no blanks, and characters that turn the direction of writing.
fn ends_url(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '«' | '»' | '…' | '\u{2018}'..='\u{201f}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{feff}')
}

/// Leaves out what ends a sentence, and brackets that were opened before the address.
fn trim_punctuation(url: &str) -> &str {
    let count = |c| url.matches(c).count();
    let mut unopened = [(b'(', b')'), (b'[', b']'), (b'{', b'}')].map(|(open, close)| {
        (close, count(char::from(close)).saturating_sub(count(char::from(open))))
    });
    let mut end = url.len();
    while let Some(last) = url.as_bytes()[..end].last() {
        match unopened.iter_mut().find(|(close, _)| close == last) {
            Some((_, surplus)) if *surplus > 0 => *surplus -= 1,
            None if b".,;:!?'*".contains(last) => {}
            _ => break,
        }
        end -= 1;
    }
    &url[..end]
}

fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let is_label_char = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    host.split('.')
        .all(|label| label.starts_with(char::is_alphanumeric) && label.chars().all(is_label_char))
        && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_where_a_reader_would_end_it() {
        for (text, url) in [
            ("http://example.com", "http://example.com"),
            ("https://example.com/a?b=c&d#e rest", "https://example.com/a?b=c&d#e"),
            ("HTTP://Example.com:8080/", "HTTP://Example.com:8080/"),
            ("http://example.com.", "http://example.com"),
            ("http://example.com/a.html, and", "http://example.com/a.html"),
            ("http://example.com/a?!)", "http://example.com/a"),
            ("http://example.com/a_(b)", "http://example.com/a_(b)"),
            ("http://example.com/a_(b)).", "http://example.com/a_(b)"),
            ("http://example.com\"onload=x", "http://example.com"),
            ("http://example.com<b>", "http://example.com"),
            ("http://zoë.example/ü", "http://zoë.example/ü"),
            ("http://例え.jp/道。次", "http://例え.jp/道"),
            ("http://a.example/\u{202e}moc", "http://a.example/"),
            ("http://localhost:5000/public\nnext", "http://localhost:5000/public"),
        ] {
            assert_eq!(url_at(text), Some(url), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_addresses() {
        for text in [
            "",
            "h",
            "http",
            "http:",
            "http://",
            "http:// x",
            "http:///x",
            "http://...",
            "https://-",
            "http://a..b",
            "http://bank.example@evil.example/",
            "http://a:b@c",
            "http://a:99999/",
            "http://a:/",
            "ftp://a.b",
            "javascript:alert(1)//http://",
            "httpé://a",
        ] {
            assert_eq!(url_at(text), None, "{text}");
        }
    }
}
