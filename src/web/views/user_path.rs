//! Where somebody's page is.

use std::fmt;

use maud::Render;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// What is percent-encoded in a path segment: all but RFC 3986's unreserved characters. What is
/// left needs no escaping in HTML either.
const IN_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path of a user's page, `/{username}`. Any name becomes one path segment.
#[derive(Clone, Copy, Debug)]
pub struct UserPath<'a>(pub &'a str);

impl<'a> UserPath<'a> {
    fn segment(self) -> PercentEncode<'a> {
        utf8_percent_encode(self.0, IN_SEGMENT)
    }
}

impl fmt::Display for UserPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.segment())
    }
}

impl Render for UserPath<'_> {
    fn render_to(&self, out: &mut String) {
        out.push('/');
        out.extend(self.segment());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    #[test]
    fn names_become_one_segment() {
        for (name, path) in [
            ("foo", "/foo"),
            ("Roger Histand", "/Roger%20Histand"),
            ("a/b?c#d", "/a%2Fb%3Fc%23d"),
            ("x+y.z", "/x%2By.z"),
            ("100%", "/100%25"),
            ("Zoë", "/Zo%C3%AB"),
            ("\"><b>", "/%22%3E%3Cb%3E"),
        ] {
            assert_eq!(UserPath(name).to_string(), path);
            assert_eq!(UserPath(name).render().into_string(), path);
        }
    }

    proptest! {
        #[test]
        fn every_name_is_found_again_in_its_path(name in any::<String>()) {
            let path = UserPath(&name).to_string();
            let segment = &path[1..];
            prop_assert!(segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
            prop_assert_eq!(percent_decode_str(segment).decode_utf8().unwrap(), name);
        }
    }
}
