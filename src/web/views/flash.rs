//! What was done, told once on the next page.

use std::fmt;

use maud::{Render, html};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Most flashes that are kept for the next page: the last ones.
const MAX_FLASHES: usize = 5;

/// Longest cookie value with flashes, in bytes: below the 4096 that browsers allow for a cookie
/// with its name and attributes.
const MAX_COOKIE_BYTES: usize = 3_000;

/// One of the things that happen. Displays as the text that is shown. A visitor's cookie carries
/// what happened and not the text, so that a forged one cannot put words in MiniTwit's mouth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flash {
    /// A message was posted.
    Recorded,
    /// Somebody signed in.
    SignedIn,
    /// Somebody signed out.
    SignedOut,
    /// Somebody registered.
    Registered,
    /// A message was deleted.
    MessageDeleted,
    /// Somebody has another e-mail address.
    EmailChanged,
    /// Somebody has another password.
    PasswordChanged,
    /// Somebody has left.
    AccountDeleted,
    /// The user of that name is followed.
    Following(String),
    /// The user of that name is followed no more.
    NoLongerFollowing(String),
}

impl fmt::Display for Flash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recorded => f.write_str("Your message was recorded"),
            Self::SignedIn => f.write_str("You were logged in"),
            Self::SignedOut => f.write_str("You were logged out"),
            Self::Registered => f.write_str("You were successfully registered and can login now"),
            Self::MessageDeleted => f.write_str("Your message was deleted"),
            Self::EmailChanged => f.write_str("Your e-mail address was changed"),
            Self::PasswordChanged => {
                f.write_str("Your password was changed, and every other browser was signed out")
            }
            Self::AccountDeleted => f.write_str("Your account was deleted"),
            Self::Following(name) => write!(f, "You are now following \"{name}\""),
            Self::NoLongerFollowing(name) => write!(f, "You are no longer following \"{name}\""),
        }
    }
}

impl Render for Flash {
    /// Suites of the original compare the HTML text, in which a double quote is `&#34;`.
    fn render_to(&self, out: &mut String) {
        let escaped = html! { (self.to_string()) }.into_string();
        out.push_str(&escaped.replace("&quot;", "&#34;"));
    }
}

impl Flash {
    /// A cookie value that holds the last few of the flashes; empty for none. Names are
    /// percent-encoded, so that the value needs no quoting.
    pub fn encode(flashes: &[Self]) -> String {
        let mut kept = Vec::with_capacity(MAX_FLASHES);
        let mut room = MAX_COOKIE_BYTES;
        for flash in flashes.iter().rev() {
            let item = flash.encode_one();
            // One more byte for the dot between two.
            if kept.len() < MAX_FLASHES && item.len() < room {
                room -= item.len() + 1;
                kept.push(item);
            }
        }
        kept.reverse();
        kept.join(".")
    }

    /// The flashes of a cookie value. What is not understood is left out.
    pub fn decode(cookie: &str) -> Vec<Self> {
        cookie.split('.').filter_map(Self::decode_one).take(MAX_FLASHES).collect()
    }

    fn encode_one(&self) -> String {
        let with_name =
            |kind, name| format!("{kind}:{}", utf8_percent_encode(name, NON_ALPHANUMERIC));
        match self {
            Self::Recorded => "recorded".to_owned(),
            Self::SignedIn => "signed-in".to_owned(),
            Self::SignedOut => "signed-out".to_owned(),
            Self::Registered => "registered".to_owned(),
            Self::MessageDeleted => "message-deleted".to_owned(),
            Self::EmailChanged => "email-changed".to_owned(),
            Self::PasswordChanged => "password-changed".to_owned(),
            Self::AccountDeleted => "account-deleted".to_owned(),
            Self::Following(name) => with_name("following", name),
            Self::NoLongerFollowing(name) => with_name("no-longer-following", name),
        }
    }

    fn decode_one(item: &str) -> Option<Self> {
        let (kind, name) = item.split_once(':').unwrap_or((item, ""));
        let name = || percent_decode_str(name).decode_utf8().ok().filter(|name| !name.is_empty());
        match kind {
            "recorded" => Some(Self::Recorded),
            "signed-in" => Some(Self::SignedIn),
            "signed-out" => Some(Self::SignedOut),
            "registered" => Some(Self::Registered),
            "message-deleted" => Some(Self::MessageDeleted),
            "email-changed" => Some(Self::EmailChanged),
            "password-changed" => Some(Self::PasswordChanged),
            "account-deleted" => Some(Self::AccountDeleted),
            "following" => Some(Self::Following(name()?.into_owned())),
            "no-longer-following" => Some(Self::NoLongerFollowing(name()?.into_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MAX_USERNAME_CHARS;
    use proptest::prelude::*;

    fn flash() -> impl Strategy<Value = Flash> {
        prop_oneof![
            Just(Flash::Recorded),
            Just(Flash::SignedIn),
            Just(Flash::SignedOut),
            Just(Flash::Registered),
            Just(Flash::MessageDeleted),
            Just(Flash::EmailChanged),
            Just(Flash::PasswordChanged),
            Just(Flash::AccountDeleted),
            "\\PC{1,20}".prop_map(Flash::Following),
            any::<String>()
                .prop_filter("a name", |n| !n.is_empty())
                .prop_map(Flash::NoLongerFollowing),
        ]
    }

    #[test]
    fn the_texts_are_those_of_the_original() {
        let shown = |flash: Flash| flash.render().into_string();
        assert_eq!(shown(Flash::Recorded), "Your message was recorded");
        assert_eq!(shown(Flash::SignedIn), "You were logged in");
        assert_eq!(shown(Flash::SignedOut), "You were logged out");
        assert_eq!(shown(Flash::Registered), "You were successfully registered and can login now");
        assert_eq!(shown(Flash::Following("foo".into())), "You are now following &#34;foo&#34;");
        assert_eq!(
            shown(Flash::NoLongerFollowing("a\"<b>&quot;".into())),
            "You are no longer following &#34;a&#34;&lt;b&gt;&amp;quot;&#34;"
        );
    }

    #[test]
    fn a_forged_cookie_says_nothing_of_its_own() {
        for cookie in ["", ".", "You have won", "following", "following:", "following:%FF", "☃:x"]
        {
            assert_eq!(Flash::decode(cookie), []);
        }
        assert_eq!(Flash::decode("x.recorded.y"), [Flash::Recorded]);
        assert_eq!(Flash::decode(&"recorded.".repeat(1_000)).len(), MAX_FLASHES);
    }

    #[test]
    fn two_of_the_longest_names_fit_and_the_last_is_kept() {
        let longest = || Flash::Following("🐦".repeat(MAX_USERNAME_CHARS));
        let flashes = [Flash::SignedIn, longest(), longest(), Flash::Recorded];
        assert_eq!(Flash::decode(&Flash::encode(&flashes)), flashes);
        let many = vec![longest(); 9];
        assert_eq!(Flash::decode(&Flash::encode(&many)), many[..2]);
    }

    proptest! {
        #[test]
        fn flashes_survive_the_cookie(flashes in prop::collection::vec(flash(), 0..=2)) {
            let cookie = Flash::encode(&flashes);
            prop_assume!(cookie.len() < MAX_COOKIE_BYTES);
            prop_assert_eq!(Flash::decode(&cookie), flashes);
        }

        #[test]
        fn a_cookie_is_short_and_needs_no_quoting(flashes in prop::collection::vec(flash(), 0..50)) {
            let cookie = Flash::encode(&flashes);
            prop_assert!(cookie.len() <= MAX_COOKIE_BYTES);
            prop_assert!(cookie.bytes().all(|b| b.is_ascii_alphanumeric() || b".:%-".contains(&b)), "{}", cookie);
            let kept = Flash::decode(&cookie);
            prop_assert!(kept.len() <= MAX_FLASHES);
        }

        #[test]
        fn reading_never_fails(cookie in any::<String>()) {
            prop_assert!(Flash::decode(&cookie).len() <= MAX_FLASHES);
        }
    }
}
