//! Texts, dates, flags, and messages that nobody wrote.

use super::{OriginalFile, rows};

const NOTES: &str = "SELECT row_id, column_name, original, typeof(original), note
                     FROM adoption_note";

#[test]
fn texts_that_look_like_numbers_are_shown_as_before() {
    let file = OriginalFile::new();
    file.user(1, "a");
    file.message(1, 1, "007");
    file.message(2, 1, "3.50");
    file.message(3, 1, "1e400");
    file.message(4, 1, "1,5");
    let (conn, _) = file.adopt();
    assert_eq!(rows(&conn, "SELECT text FROM message"), ["7", "3.5", "inf", "1,5"]);
    assert_eq!(
        rows(&conn, NOTES),
        [
            "1|text|7|integer|stored as a number: now the text that was shown",
            "2|text|3.5|real|stored as a number: now the text that was shown",
            "3|text|inf|real|stored as a number: now the text that was shown",
        ]
    );
}

#[test]
fn broken_texts_are_mended_and_their_bytes_kept() {
    let file = OriginalFile::new();
    file.user(1, "a");
    file.message(1, 1, "nul\0nul");
    file.message(2, 1, b"a blob".as_slice());
    file.message(3, 1, b"\xf0\x9f\x90".as_slice());
    file.sql("insert into message values (4, 1, cast(x'68c3' as text), 0, 0)");
    let (conn, _) = file.adopt();
    assert_eq!(
        rows(&conn, "SELECT text FROM message"),
        ["nul\u{2400}nul", "a blob", "\u{fffd}", "h\u{fffd}"]
    );
    assert_eq!(
        rows(&conn, "SELECT row_id, typeof(original), hex(original) FROM adoption_note"),
        ["1|text|6E756C006E756C", "2|blob|6120626C6F62", "3|blob|F09F90", "4|text|68C3"]
    );
}

#[test]
fn a_missing_text_is_an_empty_one() {
    let file = OriginalFile::with_schema(
        "create table user (user_id integer primary key, username, email, pw_hash);
         create table follower (who_id, whom_id);
         create table message (message_id integer primary key, author_id, text, pub_date, flagged);
         insert into user values (1, 'a', null, null);
         insert into message values (1, 1, null, 5, 0)",
    );
    let (conn, _) = file.adopt();
    assert_eq!(rows(&conn, "SELECT * FROM message"), ["1|1||5|0"]);
    assert_eq!(rows(&conn, "SELECT * FROM user"), ["1|a||"]);
    assert_eq!(rows(&conn, "SELECT DISTINCT note FROM adoption_note"), ["NULL: now empty"]);
}

#[test]
fn messages_without_an_author_are_put_away_unchanged() {
    let file = OriginalFile::new();
    file.user(1, "a");
    file.message(1, 1, "mine");
    file.message(2, 66, "003");
    file.sql("insert into message values (3, 'x', cast(x'ff00' as text), 'once', null)");
    let (conn, report) = file.adopt();
    assert_eq!(rows(&conn, "SELECT text FROM message"), ["mine"]);
    assert_eq!(
        rows(&conn, "SELECT *, typeof(text), hex(text) FROM orphan_message"),
        ["2|66|3|1300000002|0|integer|33", "3|x|\u{fffd}\0|once|NULL|text|FF00"]
    );
    assert_eq!(
        report[2..],
        [
            "2 × the author is missing: moved to the table orphan_message",
            "  message 2, author_id: 66",
            "  message 3, author_id: \"x\"",
        ]
    );
    assert!(report[0].contains(" 1 messages"), "{report:?}");
}

#[test]
fn dates_become_whole_seconds() {
    let file = OriginalFile::new();
    file.user(1, "a");
    let dates = [
        ("1300000000", 1300000000),
        ("1300000000.75", 1300000000),
        ("'2012-02-29 12:30:00'", 1330518600),
        ("' 2012-02-29T12:30:00.5+02:00 '", 1330511400),
        ("-5", -5),
        ("9000000000000000000", 9000000000000000000_i64),
    ];
    for (id, (stored, _)) in dates.iter().enumerate() {
        file.sql(&format!("insert into message values ({id}, 1, '', {stored}, 0)"));
    }
    let (conn, report) = file.adopt();
    let expected: Vec<String> = dates.iter().map(|(_, date)| date.to_string()).collect();
    assert_eq!(rows(&conn, "SELECT pub_date FROM message ORDER BY message_id"), expected);
    assert_eq!(report[2], "3 × the date was not a whole number of seconds: now it is");
    assert_eq!(report[4], "  message 2, pub_date: \"2012-02-29 12:30:00\" → \"1330518600\"");
}

#[test]
fn a_message_without_a_date_comes_after_those_before_it() {
    let file = OriginalFile::new();
    file.user(1, "a");
    let dates = ["null", "500", "300", "null", "'now'", "'2012-13-45'", "1e300", "x'00'", "600"];
    for (id, stored) in dates.iter().enumerate() {
        file.sql(&format!("insert into message values ({id}, 1, '', {stored}, 0)"));
    }
    let (conn, report) = file.adopt();
    assert_eq!(
        rows(&conn, "SELECT pub_date FROM message ORDER BY message_id"),
        ["0", "500", "300", "500", "500", "500", "500", "500", "600"]
    );
    assert_eq!(report[2], "6 × no date that can be read: now the latest of the messages before it");
    assert_eq!(report[3], "  message 0, pub_date: NULL → \"0\"");
}

#[test]
fn what_was_hidden_stays_hidden_and_what_nobody_flagged_is_shown() {
    let file = OriginalFile::new();
    file.user(1, "a");
    for (id, stored) in ["0", "1", "-4", "null", "0.5", "'spam'", "''"].iter().enumerate() {
        file.sql(&format!("insert into message values ({id}, 1, '', 0, {stored})"));
    }
    let (conn, report) = file.adopt();
    assert_eq!(
        rows(&conn, "SELECT flagged FROM message ORDER BY message_id"),
        ["0", "1", "-4", "0", "1", "1", "1"]
    );
    assert_eq!(report[2], "4 × the flag was not a whole number: now it is");
    assert_eq!(report[3], "  message 3, flagged: NULL → \"0\"");
}
