//! Messages, newest first, a page at a time.

use std::fmt;
use std::str::FromStr;

use super::{Message, MessageId, UnixSeconds, UserId};

/// Messages on one page of a timeline.
pub const PAGE_SIZE: usize = 30;

/// Whose messages.
#[derive(Clone, Copy, Debug)]
pub enum TimelineOf<'a> {
    /// Those of everybody.
    Everybody,
    /// Those one user wrote, by username.
    Author(&'a str),
    /// Those a reader sees at home: their own and the ones of whom they follow.
    Reader(UserId),
}

/// The place of a message in every timeline: what is older comes after it. Unlike a page number
/// it does not shift when messages arrive. Written `{pub_date}-{message_id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// When the message was posted.
    pub pub_date: UnixSeconds,
    /// Its id, which decides among messages of one second.
    pub message_id: MessageId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.pub_date, self.message_id)
    }
}

/// The text is not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a timeline")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (pub_date, message_id) = text.rsplit_once('-').ok_or(NotACursor)?;
        Ok(Self {
            pub_date: pub_date.parse().map_err(|_| NotACursor)?,
            message_id: message_id.parse().map_err(|_| NotACursor)?,
        })
    }
}

/// One page of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// At most [`PAGE_SIZE`], newest first.
    pub messages: Vec<Message>,
    /// Where the next page starts, if there is one.
    pub older: Option<Cursor>,
}

impl Timeline {
    /// Makes a page of up to [`PAGE_SIZE`]` + 1` messages: the one too many only tells that there
    /// are older ones.
    pub fn page(mut messages: Vec<Message>) -> Self {
        let more = messages.len() > PAGE_SIZE;
        messages.truncate(PAGE_SIZE);
        let last = messages.last().filter(|_| more);
        let older = last.map(|m| Cursor { pub_date: m.pub_date, message_id: m.id });
        Self { messages, older }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn messages(count: usize) -> Vec<Message> {
        let message = |id| Message {
            id,
            author: "a".into(),
            email: "a@b".into(),
            text: String::new(),
            pub_date: 1_000 + id / 2,
        };
        (0..count as i64).rev().map(message).collect()
    }

    #[test]
    fn a_full_page_has_no_older_link_until_there_is_something_older() {
        assert_eq!(Timeline::page(messages(0)).older, None);
        assert_eq!(Timeline::page(messages(PAGE_SIZE)).older, None);
        let page = Timeline::page(messages(PAGE_SIZE + 1));
        assert_eq!(page.messages.len(), PAGE_SIZE);
        assert_eq!(page.older, Some(Cursor { pub_date: 1_000, message_id: 1 }));
    }

    proptest! {
        #[test]
        fn a_cursor_survives_being_written_and_read(pub_date: i64, message_id in 0..i64::MAX) {
            let cursor = Cursor { pub_date, message_id };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn any_other_text_is_refused(text in "\\PC*") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                let digits = |s: &str| s.chars().filter(char::is_ascii_digit).count();
                prop_assert!(digits(&text) >= digits(&cursor.to_string()));
            }
        }
    }
}
