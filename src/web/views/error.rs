//! Pages for what did not work: what happened, and what to do now.

use maud::{Markup, html};

use super::frame::{Frame, Here};

/// Heading, what happened, what to do.
type Wording = [&'static str; 3];

/// The page for an HTTP status of 400 and more. `particulars` say what happened and what to do
/// where the status alone does not; `retry_after` is the number of seconds after which another
/// try makes sense, where that is known.
pub fn error(
    frame: &Frame<'_>,
    status: u16,
    particulars: Option<&str>,
    retry_after: Option<u64>,
) -> Markup {
    let [heading, happened, advice] = wording(status);
    let content = html! {
        div.failure {
            p.status { "Error " (status) }
            @if let Some(particulars) = particulars {
                p { (particulars) }
            } @else {
                p { (happened) }
                p {
                    @match retry_after {
                        Some(seconds) => { "Try again in " (duration(seconds)) "." }
                        None => (advice),
                    }
                }
            }
            p.actions {
                @if status == 401 {
                    a href="/login" { "Sign in" }
                    a href="/register" { "Sign up" }
                } @else {
                    a href="/public" { "To the public timeline" }
                }
            }
        }
    };
    frame.page(heading, Here::Elsewhere, &content)
}

fn wording(status: u16) -> Wording {
    match status {
        401 => [
            "Please Sign In",
            "Only somebody who is signed in can do that.",
            "Sign in, or sign up if you are new here, and try again.",
        ],
        403 => [
            "Not Allowed",
            "The request came from a page of another site, so nothing was changed.",
            "If it was you who wanted it, do it from a page of MiniTwit.",
        ],
        404 => [
            "Page Not Found",
            "There is nothing and nobody at this address.",
            "Check its spelling: small and capital letters make different names.",
        ],
        405 => [
            "Method Not Allowed",
            "There is something at this address, but it does not take this kind of request.",
            "Follow a link to it or use its form.",
        ],
        408 => [
            "Too Slow",
            "The request took too long to arrive, so nothing was changed.",
            "Try again.",
        ],
        413 => [
            "Too Large",
            "What was sent is larger than MiniTwit takes, so nothing was stored.",
            "Go back, make it shorter and try again.",
        ],
        429 => [
            "Too Many Attempts",
            "There were too many attempts within a short time.",
            "Wait a few minutes and try again.",
        ],
        503 => [
            "Busy Right Now",
            "MiniTwit could not do that right now, so nothing was stored.",
            "Try again in a moment.",
        ],
        500.. => [
            "Something Went Wrong",
            "The mistake is on our side, and it has been logged.",
            "Try again in a moment.",
        ],
        _ => [
            "Bad Request",
            "MiniTwit could not make sense of the request, so nothing was changed.",
            "Go back, change what you sent and try again.",
        ],
    }
}

fn duration(seconds: u64) -> String {
    match (seconds, seconds.div_ceil(60)) {
        (0 | 1, _) => "a second".to_owned(),
        (2..=90, _) => format!("{seconds} seconds"),
        (_, minutes) => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_a_page_with_navigation_and_a_way_on() {
        for status in [400, 401, 403, 404, 405, 408, 413, 429, 500, 503, 418, 502] {
            let frame = Frame { signed_in: Some("foo"), flashes: &[] };
            let page = error(&frame, status, None, None).into_string();
            assert!(page.contains(&format!("Error {status}")), "{page}");
            assert!(page.contains("sign out [foo]"), "{page}");
            assert!(page.contains("<p class=\"actions\"><a href="), "{page}");
        }
    }

    #[test]
    fn who_may_try_again_learns_when() {
        let frame = Frame { signed_in: None, flashes: &[] };
        for (seconds, text) in [
            (0, "in a second."),
            (30, "in 30 seconds."),
            (90, "in 90 seconds."),
            (91, "in 2 minutes."),
            (900, "in 15 minutes."),
        ] {
            let page = error(&frame, 429, None, Some(seconds)).into_string();
            assert!(page.contains(text), "{page}");
        }
    }
}
