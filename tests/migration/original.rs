//! A database of the original program: adopted on the way, and itself left as it is.

use crate::migration::Move;
use crate::support::{Launch, Simulator, Visitor};

// Made by werkzeug 3.1: `generate_password_hash("hunter2", "pbkdf2:sha256:1000")`.
const HUNTER2: &str = "pbkdf2:sha256:1000$CzQLBw6X8yXONmUE$75a37f83742ed09278c004b270762c9e4ce9a36ee760a7f6d86ea391272b5378";

fn original() -> Move {
    let to = Move::without_file();
    to.sql(&format!(
        "CREATE TABLE user (user_id integer primary key autoincrement, username string not null,
             email string not null, pw_hash string not null);
         CREATE TABLE follower (who_id integer, whom_id integer);
         CREATE TABLE message (message_id integer primary key autoincrement,
             author_id integer not null, text string not null, pub_date integer, flagged integer);
         INSERT INTO user VALUES (1, 'Roger Histand', 'r@h', '{HUNTER2}'),
             (2, '00123', 'n@n', '{HUNTER2}'), (3, '9e999', '', ''), (4, 'Roger Histand', '', ''),
             (5, cast(x'61006200' as text), '', ''), (6, cast(x'ff' as text), '', '');
         INSERT INTO follower VALUES (1, 2), (1, 2), (2, 1), (1, 99);
         INSERT INTO message VALUES (1, 1, 'first', 1273414560, 0), (2, 2, '007', 1273414561, 0),
             (3, 1, cast(x'6e756c00ff' as text), 1273414562, null), (4, 1, 'bad', 5, 1),
             (5, 1, 'when', 'nonsense', 0), (6, 66, '1.50', 'once', x'00ff'),
             (7, 1, 'gone', 1, 0);
         DELETE FROM message WHERE message_id = 7;"
    ));
    to
}

#[test]
fn it_arrives_adopted_and_is_left_untouched() {
    let to = original();
    let before = to.contents();
    let moved = to.run(&[]).expect(3);
    let mut after = to.contents();
    after.retain(|(path, _)| !path.to_string_lossy().ends_with(".migration-report.jsonl"));
    assert!(after == before, "something was changed");
    assert!(moved.stderr().contains("is as it was"), "{}", moved.stderr());

    let server = Launch::new().flag("--database", &to.url).start();
    for name in ["Roger Histand", "00123", "123", "123.0"] {
        let page = Visitor::to(&server).sign_in_with(name, "hunter2").expect(200);
        assert!(page.flashes().contains(&"You were logged in".to_owned()), "{name}: {page}");
    }
    let simulator = Simulator::of(&server);
    assert_eq!(simulator.follows("Roger Histand"), ["123"]);
    let texts: Vec<_> = simulator.messages("/msgs").into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["when", "nul\u{2400}\u{fffd}", "7", "first"]);
    simulator.says("123", "next").expect(204);
    assert_eq!(to.rows("SELECT message_id FROM message WHERE text = 'next'"), ["8"]);
    assert_eq!(
        to.rows("SELECT * FROM orphan_message"),
        ["6|66|1.5|'once'|X'00FF'"],
        "values are literals"
    );
    assert_eq!(to.rows("SELECT value FROM numeric_username ORDER BY user_id"), ["123", "inf"]);
    let note = "SELECT original FROM adoption_note WHERE table_name = 'message' AND row_id = 3
                AND column_name = 'text'";
    assert_eq!(to.rows(note), ["CAST(X'6E756C00FF' AS TEXT)"]);
    let report = to.report();
    let dropped = report.iter().any(|line| line.to_string().contains("\"whom_id\""));
    assert!(dropped, "the dropped follow is not in the report: {report:#?}");
}

#[test]
fn a_dry_run_tells_what_adoption_would_change() {
    let to = original();
    let before = to.contents();
    to.run(&["--dry-run"]).expect(3);
    let mut after = to.contents();
    after.retain(|(path, _)| !path.to_string_lossy().ends_with(".migration-report.jsonl"));
    assert!(after == before, "something was changed");
    assert!(!to.report().is_empty());
}

#[test]
fn it_is_moved_once() {
    let to = original();
    to.run(&[]).expect(3);
    let again = to.run(&[]).expect(1);
    assert!(again.stderr().contains("has been moved there already"), "{}", again.stderr());
    assert_eq!(to.rows("SELECT count(*) FROM \"user\""), ["6"]);
}
