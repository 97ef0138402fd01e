//! Messages as somebody sees them who looks after a MiniTwit: flagged ones too.

use super::{MessageId, UnixSeconds, UserId};

/// A message with all that is stored of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Row id.
    pub id: MessageId,
    /// Who wrote it.
    pub author_id: UserId,
    /// Their username.
    pub author: String,
    /// What was posted, unescaped.
    pub text: String,
    /// When.
    pub pub_date: UnixSeconds,
    /// Whether it is hidden from every page and call.
    pub flagged: bool,
}

/// Which messages are looked for. What is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Who wrote them.
    pub author: Option<UserId>,
    /// What is in their text. Capital and small letters are the same, at least those of ASCII.
    pub text: Option<String>,
    /// The first second of the time.
    pub since: Option<UnixSeconds>,
    /// The second after the last of the time.
    pub until: Option<UnixSeconds>,
    /// Whether they are flagged.
    pub flagged: Option<bool>,
}

/// What a part of all messages has of those looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The last stored comes first.
    pub messages: Vec<StoredMessage>,
    /// What was looked at last, if there may be more behind it.
    pub last: Option<MessageId>,
}
