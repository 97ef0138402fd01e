//! Where the picture beside a message comes from.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

pub use super::identicon::identicon;

/// Width and height of an avatar, in CSS pixels.
pub const AVATAR_SIZE: u8 = 48;

/// Who draws the avatars.
#[derive(Clone)]
pub enum Avatars {
    /// MiniTwit, at `/avatar/{16 hexadecimal digits}.svg`. The digits are made of the e-mail
    /// address with a key that only this server has, and so tell nothing about the address.
    Own(Box<Hmac<Sha256>>),
    /// gravatar.com, which so learns who reads what, as in the original.
    Gravatar,
}

impl Avatars {
    /// Our own avatars, keyed with the secret of the database.
    pub fn own(secret: &[u8; 32]) -> Self {
        // HMAC fills a key up to the block of its hash, with zeros.
        let mut key = [0; 64];
        key[..secret.len()].copy_from_slice(secret);
        Self::Own(Box::new(Hmac::new(&key.into())))
    }

    /// Where the avatar of an e-mail address is. Case and blanks around it do not matter.
    pub fn url(&self, email: &str) -> String {
        let email = email.trim().to_lowercase();
        match self {
            Self::Own(keyed) => {
                let mut mac = Hmac::clone(keyed);
                mac.update(email.as_bytes());
                let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = mac.finalize().into_bytes().into();
                format!("/avatar/{:016x}.svg", u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
            Self::Gravatar => format!(
                "https://www.gravatar.com/avatar/{:032x}?d=identicon&s={AVATAR_SIZE}",
                u128::from_be_bytes(Md5::digest(email).into())
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(avatars: &Avatars, email: &str) -> String {
        let url = avatars.url(email);
        let id = url.strip_prefix("/avatar/").and_then(|rest| rest.strip_suffix(".svg"));
        id.unwrap_or_else(|| panic!("not an avatar: {url}")).to_owned()
    }

    #[test]
    fn our_own_are_the_hmac_of_the_address() {
        // echo -n user@example.com | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
        assert_eq!(id(&Avatars::own(&[7; 32]), "user@example.com"), "8c4476a594ebaffe");
    }

    #[test]
    fn another_server_draws_another_picture() {
        let [a, b] = [1, 2].map(|key| id(&Avatars::own(&[key; 32]), "user@example.com"));
        assert_ne!(a, b);
    }

    #[test]
    fn gravatars_are_those_of_the_original() {
        // The example in Gravatar's own documentation.
        assert_eq!(
            Avatars::Gravatar.url(" MyEmailAddress@example.com "),
            "https://www.gravatar.com/avatar/0bc83cb571cd1c50ba6f3e8a78ef1346?d=identicon&s=48"
        );
    }

    proptest! {
        #[test]
        fn every_address_has_a_picture(email in any::<String>()) {
            let avatars = Avatars::own(&[3; 32]);
            prop_assert!(identicon(&id(&avatars, &email)).is_some());
            prop_assert_eq!(avatars.url(&email), avatars.url(&format!("\t{email} ")));
        }
    }
}
