//! What operators had added to the original's database.

use super::super::super::schema::prepare;
use super::{OriginalFile, rows};

#[test]
fn columns_that_operators_added_are_kept() {
    let file = OriginalFile::new();
    file.sql(
        "alter table user add column \"profile \"\"pic\"\"\" string default 'none';
         alter table follower add column since datetime default 0;
         alter table message add column likes integer;
         insert into user values (1, 'a', '', '', '007');
         insert into follower values (1, 1, 'monday'), (1, 1, 'tuesday'), (1, 8, x'01');
         insert into message values (1, 1, 'mine', 0, 0, 5), (2, 9, 'whose?', 0, 0, 'many')",
    );
    let (conn, _) = file.adopt();
    conn.execute("INSERT INTO user (username, email, pw_hash) VALUES ('new', '', '')", []).unwrap();
    assert_eq!(rows(&conn, "SELECT * FROM user"), ["1|a|||7", "2|new|||none"]);
    assert_eq!(rows(&conn, "SELECT * FROM follower"), ["1|1|monday"]);
    assert_eq!(rows(&conn, "SELECT * FROM message"), ["1|1|mine|0|0|5"]);
    assert_eq!(rows(&conn, "SELECT * FROM orphan_message"), ["2|9|whose?|0|0|many"]);
    assert_eq!(
        rows(&conn, "SELECT row_id, original FROM adoption_note WHERE column_name = 'since'"),
        ["2|tuesday", "3|[1]"]
    );
}

#[test]
fn not_null_columns_and_expressions_as_defaults_do_not_stop_new_rows() {
    let file = OriginalFile::new();
    file.sql(
        "create table user_2 (user_id integer primary key autoincrement, username string,
             email string, pw_hash string, joined not null default current_timestamp,
             rank not null default (1 + 1), motto not null);
         drop table user; alter table user_2 rename to user;
         insert into user values (1, 'a', '', '', 'monday', 9, 'x')",
    );
    let (conn, _) = file.adopt();
    conn.execute("INSERT INTO user (username, email, pw_hash) VALUES ('new', '', '')", []).unwrap();
    assert_eq!(
        rows(&conn, "SELECT username, joined > '2', rank, motto FROM user"),
        ["a|1|9|x", "new|1|2|NULL"]
    );
}

#[test]
fn other_tables_views_and_triggers_stay() {
    let file = OriginalFile::new();
    file.sql(
        "create table likes (user_id references user (user_id),
                             message_id references message (message_id));
         create table log (line);
         create view shout as select upper(text) as text from message;
         create view broken as select * from nowhere;
         create trigger logged after insert on message
             begin insert into log values (new.text); end;
         create trigger liked after insert on likes
             begin insert into log select username from user; end;
         insert into user values (1, 'a', '', '');
         insert into message values (1, 1, 'hi', 0, 0);
         insert into likes values (1, 1), (1, 99)",
    );
    let schema = "SELECT name, sql FROM sqlite_schema
                  WHERE name IN ('likes', 'log', 'shout', 'broken', 'logged', 'liked')";
    let was = rows(&file.open(), schema);
    let log = ["hi", "a", "a"];
    assert_eq!(rows(&file.open(), "SELECT * FROM log"), log);

    let (conn, report) = super::super::super::schema::prepare(&file.path).unwrap();

    assert_eq!(report.0.len(), 2, "{report:?}");
    let mut is = rows(&conn, schema);
    is.sort();
    let mut was = was;
    was.sort();
    assert_eq!(is, was);
    assert_eq!(rows(&conn, "SELECT * FROM likes"), ["1|1", "1|99"]);
    assert_eq!(rows(&conn, "SELECT * FROM log"), log, "copying must not fire triggers");
    assert_eq!(rows(&conn, "SELECT * FROM shout"), ["HI"]);
    conn.execute_batch(
        "INSERT INTO message (author_id, text, pub_date) VALUES (1, 'new', 0);
         INSERT INTO likes VALUES (1, 2)",
    )
    .unwrap();
    assert_eq!(rows(&conn, "SELECT * FROM log"), ["hi", "a", "a", "new", "a"]);
}

#[test]
fn a_table_with_a_name_that_we_need_is_renamed() {
    let file = OriginalFile::new();
    file.sql(
        "create table Latest (id integer, value integer);
         insert into Latest values (1, 4711);
         create table original_latest (x);
         create table session (token); create index session_by_user on session (token);
         create view newest as select value from latest;",
    );
    let (conn, report) = file.adopt();
    assert_eq!(
        report[2..],
        [
            "renamed the table session to original_session: its name is needed",
            "left out the index session_by_user: its name is needed",
            "renamed the table latest to original_latest_2: its name is needed",
        ]
    );
    assert_eq!(rows(&conn, "SELECT * FROM original_latest_2"), ["1|4711"]);
    assert_eq!(rows(&conn, "SELECT * FROM newest"), ["4711"], "views follow their table");
    assert_eq!(rows(&conn, "SELECT * FROM latest"), [""; 0]);
}

#[test]
fn a_view_with_a_name_that_we_need_is_refused() {
    let file = OriginalFile::new();
    file.sql("create view session as select 1");
    let was = std::fs::read(&file.path).unwrap();
    let error = prepare(&file.path).unwrap_err().to_string();
    assert!(error.contains("has a view named session, a name that MiniTwit needs"), "{error}");
    assert!(std::fs::read(&file.path).unwrap() == was);
    assert!(file.backups().is_empty(), "nothing was adopted, so there is nothing to keep");
}

#[test]
fn indices_and_computed_columns_are_left_out_and_told() {
    let file = OriginalFile::new();
    file.sql(
        "create index message_by_date on message (pub_date);
         create unique index one_address on user (email);
         alter table user add column shouted as (upper(username))",
    );
    file.user(1, "a");
    let (_, report) = file.adopt();
    assert_eq!(
        report[2..],
        [
            "left out the computed column user.shouted",
            "left out the index message_by_date: the tables have others now",
            "left out the index one_address: the tables have others now",
        ]
    );
}

#[test]
fn changes_that_a_crash_left_in_a_log_are_adopted_too() {
    let crashed = OriginalFile::new();
    crashed.sql("pragma journal_mode = wal");
    crashed.user(1, "a");
    let open = crashed.open();
    open.execute_batch("insert into message values (1, 1, 'only in the log', 0, 0)").unwrap();
    let file = OriginalFile::with_schema("");
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", crashed.path.display());
        std::fs::copy(from, format!("{}{suffix}", file.path.display())).unwrap();
    }
    let (conn, _) = file.adopt();
    assert_eq!(rows(&conn, "SELECT text FROM message"), ["only in the log"]);
    let copy = rusqlite::Connection::open(&file.backups()[0]).unwrap();
    assert_eq!(rows(&copy, "SELECT text FROM message"), ["only in the log"]);
}

#[test]
fn names_of_tables_and_columns_may_be_written_in_capitals() {
    let file = OriginalFile::with_schema(
        "create table USER (USER_ID INTEGER PRIMARY KEY AUTOINCREMENT, Username, Email, PW_HASH);
         create table Follower (WHO_ID, WHOM_ID);
         create table Message (MESSAGE_ID INTEGER PRIMARY KEY AUTOINCREMENT, AUTHOR_ID, TEXT,
                               PUB_DATE, FLAGGED)",
    );
    file.user(7, "a");
    file.message(7, 7, "hi");
    file.sql("delete from message");
    let (conn, _) = file.adopt();
    conn.execute("INSERT INTO message (author_id, text, pub_date) VALUES (7, '', 0)", []).unwrap();
    assert_eq!(rows(&conn, "SELECT message_id, author_id, flagged FROM message"), ["8|7|0"]);
}
