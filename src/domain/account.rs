//! Who somebody is, and what it takes to become somebody.

use std::fmt;

use super::username::{MAX_USERNAME_CHARS, Username, UsernameError};
use super::{UnixSeconds, UserId};

/// Longest e-mail address, in characters (RFC 5321, section 4.5.3.1.3, less the brackets).
const MAX_EMAIL_CHARS: usize = 254;

/// A registered person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Row id.
    pub id: UserId,
    /// Unique by exact spelling.
    pub username: String,
    /// Never shown to others.
    pub email: String,
}

/// An e-mail address, as far as MiniTwit cares: it has an `@`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Checks an address as it was entered; it is kept unchanged.
    pub fn parse(raw: &str) -> Option<Self> {
        let valid =
            raw.contains('@') && !raw.contains('\0') && raw.chars().count() <= MAX_EMAIL_CHARS;
        valid.then(|| Self(raw.to_owned()))
    }

    /// The address as it was entered.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password in clear. It shows itself to nobody but the hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Wraps a password as it was entered, whatever it is.
    pub fn new(raw: impl Into<String>) -> Self {
        Self(raw.into())
    }

    /// The bytes to hash.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A registration whose fields are all acceptable. Whether the name is free, only storage knows.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The name to be known by.
    pub username: Username,
    /// Where the avatar comes from.
    pub email: Email,
    /// Still in clear.
    pub password: Password,
}

/// Why somebody cannot register. Displays as the text that is shown to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// The name is empty.
    #[error("You have to enter a username")]
    NoUsername,
    /// The name is longer than [`MAX_USERNAME_CHARS`].
    #[error("The username is too long: at most {MAX_USERNAME_CHARS} characters")]
    UsernameTooLong,
    /// The name holds U+0000.
    #[error("The username holds a character that cannot be stored")]
    UsernameNul,
    /// No `@`, or longer than an address can be.
    #[error("You have to enter a valid email address")]
    InvalidEmail,
    /// The password is empty.
    #[error("You have to enter a password")]
    NoPassword,
    /// It was typed differently the second time.
    #[error("The two passwords do not match")]
    PasswordsDiffer,
    /// Somebody has it, or it is a route.
    #[error("The username is already taken")]
    UsernameTaken,
}

impl Registration {
    /// Checks what was entered. The first error counts, in the order of the form's fields; a
    /// reserved name counts as taken, and like that is told last.
    pub fn check(
        username: &str,
        email: &str,
        password: &str,
        repeated: &str,
    ) -> Result<Self, RegistrationError> {
        let username = match Username::parse(username) {
            Err(UsernameError::Empty) => return Err(RegistrationError::NoUsername),
            Err(UsernameError::TooLong) => return Err(RegistrationError::UsernameTooLong),
            Err(UsernameError::Nul) => return Err(RegistrationError::UsernameNul),
            Err(UsernameError::Reserved) => None,
            Ok(name) => Some(name),
        };
        let email = Email::parse(email).ok_or(RegistrationError::InvalidEmail)?;
        if password.is_empty() {
            return Err(RegistrationError::NoPassword);
        }
        if password != repeated {
            return Err(RegistrationError::PasswordsDiffer);
        }
        Ok(Self {
            username: username.ok_or(RegistrationError::UsernameTaken)?,
            email,
            password: Password::new(password),
        })
    }
}

/// An account ready to be stored. No `Debug`: the hash is in no log.
#[derive(Clone)]
pub struct NewAccount {
    /// The name to be known by.
    pub username: Username,
    /// Where the avatar comes from.
    pub email: Email,
    /// A bcrypt hash (`$2b$…`).
    pub pw_hash: String,
}

/// What a session is stored under: the SHA-256 of the token in the visitor's cookie, so that
/// somebody who reads the database cannot sign in with what they find.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey(pub [u8; 32]);

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

/// How long a sign-in lasts, in seconds: 30 days.
pub const SESSION_SECONDS: UnixSeconds = 30 * 24 * 3600;

#[cfg(test)]
mod tests {
    use super::*;

    fn error(username: &str, email: &str, password: &str, repeated: &str) -> String {
        match Registration::check(username, email, password, repeated) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_first_error_is_told_in_the_order_of_the_form() {
        assert_eq!(error("", "", "", "x"), "You have to enter a username");
        assert_eq!(error("a", "broken", "", "x"), "You have to enter a valid email address");
        assert_eq!(error("a", "a@b", "", "x"), "You have to enter a password");
        assert_eq!(error("a", "a@b", "y", "x"), "The two passwords do not match");
        assert_eq!(error("login", "a@b", "x", "x"), "The username is already taken");
        assert_eq!(error("login", "a@b", "", "x"), "You have to enter a password");
        assert_eq!(error("a", "a@b", "x", "x"), "");
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", Registration::check("a", "a@b", "hunter2", "hunter2"));
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!format!("{:?}", SessionKey([7; 32])).contains('7'));
    }
}
