//! The three timelines.

use std::collections::HashSet;

use maud::{Markup, html};

use super::avatar::{AVATAR_SIZE, Avatars};
use super::date::Posted;
use super::frame::{Frame, Here};
use super::text::LinkedText;
use super::user_path::UserPath;
use crate::domain::{MessageId, TextError, Timeline};

/// The messages of a page, and what it takes to show them.
#[derive(Clone)]
pub struct MessageList<'a> {
    /// The messages.
    pub timeline: &'a Timeline,
    /// Where the newest ones are, if these are older.
    pub newest_href: Option<&'a str>,
    /// Where the older ones are, if there are any.
    pub older_href: Option<String>,
    /// Which of the texts' mentions are users.
    pub mentions: &'a HashSet<String>,
    /// Who draws the avatars.
    pub avatars: &'a Avatars,
    /// Who may delete what they wrote; nothing else in it depends on the visitor.
    pub reader: Option<&'a str>,
}

/// A message that was not posted, so that its author can mend it.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// As it was typed.
    pub text: &'a str,
    /// Why it was not posted.
    pub error: TextError,
}

/// What a visitor who is signed in is to the user whose timeline they see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same.
    Yourself,
    /// A follower.
    Following,
    /// Nothing yet.
    NotFollowing,
}

/// The messages with the link to older ones. It can be kept and shown on many pages.
pub fn message_list(list: &MessageList<'_>) -> Markup {
    html! {
        ul.messages {
            @for message in &list.timeline.messages {
                li {
                    img src=(list.avatars.url(&message.email)) alt="" width=(AVATAR_SIZE) height=(AVATAR_SIZE);
                    div {
                        strong { a href=(UserPath(&message.author)) { (message.author) } }
                        " "
                        small { (Posted(message.pub_date)) }
                        @if list.reader == Some(&message.author) { (delete_button(message.id)) }
                    }
                    p dir="auto" { (LinkedText { text: &message.text, mentions: list.mentions }) }
                }
            }
            @if list.timeline.messages.is_empty() {
                li.none { em { "There's no message so far." } }
            }
        }
        @if list.newest_href.is_some() || list.older_href.is_some() {
            p.older {
                @if let Some(href) = list.newest_href { a href=(href) { "Newest messages" } " " }
                @if let Some(href) = &list.older_href { a rel="next" href=(href) { "Older messages" } }
            }
        }
    }
}

fn delete_button(message: MessageId) -> Markup {
    html! {
        form.delete action={ "/account/messages/" (message) } {
            input type="submit" value="Delete" aria-label="Delete this message";
        }
    }
}

/// Everybody's timeline.
pub fn public(frame: &Frame<'_>, list: &Markup) -> Markup {
    frame.page("Public Timeline", Here::Public, list)
}

/// The timeline of who is signed in, where they post.
pub fn home(frame: &Frame<'_>, username: &str, draft: Option<Draft<'_>>, list: &Markup) -> Markup {
    let content = html! { (compose(username, draft)) (list) };
    frame.page("My Timeline", Here::Home, &content)
}

/// The timeline of one user. Visitors who are not signed in have no relation.
pub fn profile(
    frame: &Frame<'_>,
    username: &str,
    relation: Option<Relation>,
    list: &Markup,
) -> Markup {
    let content = html! {
        @if let Some(relation) = relation { (follow_status(username, relation)) }
        (list)
    };
    frame.page(&format!("{username}'s Timeline"), Here::Elsewhere, &content)
}

fn compose(username: &str, draft: Option<Draft<'_>>) -> Markup {
    let is_wrong = draft.is_some();
    html! {
        form.twitbox action="/add_message" method="post" {
            h3 { label for="text" { "What's on your mind " (username) "?" } }
            @if let Some(draft) = draft {
                div.error #error role="alert" { (draft.error.to_string()) }
            }
            textarea #text name="text" rows="3" dir="auto" autofocus[is_wrong]
                aria-invalid=[is_wrong.then_some("true")]
                aria-describedby=[is_wrong.then_some("error")] {
                // HTML leaves out a line break at the beginning: this one, not one that was typed.
                "\n" (draft.map_or("", |draft| draft.text))
            }
            div.actions { input type="submit" value="Share"; }
        }
    }
}

fn follow_status(username: &str, relation: Relation) -> Markup {
    let user = UserPath(username);
    html! {
        p.followstatus {
            @match relation {
                Relation::Yourself => {
                    "This is you! "
                    a.settings href="/account" { "Your account" }
                }
                Relation::Following => {
                    "You are currently following this user. "
                    a.unfollow rel="nofollow" href={ (user) "/unfollow" } { "Unfollow user" }
                }
                Relation::NotFollowing => {
                    "You are not yet following this user. "
                    a.follow rel="nofollow" href={ (user) "/follow" } { "Follow user" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Message;
    use proptest::prelude::*;

    const VISITOR: Frame<'_> = Frame { signed_in: None, flashes: &[] };
    const FOO: Frame<'_> = Frame { signed_in: Some("foo"), flashes: &[] };

    fn message(author: &str, text: &str) -> Message {
        Message {
            id: 1,
            author: author.to_owned(),
            email: format!("{author}@example.com"),
            text: text.to_owned(),
            pub_date: 1_700_000_000,
        }
    }

    fn listed(messages: Vec<Message>, older_href: Option<&str>) -> Markup {
        message_list(&MessageList {
            timeline: &Timeline { messages, older: None },
            newest_href: None,
            older_href: older_href.map(str::to_owned),
            mentions: &HashSet::new(),
            avatars: &Avatars::Gravatar,
            reader: Some("foo"),
        })
    }

    #[test]
    fn a_message_has_an_avatar_its_author_a_date_and_the_text() {
        let list = listed(vec![message("a b", "<hi>\nthere")], None).into_string();
        assert_eq!(
            list,
            concat!(
                r#"<ul class="messages"><li><img src="https://www.gravatar.com/avatar/"#,
                r#"e99306805d24df8b331ba9737478b1e8?d=identicon&amp;s=48" alt="" width="48" height="48">"#,
                r#"<div><strong><a href="/a%20b">a b</a></strong> "#,
                r#"<small><time datetime="2023-11-14T22:13Z">2023-11-14 @ 22:13</time></small></div>"#,
                "<p dir=\"auto\">&lt;hi&gt;\nthere</p></li></ul>",
            )
        );
    }

    #[test]
    fn an_empty_timeline_says_so() {
        let list = listed(vec![], None).into_string();
        assert!(list.contains("There's no message so far."), "{list}");
        let list = listed(vec![message("a", "b")], None).into_string();
        assert!(!list.contains("There's no message so far."), "{list}");
    }

    #[test]
    fn older_messages_are_a_link_away() {
        let list = listed(vec![], Some("?before=1-2&x=\"")).into_string();
        assert!(list.contains(r#"href="?before=1-2&amp;x=&quot;">Older messages</a>"#), "{list}");
    }

    #[test]
    fn everybody_sees_the_public_timeline() {
        let page = public(&VISITOR, &listed(vec![], None)).into_string();
        assert!(page.contains("<title>Public Timeline | MiniTwit</title>"), "{page}");
        assert!(!page.contains("<form"), "{page}");
    }

    #[test]
    fn one_posts_on_the_own_timeline() {
        let page = home(&FOO, "foo", None, &listed(vec![], None)).into_string();
        assert!(page.contains("<title>My Timeline | MiniTwit</title>"), "{page}");
        assert!(page.contains("What's on your mind foo?"), "{page}");
        assert!(page.contains(r#"<form class="twitbox" action="/add_message" method="post">"#));
        assert!(page.contains(r#"name="text""#) && !page.contains("class=\"error\""), "{page}");
    }

    #[test]
    fn what_could_not_be_posted_is_kept_with_the_reason() {
        let draft = Draft { text: "\n</textarea><b>", error: TextError::TooLong(5_001) };
        let page = home(&FOO, "foo", Some(draft), &listed(vec![], None)).into_string();
        assert!(page.contains(">\n\n&lt;/textarea&gt;&lt;b&gt;</textarea>"), "{page}");
        assert!(page.contains("role=\"alert\">The message is too long: 5001 characters"), "{page}");
        assert!(page.contains(r#"aria-invalid="true" aria-describedby="error""#), "{page}");
    }

    #[test]
    fn a_profile_tells_whether_one_follows() {
        let shown = |relation| profile(&FOO, "b/r", relation, &listed(vec![], None)).into_string();
        let page = shown(None);
        assert!(page.contains("<title>b/r's Timeline | MiniTwit</title>"), "{page}");
        assert!(!page.contains("followstatus"), "{page}");
        assert!(shown(Some(Relation::Yourself)).contains("This is you!"));
        let page = shown(Some(Relation::Following));
        assert!(page.contains("You are currently following this user."), "{page}");
        assert!(page.contains(r#"<a class="unfollow" rel="nofollow" href="/b%2Fr/unfollow">"#));
        let page = shown(Some(Relation::NotFollowing));
        assert!(page.contains("You are not yet following this user."), "{page}");
        assert!(page.contains(r#"<a class="follow" rel="nofollow" href="/b%2Fr/follow">"#));
    }

    #[test]
    fn a_page_of_ordinary_messages_is_small() {
        let text = "Grey and quiet at the harbour. Two gulls would not share. Coffee, then home.";
        let messages = (0..30).map(|n| message(&format!("Reader Number{n}"), text)).collect();
        let list = message_list(&MessageList {
            timeline: &Timeline { messages, older: None },
            newest_href: None,
            older_href: Some("?before=1700000000-1234567".to_owned()),
            mentions: &HashSet::new(),
            avatars: &Avatars::own(&[0; 32]),
            reader: None,
        });
        let page = public(&VISITOR, &list);
        assert!(page.0.len() < 12_288, "{} bytes", page.0.len());
    }

    proptest! {
        #[test]
        fn nothing_that_people_type_becomes_a_tag(
            author in "[<>&\"'a/]{1,8}",
            text in "([<>&\"'a/]|<script>){0,20}",
        ) {
            let tags = |page: Markup| page.0.matches('<').count();
            let page = |author: &str, text: &str| {
                let draft = Draft { text, error: TextError::Nul };
                let list = listed(vec![message(author, text)], None);
                tags(home(&FOO, author, Some(draft), &list))
                    + tags(profile(&FOO, author, Some(Relation::Following), &list))
            };
            prop_assert_eq!(page(&author, &text), page("a", "b"));
        }
    }
}
