//! Who may be meant by an `@`.

use super::{Start, next_start};
use crate::domain::MAX_USERNAME_CHARS;

/// Most names that are looked up for one `@`, the shortest ones.
const MAX_NAMES_PER_MENTION: usize = 8;

/// Most names that are looked up for one message, the first ones.
const MAX_NAMES_PER_MESSAGE: usize = 50;

/// The names that a text may mention, each once. Which of them exist, only storage knows.
///
/// A name may hold anything, so `@bob.` is `bob.` or else `bob`; names that hold blanks cannot be
/// mentioned.
pub fn mention_candidates(text: &str) -> Vec<String> {
    let mut candidates = Vec::new();
    if !text.contains('@') {
        return candidates;
    }
    let mut from = 0;
    while let Some((at, start)) = next_start(text, from) {
        from = at + 1;
        match start {
            Start::Url(url) => from = at + url.len(),
            Start::Mention(after_at) => {
                for name in names(after_at) {
                    if candidates.len() == MAX_NAMES_PER_MESSAGE {
                        return candidates;
                    }
                    if !candidates.iter().any(|known| known == name) {
                        candidates.push(name.to_owned());
                    }
                }
            }
        }
    }
    candidates
}

/// Whom a mention may mean, by what comes after the `@`: shortest first, cut only where a word
/// ends.
pub(super) fn names(after_at: &str) -> impl Iterator<Item = &str> {
    let ends = after_at.char_indices().chain([(after_at.len(), ' ')]).take(MAX_USERNAME_CHARS + 1);
    let names = ends.scan(None, |previous: &mut Option<char>, (end, next)| {
        if previous.is_some_and(is_blank) {
            return None;
        }
        let cut = previous.replace(next).is_some_and(|last| !belong_together(last, next));
        Some(cut.then(|| &after_at[..end]))
    });
    names.flatten().take(MAX_NAMES_PER_MENTION)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Whether a word goes on from one character to the next, or the two are drawn as one.
fn belong_together(last: char, next: char) -> bool {
    const ZERO_WIDTH_JOINER: char = '\u{200d}';
    let is_combining = matches!(next,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    (is_word(last) && is_word(next))
        || is_combining
        || last == ZERO_WIDTH_JOINER
        || next == ZERO_WIDTH_JOINER
}

/// Whether a character is part of a word, so that no link starts right after it.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mention_may_mean_several_names() {
        for (text, candidates) in [
            ("hello", &[][..]),
            ("@", &[]),
            ("@ bob", &[]),
            ("@bob", &["bob"]),
            ("hi @bob!", &["bob", "bob!"]),
            ("(@bob.)", &["bob", "bob.", "bob.)"]),
            ("@bob's @bob", &["bob", "bob'", "bob's"]),
            ("@a/b+c", &["a", "a/", "a/b", "a/b+", "a/b+c"]),
            ("@x_y1 @Zoë", &["x_y1", "Zoë"]),
            ("@Zoe\u{308}!", &["Zoe\u{308}", "Zoe\u{308}!"]),
            ("@👩\u{200d}👧", &["👩\u{200d}👧"]),
            ("mail@example.com", &[]),
            ("http://example.com/@bob @eve", &["eve"]),
        ] {
            assert_eq!(mention_candidates(text), candidates, "{text}");
        }
    }

    #[test]
    fn what_storage_is_asked_is_bounded() {
        assert_eq!(mention_candidates(&"@.".repeat(5_000)).len(), MAX_NAMES_PER_MENTION);
        let many: String = (0..1_000).map(|n| format!("@user{n} ")).collect();
        assert_eq!(mention_candidates(&many).len(), MAX_NAMES_PER_MESSAGE);
        let long = "x".repeat(MAX_USERNAME_CHARS);
        assert_eq!(mention_candidates(&format!("@{long}")), [long.as_str()]);
        assert_eq!(mention_candidates(&format!("@{long}x")), [""; 0]);
    }

    proptest! {
        #[test]
        fn a_candidate_is_a_name_somebody_can_have(text in "[@a-c. ]{0,40}|\\PC{0,40}") {
            for name in mention_candidates(&text) {
                let at_name = format!("@{}", name);
                prop_assert!(text.contains(&at_name));
                prop_assert!(!name.is_empty() && name.chars().count() <= MAX_USERNAME_CHARS);
            }
        }
    }
}
