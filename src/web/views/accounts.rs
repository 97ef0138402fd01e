//! Signing in and signing up.

use maud::{Markup, html};

use super::form::{Form, error_text};
use super::frame::{Frame, Here};
use crate::domain::RegistrationError;

/// Why somebody was not signed in. Displays as the text that is shown to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The name is nobody's.
    #[error("Invalid username")]
    InvalidUsername,
    /// It is not the password of that user.
    #[error("Invalid password")]
    InvalidPassword,
}

impl SignInError {
    fn field(self) -> &'static str {
        match self {
            Self::InvalidUsername => "username",
            Self::InvalidPassword => "password",
        }
    }
}

/// The form for signing in, with the name that was typed and what was wrong.
pub fn sign_in(frame: &Frame<'_>, username: &str, error: Option<SignInError>) -> Markup {
    let form = Form { error_field: error.map(SignInError::field), first_field: "username" };
    let content = html! {
        form.account action="/login" method="post" {
            (error_text(error.as_ref()))
            (form.name_field(username))
            (form.password_field("password", "Password", "current-password"))
            div.actions { input type="submit" value="Sign In"; }
        }
        p { "New here? " a href="/register" { "Make an account" } "." }
    };
    frame.page("Sign In", Here::SignIn, &content)
}

/// The form for registering, with what was typed and what was wrong.
pub fn sign_up(
    frame: &Frame<'_>,
    username: &str,
    email: &str,
    error: Option<RegistrationError>,
) -> Markup {
    let form = Form { error_field: error.map(registration_field), first_field: "username" };
    let content = html! {
        form.account action="/register" method="post" {
            (error_text(error.as_ref()))
            (form.name_field(username))
            (form.email_field(email))
            (form.password_field("password", "Password", "new-password"))
            (form.password_field("password2", "Password (repeat)", "new-password"))
            div.actions { input type="submit" value="Sign Up"; }
        }
        p { "Been here before? " a href="/login" { "Use your account" } "." }
    };
    frame.page("Sign Up", Here::SignUp, &content)
}

fn registration_field(error: RegistrationError) -> &'static str {
    use RegistrationError::{
        InvalidEmail, NoPassword, NoUsername, PasswordsDiffer, UsernameNul, UsernameTaken,
        UsernameTooLong,
    };
    match error {
        NoUsername | UsernameTooLong | UsernameNul | UsernameTaken => "username",
        InvalidEmail => "email",
        NoPassword => "password",
        PasswordsDiffer => "password2",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VISITOR: Frame<'_> = Frame { signed_in: None, flashes: &[] };

    /// The tag of the input with that name.
    fn input<'p>(page: &'p str, name: &str) -> &'p str {
        let mut tags = page.split('<').filter(|tag| tag.starts_with("input "));
        let tag = tags.find(|tag| tag.contains(&format!(" name=\"{name}\"")));
        tag.unwrap_or_else(|| panic!("no {name} in {page}"))
    }

    #[test]
    fn signing_in_asks_for_name_and_password() {
        let page = sign_in(&VISITOR, "", None).into_string();
        assert!(page.contains("<title>Sign In | MiniTwit</title>"), "{page}");
        assert!(page.contains(r#"action="/login" method="post""#), "{page}");
        assert!(input(&page, "password").contains(r#"type="password""#), "{page}");
        assert!(!page.contains("class=\"error\""), "{page}");
    }

    #[test]
    fn signing_up_asks_for_four_fields_in_the_original_order() {
        let page = sign_up(&VISITOR, "", "", None).into_string();
        assert!(page.contains("<title>Sign Up | MiniTwit</title>"), "{page}");
        let names: Vec<&str> = page
            .split("<input ")
            .skip(1)
            .filter_map(|tag| tag.split("name=\"").nth(1)?.split('"').next())
            .collect();
        assert_eq!(names, ["username", "email", "password", "password2"], "{page}");
    }

    #[test]
    fn an_error_is_told_at_its_field_and_what_was_typed_stays() {
        let page = sign_in(&VISITOR, "a\"<", Some(SignInError::InvalidPassword)).into_string();
        assert!(page.contains("role=\"alert\">Invalid password</div>"), "{page}");
        assert!(input(&page, "username").contains("value=\"a&quot;&lt;\""), "{page}");
        let wrong = input(&page, "password");
        assert!(
            wrong.contains("autofocus aria-invalid=\"true\" aria-describedby=\"error\""),
            "{page}"
        );
        assert!(!wrong.contains("value="), "{page}");
    }

    #[test]
    fn every_error_of_a_registration_is_told_at_one_field() {
        use RegistrationError::*;
        for (error, field) in [
            (NoUsername, "username"),
            (UsernameTaken, "username"),
            (InvalidEmail, "email"),
            (NoPassword, "password"),
            (PasswordsDiffer, "password2"),
        ] {
            let page = sign_up(&VISITOR, "a", "b@c", Some(error)).into_string();
            assert!(page.contains(&format!("role=\"alert\">{error}</div>")), "{page}");
            assert_eq!(page.matches("aria-invalid").count(), 1, "{page}");
            assert!(input(&page, field).contains("aria-invalid"), "{page}");
            assert!(input(&page, "email").contains("value=\"b@c\""), "{page}");
        }
    }
}
