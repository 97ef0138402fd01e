//! What every backend has to keep, written against the trait. A backend's tests call [`keep`]
//! with storage on a fresh database.

mod care;

use std::sync::Arc;

use super::{Countable, Error, Result, Storage};
use crate::domain::{
    Cursor, Email, Message, MessageText, NewAccount, SessionKey, TimelineOf, UnixSeconds, User,
    UserId, Username,
};

/// Runs the whole suite. Its parts do not get in each other's way.
pub(super) async fn keep(storage: Arc<dyn Storage>) {
    latest_starts_at_zero_and_is_the_last_noted(&*storage).await;
    a_registered_user_is_found_by_exact_spelling(&*storage).await;
    a_name_is_registered_once_even_at_once(storage.clone()).await;
    a_hash_is_replaced_only_while_it_is_the_old_one(&*storage).await;
    sessions_begin_end_and_expire(&*storage).await;
    messages_are_newest_first_and_paged_by_cursor(&*storage).await;
    unknown_users_neither_write_nor_follow(&*storage).await;
    following_and_unfollowing_are_harmless_to_repeat(&*storage).await;
    a_reader_sees_their_own_and_the_followed(&*storage).await;
    all_rows_are_counted_part_by_part(&*storage).await;
    the_version_changes_with_every_change(&*storage).await;
    care::keep(&*storage).await;
    care::somebody_who_keeps_posting_can_be_deleted(storage.clone()).await;
    one_bad_write_of_many_does_not_hurt_the_others(storage.clone()).await;
    who_follows_many_reads_every_page(&*storage).await;
}

async fn total(storage: &dyn Storage, what: Countable, limit: u32) -> u32 {
    let (mut total, mut behind) = (0, None);
    loop {
        let part = storage.count(what, behind, limit).await.unwrap();
        assert!(part.rows <= limit, "{part:?}");
        total += part.rows;
        match part.end {
            Some(_) => behind = part.end,
            None => return total,
        }
    }
}

async fn all_rows_are_counted_part_by_part(storage: &dyn Storage) {
    use Countable::{Follows, Messages, Users};
    let mut before = Vec::new();
    for what in [Users, Messages, Follows] {
        before.push(total(storage, what, 1_000_000).await);
    }
    for name in ["tallied", "tallied too"] {
        register(storage, name).await;
        say(storage, name, "tallied", 7).await;
    }
    storage.follow("tallied", "tallied too").await.unwrap();
    for (what, expected) in
        [(Users, before[0] + 2), (Messages, before[1] + 2), (Follows, before[2] + 1)]
    {
        for limit in [1, 2, 3, 1_000_000] {
            assert_eq!(total(storage, what, limit).await, expected, "{what:?} by {limit}");
        }
    }
    storage.unfollow("tallied", "tallied too").await.unwrap();
    assert_eq!(total(storage, Follows, 1_000_000).await, before[2]);
}

fn account(username: &str) -> NewAccount {
    NewAccount {
        username: Username::parse(username).unwrap(),
        email: Email::parse("somebody@example.com").unwrap(),
        pw_hash: "$2b$04$hash".into(),
    }
}

pub(super) async fn register(storage: &dyn Storage, username: &str) -> UserId {
    storage.register(account(username)).await.unwrap()
}

async fn say(storage: &dyn Storage, author: &str, text: &str, at: UnixSeconds) {
    storage.record_message(author, MessageText::parse(text).unwrap(), at).await.unwrap();
}

async fn texts(storage: &dyn Storage, of: TimelineOf<'_>, before: Option<Cursor>) -> Vec<String> {
    let messages = storage.timeline(of, before, 100).await.unwrap();
    messages.into_iter().map(|message| message.text).collect()
}

#[track_caller]
fn is_unknown<T>(outcome: Result<T>) {
    assert!(matches!(outcome, Err(Error::UnknownUser)), "somebody who does not exist was known");
}

async fn latest_starts_at_zero_and_is_the_last_noted(storage: &dyn Storage) {
    assert_eq!(storage.latest().await.unwrap(), 0);
    for latest in [5, 3] {
        storage.note_latest(latest).await.unwrap();
        assert_eq!(storage.latest().await.unwrap(), latest);
    }
}

async fn a_registered_user_is_found_by_exact_spelling(storage: &dyn Storage) {
    for name in ["Ada Lovelace", "00123", "1e5", "a/b", "🐦"] {
        let id = register(storage, name).await;
        let user = User { id, username: name.into(), email: "somebody@example.com".into() };
        assert_eq!(storage.user(name).await.unwrap(), user);
        let with_hash = storage.user_with_password_hash(name).await.unwrap();
        assert_eq!(with_hash, (user, "$2b$04$hash".into()));
    }
    for other in ["ada lovelace", "123", "100000", "", "a\0b"] {
        is_unknown(storage.user(other).await);
        is_unknown(storage.follow("🐦", other).await);
        is_unknown(storage.timeline(TimelineOf::Author(other), None, 1).await);
    }
    let asked = vec!["🐦".to_owned(), "nobody".to_owned(), "\0".to_owned()];
    let existing = storage.existing_usernames(asked).await.unwrap();
    assert_eq!(existing.into_iter().collect::<Vec<_>>(), ["🐦"]);
}

async fn a_name_is_registered_once_even_at_once(storage: Arc<dyn Storage>) {
    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let storage = storage.clone();
            tokio::spawn(async move { storage.register(account("wanted")).await })
        })
        .collect();
    let mut winners = 0;
    for attempt in attempts {
        match attempt.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert!(matches!(error, Error::UsernameTaken), "{error}"),
        }
    }
    assert_eq!(winners, 1);
}

async fn a_hash_is_replaced_only_while_it_is_the_old_one(storage: &dyn Storage) {
    let id = register(storage, "rehashed").await;
    storage.replace_password_hash(id, "$2b$04$hash", "new").await.unwrap();
    storage.replace_password_hash(id, "$2b$04$hash", "newer").await.unwrap();
    assert_eq!(storage.user_with_password_hash("rehashed").await.unwrap().1, "new");
}

async fn sessions_begin_end_and_expire(storage: &dyn Storage) {
    let id = register(storage, "visitor").await;
    let (first, second) = (SessionKey([1; 32]), SessionKey([2; 32]));
    storage.begin_session(id, first, 1_000, 2_000).await.unwrap();
    storage.begin_session(id, second, 1_000, 9_000).await.unwrap();
    let whose = |key, now| async move { storage.session_user(key, now).await.unwrap() };
    assert_eq!(whose(first, 1_999).await.map(|user| user.id), Some(id));
    assert_eq!(whose(first, 2_000).await, None);
    assert_eq!(whose(SessionKey([3; 32]), 1_000).await, None);
    storage.end_session(second).await.unwrap();
    storage.end_session(second).await.unwrap();
    assert_eq!(whose(second, 1_000).await, None);
}

async fn messages_are_newest_first_and_paged_by_cursor(storage: &dyn Storage) {
    register(storage, "author").await;
    for (text, at) in [("old", 10), ("new", 30), ("tie 1", 20), ("tie 2", 20)] {
        say(storage, "author", text, at).await;
    }
    let author = TimelineOf::Author("author");
    assert_eq!(texts(storage, author, None).await, ["new", "tie 2", "tie 1", "old"]);
    assert_eq!(storage.timeline(author, None, 0).await.unwrap(), []);

    let first: Vec<Message> = storage.timeline(author, None, 2).await.unwrap();
    let last = first.last().unwrap();
    let cursor = Cursor { pub_date: last.pub_date, message_id: last.id };
    say(storage, "author", "newest", 40).await;
    assert_eq!(texts(storage, author, Some(cursor)).await, ["tie 1", "old"]);
    assert_eq!(texts(storage, TimelineOf::Everybody, Some(cursor)).await, ["tie 1", "old"]);
}

async fn unknown_users_neither_write_nor_follow(storage: &dyn Storage) {
    register(storage, "known").await;
    let text = MessageText::parse("x").unwrap();
    is_unknown(storage.record_message("nobody", text, 1).await);
    is_unknown(storage.timeline(TimelineOf::Author("nobody"), None, 1).await);
    is_unknown(storage.follow("nobody", "known").await);
    is_unknown(storage.follow("known", "nobody").await);
    is_unknown(storage.unfollow("known", "nobody").await);
    is_unknown(storage.followed_by("nobody", 1).await);
}

async fn following_and_unfollowing_are_harmless_to_repeat(storage: &dyn Storage) {
    let who = register(storage, "fan").await;
    for idol in ["idol 1", "idol 2"] {
        register(storage, idol).await;
        storage.follow("fan", idol).await.unwrap();
        storage.follow("fan", idol).await.unwrap();
    }
    assert_eq!(storage.followed_by("fan", 100).await.unwrap(), ["idol 1", "idol 2"]);
    assert_eq!(storage.followed_by("fan", 1).await.unwrap(), ["idol 1"]);
    storage.unfollow("fan", "idol 1").await.unwrap();
    storage.unfollow("fan", "idol 1").await.unwrap();
    assert!(!storage.is_following(who, "idol 1").await.unwrap());
    assert!(storage.is_following(who, "idol 2").await.unwrap());
    assert!(!storage.is_following(who, "nobody").await.unwrap());
}

async fn a_reader_sees_their_own_and_the_followed(storage: &dyn Storage) {
    let reader = register(storage, "reader").await;
    for author in ["followed", "stranger"] {
        register(storage, author).await;
        say(storage, author, &format!("by {author}"), 50).await;
    }
    say(storage, "reader", "my own", 60).await;
    storage.follow("reader", "followed").await.unwrap();
    storage.follow("reader", "reader").await.unwrap();
    assert_eq!(texts(storage, TimelineOf::Reader(reader), None).await, ["my own", "by followed"]);
}

/// The first pages are among the newest messages of all; then come others' and the oldest.
async fn who_follows_many_reads_every_page(storage: &dyn Storage) {
    const FOLLOWED: i64 = 260;
    let reader = register(storage, "avid").await;
    register(storage, "outsider").await;
    let say_at = async |author: &str, at: i64| say(storage, author, &at.to_string(), at).await;
    let mut expected = Vec::new();
    for n in 1..=FOLLOWED {
        let author = format!("author {n}");
        register(storage, &author).await;
        storage.follow("avid", &author).await.unwrap();
        let at = if n <= 9 { n } else { 10_000 + n };
        say_at(&author, at).await;
        say_at("outsider", at).await;
        expected.insert(0, at);
    }
    for at in 100..1_200 {
        say_at("outsider", at).await;
    }
    let (mut read, mut before) = (Vec::new(), None);
    loop {
        let page = storage.timeline(TimelineOf::Reader(reader), before, 31).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(Cursor { pub_date: last.pub_date, message_id: last.id });
        read.extend(page.iter().map(|message| message.pub_date));
    }
    assert_eq!(read, expected);
}

async fn the_version_changes_with_every_change(storage: &dyn Storage) {
    let Some(before) = storage.version().await.unwrap() else { return };
    register(storage, "one more").await;
    let after = storage.version().await.unwrap();
    assert!(after.is_some_and(|after| after > before), "{before} and then {after:?}");
    let at_once = storage.version_at_once();
    assert!(at_once.is_none() || at_once == after, "{at_once:?} at once, but {after:?}");
}

async fn one_bad_write_of_many_does_not_hurt_the_others(storage: Arc<dyn Storage>) {
    register(&*storage, "busy author").await;
    let writes: Vec<_> = (0..50)
        .map(|n| {
            let storage = storage.clone();
            tokio::spawn(async move {
                let author = if n % 10 == 0 { "nobody" } else { "busy author" };
                let text = MessageText::parse(&format!("message {n}")).unwrap();
                storage.record_message(author, text, 70).await.is_ok()
            })
        })
        .collect();
    let mut stored = 0;
    for write in writes {
        stored += usize::from(write.await.unwrap());
    }
    assert_eq!(stored, 45);
    let kept = texts(&*storage, TimelineOf::Author("busy author"), None).await;
    assert_eq!(kept.len(), 45);
}
