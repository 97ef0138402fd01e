//! Looking after messages and people.

use std::sync::Arc;

use super::{is_unknown, register, say, texts};
use crate::domain::{
    Email, Found, LeftBehind, MessageId, MessageText, Search, SessionKey, TimelineOf, UserId,
    Username,
};
use crate::storage::{Error, Storage, delete_gently};

/// What the suite runs of this.
pub(super) async fn keep(storage: &dyn Storage) {
    what_is_flagged_is_shown_nowhere_until_it_is_not(storage).await;
    messages_are_found_by_author_text_time_and_flag(storage).await;
    a_long_search_goes_on_where_it_stopped(storage).await;
    a_message_is_deleted_by_its_author_alone(storage).await;
    users_are_listed_and_counted(storage).await;
    a_name_changes_only_to_one_that_is_free(storage).await;
    an_address_changes(storage).await;
    a_password_changes_if_it_is_still_the_old_one(storage).await;
    who_is_deleted_leaves_nothing(storage).await;
    messages_are_deleted_part_by_part(storage).await;
    who_is_deleted_leaves_messages_that_nobody_takes_over(storage).await;
    names_of_deleted_people_take_nobodys(storage).await;
    nobody_cannot_be_changed(storage).await;
}

async fn search(storage: &dyn Storage, sought: Search) -> Vec<String> {
    let found = storage.search(&sought, None, 1_000).await.unwrap();
    assert_eq!(found.last, None, "more than the suite has stored");
    found.messages.into_iter().map(|message| message.text).collect()
}

fn by(author: UserId) -> Search {
    Search { author: Some(author), ..Search::default() }
}

/// The ids of an author's messages, the oldest first.
async fn ids(storage: &dyn Storage, author: UserId) -> Vec<MessageId> {
    let found = storage.search(&by(author), None, 1_000).await.unwrap();
    found.messages.into_iter().rev().map(|message| message.id).collect()
}

fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
}

async fn what_is_flagged_is_shown_nowhere_until_it_is_not(storage: &dyn Storage) {
    let author = register(storage, "rude").await;
    for text in ["first", "second", "third"] {
        say(storage, "rude", text, 5_000).await;
    }
    let ids = ids(storage, author).await;
    let unknown = storage.set_flagged(&[ids[0], -1, ids[2], ids[2]], true).await.unwrap();
    assert_eq!(unknown, [-1]);
    for of in [TimelineOf::Author("rude"), TimelineOf::Reader(author)] {
        assert_eq!(texts(storage, of, None).await, ["second"]);
    }
    let shown = texts(storage, TimelineOf::Everybody, None).await;
    assert!(!shown.contains(&"third".to_owned()), "{shown:?}");
    assert_eq!(storage.set_flagged(&ids[..1], true).await.unwrap(), [0; 0], "again");
    storage.set_flagged(&ids[2..], false).await.unwrap();
    assert_eq!(texts(storage, TimelineOf::Author("rude"), None).await, ["third", "second"]);
    assert_eq!(storage.set_flagged(&[], true).await.unwrap(), [0; 0]);
}

async fn messages_are_found_by_author_text_time_and_flag(storage: &dyn Storage) {
    let author = register(storage, "seeker").await;
    for (text, at) in [("Buy 100% now", 7_000), ("nothing", 7_010), ("BUY later", 7_020)] {
        say(storage, "seeker", text, at).await;
    }
    assert_eq!(search(storage, by(author)).await, ["BUY later", "nothing", "Buy 100% now"]);
    let of = |text: &str| Search { text: Some(text.into()), ..by(author) };
    assert_eq!(search(storage, of("buy")).await, ["BUY later", "Buy 100% now"]);
    assert_eq!(search(storage, of("0% N")).await, ["Buy 100% now"], "taken for a pattern");
    assert_eq!(search(storage, of("\0")).await, [""; 0]);
    let everywhere = Search { text: Some("buy".into()), ..Search::default() };
    assert_eq!(search(storage, everywhere).await, ["BUY later", "Buy 100% now"]);
    let between = Search { since: Some(7_000), until: Some(7_020), ..by(author) };
    assert_eq!(search(storage, between).await, ["nothing", "Buy 100% now"]);
    let ids = ids(storage, author).await;
    storage.set_flagged(&ids[..1], true).await.unwrap();
    for (flagged, texts) in [(true, &["Buy 100% now"][..]), (false, &["BUY later", "nothing"])] {
        assert_eq!(search(storage, Search { flagged: Some(flagged), ..by(author) }).await, texts);
    }
    let found = storage.search(&by(author), None, 9).await.unwrap().messages;
    let oldest = found.last().unwrap();
    assert_eq!((oldest.id, oldest.author_id, oldest.flagged), (ids[0], author, true));
    assert_eq!((oldest.author.as_str(), oldest.pub_date), ("seeker", 7_000));
    assert_eq!(search(storage, by(-1)).await, [""; 0]);
}

async fn a_long_search_goes_on_where_it_stopped(storage: &dyn Storage) {
    let author = register(storage, "talker").await;
    for number in 0..7 {
        say(storage, "talker", &format!("talk {number}"), 8_000).await;
    }
    for sought in [by(author), Search { text: Some("TALK".into()), ..Search::default() }] {
        let (mut before, mut seen) = (None, Vec::new());
        loop {
            let Found { messages, last } = storage.search(&sought, before, 3).await.unwrap();
            assert!(messages.len() <= 3, "{messages:?}");
            seen.extend(messages.into_iter().map(|message| message.text));
            before = last;
            if last.is_none() {
                break;
            }
        }
        let all: Vec<String> = (0..7).rev().map(|number| format!("talk {number}")).collect();
        assert_eq!(seen, all);
    }
    assert_eq!(storage.search(&by(author), None, 0).await.unwrap(), Found::default());
}

async fn a_message_is_deleted_by_its_author_alone(storage: &dyn Storage) {
    let author = register(storage, "regretful").await;
    let other = register(storage, "bystander").await;
    say(storage, "regretful", "said too much", 9_000).await;
    say(storage, "regretful", "said well", 9_001).await;
    let ids = ids(storage, author).await;
    assert!(!storage.delete_message(other, ids[0]).await.unwrap());
    assert!(!storage.delete_message(author, -1).await.unwrap());
    assert!(storage.delete_message(author, ids[0]).await.unwrap());
    assert!(!storage.delete_message(author, ids[0]).await.unwrap(), "a second time");
    assert_eq!(texts(storage, TimelineOf::Author("regretful"), None).await, ["said well"]);
}

async fn users_are_listed_and_counted(storage: &dyn Storage) {
    let first = register(storage, "counted").await;
    let second = register(storage, "counted too").await;
    let listed = storage.users(Some(first - 1), 2).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(names, ["counted", "counted too"]);
    assert_eq!(storage.users(Some(second), 10).await.unwrap(), []);
    assert_eq!(storage.users(None, 1).await.unwrap().len(), 1);

    for (text, at) in [("one", 10), ("two", 30), ("three", 20)] {
        say(storage, "counted", text, at).await;
    }
    let ids = ids(storage, first).await;
    storage.set_flagged(&ids[1..2], true).await.unwrap();
    storage.follow("counted", "counted too").await.unwrap();
    storage.follow("counted too", "counted").await.unwrap();
    storage.follow("rude", "counted").await.unwrap();
    for (key, expires) in [([11; 32], 500), ([12; 32], 900)] {
        storage.begin_session(first, SessionKey(key), 100, expires).await.unwrap();
    }
    let account = storage.account(first, 500).await.unwrap();
    assert_eq!(account.user, listed[0]);
    assert_eq!((account.messages, account.flagged, account.last_message), (2, 1, Some(20)));
    assert_eq!((account.follows, account.followers, account.sessions), (1, 2, 1));
    assert!(account.has_password);
    assert_eq!(storage.account(second, 500).await.unwrap().last_message, None);
}

async fn a_name_changes_only_to_one_that_is_free(storage: &dyn Storage) {
    let user = register(storage, "before").await;
    register(storage, "somebody else").await;
    say(storage, "before", "said before", 1_000).await;
    let taken = storage.rename(user, &name("somebody else")).await;
    assert!(matches!(taken, Err(Error::UsernameTaken)), "{taken:?}");
    storage.rename(user, &name("after")).await.unwrap();
    storage.rename(user, &name("after")).await.unwrap();
    is_unknown(storage.user("before").await);
    assert_eq!(storage.user("after").await.unwrap().id, user);
    assert_eq!(texts(storage, TimelineOf::Author("after"), None).await, ["said before"]);
    register(storage, "before").await;
    assert_eq!(texts(storage, TimelineOf::Author("before"), None).await, [""; 0]);
}

async fn an_address_changes(storage: &dyn Storage) {
    let user = register(storage, "moved").await;
    storage.set_email(user, &Email::parse("new@example.com").unwrap()).await.unwrap();
    assert_eq!(storage.user("moved").await.unwrap().email, "new@example.com");
}

async fn a_password_changes_if_it_is_still_the_old_one(storage: &dyn Storage) {
    let user = register(storage, "careful").await;
    let keys = [[21; 32], [22; 32], [23; 32]].map(SessionKey);
    let other = SessionKey([24; 32]);
    let bystander = storage.user("bystander").await.unwrap().id;
    storage.begin_session(bystander, other, 0, 9_000).await.unwrap();
    for key in keys {
        storage.begin_session(user, key, 0, 9_000).await.unwrap();
    }
    let signed_in = async |key| storage.session_user(key, 1).await.unwrap().is_some();
    let change = async |was, keep| storage.set_password(user, was, "new", keep).await.unwrap();
    assert!(!change(Some("not the hash"), Some(keys[0])).await);
    assert!(signed_in(keys[2]).await, "though nothing has changed");
    assert!(change(Some("$2b$04$hash"), Some(keys[1])).await);
    assert_eq!(storage.user_with_password_hash("careful").await.unwrap().1, "new");
    assert!(!signed_in(keys[0]).await && signed_in(keys[1]).await && !signed_in(keys[2]).await);
    assert!(change(None, None).await);
    assert!(!signed_in(keys[1]).await && signed_in(other).await);

    storage.begin_session(user, keys[0], 0, 9_000).await.unwrap();
    assert_eq!(storage.end_sessions(user).await.unwrap(), 1);
    assert_eq!(storage.end_sessions(user).await.unwrap(), 0);
    assert!(!signed_in(keys[0]).await && signed_in(other).await);
}

/// Somebody with everything that people can have.
async fn settled(storage: &dyn Storage, username: &str, key: SessionKey) -> UserId {
    let user = register(storage, username).await;
    say(storage, username, &format!("{username} was here"), 11_000).await;
    say(storage, username, &format!("{username} was rude"), 11_001).await;
    let ids = ids(storage, user).await;
    storage.set_flagged(&ids[1..], true).await.unwrap();
    storage.follow(username, "bystander").await.unwrap();
    storage.follow("bystander", username).await.unwrap();
    storage.begin_session(user, key, 0, 9_000).await.unwrap();
    user
}

async fn has_left(storage: &dyn Storage, username: &str, key: SessionKey) {
    is_unknown(storage.user(username).await);
    assert_eq!(storage.session_user(key, 1).await.unwrap(), None);
    assert_eq!(storage.followed_by("bystander", 100).await.unwrap(), [""; 0]);
}

async fn who_is_deleted_leaves_nothing(storage: &dyn Storage) {
    for left_behind in [LeftBehind::Nothing, LeftBehind::Messages] {
        let silent = register(storage, "silent").await;
        storage.delete_user(silent, left_behind).await.unwrap();
        is_unknown(storage.account(silent, 0).await);
    }
    let key = SessionKey([31; 32]);
    let user = settled(storage, "leaver", key).await;
    storage.delete_user(user, LeftBehind::Nothing).await.unwrap();
    has_left(storage, "leaver", key).await;
    is_unknown(storage.account(user, 0).await);
    assert_eq!(search(storage, by(user)).await, [""; 0]);
    let again = register(storage, "leaver").await;
    assert_ne!(again, user);
    assert_eq!(texts(storage, TimelineOf::Author("leaver"), None).await, [""; 0]);
}

async fn messages_are_deleted_part_by_part(storage: &dyn Storage) {
    let key = SessionKey([32; 32]);
    let user = settled(storage, "prolific", key).await;
    for number in 0..600 {
        say(storage, "prolific", &number.to_string(), 11_002).await;
    }
    assert_eq!(storage.delete_messages(user, 100).await.unwrap(), 100);
    assert_eq!(storage.delete_messages(-1, 100).await.unwrap(), 0);
    assert_eq!(storage.account(user, 0).await.unwrap().messages, 501);
    delete_gently(storage, user, LeftBehind::Nothing).await.unwrap();
    has_left(storage, "prolific", key).await;
    assert_eq!(search(storage, by(user)).await, [""; 0]);
}

async fn who_is_deleted_leaves_messages_that_nobody_takes_over(storage: &dyn Storage) {
    let key = SessionKey([41; 32]);
    let user = settled(storage, "poet", key).await;
    storage.delete_user(user, LeftBehind::Messages).await.unwrap();
    has_left(storage, "poet", key).await;
    let account = storage.account(user, 0).await.unwrap();
    let left = (account.has_password, account.follows, account.followers, account.sessions);
    assert_eq!(left, (false, 0, 0, 0));
    assert_eq!((account.messages, account.flagged), (1, 1));
    assert_eq!(account.user.email, "");
    assert_eq!(account.user.username, format!("[deleted {user}]"));
    let author = TimelineOf::Author(&account.user.username);
    assert_eq!(texts(storage, author, None).await, ["poet was here"]);

    register(storage, "poet").await;
    assert_eq!(texts(storage, TimelineOf::Author("poet"), None).await, [""; 0]);
    storage.delete_user(user, LeftBehind::Nothing).await.unwrap();
    assert_eq!(search(storage, by(user)).await, [""; 0]);
}

async fn names_of_deleted_people_take_nobodys(storage: &dyn Storage) {
    let user = register(storage, "unlucky").await;
    say(storage, "unlucky", "stays", 12_000).await;
    let squatter = register(storage, &format!("[deleted {user}]")).await;
    storage.delete_user(user, LeftBehind::Messages).await.unwrap();
    let account = storage.account(user, 0).await.unwrap();
    assert_eq!(account.user.username, format!("[deleted {user}] (2)"));
    assert_ne!(squatter, user);
}

async fn nobody_cannot_be_changed(storage: &dyn Storage) {
    is_unknown(storage.account(-1, 0).await);
    is_unknown(storage.rename(-1, &name("nobody at all")).await);
    is_unknown(storage.set_email(-1, &Email::parse("a@b").unwrap()).await);
    is_unknown(storage.set_password(-1, None, "hash", None).await);
    is_unknown(storage.set_password(-1, Some("was"), "hash", None).await);
    is_unknown(storage.delete_user(-1, LeftBehind::Nothing).await);
    is_unknown(storage.delete_user(-1, LeftBehind::Messages).await);
    is_unknown(storage.begin_session(-1, SessionKey([51; 32]), 0, 1).await);
    assert_eq!(storage.end_sessions(-1).await.unwrap(), 0);
}

/// Each message is either stored before its author is gone, or told not to be.
pub(super) async fn somebody_who_keeps_posting_can_be_deleted(storage: Arc<dyn Storage>) {
    for left_behind in [LeftBehind::Nothing, LeftBehind::Messages] {
        let user = register(&*storage, "busy").await;
        say(&*storage, "busy", "the first", 13_000).await;
        let posts: Vec<_> = (0..100)
            .map(|_| {
                let (storage, text) = (storage.clone(), MessageText::parse("one more").unwrap());
                tokio::spawn(async move { storage.record_message("busy", text, 13_001).await })
            })
            .collect();
        let deleted = tokio::spawn({
            let storage = storage.clone();
            async move { storage.delete_user(user, left_behind).await }
        });
        let mut stored = 1;
        for post in posts {
            match post.await.unwrap() {
                Ok(()) => stored += 1,
                Err(error) => assert!(matches!(error, Error::UnknownUser), "{error}"),
            }
        }
        deleted.await.unwrap().unwrap();
        let left = ids(&*storage, user).await.len();
        assert_eq!(left, if left_behind == LeftBehind::Messages { stored } else { 0 });
        is_unknown(storage.user("busy").await);
    }
}
