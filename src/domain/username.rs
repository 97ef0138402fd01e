//! What somebody may be called.

use std::fmt;

/// Longest username, in characters. Keeps a name on one line of a page and, percent-encoded
/// twice over, inside the 4096 bytes a browser allows for a cookie.
pub const MAX_USERNAME_CHARS: usize = 100;

/// Names nobody can register, because `/{username}` would not reach their page: the first
/// segments of the router's own paths, the two that every browser resolves away, and some that
/// machines ask any server for or that are likely to become paths.
pub const RESERVED_USERNAMES: &[&str] = &[
    ".",
    "..",
    ".well-known",
    "account",
    "add_message",
    "avatar",
    "favicon.ico",
    "fllws",
    "latest",
    "livez",
    "login",
    "logout",
    "metrics",
    "msgs",
    "openapi.json",
    "public",
    "readyz",
    "register",
    "robots.txt",
    "static",
];

/// A name that can be registered: not empty, not too long, no NUL, not a route. It may hold any
/// other Unicode, slashes and spaces included, and is compared by its exact spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

/// Why a name cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsernameError {
    /// Nothing was entered.
    Empty,
    /// More than [`MAX_USERNAME_CHARS`].
    TooLong,
    /// It holds U+0000, which Postgres cannot store.
    Nul,
    /// One of [`RESERVED_USERNAMES`].
    Reserved,
}

impl Username {
    /// Checks a name as it was entered; it is kept unchanged.
    pub fn parse(raw: &str) -> Result<Self, UsernameError> {
        if raw.is_empty() {
            Err(UsernameError::Empty)
        } else if raw.contains('\0') {
            Err(UsernameError::Nul)
        } else if raw.chars().count() > MAX_USERNAME_CHARS {
            Err(UsernameError::TooLong)
        } else if RESERVED_USERNAMES.contains(&raw) {
            Err(UsernameError::Reserved)
        } else {
            Ok(Self(raw.to_owned()))
        }
    }

    /// The name as it was entered.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_people_have_are_kept_to_the_letter() {
        for name in ["Roger Histand", "a/b", "00123", "1e5", "x+y", "Zoë", "🐦", "..."] {
            assert_eq!(Username::parse(name).map(|n| n.0), Ok(name.to_owned()));
        }
    }

    #[test]
    fn names_that_cannot_be_reached_are_refused() {
        assert_eq!(Username::parse(""), Err(UsernameError::Empty));
        assert_eq!(Username::parse("public"), Err(UsernameError::Reserved));
        assert_eq!(Username::parse(".."), Err(UsernameError::Reserved));
        assert_eq!(Username::parse("a\0b"), Err(UsernameError::Nul));
        let long = "ä".repeat(MAX_USERNAME_CHARS + 1);
        assert_eq!(Username::parse(&long), Err(UsernameError::TooLong));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_unchanged(raw in any::<String>()) {
            if let Ok(name) = Username::parse(&raw) {
                prop_assert_eq!(name.as_str(), raw);
            }
        }
    }
}
