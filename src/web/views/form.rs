//! Forms: their fields, and what is wrong with them.

use maud::{Markup, html};

/// What is wrong with a form.
pub(super) fn error_text(error: Option<&impl ToString>) -> Markup {
    html! {
        @if let Some(error) = error {
            div.error #error role="alert" { (error.to_string()) }
        }
    }
}

/// The fields of a form. The browser checks none of them: the server's answer is the same for
/// everybody, and says what is wrong in place.
pub(super) struct Form {
    /// The field to which an error belongs.
    pub(super) error_field: Option<&'static str>,
    /// Where one begins, if nothing is wrong.
    pub(super) first_field: &'static str,
}

/// How a field differs from the others.
struct Field<'a> {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    inputmode: Option<&'static str>,
    value: Option<&'a str>,
}

impl Form {
    /// Somebody's name.
    pub(super) fn name_field(&self, value: &str) -> Markup {
        self.field(&Field {
            name: "username",
            label: "Username",
            kind: "text",
            autocomplete: "username",
            inputmode: None,
            value: Some(value),
        })
    }

    /// An address. Of type `text`, because browsers rewrite what is typed into one of type `email`.
    pub(super) fn email_field(&self, value: &str) -> Markup {
        self.field(&Field {
            name: "email",
            label: "E-mail",
            kind: "text",
            autocomplete: "email",
            inputmode: Some("email"),
            value: Some(value),
        })
    }

    /// A password, which never travels back.
    pub(super) fn password_field(
        &self,
        name: &'static str,
        label: &'static str,
        autocomplete: &'static str,
    ) -> Markup {
        self.field(&Field {
            name,
            label,
            kind: "password",
            autocomplete,
            inputmode: None,
            value: None,
        })
    }

    fn field(&self, field: &Field<'_>) -> Markup {
        let is_wrong = self.error_field == Some(field.name);
        let is_next = self.error_field.unwrap_or(self.first_field) == field.name;
        html! {
            label for=(field.name) { (field.label) }
            input #(field.name) name=(field.name) type=(field.kind) value=[field.value]
                autocomplete=(field.autocomplete) inputmode=[field.inputmode]
                autocapitalize="none" spellcheck="false" autofocus[is_next]
                aria-invalid=[is_wrong.then_some("true")]
                aria-describedby=[is_wrong.then_some("error")];
        }
    }
}
