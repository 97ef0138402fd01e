//! What there is of somebody, and what they leave behind.

use super::{UnixSeconds, User, UserId};

/// All there is of a user, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub user: User,
    /// Whether there is a password that lets them in: not after their account was deleted.
    pub has_password: bool,
    /// Messages, without the flagged ones.
    pub messages: i64,
    /// Messages that are flagged.
    pub flagged: i64,
    /// When they last posted what is not flagged.
    pub last_message: Option<UnixSeconds>,
    /// How many people they follow.
    pub follows: i64,
    /// How many people follow them.
    pub followers: i64,
    /// Browsers in which they are signed in.
    pub sessions: i64,
}

/// What stays of somebody whose account is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftBehind {
    /// Nothing.
    Nothing,
    /// Their messages, under one of [`names_of_deleted`]. Their own name is free again, and whoever
    /// takes it has none of these messages.
    Messages,
}

/// Stands in the place of a password hash where no password fits.
pub const NO_PASSWORD: &str = "!deleted";

/// What messages are shown under whose author is gone: the first of these that is nobody's.
pub fn names_of_deleted(user: UserId) -> impl Iterator<Item = String> {
    let others = (2..).map(move |number| format!("[deleted {user}] ({number})"));
    std::iter::once(format!("[deleted {user}]")).chain(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_one_more_name() {
        let names: Vec<String> = names_of_deleted(7).take(3).collect();
        assert_eq!(names, ["[deleted 7]", "[deleted 7] (2)", "[deleted 7] (3)"]);
    }
}
