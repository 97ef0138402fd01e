//! What Postgres cannot hold arrives changed, or is in the report with all it was.

use serde_json::json;

use crate::migration::Move;
use crate::support::psql;

#[test]
fn what_cannot_be_held_is_mended_or_reported_with_all_it_was() {
    let to = Move::new();
    let long = "é".repeat(1_400);
    to.sql(&format!(
        "INSERT INTO user VALUES (1, 'ada', 'a@b', 'hash'), (2, '{long}', '', ''),
             (3, cast(x'7800' as text), '', ''), (4, 'x\u{2400}', '', '');
         INSERT INTO message VALUES (1, 1, cast(x'6100ff' as text), 5, 0), (2, 77, 'lost', 5, 0),
             (3, 1, 'fine', -5, 7);
         INSERT INTO follower VALUES (1, 2), (1, 88);
         INSERT INTO session VALUES (x'0102', 1, 5), (zeroblob(32), 1, 5);
         PRAGMA ignore_check_constraints = on;
         INSERT INTO message VALUES (4, 1, 'when?', 'never', 0), (5, 1, 'rounded', 12.5, 0);"
    ));
    let moved = to.run(&[]).expect(3);
    assert_eq!(moved.compared("message"), "message 5 3 yes, 2 stayed behind");
    assert_eq!(moved.compared("follower"), "follower 2 1 yes, 1 stayed behind");
    assert_eq!(moved.compared("session"), "session 2 1 yes, 1 stayed behind");
    assert!(moved.stderr().contains("migration-report.jsonl"), "{}", moved.stderr());

    let report = to.report();
    let reported = |line: serde_json::Value| {
        assert!(report.contains(&line), "{line} is not in {report:#?}");
    };
    reported(json!({
        "left behind": "message", "why": "author_id: there is no user 77",
        "row": {"message_id": 2, "author_id": 77, "text": "lost", "pub_date": 5, "flagged": 0},
    }));
    reported(json!({
        "left behind": "follower", "why": "whom_id: there is no user 88",
        "row": {"who_id": 1, "whom_id": 88},
    }));
    reported(json!({
        "left behind": "message", "why": "pub_date: no number that Postgres could hold",
        "row": {"message_id": 4, "author_id": 1, "text": "when?", "pub_date": "never", "flagged": 0},
    }));
    reported(json!({
        "changed": "message", "row": {"message_id": 1}, "column": "text",
        "was": {"text in base64": "YQD/"}, "now": "a\u{2400}\u{fffd}",
        "why": "was not UTF-8: now U+FFFD where it was not",
    }));
    reported(json!({
        "changed": "user", "row": {"user_id": 3}, "column": "username",
        "was": "x\0", "now": "x\u{2400} (2)", "why": "held a NUL character: now its picture U+2400",
    }));
    assert_eq!(report.len(), 3 + 2 + 3, "{report:#?}");
    assert_eq!(
        to.rows("SELECT message_id, pub_date, flagged FROM message ORDER BY 1"),
        ["1|5|0", "3|-5|7", "5|12|0"]
    );
    assert_eq!(to.rows("SELECT length(username) FROM \"user\" WHERE user_id = 2"), ["1290"]);
}

#[test]
fn columns_that_an_operator_has_added_are_in_the_report() {
    let to = Move::new();
    to.sql(
        "INSERT INTO user VALUES (1, 'ada', 'a@b', 'hash'), (2, 'bob', '', '');
         ALTER TABLE user ADD COLUMN city;
         UPDATE user SET city = 'London' WHERE user_id = 1;",
    );
    to.run(&[]).expect(3);
    assert_eq!(
        to.report(),
        [json!({
            "left behind in part": "user", "row": {"user_id": 1, "city": "London"},
            "why": "columns that are not MiniTwit's; the rest of the row arrives",
        })]
    );
    assert_eq!(to.rows("SELECT count(*) FROM \"user\""), ["2"]);
}

#[test]
fn extreme_numbers_and_every_character_arrive() {
    let to = Move::new();
    let every: String = ('\u{1}'..='\u{d7ff}').chain('\u{e000}'..='\u{10ffff}').collect();
    to.sql(&format!(
        "INSERT INTO user VALUES ({min}, 'first', '', ''), ({max}, 'last', '', '');
         INSERT INTO message VALUES (1, {min}, '', {max}, {min}), (2, {max}, '', {min}, {max});",
        min = i64::MIN + 1,
        max = i64::MAX,
    ));
    let insert = "INSERT INTO message VALUES (3, ?1, ?2, 0, 0)";
    to.sqlite().execute(insert, (i64::MAX, &every)).unwrap();
    to.run(&[]).expect(0);
    let digest =
        psql(&to.url, "SELECT length(text), octet_length(text) FROM message WHERE message_id = 3");
    assert_eq!(digest, format!("{}|{}", every.chars().count(), every.len()));
    assert_eq!(
        to.rows("SELECT pub_date, flagged FROM message WHERE message_id < 3 ORDER BY message_id"),
        [format!("{}|{}", i64::MAX, i64::MIN + 1), format!("{}|{}", i64::MIN + 1, i64::MAX)]
    );
}
