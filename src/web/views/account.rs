//! What people decide about their own account.

use maud::{Markup, html};

use super::date::Posted;
use super::form::{Form, error_text};
use super::frame::{Frame, Here};
use crate::domain::{LeftBehind, StoredMessage, User};

/// What was wrong with a form. Displays as the text that is shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake<'a> {
    /// That is no address.
    #[error("You have to enter a valid email address")]
    InvalidEmail {
        /// What was typed.
        typed: &'a str,
    },
    /// The current password is another.
    #[error("Invalid password")]
    InvalidPassword,
    /// The new password is empty.
    #[error("You have to enter a password")]
    NoPassword,
    /// The new password was typed differently the second time.
    #[error("The two passwords do not match")]
    PasswordsDiffer,
}

impl Mistake<'_> {
    fn field(&self) -> &'static str {
        match self {
            Self::InvalidEmail { .. } => "email",
            Self::InvalidPassword => "current",
            Self::NoPassword => "password",
            Self::PasswordsDiffer => "password2",
        }
    }
}

/// All there is to decide, with what was wrong with one of the forms.
pub fn overview(frame: &Frame<'_>, user: &User, mistake: Option<&Mistake<'_>>) -> Markup {
    let form = Form { error_field: mistake.map(Mistake::field), first_field: "" };
    let content = html! {
        (email_form(&form, user, mistake))
        (password_form(&form, user, mistake))
        section.account {
            h3 { "Your data" }
            p { "Your profile, whom you follow, and all your messages, in one JSON file." }
            p.actions { a href="/account/data" download { "Download" } }
        }
        section.account {
            h3 { "Leave" }
            p { "Delete your account, with your messages or without them." }
            p.actions { a.grave href="/account/delete" { "Delete account …" } }
        }
    };
    frame.page("Your Account", Here::Elsewhere, &content)
}

fn email_form(form: &Form, user: &User, mistake: Option<&Mistake<'_>>) -> Markup {
    let (mistake, shown) = match mistake {
        Some(Mistake::InvalidEmail { typed }) => (mistake, *typed),
        _ => (None, user.email.as_str()),
    };
    html! {
        form.account action="/account/email" method="post" {
            h3 { "Profile" }
            p {
                "Everybody knows you as " strong { (user.username) } ". Nobody sees your address; \
                 your picture is made of it."
            }
            (error_text(mistake))
            (form.email_field(shown))
            div.actions { input type="submit" value="Save"; }
        }
    }
}

fn password_form(form: &Form, user: &User, mistake: Option<&Mistake<'_>>) -> Markup {
    let mistake = mistake.filter(|mistake| !matches!(mistake, Mistake::InvalidEmail { .. }));
    html! {
        form.account action="/account/password" method="post" {
            h3 { "Password" }
            p { "A new one signs you out of every other browser." }
            (error_text(mistake))
            (for_password_managers(&user.username))
            (form.password_field("current", "Current password", "current-password"))
            (form.password_field("password", "New password", "new-password"))
            (form.password_field("password2", "New password (repeat)", "new-password"))
            div.actions { input type="submit" value="Change Password"; }
        }
    }
}

/// They want to know whose password it is.
fn for_password_managers(username: &str) -> Markup {
    html! { input type="text" name="username" value=(username) autocomplete="username" hidden; }
}

/// The form for leaving; `is_wrong` is about the password.
pub fn delete(
    frame: &Frame<'_>,
    username: &str,
    left_behind: LeftBehind,
    is_wrong: bool,
) -> Markup {
    let form = Form { error_field: is_wrong.then_some("password"), first_field: "" };
    let mistake = is_wrong.then_some(Mistake::InvalidPassword);
    let content = html! {
        form.account action="/account/delete" method="post" {
            p {
                "This cannot be undone. Whom you follow, and who follows you, is forgotten; your \
                 name is free for others."
            }
            (error_text(mistake.as_ref()))
            fieldset {
                legend { "Your messages" }
                (choice("delete", "are deleted too", left_behind == LeftBehind::Nothing))
                (choice("keep", "stay, without your name", left_behind == LeftBehind::Messages))
            }
            (for_password_managers(username))
            (form.password_field("password", "Password", "current-password"))
            div.actions {
                input.grave type="submit" value="Delete Account";
                a href="/account" { "Keep it" }
            }
        }
    };
    frame.page("Delete Account", Here::Elsewhere, &content)
}

fn choice(value: &str, label: &str, is_chosen: bool) -> Markup {
    html! {
        label { input type="radio" name="messages" value=(value) checked[is_chosen]; (label) }
    }
}

/// Asks whether a message is really to go.
pub fn delete_message(frame: &Frame<'_>, message: &StoredMessage) -> Markup {
    let content = html! {
        form.account action={ "/account/messages/" (message.id) } method="post" {
            p { "You said this on " (Posted(message.pub_date)) ". Nobody will see it again." }
            blockquote dir="auto" { (message.text) }
            div.actions {
                input.grave type="submit" value="Delete Message";
                a href="/" { "Keep it" }
            }
        }
    };
    frame.page("Delete Message", Here::Elsewhere, &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOO: Frame<'_> = Frame { signed_in: Some("foo"), flashes: &[] };

    fn user() -> User {
        User { id: 1, username: "f\"oo".into(), email: "foo@example.org".into() }
    }

    #[test]
    fn each_form_tells_its_own_mistakes() {
        let page = overview(&FOO, &user(), None).into_string();
        assert!(!page.contains("class=\"error\""), "{page}");
        assert!(page.contains(r#"value="foo@example.org""#), "{page}");
        let mistake = Mistake::InvalidEmail { typed: "foo<" };
        let page = overview(&FOO, &user(), Some(&mistake)).into_string();
        let (email, password) = page.split_once("/account/password").unwrap();
        assert!(email.contains("a valid email address") && email.contains("foo&lt;"), "{page}");
        assert!(!password.contains("error"), "{page}");
        for mistake in [Mistake::InvalidPassword, Mistake::NoPassword, Mistake::PasswordsDiffer] {
            let page = overview(&FOO, &user(), Some(&mistake)).into_string();
            let (email, password) = page.split_once("/account/password").unwrap();
            assert!(!email.contains("error"), "{page}");
            assert!(password.contains(&format!("role=\"alert\">{mistake}</div>")), "{page}");
            assert_eq!(page.matches("aria-invalid").count(), 1, "{page}");
        }
    }

    #[test]
    fn who_leaves_decides_about_their_messages() {
        let checked = |left_behind| {
            let page = delete(&FOO, "foo", left_behind, true).into_string();
            assert!(page.contains("role=\"alert\">Invalid password</div>"), "{page}");
            let (before, _) = page.split_once(" checked").unwrap();
            before.rsplit("value=\"").next().unwrap().to_owned()
        };
        assert_eq!(checked(LeftBehind::Nothing), "delete\"");
        assert_eq!(checked(LeftBehind::Messages), "keep\"");
    }
}
