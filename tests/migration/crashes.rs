//! Killed at any point, on either side, it can be run again and comes out right.

use std::thread::sleep;
use std::time::Instant;

use rusqlite::Connection;

use crate::migration::Move;
use crate::support::{Cluster, psql};

/// Enough to be in the midst of it.
const MESSAGES: u32 = 30_000;

fn filled() -> Move {
    let to = Move::new();
    to.sql(&format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
         INSERT INTO user SELECT i, 'user ' || i, 'a@b', 'hash' FROM n;
         INSERT INTO follower SELECT a.user_id, b.user_id FROM user a, user b
         WHERE b.user_id BETWEEN a.user_id + 1 AND a.user_id + 20;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MESSAGES})
         INSERT INTO message SELECT i, 1 + i % 500, 'This is what number ' || i || ' says.', i, 0
         FROM n;"
    ));
    to
}

fn is_sealed(file: &Connection) -> bool {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'moved')";
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// The database that counts has everything, and only a ready Postgres counts besides the file.
#[track_caller]
fn exactly_one_is_true(to: &Move) {
    let tables = to.rows("SELECT count(*) FROM pg_tables WHERE tablename = 'minitwit'");
    let state = match tables[0].as_str() {
        "0" => String::new(),
        _ => psql(&to.url, "SELECT state FROM minitwit"),
    };
    match is_sealed(&to.sqlite()) {
        true => assert!(state == "sealing" || state == "ready", "{state}"),
        false => assert_ne!(state, "ready"),
    }
}

/// Runs it to the end and looks whether all is there.
#[track_caller]
fn comes_out_right(to: &Move) {
    to.run(&[]).expect(0);
    let count = "SELECT (SELECT count(*) FROM message) || ' ' || (SELECT count(*) FROM \"user\")
                 || ' ' || (SELECT count(*) FROM follower) || ' ' || (SELECT state FROM minitwit)";
    assert_eq!(to.rows(count), [format!("{MESSAGES} 500 9790 ready")]);
    let all_are_right = format!(
        "SELECT count(*) FROM generate_series(1, {MESSAGES}) i JOIN message m ON message_id = i
         WHERE text = 'This is what number ' || i || ' says.' AND author_id = 1 + i % 500"
    );
    assert_eq!(to.rows(&all_are_right), [MESSAGES.to_string()]);
    assert!(is_sealed(&to.sqlite()));
}

#[test]
fn killed_at_any_time_it_starts_again() {
    let whole = filled();
    let begun = Instant::now();
    whole.run(&[]).expect(0);
    let duration = begun.elapsed();
    for round in 0..6 {
        let to = filled();
        for attempt in 1..=2 {
            let running = to.start();
            sleep(duration * (round * 2 + attempt) / 13);
            running.kill();
            exactly_one_is_true(&to);
        }
        comes_out_right(&to);
    }
}

#[test]
fn killed_after_each_step_it_starts_again() {
    for step in
        ["copied", "built", "compared", "checked", "announced", "caught up", "sealed", "ready"]
    {
        let to = filled();
        let mut running = to.start();
        assert!(running.says(step), "it did not say {step:?}");
        running.kill();
        exactly_one_is_true(&to);
        comes_out_right(&to);
    }
}

#[test]
fn killed_between_the_seal_and_its_completion_it_is_completed() {
    let to = filled();
    to.run(&[]).expect(0);
    psql(&to.url, "UPDATE minitwit SET state = 'sealing'");
    comes_out_right(&to);
}

#[test]
fn an_older_copy_of_the_file_does_not_replace_what_was_sealed() {
    let to = filled();
    let older = to.folder().join("older.db");
    std::fs::copy(&to.file, &older).unwrap();
    to.run(&[]).expect(0);
    psql(&to.url, "UPDATE minitwit SET state = 'sealing'");
    let older = Move { file: older, ..to };
    let refused = older.run(&[]).expect(1);
    assert!(refused.stderr().contains("another copy"), "{}", refused.stderr());
    assert_eq!(older.rows("SELECT count(*) FROM message"), [MESSAGES.to_string()]);
}

#[test]
fn a_postgres_that_dies_fails_it_and_nothing_is_sealed() {
    let cluster = Cluster::start("");
    let mut to = filled();
    to.url = cluster.new_database();
    let mut running = to.start();
    assert!(running.says("copied"));
    cluster.stop("immediate");
    running.kill();
    assert!(!is_sealed(&to.sqlite()));
    cluster.resume();
    comes_out_right(&to);
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let to = filled();
    let mut first = to.start();
    assert!(first.says("copied"));
    let second = to.run(&[]).expect(0);
    assert!(second.stdout().contains("the true database"), "{}", second.stdout());
    first.kill();
    assert_eq!(to.rows("SELECT state FROM minitwit"), ["ready"]);
}
