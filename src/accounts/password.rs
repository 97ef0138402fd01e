//! Makes and verifies password hashes. Each call takes as long as a hash is meant to take:
//! nothing calls this but the [`super::HashingPool`]'s threads.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bcrypt::{BcryptError, HashParts};
use sha2::{Digest, Sha384};

use super::{BcryptCost, werkzeug};
use crate::domain::Password;

/// What bcrypt reads of a password, in bytes.
const BCRYPT_BYTES: usize = 72;

/// Highest cost of a stored hash that is worth waiting for, about five seconds, unless a higher
/// one is configured. A damaged database may ask for days.
const MAX_STORED_COST: u32 = 16;

/// What a password is, measured by a stored hash.
#[derive(Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Not the one the hash was made of.
    Wrong,
    /// The one the hash was made of.
    Right,
    /// Right, but the hash is werkzeug's, or cheaper than is configured.
    RightOutdated {
        /// A hash of the same password to replace it with.
        renewed: String,
    },
    /// Nobody can tell; no password is right for this hash.
    Unusable(UnusableHash),
}

/// Why a stored hash fits no password. Shows nothing of the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableHash {
    /// Neither bcrypt's nor one of those werkzeug's that are understood.
    #[error("the password hash is of an unknown kind")]
    Unknown,
    /// The kind is known, but the rest is not as it should be.
    #[error("the password hash is damaged")]
    Damaged,
    /// Its parameters ask for more time or memory than any honest hash.
    #[error("the password hash asks for too much work")]
    TooMuchWork,
}

/// A new hash, `$2b$…`. Only the system's source of randomness can fail.
pub(super) fn hash(password: &Password, cost: BcryptCost) -> Result<String, BcryptError> {
    bcrypt::hash(bcrypt_input(password.expose()), cost.get())
}

/// Measures a password by a stored hash, whatever that is.
pub(super) fn verify(password: &Password, stored: &str, cost: BcryptCost) -> Verdict {
    let right = if werkzeug::is_werkzeug(stored) {
        werkzeug::verify(password.expose(), stored)
    } else {
        verify_bcrypt(password.expose(), stored, cost)
    };
    match right {
        Err(unusable) => Verdict::Unusable(unusable),
        Ok(false) => Verdict::Wrong,
        Ok(true) if is_outdated(stored, cost) => hash(password, cost)
            .map_or(Verdict::Right, |renewed| Verdict::RightOutdated { renewed }),
        Ok(true) => Verdict::Right,
    }
}

fn verify_bcrypt(password: &[u8], stored: &str, cost: BcryptCost) -> Result<bool, UnusableHash> {
    // Not $2x$: those were made with a bug that the crate does not imitate.
    if !["$2a$", "$2b$", "$2y$"].iter().any(|version| stored.starts_with(version)) {
        return Err(UnusableHash::Unknown);
    }
    let parts: HashParts = stored.parse().map_err(|_| UnusableHash::Damaged)?;
    if parts.get_cost() > cost.get().max(MAX_STORED_COST) {
        return Err(UnusableHash::TooMuchWork);
    }
    bcrypt::verify(bcrypt_input(password), stored).map_err(|_| UnusableHash::Damaged)
}

fn is_outdated(stored: &str, cost: BcryptCost) -> bool {
    stored.parse::<HashParts>().map_or(true, |parts| parts.get_cost() < cost.get())
}

/// What bcrypt is given for a password: the password itself, as other tools do, unless bcrypt
/// would not read it as it is. It ignores what follows 72 bytes, and it repeats the password with
/// a NUL between, so that `a` and `a\0a` are the same to it. Those become the 64 characters of
/// their digest, which begins with a text of ours so that digests leaked elsewhere are no use.
fn bcrypt_input(password: &[u8]) -> Cow<'_, [u8]> {
    if password.len() <= BCRYPT_BYTES && !password.contains(&0) {
        return Cow::Borrowed(password);
    }
    let digest = Sha384::new().chain_update(b"MiniTwit password:").chain_update(password);
    Cow::Owned(STANDARD.encode(digest.finalize()).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WERKZEUG: &str = "pbkdf2:sha256:1000$5qSQZNwx90neIpMj$\
                            2c36dd63ef0e1c9d3100de680a016396dbe4dcb38a480acedceff611f4f88536";

    fn cost(cost: u32) -> BcryptCost {
        cost.to_string().parse().unwrap()
    }

    fn hashed(password: &str) -> String {
        hash(&Password::new(password), cost(4)).unwrap()
    }

    fn judged(password: &str, stored: &str, at: u32) -> &'static str {
        match verify(&Password::new(password), stored, cost(at)) {
            Verdict::Wrong => "wrong",
            Verdict::Right => "right",
            Verdict::RightOutdated { renewed } => {
                assert!(renewed.starts_with(&format!("$2b${at:02}$")), "{renewed}");
                assert_eq!(judged(password, &renewed, at), "right");
                "right, outdated"
            }
            Verdict::Unusable(UnusableHash::Unknown) => "unknown",
            Verdict::Unusable(UnusableHash::Damaged) => "damaged",
            Verdict::Unusable(UnusableHash::TooMuchWork) => "too much work",
        }
    }

    /// Made by the Python package bcrypt 5.0 and, `$2y$`, by libxcrypt 4.4.
    #[test]
    fn hashes_of_other_tools_know_their_password() {
        let full = "y".repeat(BCRYPT_BYTES);
        for (password, stored) in [
            ("default", "$2a$04$kfCFbhWkvTIvVRvCQXFzXeP1.8HDC1a18Uh6JKeHKKuH1e7Daclcm"),
            ("default", "$2y$04$abcdefghijklmnopqrstuuw/XiTbkTgb2m8TP.kt.yCXSi3rWAbgy"),
            ("pässwörd 🐦", "$2b$04$CUNhycj8NYe.dERPwYBG7Of7l1f.5QcBYrIQGa27h9qApPIg9QCWq"),
            (&full, "$2b$04$dbyWsiuRwTAI8LN5KA5.i.cbQA1kiFDW3dYtGYaauuErH3R36E1pq"),
        ] {
            assert_eq!(judged(password, stored, 4), "right", "{stored}");
            assert_eq!(judged("another", stored, 4), "wrong", "{stored}");
        }
    }

    #[test]
    fn every_character_of_a_password_counts() {
        let long = "x".repeat(BCRYPT_BYTES);
        for (one, other) in [
            (long.clone(), format!("{long}y")),
            (format!("{long}y"), format!("{long}z")),
            (format!("{long}y"), long.clone()),
            (format!("{long}{long}y"), format!("{long}{long}z")),
            ("a".to_owned(), "a\0".to_owned()),
            ("a".to_owned(), "a\0a".to_owned()),
            ("a\0b".to_owned(), "a\0c".to_owned()),
            ("a\0b".to_owned(), "a".to_owned()),
            (String::new(), "\0".to_owned()),
        ] {
            let stored = hashed(&one);
            assert_eq!(judged(&one, &stored, 4), "right", "{one:?}");
            assert_eq!(judged(&other, &stored, 4), "wrong", "{one:?} and {other:?}");
        }
    }

    #[test]
    fn a_hash_that_is_no_longer_good_enough_comes_back_renewed() {
        assert_eq!(judged("default", WERKZEUG, 4), "right, outdated");
        assert_eq!(judged("another", WERKZEUG, 4), "wrong");
        assert_eq!(judged("default", &hashed("default"), 5), "right, outdated");
        let dearer = hash(&Password::new("default"), cost(5)).unwrap();
        assert_eq!(judged("default", &dearer, 4), "right");
    }

    #[test]
    fn a_hash_that_cannot_be_is_told_from_a_wrong_password() {
        let good = hashed("default");
        for (stored, judgement) in [
            ("", "unknown"),
            ("default", "unknown"),
            ("sha1$salt$00", "unknown"),
            (&good.replace("$2b$", "$2x$"), "unknown"),
            ("pbkdf2:sha256:1000$salt", "damaged"),
            ("$2b$", "damaged"),
            (&good[..59], "damaged"),
            (&good.replace("$04$", "$03$"), "damaged"),
            (&good.replace("$04$", "$32$"), "too much work"),
            (&good.replace("$04$", "$31$"), "too much work"),
            (&format!("$2b$04$é{}", &good[9..]), "damaged"),
        ] {
            assert_eq!(judged("default", stored, 4), judgement, "{stored}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_password_is_right_for_its_hash_alone(one: String, other: String) {
            let stored = hashed(&one);
            prop_assert_eq!(judged(&one, &stored, 4), "right");
            let expected = if one == other { "right" } else { "wrong" };
            prop_assert_eq!(judged(&other, &stored, 4), expected);
        }

        #[test]
        fn no_hash_ever_panics(stored in "(\\$2[aby]\\$)?(04)?\\$?\\PC{0,60}") {
            prop_assert!(!judged("default", &stored, 4).starts_with("right"));
        }
    }
}
