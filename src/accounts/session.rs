//! What a signed-in browser carries.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::domain::SessionKey;

/// Random bytes in a token: 256 bits, which nobody guesses.
const TOKEN_BYTES: usize = 32;

/// The value of the session cookie: 32 random bytes in base64url, 43 characters. Whoever has it is
/// signed in, so only its [`SessionKey`] is stored, and `Debug` hides it.
#[derive(Clone)]
pub struct SessionToken(String);

impl SessionToken {
    /// A new token. Only the system's source of randomness can fail.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The token in a cookie's value, if the value can be one: strangers send anything.
    pub fn parse(cookie: &str) -> Option<Self> {
        let mut bytes = [0; TOKEN_BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(cookie, &mut bytes).ok()?;
        (length == TOKEN_BYTES).then(|| Self(cookie.to_owned()))
    }

    /// What goes into the cookie; it needs no quoting there.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the session is stored under: the SHA-256 of the cookie's value. The token is random
    /// enough to need neither salt nor a slow hash.
    pub fn key(&self) -> SessionKey {
        SessionKey(Sha256::digest(&self.0).into())
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn a_token_comes_back_from_its_cookie() {
        let token = SessionToken::generate().unwrap();
        let back = SessionToken::parse(token.as_str()).unwrap();
        assert_eq!(back.as_str(), token.as_str());
        assert_eq!(back.key(), token.key());
        assert!(!format!("{token:?}").contains(token.as_str()));
    }

    #[test]
    fn no_two_tokens_are_the_same() {
        let tokens = (0..1_000).map(|_| SessionToken::generate().unwrap());
        let keys: HashSet<_> = tokens.map(|token| token.key()).collect();
        assert_eq!(keys.len(), 1_000);
    }

    /// `printf AAAA…A | sha256sum`, 43 times the letter.
    #[test]
    fn the_key_is_the_sha256_of_the_cookie() {
        let token = SessionToken::parse(&"A".repeat(43)).unwrap();
        assert_eq!(token.key().0[..4], [0x0f, 0x00, 0x73, 0x85]);
    }

    #[test]
    fn what_is_not_a_token_is_nobodys() {
        let padded = "A".repeat(43) + "=";
        let (short, long) = ("A".repeat(42), "A".repeat(44));
        // The last of 43 characters carries 4 bits: a second spelling of the same bytes.
        let respelled = "A".repeat(42) + "B";
        for cookie in ["", &padded, &short, &long, &respelled, &"+".repeat(43), &"é".repeat(43)] {
            assert!(SessionToken::parse(cookie).is_none(), "{cookie}");
        }
    }

    proptest! {
        #[test]
        fn any_cookie_is_a_token_or_not(cookie in "[-_0-9A-Za-z]{40,46}|\\PC*") {
            if let Some(token) = SessionToken::parse(&cookie) {
                prop_assert_eq!(token.as_str().len(), 43);
            }
        }
    }
}
