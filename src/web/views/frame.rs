//! What is around the content of every page.

use maud::{DOCTYPE, Markup, html};

use super::flash::Flash;
use crate::web::assets::{FAVICON, STYLE};

/// What a page shows of its visitor.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Who is signed in, if anybody.
    pub signed_in: Option<&'a str>,
    /// What was done since the last page.
    pub flashes: &'a [Flash],
}

/// Which link of the navigation leads to the page itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Here {
    Home,
    Public,
    SignUp,
    SignIn,
    Elsewhere,
}

impl Frame<'_> {
    /// For somebody of whom nothing is known.
    pub const STRANGER: Self = Self { signed_in: None, flashes: &[] };

    /// A whole page, with its title as the heading.
    pub(super) fn page(&self, title: &str, here: Here, content: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    title { (title) " | MiniTwit" }
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    link rel="icon" type="image/svg+xml" href=(FAVICON.versioned_url);
                    link rel="stylesheet" href=(STYLE.versioned_url);
                }
                body {
                    a.skip href="#content" { "Skip to content" }
                    header.page {
                        h1 {
                            a href="/" {
                                img src=(FAVICON.versioned_url) alt="" width="32" height="32";
                                "MiniTwit"
                            }
                        }
                        (self.navigation(here))
                    }
                    main.page #content tabindex="-1" {
                        (self.flashes())
                        h2 { (title) }
                        (content)
                    }
                    footer.page {
                        "MiniTwit — a small place for short messages"
                        @if self.signed_in.is_some() { " " a href="/account" { "Your account" } }
                    }
                }
            }
        }
    }

    fn navigation(&self, here: Here) -> Markup {
        let current = |link| (link == here).then_some("page");
        html! {
            nav aria-label="Main" {
                @if let Some(username) = self.signed_in {
                    a href="/" aria-current=[current(Here::Home)] { "my timeline" }
                    a href="/public" aria-current=[current(Here::Public)] { "public timeline" }
                    a href="/logout" { "sign out [" (username) "]" }
                } @else {
                    a href="/public" aria-current=[current(Here::Public)] { "public timeline" }
                    a href="/register" aria-current=[current(Here::SignUp)] { "sign up" }
                    a href="/login" aria-current=[current(Here::SignIn)] { "sign in" }
                }
            }
        }
    }

    fn flashes(&self) -> Markup {
        html! {
            @if !self.flashes.is_empty() {
                div role="status" {
                    ul.flashes { @for flash in self.flashes { li { (flash) } } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(signed_in: Option<&str>, flashes: &[Flash], here: Here) -> String {
        Frame { signed_in, flashes }
            .page("A <page>", here, &html! { p { "content" } })
            .into_string()
    }

    #[test]
    fn the_title_is_escaped_and_names_the_product() {
        let page = page(None, &[], Here::Elsewhere);
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{page}");
        assert!(page.contains("<title>A &lt;page&gt; | MiniTwit</title>"), "{page}");
        assert!(page.contains("<h2>A &lt;page&gt;</h2><p>content</p>"), "{page}");
        assert!(page.contains("href=\"/static/style.css?v="), "{page}");
    }

    #[test]
    fn strangers_can_sign_up_and_in() {
        let page = page(None, &[], Here::SignUp);
        assert!(
            page.contains(concat!(
                r#"<a href="/public">public timeline</a>"#,
                r#"<a href="/register" aria-current="page">sign up</a>"#,
                r#"<a href="/login">sign in</a>"#,
            )),
            "{page}"
        );
        assert!(!page.contains("sign out") && !page.contains("my timeline"), "{page}");
    }

    #[test]
    fn who_is_signed_in_is_named_and_can_sign_out() {
        let page = page(Some("<a> b"), &[], Here::Home);
        assert!(
            page.contains(concat!(
                r#"<a href="/" aria-current="page">my timeline</a>"#,
                r#"<a href="/public">public timeline</a>"#,
                r#"<a href="/logout">sign out [&lt;a&gt; b]</a>"#,
            )),
            "{page}"
        );
        assert!(!page.contains("sign in") && !page.contains("sign up"), "{page}");
    }

    #[test]
    fn flashes_are_a_list_if_there_are_any() {
        let flashes = [Flash::SignedIn, Flash::Following("a".into())];
        let with = page(None, &flashes, Here::Public);
        assert!(
            with.contains(concat!(
                r#"<ul class="flashes"><li>You were logged in</li>"#,
                r#"<li>You are now following &#34;a&#34;</li></ul>"#,
            )),
            "{with}"
        );
        assert!(!page(None, &[], Here::Public).contains("flashes"));
    }

    #[test]
    fn nothing_is_inline_that_a_strict_policy_forbids() {
        let page = page(Some("a"), &[Flash::Recorded], Here::Public);
        for forbidden in ["<script", "<style", " style=", " onclick", "javascript:"] {
            assert!(!page.contains(forbidden), "{forbidden} in {page}");
        }
    }
}
