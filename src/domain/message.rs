//! What may be posted, and what a posted message is.

use super::{MessageId, UnixSeconds};

/// Longest message, in characters. The original had no limit; this one keeps a page of
/// 30 messages below a megabyte.
pub const MAX_MESSAGE_CHARS: usize = 5_000;

/// A text that can be posted, unchanged: any Unicode but NUL, up to [`MAX_MESSAGE_CHARS`]. It may
/// be empty: the simulator API stores what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageText(String);

/// Why a text cannot be posted. Displays as the text that is shown to its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// More than [`MAX_MESSAGE_CHARS`].
    #[error("The message is too long: {0} characters, at most {MAX_MESSAGE_CHARS} can be posted")]
    TooLong(usize),
    /// It holds U+0000, which Postgres cannot store.
    #[error("The message holds a NUL character, which cannot be stored")]
    Nul,
}

impl MessageText {
    /// Checks a text as it was entered; it is kept unchanged.
    pub fn parse(raw: &str) -> Result<Self, TextError> {
        let chars = raw.chars().count();
        if chars > MAX_MESSAGE_CHARS {
            Err(TextError::TooLong(chars))
        } else if raw.contains('\0') {
            Err(TextError::Nul)
        } else {
            Ok(Self(raw.to_owned()))
        }
    }

    /// The text as it was entered.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A stored message, with what a page shows of its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Row id; of two messages of one second, the later has the higher.
    pub id: MessageId,
    /// Username of the author.
    pub author: String,
    /// E-mail of the author: only the avatar is made of it.
    pub email: String,
    /// What was posted, unescaped.
    pub text: String,
    /// When.
    pub pub_date: UnixSeconds,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_to_the_letter() {
        for text in ["", " ", "a\r\nb", "<b>", "00123", "👩‍👩‍👧", "\u{202e}x"] {
            assert_eq!(MessageText::parse(text).map(|t| t.0), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_cannot_be_stored_is_refused_with_the_reason() {
        assert_eq!(MessageText::parse("a\0"), Err(TextError::Nul));
        let at_the_limit = "é".repeat(MAX_MESSAGE_CHARS);
        assert!(MessageText::parse(&at_the_limit).is_ok());
        let error = MessageText::parse(&(at_the_limit + "!")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "The message is too long: 5001 characters, at most 5000 can be posted"
        );
    }
}
