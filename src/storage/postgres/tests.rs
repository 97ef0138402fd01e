//! The storage on a real Postgres.

use super::*;
use crate::storage::{Care, contract};

#[path = "../../../tests/support/cluster.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with the stories over HTTP")]
mod cluster;

use cluster::{Cluster, psql};

async fn open(url: &str) -> PostgresStorage {
    PostgresStorage::open(&Target::parse(url).unwrap()).await.unwrap().0
}

#[tokio::test]
async fn the_contract_is_kept() {
    let storage = Arc::new(open(&Cluster::shared().new_database()).await);
    contract::keep(storage.clone()).await;
    storage.close().await;
}

#[tokio::test]
async fn those_who_begin_together_make_one_schema() {
    let target = Target::parse(&Cluster::shared().new_database()).unwrap();
    let together = (0..8).map(|_| init(&target));
    let reports = futures_util::future::try_join_all(together).await.unwrap();
    let makers = reports.iter().filter(|report| report.0[0].starts_with("created the schema"));
    assert_eq!(makers.count(), 1, "{reports:?}");
}

#[tokio::test]
async fn what_was_noted_and_stored_is_there_after_a_restart() {
    let url = Cluster::shared().new_database();
    let storage = open(&url).await;
    storage.note_latest(42).await.unwrap();
    let secret = *storage.secret();
    storage.close().await;
    assert!(storage.end_session(SessionKey([0; 32])).await.is_err(), "written after the end");

    let storage = open(&url).await;
    assert_eq!(storage.latest().await.unwrap(), 42);
    assert_eq!(storage.secret(), &secret);
}

#[tokio::test]
async fn adopted_users_are_found_by_every_spelling_of_their_number() {
    let url = Cluster::shared().new_database();
    let storage = open(&url).await;
    psql(
        &url,
        r#"INSERT INTO "user" VALUES (7, '123', 'a@b', 'x'), (8, 'ada', 'a@b', 'x');
           INSERT INTO numeric_username VALUES (7, '123')"#,
    );
    let text = || MessageText::parse("hello").unwrap();
    for spelling in ["123", "00123", "1.23e2"] {
        assert_eq!(storage.user(spelling).await.unwrap().id, 7, "{spelling}");
        storage.record_message(spelling, text(), 1).await.unwrap();
        storage.follow("ada", spelling).await.unwrap();
        assert!(storage.is_following(8, spelling).await.unwrap(), "{spelling}");
        storage.unfollow(spelling, "ada").await.unwrap();
        assert_eq!(storage.followed_by(spelling, 9).await.unwrap(), [""; 0]);
        let username = crate::domain::Username::parse(spelling).unwrap();
        let email = crate::domain::Email::parse("a@b").unwrap();
        let account = NewAccount { username, email, pw_hash: String::new() };
        let taken = storage.register(account).await;
        assert!(matches!(taken, Err(Error::UsernameTaken)), "{taken:?}");
    }
    assert_eq!(storage.timeline(TimelineOf::Author("0123"), None, 9).await.unwrap().len(), 3);
    assert!(storage.user("1234").await.is_err());
    let name = |text| crate::domain::Username::parse(text).unwrap();
    let taken = storage.rename(8, &name("0123")).await;
    assert!(matches!(taken, Err(Error::UsernameTaken)), "{taken:?}");
    storage.rename(7, &name("00123")).await.unwrap();
    assert_eq!(storage.user("00123").await.unwrap().id, 7);
    assert!(storage.user("123").await.is_err());
}

#[tokio::test]
async fn names_with_nul_are_nobodys() {
    let storage = open(&Cluster::shared().new_database()).await;
    let text = MessageText::parse("hello").unwrap();
    let nobody = |error: Error| assert!(matches!(error, Error::UnknownUser), "{error}");
    nobody(storage.user("a\0b").await.unwrap_err());
    nobody(storage.record_message("a\0b", text, 1).await.unwrap_err());
    nobody(storage.follow("a\0b", "a\0b").await.unwrap_err());
    nobody(storage.followed_by("a\0b", 1).await.unwrap_err());
    nobody(storage.timeline(TimelineOf::Author("a\0b"), None, 1).await.unwrap_err());
    assert!(!storage.is_following(1, "a\0b").await.unwrap());
    assert!(storage.existing_usernames(vec!["a\0b".into()]).await.unwrap().is_empty());
}

#[tokio::test]
async fn messages_of_one_second_keep_the_order_in_which_they_were_posted() {
    let storage = Arc::new(open(&Cluster::shared().new_database()).await);
    let username = crate::domain::Username::parse("ada").unwrap();
    let email = crate::domain::Email::parse("a@b").unwrap();
    storage.register(NewAccount { username, email, pw_hash: String::new() }).await.unwrap();
    // Polled one after the other, so that they queue in this order and go out in few statements.
    let posts = (0..2500).map(|n| {
        let text = MessageText::parse(&n.to_string()).unwrap();
        let storage = storage.clone();
        async move { storage.record_message("ada", text, 7).await }
    });
    futures_util::future::try_join_all(posts).await.unwrap();
    let messages = storage.timeline(TimelineOf::Everybody, None, usize::MAX).await.unwrap();
    let texts: Vec<String> = messages.into_iter().rev().map(|message| message.text).collect();
    let expected: Vec<String> = (0..2500).map(|n| n.to_string()).collect();
    assert_eq!(texts, expected);
}
