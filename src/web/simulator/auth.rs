//! Who may use the simulator API.

use std::fmt;
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

/// What the course has published: good for a loopback address only.
pub const PUBLISHED_CREDENTIALS: &str = "simulator:super_safe!";

/// The credentials of the simulator API, as they travel in the `Authorization` header.
#[derive(Clone)]
pub struct SimulatorAuth {
    encoded: String,
}

/// A `--simulator-auth` that is not `USER:PASSWORD`. Does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has to be USER:PASSWORD, with neither of them empty")]
pub struct NotCredentials;

impl SimulatorAuth {
    /// [`PUBLISHED_CREDENTIALS`].
    pub fn published() -> Self {
        Self::of(PUBLISHED_CREDENTIALS)
    }

    fn of(pair: &str) -> Self {
        Self { encoded: STANDARD.encode(pair) }
    }

    /// Whether the request carries the credentials. Takes as long for a wrong guess that is
    /// nearly right as for any other.
    pub(super) fn admits(&self, req: &HttpRequest) -> bool {
        let header = req.headers().get(AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
        let Some((scheme, credentials)) = header.split_at_checked(6) else { return false };
        scheme.eq_ignore_ascii_case(b"Basic ")
            && bool::from(credentials.trim_ascii().ct_eq(self.encoded.as_bytes()))
    }
}

impl FromStr for SimulatorAuth {
    type Err = NotCredentials;

    fn from_str(text: &str) -> Result<Self, NotCredentials> {
        match text.split_once(':') {
            Some((user, password)) if !user.is_empty() && !password.is_empty() => {
                Ok(Self::of(text))
            }
            _ => Err(NotCredentials),
        }
    }
}

impl fmt::Debug for SimulatorAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimulatorAuth(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn admits(header: &str) -> bool {
        let req = TestRequest::default().insert_header((AUTHORIZATION, header)).to_http_request();
        SimulatorAuth::published().admits(&req)
    }

    #[test]
    fn only_the_right_pair_is_let_in() {
        assert!(admits("Basic c2ltdWxhdG9yOnN1cGVyX3NhZmUh"));
        assert!(admits("basic  c2ltdWxhdG9yOnN1cGVyX3NhZmUh"));
        assert!(!admits("Basic c2ltdWxhdG9yOnN1cGVyX3NhZmU"));
        assert!(!admits("Bearer c2ltdWxhdG9yOnN1cGVyX3NhZmUh"));
        assert!(!admits(""));
        assert!(!SimulatorAuth::published().admits(&TestRequest::default().to_http_request()));
    }

    #[test]
    fn a_pair_has_two_halves() {
        assert!("a:b:c".parse::<SimulatorAuth>().is_ok());
        for wrong in ["", "a", "a:", ":b"] {
            assert_eq!(wrong.parse::<SimulatorAuth>().err(), Some(NotCredentials), "{wrong}");
        }
        assert!(!format!("{:?}", SimulatorAuth::published()).contains("super_safe"));
    }
}
