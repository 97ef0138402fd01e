//! Names, addresses and hashes; who keeps a name.

use rusqlite::Connection;
use rusqlite::types::Null;

use super::{OriginalFile, rows};

const NOTES: &str = "SELECT table_name, row_id, column_name, original, typeof(original), note
                     FROM adoption_note ORDER BY row_id, note_id";

/// Ids of whom a name finds, by exact spelling or as a number the way the original compared.
fn found(conn: &Connection, name: &str) -> Vec<String> {
    let exact = "SELECT user_id FROM user WHERE username = ?1";
    let number = "SELECT user_id FROM numeric_username WHERE value = ?1";
    [exact, number]
        .into_iter()
        .filter_map(|sql| conn.query_row(sql, [name], |row| row.get::<_, i64>(0)).ok())
        .map(|id| id.to_string())
        .collect()
}

#[test]
fn names_that_look_like_numbers_are_found_by_every_spelling_as_before() {
    let file = OriginalFile::new();
    file.user(1, "00123");
    file.user(2, "1e5");
    file.user(3, "-7.50");
    file.user(4, "12345678901234567890");
    file.user(5, "9e999");
    file.user(6, "0x10");

    let (conn, report) = file.adopt();

    assert_eq!(
        rows(&conn, "SELECT user_id, username, typeof(username) FROM user ORDER BY 1"),
        [
            "1|123|text",
            "2|100000|text",
            "3|-7.5|text",
            "4|1.2345678901234567e+19|text",
            "5|inf|text",
            "6|0x10|text"
        ]
    );
    for spelling in ["123", "00123", "123.0", "1.23e2", " 123"] {
        assert_eq!(found(&conn, spelling).last().map(String::as_str), Some("1"), "{spelling}");
    }
    assert_eq!(found(&conn, "1e5"), ["2"]);
    assert_eq!(found(&conn, "-7.50"), ["3"]);
    assert_eq!(found(&conn, "12345678901234567890"), ["4"]);
    assert_eq!(found(&conn, "9e999"), ["5"]);
    assert_eq!(found(&conn, "0x10"), ["6"]);
    assert_eq!(rows(&conn, "SELECT count(*) FROM numeric_username"), ["5"]);
    assert_eq!(
        rows(&conn, NOTES)[..3],
        [
            "user|1|username|123|integer|stored as a number: now the text that was shown",
            "user|2|username|100000|integer|stored as a number: now the text that was shown",
            "user|3|username|-7.5|real|stored as a number: now the text that was shown",
        ]
    );
    assert_eq!(report[2], "5 × stored as a number: now the text that was shown");
    assert_eq!(report[3], "  user 1, username: 123 → \"123\"");
}

#[test]
fn of_two_users_with_one_name_the_first_keeps_it() {
    let file = OriginalFile::new();
    file.user(1, "other");
    file.user(2, "bob");
    file.user(3, "bob");
    file.user(4, "bob (2)");
    file.user(5, "bob");
    file.user(6, "Bob");
    file.sql("insert into follower values (3, 2)");
    file.message(1, 3, "by the second bob");

    let (conn, report) = file.adopt();

    assert_eq!(
        rows(&conn, "SELECT user_id, username, pw_hash FROM user WHERE user_id > 1 ORDER BY 1"),
        [
            "2|bob|hash 2",
            "3|bob (3)|hash 3",
            "4|bob (2)|hash 4",
            "5|bob (4)|hash 5",
            "6|Bob|hash 6"
        ]
    );
    assert_eq!(rows(&conn, "SELECT author_id, text FROM message"), ["3|by the second bob"]);
    assert_eq!(rows(&conn, "SELECT * FROM follower"), ["3|2"]);
    assert_eq!(
        report[2..],
        [
            "2 × the name is another user's, who was found by it: renamed",
            "  user 3, username: \"bob\" → \"bob (3)\"",
            "  user 5, username: \"bob\" → \"bob (4)\"",
        ]
    );
}

#[test]
fn a_number_shared_by_two_finds_the_first() {
    let file = OriginalFile::new();
    file.user(3, "0042");
    file.user(4, "42");
    let (conn, _) = file.adopt();
    assert_eq!(rows(&conn, "SELECT user_id, username FROM user ORDER BY 1"), ["3|42", "4|42 (2)"]);
    assert_eq!(rows(&conn, "SELECT * FROM numeric_username"), ["3|42"]);
}

#[test]
fn whom_the_original_found_by_a_name_keeps_it_against_one_who_only_comes_to_look_like_it() {
    let file = OriginalFile::new();
    file.user(1, "9e999"); // was shown as inf
    file.user(2, b"bob".as_slice()); // a BLOB, equal to no text
    file.sql("insert into user values (3, cast(x'6100ff' as text), '', '')");
    file.user(4, "inf");
    file.user(5, "bob");
    file.user(6, "a\u{2400}\u{fffd}");

    let (conn, _) = file.adopt();

    assert_eq!(
        rows(&conn, "SELECT user_id, username FROM user ORDER BY 1"),
        [
            "1|inf (2)",
            "2|bob (2)",
            "3|a\u{2400}\u{fffd} (2)",
            "4|inf",
            "5|bob",
            "6|a\u{2400}\u{fffd}"
        ]
    );
    assert_eq!(found(&conn, "inf"), ["4"]);
    assert_eq!(found(&conn, "9e999"), ["1"]);
}

#[test]
fn names_that_nobody_could_register_now_stay() {
    let file = OriginalFile::new();
    let long = "x".repeat(crate::domain::MAX_USERNAME_CHARS + 50);
    file.user(1, "public");
    file.user(2, long.as_str());
    file.user(3, " ");
    let (conn, report) = file.adopt();
    assert_eq!(rows(&conn, "SELECT username FROM user ORDER BY user_id"), ["public", &long, " "]);
    assert_eq!(report[2..], ["the user public keeps that name, but /public is another page"]);
}

#[test]
fn users_without_a_name_get_one() {
    let file = OriginalFile::with_schema(
        "create table user (user_id integer primary key, username text, email text, pw_hash text);
         create table follower (who_id integer, whom_id integer);
         create table message (message_id integer primary key, author_id integer, text string,
                               pub_date integer, flagged integer)",
    );
    file.user(1, Null);
    file.user(2, "");
    file.user(3, "user 2");
    let (conn, report) = file.adopt();
    assert_eq!(
        rows(&conn, "SELECT user_id, username FROM user ORDER BY 1"),
        ["1|user 1", "2|user 2 (2)", "3|user 2"]
    );
    assert_eq!(
        report[2..],
        [
            "1 × the name is another user's, who was found by it: renamed",
            "  user 2, username: \"\" → \"user 2 (2)\"",
            "1 × the user had no name: named",
            "  user 1, username: NULL → \"user 1\"",
        ]
    );
}

#[test]
fn names_of_text_columns_keep_their_zeros() {
    let file = OriginalFile::with_schema(
        "create table user (user_id integer primary key, username text, email text, pw_hash text);
         create table follower (who_id integer, whom_id integer);
         create table message (message_id integer primary key, author_id integer, text text,
                               pub_date integer, flagged integer)",
    );
    file.user(1, "00123");
    file.user(2, "123");
    let (conn, _) = file.adopt();
    assert_eq!(rows(&conn, "SELECT username FROM user ORDER BY user_id"), ["00123", "123"]);
    assert_eq!(rows(&conn, "SELECT * FROM numeric_username"), [""; 0]);
}

#[test]
fn addresses_and_hashes_become_texts_and_are_not_told() {
    let file = OriginalFile::new();
    let hash = "pbkdf2:sha256:50000$XHIEDWyb$9a3f0ef8a4d9a4c4f6b6b8b3";
    file.sql(&format!("insert into user values (1, 'a', 12.50, '{hash}')"));
    file.sql("insert into user values (2, 'b', cast(x'ff40' as text), '0123')");

    let (conn, report) = file.adopt();

    assert_eq!(
        rows(&conn, "SELECT email, pw_hash, typeof(email) FROM user ORDER BY user_id"),
        [format!("12.5|{hash}|text"), "\u{fffd}@|123|text".into()]
    );
    assert_eq!(
        rows(&conn, NOTES),
        [
            "user|1|email|12.5|real|stored as a number: now the text that was shown",
            "user|2|email|\u{fffd}@|text|was not UTF-8: now U+FFFD where it was not",
            "user|2|pw_hash|123|integer|stored as a number: now the text that was shown",
        ]
    );
    assert_eq!(
        report[2..],
        [
            "2 × stored as a number: now the text that was shown",
            "  user 1, email",
            "  user 2, pw_hash",
            "1 × was not UTF-8: now U+FFFD where it was not",
            "  user 2, email",
        ]
    );
}

#[test]
fn broken_names_are_mended_and_their_bytes_kept() {
    let file = OriginalFile::new();
    file.sql("insert into user values (1, cast(x'61ff' as text), '', '')");
    file.user(2, "nul\0nul");
    let (conn, report) = file.adopt();
    assert_eq!(
        rows(&conn, "SELECT username FROM user ORDER BY user_id"),
        ["a\u{fffd}", "nul\u{2400}nul"]
    );
    assert_eq!(
        rows(&conn, "SELECT typeof(original), hex(CAST(original AS BLOB)) FROM adoption_note"),
        ["text|61FF", "text|6E756C006E756C"]
    );
    assert!(report.contains(&"  user 2, username: \"nul\\0nul\" → \"nul\u{2400}nul\"".into()));
}

#[test]
fn the_report_shows_the_first_changes_of_a_kind_and_counts_the_rest() {
    let file = OriginalFile::new();
    for id in 1..=30 {
        file.user(id, id * 100);
    }
    let (conn, report) = file.adopt();
    assert_eq!(report[2], "30 × stored as a number: now the text that was shown");
    assert_eq!(report[22], "  user 20, username: 2000 → \"2000\"");
    assert_eq!(report[23..], ["  … 10 more in the table adoption_note"]);
    assert_eq!(rows(&conn, "SELECT count(*) FROM adoption_note"), ["30"]);
}
