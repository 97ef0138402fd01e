//! What becomes of each oddity that a database of the original program can hold.

mod follows;
mod interruption;
mod messages;
mod surroundings;
mod users;

use std::os::unix::fs::PermissionsExt;

use super::testing::{OriginalFile, rows};

#[test]
fn an_ordinary_database_is_taken_over_unchanged() {
    let file = OriginalFile::new();
    file.user(1, "Roger Histand");
    file.user(2, "Zoë 🐦");
    file.sql("insert into follower values (1, 2), (2, 1), (1, 1)");
    file.message(1, 2, "<b>Hello</b>\r\nworld");
    file.message(2, 1, "");
    file.sql("update message set flagged = 1 where message_id = 2");

    let (conn, report) = file.adopt();

    assert_eq!(
        rows(&conn, "SELECT * FROM user"),
        ["1|Roger Histand|user1@example.com|hash 1", "2|Zoë 🐦|user2@example.com|hash 2"]
    );
    assert_eq!(rows(&conn, "SELECT * FROM follower ORDER BY 1, 2"), ["1|1", "1|2", "2|1"]);
    assert_eq!(
        rows(&conn, "SELECT * FROM message"),
        ["1|2|<b>Hello</b>\r\nworld|1300000001|0", "2|1||1300000002|1"]
    );
    assert_eq!(rows(&conn, "SELECT count(*) FROM adoption_note"), ["0"]);
    assert_eq!(rows(&conn, "SELECT length(bytes) FROM secret"), ["32"]);
    assert_eq!(report.len(), 2, "{report:#?}");
    assert_eq!(
        report[0],
        "adopted a database of the original program: 2 users, 3 follows, 2 messages; it now has \
         schema version 1"
    );
}

#[test]
fn an_adopted_database_has_the_schema_of_a_new_one() {
    let objects = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
    let (adopted, _) = OriginalFile::new().adopt();
    let new = OriginalFile::with_schema("");
    let (new, _) = super::super::schema::prepare(&new.path).unwrap();
    assert_eq!(rows(&adopted, objects), rows(&new, objects));
    for pragma in ["application_id", "user_version", "journal_mode", "foreign_keys"] {
        let pragma = format!("PRAGMA {pragma}");
        assert_eq!(rows(&adopted, &pragma), rows(&new, &pragma), "{pragma}");
    }
}

#[test]
fn the_file_as_it_was_stays_beside_it() {
    let file = OriginalFile::new();
    file.user(1, "bob");
    file.sql("insert into user values (7, 12, 12.5, x'00')");

    let (_, report) = file.adopt();

    let backups = file.backups();
    assert_eq!(backups.len(), 1, "{backups:?}");
    let backup = &backups[0];
    assert_eq!(report[1], format!("the file as it was is kept as {}", backup.display()));
    assert_eq!(std::fs::metadata(backup).unwrap().permissions().mode() & 0o777, 0o600);
    let copy = rusqlite::Connection::open(backup).unwrap();
    assert_eq!(
        rows(&copy, "SELECT * FROM user"),
        ["1|bob|user1@example.com|hash 1", "7|12|12.5|[0]"]
    );
}

#[test]
fn a_copy_never_takes_the_place_of_another_file() {
    let file = OriginalFile::new();
    // Whatever second it is when the copy is made, its first choice is taken.
    let now = time::OffsetDateTime::now_utc();
    let format = time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
    for seconds in 0..600 {
        let then = (now + time::Duration::seconds(seconds)).format(&format).unwrap();
        std::fs::write(file.folder().join(format!("minitwit.db.original-{then}")), "mine").unwrap();
    }

    file.adopt();

    let (mine, others): (Vec<_>, Vec<_>) =
        file.backups().into_iter().partition(|path| std::fs::read(path).unwrap() == b"mine");
    assert_eq!(mine.len(), 600);
    assert_eq!(others.len(), 1);
    assert!(others[0].display().to_string().ends_with("Z-2"), "{others:?}");
}

#[test]
fn new_ids_start_after_the_last_that_was_ever_given() {
    let file = OriginalFile::new();
    file.user(5, "bob");
    file.user(9, "gone");
    file.message(3, 5, "stays");
    file.message(8, 5, "deleted");
    file.sql("delete from user where user_id = 9; delete from message where message_id = 8");

    let (conn, _) = file.adopt();

    conn.execute_batch(
        "INSERT INTO user (username, email, pw_hash) VALUES ('new', 'a@b', '');
         INSERT INTO message (author_id, text, pub_date) VALUES (5, 'new', 0)",
    )
    .unwrap();
    assert_eq!(rows(&conn, "SELECT max(user_id) FROM user"), ["10"]);
    assert_eq!(rows(&conn, "SELECT max(message_id) FROM message"), ["9"]);
}

#[test]
fn the_id_of_an_orphaned_message_is_not_given_again() {
    // Without AUTOINCREMENT nothing but the rows themselves tells which ids were given.
    let file = OriginalFile::with_schema(
        "create table user (user_id integer primary key, username, email, pw_hash);
         create table follower (who_id, whom_id);
         create table message (message_id integer primary key, author_id, text, pub_date, flagged)",
    );
    file.user(1, "bob");
    file.message(4, 77, "whose?");
    let (conn, _) = file.adopt();
    conn.execute("INSERT INTO message (author_id, text, pub_date) VALUES (1, '', 0)", []).unwrap();
    assert_eq!(rows(&conn, "SELECT message_id FROM message"), ["5"]);
}
