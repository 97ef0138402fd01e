//! Who follows whom.

use super::{OriginalFile, rows};

const NOTES: &str = "SELECT row_id, column_name, original, note FROM adoption_note";

#[test]
fn a_repeated_follow_counts_once() {
    let file = OriginalFile::new();
    file.user(1, "a");
    file.user(2, "b");
    file.sql("insert into follower values (1, 2), (2, 1), (1, 2), (1, 2)");
    let (conn, report) = file.adopt();
    assert_eq!(rows(&conn, "SELECT * FROM follower ORDER BY 1, 2"), ["1|2", "2|1"]);
    assert_eq!(
        rows(&conn, NOTES),
        [
            "3|who_id|1|follows the same user twice: now once",
            "3|whom_id|2|follows the same user twice: now once",
            "4|who_id|1|follows the same user twice: now once",
            "4|whom_id|2|follows the same user twice: now once",
        ]
    );
    assert_eq!(
        report[2..],
        [
            "2 × follows the same user twice: now once",
            "  follower 3: user 1 → user 2",
            "  follower 4: user 1 → user 2",
        ]
    );
}

#[test]
fn a_follow_of_nobody_is_dropped_and_kept_in_the_notes() {
    let file = OriginalFile::new();
    file.user(1, "a");
    file.sql("insert into follower values (1, 9), (9, 1), (null, 1), (1, null), ('x', 1.5)");
    let (conn, report) = file.adopt();
    assert_eq!(rows(&conn, "SELECT * FROM follower"), [""; 0]);
    assert_eq!(rows(&conn, NOTES).len(), 10);
    assert_eq!(
        report[2..],
        [
            "5 × follower or followed is missing: dropped",
            "  follower 1: user 1 → user 9",
            "  follower 2: user 9 → user 1",
            "  follower 3: user NULL → user 1",
            "  follower 4: user 1 → user NULL",
            "  follower 5: user \"x\" → user 1.5",
        ]
    );
}

#[test]
fn ids_stored_as_texts_still_mean_their_users() {
    let file = OriginalFile::with_schema(
        "create table user (user_id integer primary key autoincrement, username, email, pw_hash);
         create table follower (who_id text, whom_id);
         create table message (message_id integer primary key, author_id text, text, pub_date)",
    );
    file.user(1, "a");
    file.user(2, "b");
    file.sql("insert into follower values (1, 2.0); insert into message values (1, 2, 'hi', 7)");
    let (conn, report) = file.adopt();
    assert_eq!(rows(&conn, "SELECT * FROM follower"), ["1|2"]);
    assert_eq!(rows(&conn, "SELECT * FROM message"), ["1|2|hi|7|0"]);
    assert_eq!(
        report[2..],
        [
            "3 × not stored as a whole number: now the one it equals",
            "  follower 1, who_id: \"1\" → \"1\"",
            "  follower 1, whom_id: 2.0 → \"2\"",
            "  message 1, author_id: \"2\" → \"2\"",
        ]
    );
}
