//! MiniTwit in plain words, without input or output: who may be called what, what may be
//! posted, what a timeline is. Values of these types are checked; raw strings are not.

mod account;
mod leaving;
mod message;
mod moderation;
mod timeline;
mod username;

pub use account::{
    Email, NewAccount, Password, Registration, RegistrationError, SESSION_SECONDS, SessionKey, User,
};
pub use leaving::{Account, LeftBehind, NO_PASSWORD, names_of_deleted};
pub use message::{MAX_MESSAGE_CHARS, Message, MessageText, TextError};
pub use moderation::{Found, Search, StoredMessage};
pub use timeline::{Cursor, PAGE_SIZE, Timeline, TimelineOf};
pub use username::{MAX_USERNAME_CHARS, RESERVED_USERNAMES, Username, UsernameError};

/// Row id of a user, as in `user.user_id`.
pub type UserId = i64;

/// Row id of a message, as in `message.message_id`.
pub type MessageId = i64;

/// Seconds since 1970-01-01 00:00:00 UTC.
pub type UnixSeconds = i64;
